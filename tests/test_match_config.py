"""The shipped config of matching by content, run as its user runs it."""

import shutil
from pathlib import Path

import pytest
from warm import ROOT, run_warm

from qosmatin.corpus.storage.folder import CorpusFolder


@pytest.mark.parametrize("rename", [False, True])
def test_the_shipped_config_pairs_the_articles_by_content(tmp_path: Path, rename: bool) -> None:
    (tmp_path / "configs").mkdir()
    shutil.copy(ROOT / "configs" / "match.yaml", tmp_path / "configs")
    names = {lang: {"trial": "trial", "verdict": "verdict"} for lang in ("kk", "en", "ru")}
    if rename:
        names = {lang: {"trial": f"{lang}-1", "verdict": f"{lang}-2"} for lang in names}
        names["ru"] = {"trial": "2", "verdict": "1"}
    for lang, of_lang in names.items():
        (tmp_path / "examples" / "ilyashev" / lang).mkdir(parents=True)
        for article, name in of_lang.items():
            source = ROOT / "examples" / "ilyashev" / lang / f"{article}.txt"
            shutil.copy(source, tmp_path / "examples" / "ilyashev" / lang / f"{name}.txt")
    done = run_warm("run", "configs/match.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = CorpusFolder(tmp_path / "corpora" / "ilyashev-matched")
    for lang in ("en", "ru"):
        rows = folder.read("translations", lang).to_pylist()
        assert {(row["source_document"], row["target_document"]) for row in rows} == {
            (f"kk/{names['kk'][article]}", f"{lang}/{names[lang][article]}@{lang}") for article in ("trial", "verdict")
        }
        assert (folder.report / f"matches-{lang}.tsv").is_file()
