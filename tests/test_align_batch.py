from pathlib import Path

import pytest

from qosmatin.align.batch import AlignJob, AlignOutcome, Options, align_files, find_jobs, learn_lexicon, read_texts
from qosmatin.corpus import InputError

OPTIONS = Options("kk", "en")


def folders(path: Path) -> tuple[Path, Path]:
    texts = {
        "kk": {"a": "Сот 12 маусымда басталды. Белсенді келді.", "b": "Ол келді.", "c": "Жалғыз."},
        "en": {"a": "The trial began on June 12. The activist came.", "b": "He came."},
    }
    for lang, documents in texts.items():
        (path / lang).mkdir()
        for name, text in documents.items():
            (path / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    (path / "en" / "b.txt").write_bytes(b"\x00\x01")
    return path / "kk", path / "en"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_document_does_not_stop_the_rest(tmp_path: Path, workers: int) -> None:
    jobs, _ = find_jobs(*folders(tmp_path))
    seen: list[AlignOutcome] = []
    outcomes = align_files(jobs, OPTIONS, workers, seen.append)
    assert [outcome.job.id for outcome in outcomes] == ["a", "b"]
    assert outcomes[0].error is None
    assert [(bead.source, bead.target) for bead in outcomes[0].beads] == [((0, 1), (0, 1)), ((1, 2), (1, 2))]
    assert outcomes[1].error is not None
    assert "b.txt:1: the file holds NUL bytes" in outcomes[1].error
    assert {outcome.job.id for outcome in seen} == {"a", "b"}


def test_files_without_a_partner_are_named(tmp_path: Path) -> None:
    kk, en = folders(tmp_path)
    jobs, alone = find_jobs(kk, en)
    assert [job.id for job in jobs] == ["a", "b"]
    assert alone == [kk / "c.txt"]
    with pytest.raises(InputError, match="is no folder"):
        find_jobs(kk, tmp_path / "none")
    (tmp_path / "other").mkdir()
    with pytest.raises(InputError, match="no file has a partner"):
        find_jobs(kk, tmp_path / "other")


def test_a_lexicon_is_learnt_from_what_can_be_read(tmp_path: Path) -> None:
    jobs, _ = find_jobs(*folders(tmp_path))
    lexicon = learn_lexicon(jobs, OPTIONS)
    assert lexicon is not None
    assert ("сот", "trial") in lexicon.pairs
    assert learn_lexicon([job for job in jobs if job.id == "b"], OPTIONS) is None
    assert learn_lexicon([AlignJob("x", tmp_path / "none", tmp_path / "none")], OPTIONS) is None


def test_texts_are_split_unless_they_are_already() -> None:
    text = "Ол келді. Кетті.\nБітті."
    assert read_texts(text, "kk", sentences=False) == ["Ол келді.", "Кетті.", "Бітті."]
    assert read_texts(text, "kk", sentences=True) == ["Ол келді. Кетті.", "Бітті."]
