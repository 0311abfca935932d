"""The code blocks of README and docs: Python is run, and what it prints is what the comments say; commands exist."""

import contextlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
import yaml
from command_lines import faults, in_lines
from markdown_it import MarkdownIt
from small_corpus import SPLITS, copy_job, qosmatin_here, write_config
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser

from qosmatin.config.campaign import CampaignConfig
from qosmatin.config.job import JobConfig
from qosmatin.config.yaml_models import read_model
from qosmatin.corpus.errors import ConfigError
from qosmatin.translate.training.settings import TrainingConfig

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


@pytest.fixture(scope="module")
def corpus(small_job: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of the small job, with whole documents in its dataset."""
    folder = tmp_path_factory.mktemp("documents")
    copy_job(small_job, folder)
    write_config(folder, publish=f"{SPLITS}, documents: true")
    assert qosmatin_here(folder, "run", "job.yaml").returncode == 0
    return folder / "out"


@pytest.fixture
def desk(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the examples name: the corpus of the demo (a small one under its name), and a list."""
    import datasets

    shutil.copytree(corpus, tmp_path / "corpora" / "ilyashev")
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


def all_blocks(page: Path) -> Iterator[tuple[int, str]]:
    """Every block of a page that is no Python, indented ones too: its line, and what stands in it."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type in ("fence", "code_block") and token.info != "python" and token.map is not None:
            yield token.map[0] + 1, token.content


def commands(page: Path) -> Iterator[list[str]]:
    """The commands of blocks, from their lines that begin with one or lead to one."""
    for _, text in all_blocks(page):
        for line in text.replace("\\\n", " ").splitlines():
            if re.search(r"(^|[|&;] )\s*qosmatin [a-z-]", line):
                yield from in_lines(line)


def test_every_command_in_a_block_exists() -> None:
    found = [(page.name, words) for page in PAGES for words in commands(page)]
    assert len(found) > 70
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


MODELS = {"campaign": CampaignConfig, "data": TrainingConfig, "base": TrainingConfig}
"""What a block is the config of, by a key that no job has."""

NO_CONFIGS = {("scoring.md", "system"), ("scoring.md", "metric")}
"""Blocks that read as YAML and are something else, by their first key: lines of JSON."""


def settings(page: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The blocks of a page that are a config or a part of one, each with its line; a list is one of translations."""
    for line, text in all_blocks(page):
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError:
            continue
        if isinstance(content, list) and all(isinstance(one, dict) and "lang" in one for one in content):
            content = {"translations": content}
        if isinstance(content, dict) and (page.name, next(iter(content))) not in NO_CONFIGS:
            yield line, content


def wrong_settings(content: dict[str, Any], folder: Path) -> list[str]:
    """What no config may say; what a part leaves out is no fault of it."""
    path = folder / "part.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    model = next((model for key, model in MODELS.items() if key in content), JobConfig)
    try:
        read_model(path, model)
    except ConfigError as error:
        return [fault for fault in str(error).splitlines() if not fault.endswith("is missing")]
    return []


def test_every_block_of_settings_is_what_configs_take(tmp_path: Path) -> None:
    found = [(f"{page.name}:{line}", content) for page in PAGES for line, content in settings(page)]
    assert len(found) > 30
    assert {name: wrong for name, content in found if (wrong := wrong_settings(content, tmp_path))} == {}


def test_a_setting_that_is_not_there_is_seen(tmp_path: Path) -> None:
    assert "unknown key" in wrong_settings({"publish": {"contxt": 2}}, tmp_path)[0]
    assert wrong_settings({"publish": {"context": 2}}, tmp_path) == []
