"""The examples of docs/bring_your_own.md: each is short, opens, and translates, against local servers and programs."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")
pytest.importorskip("deepl", reason="the extra 'services' is not installed")
pytest.importorskip("boto3", reason="the extra 'services' is not installed")
pytest.importorskip("google.cloud.translate_v3", reason="the extra 'services' is not installed")

from service_servers import serving
from small_corpus import qosmatin_here
from test_translate_services import _keys, address  # noqa: F401 - a fixture

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "bring_your_own.md"
BLOCKS = [part.split("```")[0] for part in PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]]
ENTRIES = {number: block for number, block in enumerate(BLOCKS) if block.startswith("-")}
JOB = "corpus: {name: mine, version: 1.0.0, folder: out}\nsources: [{files: [a.txt], lang: LANG}]\n"
SERVICES = ("yandex", "azure", "deepl", "google", "amazon")


def entry(block: str) -> dict[str, Any]:
    (found,) = yaml.safe_load(block)
    return found


def of(*engines: str) -> list[Any]:
    return [
        pytest.param(block, id=f"{number}-{entry(block)['name']}")
        for number, block in ENTRIES.items()
        if entry(block)["engine"] in engines
    ]


def translated(folder: Path, one: dict[str, Any], text: str = "Бұл сөйлем.", lang: str = "kk") -> list[str]:
    """What the command prints as the translations of the sentences of a text."""
    (folder / "a.txt").write_text(f"{text}\n", encoding="utf-8")
    job = JOB.replace("LANG", lang) + yaml.safe_dump({"translations": [one]}, allow_unicode=True)
    (folder / "job.yaml").write_text(job, encoding="utf-8")
    done = qosmatin_here(folder, "translate", "job.yaml", "--limit", "9")
    assert done.returncode == 0, done.stderr
    return [line.split("\t")[1] for line in done.stdout.splitlines()]


def test_every_engine_has_its_example_and_each_is_five_lines_or_less():
    assert {entry(block)["engine"] for block in ENTRIES.values()} == {
        "openai", "command", "transformers", "ctranslate2", "vllm", *SERVICES,
    }  # fmt: skip
    assert all(len(block.strip().splitlines()) <= 5 for block in BLOCKS)


@pytest.mark.parametrize("block", of(*SERVICES))
def test_a_key_of_a_service(block, tmp_path):
    one = entry(block)
    with serving() as (url, _):
        assert translated(tmp_path, one | {"url": address(one["engine"], url)}) == ["БҰЛ СӨЙЛЕМ."]


@pytest.fixture(scope="module")
def chat_server(tmp_path_factory):
    log = tmp_path_factory.mktemp("chat") / "log"
    command = [sys.executable, HERE / "failing_server.py", log, ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        process.kill()


@pytest.mark.parametrize("block", of("openai"))
def test_a_key_of_a_language_model(block, tmp_path, monkeypatch, chat_server):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("AZURE_OPENAI_KEY", "secret")
    assert translated(tmp_path, entry(block) | {"url": chat_server}) == ["БҰЛ СӨЙЛЕМ."]


def test_a_program(tmp_path):
    (one,) = [entry(block) for block in ENTRIES.values() if entry(block)["name"] == "program"]
    (tmp_path / "translate.sh").write_text("#!/bin/sh\nexec sed 's/^/EN /'\n")
    (tmp_path / "translate.sh").chmod(0o755)
    assert translated(tmp_path, one) == ["EN Бұл сөйлем."]


@pytest.mark.skipif(
    shutil.which("apertium") is None or "eng-spa" not in subprocess.getoutput("apertium -l"),
    reason="apt-get install apertium apertium-eng-spa brings what this tries",
)
def test_apertium_as_debian_has_it(tmp_path):
    (one,) = [entry(block) for block in ENTRIES.values() if entry(block)["name"] == "apertium"]
    text = "They live in the United\n\nStates of America.\n\nThe cat saw 3.5 dogs {0} <b>here</b>."
    said = translated(tmp_path, one, text, "en")
    assert len(said) == 3
    assert "viven" in said[0].lower()
    assert ("Estados" in said[0], "Estados" in said[1]) == (False, True)  # no word went from its line to another
    assert all(part in said[2] for part in ("3.5", "{0}", "<b>"))


@pytest.mark.parametrize("block", of("transformers", "ctranslate2"))
def test_a_model(block, tmp_path, model, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    one = entry(block) | {"model": str(model), "device": "cpu", "decoding": {"beams": 1, "max_tokens": 9}}
    assert len(translated(tmp_path, one, "Үлкен дала жел көрді.")) == 1


@pytest.mark.parametrize("block", of("vllm"))
def test_a_language_model_by_vllm(block, tmp_path, monkeypatch):
    pytest.importorskip("transformers", reason="the extra 'mt' is not installed")
    import tiny_profiles

    monkeypatch.syspath_prepend(str(Path(__file__).parent / "stand_ins"))
    folder = tiny_profiles.build_chat("hunyuan-mt", tmp_path)
    assert len(translated(tmp_path, entry(block) | {"model": str(folder), "decoding": {"max_tokens": 9}})) == 1


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed")
    import tiny_profiles

    return tiny_profiles.build_seq2seq("nllb", tmp_path_factory.mktemp("nllb"))
