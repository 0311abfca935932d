"""`qosmatin translate` as a user runs it, against a real server process."""

from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")

from small_corpus import qosmatin
from test_translate_openai import server

HEAD = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: [kk.txt], lang: kk}]
"""
JOB = f"""{HEAD}translations:
  - {{name: en, lang: en, engine: openai, model: stub, url: URL, sentences: 2, parallel: 1,
     prices: {{per_million_in: 1.0e+5, per_million_out: 2.0e+5}}, budget: 6}}
"""


def test_a_budget_ends_the_command_cleanly_and_the_same_command_goes_on(tmp_path: Path) -> None:
    (tmp_path / "kk.txt").write_text(" ".join(f"Бұл {number} сөйлем." for number in "абвгде"), encoding="utf-8")
    with server(tmp_path / "log") as url:
        (tmp_path / "job.yaml").write_text(JOB.replace("URL", url), encoding="utf-8")
        first = qosmatin(tmp_path, "translate", "job.yaml")
        assert first.returncode == 3
        assert first.stderr.startswith("stopped: the budget of 6 is spent")
        assert "run the same command again" in first.stderr
        assert "Traceback" not in first.stderr
        asked = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
        assert len(asked) == 4  # 2 a sentence, 2 sentences a call: spent after the second
        second = qosmatin(tmp_path, "translate", "job.yaml")
    assert second.returncode == 0, second.stderr
    assert "6 sentences, 4 of them known before, cost 4.0000" in second.stdout
    assert len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) == 6


def test_protection_is_a_setting_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "kk.txt").write_text("{name} келді. Ол <b>үйге</b> кірді.", encoding="utf-8")
    job = HEAD + "translations: [{name: en, lang: en, engine: openai, model: stub, url: URL, protect: [PROTECT]}]\n"
    found = {}
    with server(tmp_path / "log") as url:
        for protect in ("", "placeholders, tags"):
            text = job.replace("URL", url).replace("PROTECT", protect)
            (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
            done = qosmatin(tmp_path, "translate", "job.yaml", "--limit", "9")
            assert done.returncode == 0, done.stderr
            found[protect] = [line.split("\t")[1] for line in done.stdout.splitlines()]
    assert found[""] == ["{NAME} КЕЛДІ.", "ОЛ <B>ҮЙГЕ</B> КІРДІ."]
    assert found["placeholders, tags"] == ["{name} КЕЛДІ.", "ОЛ <b>ҮЙГЕ</b> КІРДІ."]
