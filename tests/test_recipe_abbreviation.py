"""The recipe of CONTRIBUTING.md for a class of abbreviations, followed once in a copy of the tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

RULE = '''
def farm(c: Candidate) -> bool | None:
    """Is it a farm, which its chairman's title may follow? ``«Еңбек» қолх. Төраға``, but ``қолх. Кейін ол``"""
    return c.tables.opens(c.next_word) if "farm" in c.kinds else None

'''

CASES = [
    ("Ол «Еңбек» қолх. Төраға сөйледі.", ["Ол «Еңбек» қолх. Төраға сөйледі."]),
    ("Ол «Еңбек» қолх. Кейін үйге қайтты.", ["Ол «Еңбек» қолх.", "Кейін үйге қайтты."]),
    ("Ол «Еңбек» қолх. келді.", ["Ол «Еңбек» қолх. келді."]),
]


def insert(path: Path, before: str, added: str) -> int:
    """Put text before the only place where ``before`` stands; returns how many lines were added."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, added + before), encoding="utf-8")
    return added.count("\n")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the rooms that the splitter needs."""
    copy = tmp_path / "tree"
    shutil.copytree(ROOT / "corpus", copy / "corpus", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "qosmatin").mkdir()
    shutil.copy(ROOT / "qosmatin" / "__init__.py", copy / "qosmatin")
    (copy / "qosmatin" / "corpus").symlink_to("../corpus")
    return copy


def split_in(tree: Path, texts: list[str]) -> list[list[str]]:
    """Split Kazakh texts by the code of a tree, in a process of its own."""
    code = (
        "import json, sys; from qosmatin.corpus import sentence_text, split\n"
        "print(json.dumps([[sentence_text(text, one) for one in split(text, 'kk')] for text in sys.argv[1:]]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, "-c", code, *texts], env=environment, cwd=tree, capture_output=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_a_class_of_abbreviations_is_added_in_the_files_that_the_recipe_names(tree: Path) -> None:
    room = tree / "corpus" / "splitting"
    texts = [text for text, _ in CASES]
    before = split_in(tree, texts)
    added = insert(room / "tables.py", '"final")\n', '"farm", ')
    added += insert(room / "abbreviation_rules.py", "\ndef final(", RULE)
    added += insert(room / "abbreviation_rules.py", "    final,\n", "    farm,\n")
    added += insert(room / "data" / "abbreviations.kk.tsv", "проф.\t", "қолх.\tfarm\t«Еңбек» қолх. төрағасы\n")
    assert added < 60
    after = split_in(tree, texts)
    assert after == [expected for _, expected in CASES]
    assert before != after
