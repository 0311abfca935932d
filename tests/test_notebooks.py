"""The notebooks of docs/notebooks: scripts in jupytext's percent format, each run to its end in an empty folder."""

import re
from pathlib import Path

import pytest
from warm import ROOT, run_warm

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))
OUTSIDE = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def test_there_are_four() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "1_split_and_align",
        "2_a_corpus_from_folders",
        "3_scoring",
        "4_training",
    ]


@pytest.mark.timeout(480)  # the training imports torch and transformers twice
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    environment = {**OUTSIDE, "HF_HOME": str(tmp_path / "hf"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run_warm(folder=tmp_path, environment=environment, program=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_cells(path: Path) -> None:
    """Each cell is text or code; the first is text with the title, and text cells hold nothing but comments."""
    cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert cells[0] == ""
    assert cells[1].startswith(" [markdown]\n# # ")
    for cell in cells[1:]:
        kind, _, body = cell.partition("\n")
        assert kind in ("", " [markdown]")
        if kind:
            assert [line for line in body.splitlines() if line and not line.startswith("#")] == []
        else:
            compile(body, str(path), "exec")
