"""The code blocks of README and docs: Python is run, and what it prints is what the comments say; commands exist."""

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
from command_lines import faults, in_lines
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = "# "


def run(example: Example) -> None:
    """Run a block in the namespace of its page; lines that it prints stand below it as comments."""
    shown = [line.removeprefix(SHOWN) for line in example.parsed.splitlines() if line.startswith(SHOWN)]
    printed = io.StringIO()
    code = compile("\n" * example.line + example.parsed, example.path, "exec", dont_inherit=True)
    with contextlib.redirect_stdout(printed):
        exec(code, example.namespace)
    if printed.getvalue():
        assert printed.getvalue().splitlines() == shown


def blocks(page: Path, language: str, evaluator: Any) -> Iterator[Example]:
    parsers = [CodeBlockParser(language=language, evaluator=evaluator), SkipParser()]
    return iter(Sybil(parsers=parsers).parse(page).examples())


@pytest.fixture
def desk(small_job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the examples name: the corpus of the demo (a small one under its name), and a list."""
    import datasets

    shutil.copytree(small_job / "out", tmp_path / "corpora" / "ilyashev")
    (tmp_path / "my-abbreviations.tsv").write_text("пегм.\ttitle\tпегм. Қалба\n", encoding="utf-8")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PYTHON = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: page.name)
def test_every_python_block_runs(page: Path, desk: Path) -> None:
    seen = 0
    for example in blocks(page, "python", run):
        with contextlib.suppress(SkipTest):
            example.evaluate()
        seen += 1
    assert seen >= page.read_text(encoding="utf-8").count("\n```python")


def test_a_block_that_prints_something_else_is_seen(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("```python\nprint(1 + 1)\n# 3\n```\n", encoding="utf-8")
    (example,) = blocks(tmp_path / "page.md", "python", run)
    with pytest.raises(AssertionError):
        example.evaluate()


def commands(page: Path) -> Iterator[list[str]]:
    found: list[str] = []
    for example in blocks(page, "sh", lambda example: found.append(example.parsed)):
        example.evaluate()
    return in_lines("\n".join(found))


def test_every_command_in_a_shell_block_exists() -> None:
    found = [(page.name, words) for page in PAGES for words in commands(page)]
    assert len(found) > 20
    assert [(name, words, wrong) for name, words in found if (wrong := faults(words))] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("splitt x.txt", ["splitt"]),
        ("split --langs kk x.txt", ["--langs"]),
        ("run job.yaml --dry-run", []),
        ("--versions", ["--versions"]),
    ],
)
def test_a_command_that_is_not_there_is_seen(line: str, wrong: list[str]) -> None:
    assert faults(line.split()) == wrong
