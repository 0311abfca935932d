"""The recipes of CONTRIBUTING.md, each followed once in a copy of the tree: its code goes where it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest
from recipes import recipe_text
from warm import run_warm

ROOT = Path(__file__).parent.parent
ROOMS = ("corpus", "align", "translate", "eval", "review", "qosmatin", "configs", "docs")

JOB = """\
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: ["*.txt"], lang: kk}]
translations: [TRANSLATION]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the rooms."""
    copy = tmp_path / "tree"
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, copy / room, symlinks=True, ignore=ignored)
    (copy / "tests").mkdir()
    return copy


def follow(recipe: str, tree: Path) -> int:
    """Do what the steps of a recipe say that have a block of text; returns how many lines were added.

    A step begins with the file's name. A file that is new is the block; else the block is put above the line that the
    step shows, as deep as that line.
    """
    text = recipe_text(recipe)
    added = 0
    for step in re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]:
        block = re.search(r"^   ```\w+\n(.*?)^   ```$", step, re.MULTILINE | re.DOTALL)
        if block is None:
            continue
        words, lines = step[: block.start()], dedent(block[1])
        name = re.match(r"`([^`]+)`", words)
        assert name is not None, step
        path = tree / name[1]
        if "(new)" in words:
            assert not path.exists()
            path.write_text(lines, encoding="utf-8")
        else:
            shown = re.search(r"above (`+) ?(.+?) ?\1", words)
            assert shown is not None, step
            insert(path, shown[2], lines)
        if not name[1].startswith(("docs", "tests")):
            added += lines.count("\n")
    return added


def insert(path: Path, before: str, lines: str) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(rf"^[ ]*{re.escape(before)}", text, re.MULTILINE)
    assert len(found) == 1, (path, before, found)
    depth = len(found[0]) - len(found[0].lstrip())
    path.write_text(text.replace(found[0], indent(lines, " " * depth) + found[0], 1), encoding="utf-8")


def run(tree: Path, folder: Path, *command: str) -> str:
    """Run ``qosmatin`` with the code of the copy; returns what it wrote."""
    done = run_warm(*command, folder=folder, environment={"HF_HUB_OFFLINE": "1"}, packages=tree)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_tests(tree: Path, file: str) -> None:
    """Run a file of tests with the code of the copy; of pytest's plugins none is needed."""
    alone = {"PYTHONPATH": str(tree), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/{file}"],
        cwd=tree,
        env=os.environ | alone,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def write_job(folder: Path, translation: str, text: str = "Бүгін мектеп ашылды. Ол келді.\n") -> None:
    (folder / "a.txt").write_text(text, encoding="utf-8")
    (folder / "job.yaml").write_text(JOB.replace("TRANSLATION", translation), encoding="utf-8")


def test_a_format_of_pairs(tree: Path, tmp_path: Path) -> None:
    assert follow("A format of pairs", tree) < 60
    (tmp_path / "terms.tab").write_text("сот\tcourt\tlaw\nБүгін мектеп ашылды.\tA school opened.\n", encoding="utf-8")
    write_job(tmp_path, "{name: en, lang: en, engine: memory, memories: [terms.tab]}")
    run(tree, tmp_path, "run", "job.yaml")
    run(tree, tmp_path, "export", "out", "-f", "glossary", "-o", "out.tab")
    assert (tmp_path / "out.tab").read_text(encoding="utf-8") == "Бүгін мектеп ашылды.\tA school opened.\t\n"
    run_tests(tree, "test_glossary.py")


def test_a_format_of_documents(tree: Path, tmp_path: Path) -> None:
    assert follow("A format of documents", tree) < 60
    cells = [{"cell_type": "markdown", "source": ["Ол келді. Сот басталды."]}, {"cell_type": "code", "source": ["1"]}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert run(tree, tmp_path, "split", "a.ipynb").split("\n")[:2] == ["Ол келді.", "Сот басталды."]
    run_tests(tree, "test_notebooks.py")


def test_an_engine(tree: Path, tmp_path: Path) -> None:
    assert follow("An engine", tree) < 60
    (tmp_path / "words.tsv").write_text("мектеп\tschool\nкелді\tcame\n", encoding="utf-8")
    write_job(tmp_path, "{name: mt, lang: en, engine: words, words: words.tsv}")
    run(tree, tmp_path, "run", "job.yaml")
    run(tree, tmp_path, "export", "out", "-f", "jsonl", "-o", "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["target"] for row in rows] == ["Бүгін school ашылды.", "Ол came."]
    assert "WordsTranslation" in run(tree, tmp_path, "config", "schema")


def test_a_filter(tree: Path, tmp_path: Path) -> None:
    assert follow("A filter", tree) < 60
    rows = "source\ttarget\nОл келді ме?\tHe came.\nСот басталды.\tThe trial began.\n"
    (tmp_path / "memory.tsv").write_text(rows, encoding="utf-8")
    write_job(tmp_path, "{name: en, lang: en, engine: memory, memories: [memory.tsv]}", "Ол келді ме? Сот басталды.\n")
    with (tmp_path / "job.yaml").open("a", encoding="utf-8") as stream:
        stream.write("filters: [{name: question}]\n")
    run(tree, tmp_path, "run", "job.yaml")
    shown = run(tree, tmp_path, "filter", "out")
    assert "1 of 2 beads kept" in shown
    assert "1  question" in shown
