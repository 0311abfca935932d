"""A file under another's name is named, with the likely partner; right documents are not, however hard."""

import shutil
from pathlib import Path

import pytest
from review_material import ROOT, rerun

CONFIG = """
corpus: {name: news, version: 1.0.0, folder: news}
sources: [{files: [kk/*.txt], lang: kk}]
translations: [{name: en, lang: en, files: [en/*.txt], kind: human}]
"""


def job_of(folder: Path, named: dict[str, str]) -> Path:
    """Write a job of two articles of the examples, with the English ones under these names."""
    shutil.copytree(ROOT / "examples" / "ilyashev" / "kk", folder / "kk")
    (folder / "en").mkdir()
    for name, text in named.items():
        (folder / "en" / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    return folder / "job.yaml"


def told_by(job: Path) -> str:
    return " ".join(rerun(job).split())  # lines are wrapped


@pytest.fixture
def english() -> dict[str, str]:
    folder = ROOT / "examples" / "ilyashev" / "en"
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_right_documents_are_not_named(tmp_path: Path, english: dict[str, str]) -> None:
    assert "no translations of each other" not in told_by(job_of(tmp_path, english))


def test_swapped_files_are_named_with_their_partners(tmp_path: Path, english: dict[str, str]) -> None:
    told = told_by(job_of(tmp_path, {"trial": english["verdict"], "verdict": english["trial"]}))
    assert "it seems, are 2 documents with their files" in told
    assert "trial (its translation may be verdict@en)" in told
    assert "verdict (its translation may be trial@en)" in told


def test_a_foreign_file_is_named_without_a_partner(tmp_path: Path, english: dict[str, str]) -> None:
    foreign = "Boil two litres of water. Peel the carrots. Add salt. Serve the soup hot with bread. " * 4
    told = told_by(job_of(tmp_path, {**english, "verdict": foreign}))
    assert "it seems, are 1 documents with their files: verdict" in told
    assert "its translation may be" not in told
