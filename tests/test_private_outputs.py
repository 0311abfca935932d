"""What a job leaves behind: no secret, no place of this machine, and for its owner alone where people's words are."""

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_corpus import EN, KK, qosmatin_here

CANARY = "sk-canary-3d1f9a77c0"

CONFIG = """
corpus: {name: small, version: 1.0.0, folder: ../corpora/small, licence: CC-BY-4.0}
sources:
  - {files: [../kk/*.txt], lang: kk, licence: CC0-1.0}
translations:
  - {name: en, lang: en, files: [../en/*.txt], kind: human, by: A bureau, licence: CC0-1.0}
  - name: llm
    lang: en
    engine: openai
    url: http://127.0.0.1:PORT/v1
    model: upper
    extra_headers: {X-Project: $CANARY_HEADER}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run with keys in its environment, its server included; all that it told is in ``told``."""
    folder = tmp_path_factory.mktemp("private") / "before"
    for lang, texts in (("kk", KK), ("en", EN)):
        (folder / lang).mkdir(parents=True)
        for name, text in texts.items():
            (folder / lang / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("failing_server.py")), str(folder / "asked"), ""],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    (folder / "configs").mkdir()
    (folder / "configs" / "job.yaml").write_text(CONFIG.replace("PORT", port), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", CANARY)
        patch.setenv("CANARY_HEADER", f"{CANARY}-header")
        try:
            told = run(folder, "run", "configs/job.yaml", "--verbose", "--log", "job.log")
            told += run(folder, "review", "sample", "corpora/small", "--translation", "en", "--size", "2")
        finally:
            server.kill()
            server.communicate()
    (folder / "told").write_text(told, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> str:
    done = qosmatin_here(folder, *arguments)
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout + done.stderr


def text_of(path: Path) -> str:
    """A file as text; of Parquet and SQLite what is written in them."""
    if path.suffix == ".parquet":
        return json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str)
    return path.read_bytes().decode("utf-8", "replace")


def test_no_key_is_written_anywhere(project: Path) -> None:
    assert (project / "asked").read_text(encoding="utf-8").strip(), "the server was asked"
    files = [path for path in project.rglob("*") if path.is_file()]
    assert {"manifest.json", "answers.sqlite", "README.md", "job.log", "review.db"} <= {path.name for path in files}
    assert [path for path in files if CANARY in text_of(path)] == []


def test_what_goes_to_others_names_no_place_of_this_machine(project: Path) -> None:
    corpus = project / "corpora" / "small"
    given = [path for name in ("dataset", "report") for path in (corpus / name).rglob("*") if path.is_file()]
    assert {path.name for path in given} >= {"README.md", "report.tex", "index.html"}
    files = [corpus / "manifest.json", *given]
    assert [path for path in files if str(project) in text_of(path) or str(Path.home()) in text_of(path)] == []
    (scored,) = json.loads((corpus / "report" / "report.json").read_text(encoding="utf-8"))["sets"]
    assert scored["command"].startswith("qosmatin score corpora/small --reference en --system llm ")


def test_a_project_that_was_moved_goes_on(project: Path, tmp_path: Path) -> None:
    moved = tmp_path / "after"
    shutil.copytree(project, moved)
    (moved / "kk" / "one.txt").write_text("Бұл жаңа мәтін. Ол ұзақ емес.\n", encoding="utf-8")
    assert "unchanged" in run(moved, "publish", "corpora/small")
    assert "would run" in run(moved, "run", "configs/job.yaml", "--dry-run")
    run(moved, "review", "users", "corpora/small")


def test_stores_and_caches_are_their_owners_alone(project: Path) -> None:
    corpus = project / "corpora" / "small"
    for path in (corpus / "review.db", corpus / "cache" / "answers.sqlite"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_key_in_the_config_is_refused(project: Path, tmp_path: Path) -> None:
    text = (project / "configs" / "job.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("{X-Project: $CANARY_HEADER}", "{Authorization: Bearer sk-12345}"),
        ("http://127.0.0.1", "http://me:sk-12345@127.0.0.1"),
    ):
        path = project / "configs" / "written.yaml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(AssertionError, match="environment variable"):
            run(project, "config", "check", "configs/written.yaml")
        path.unlink()
