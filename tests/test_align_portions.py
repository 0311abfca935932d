"""Large corpora are aligned in portions: which documents go together, and that each portion is a corpus by itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from small_corpus import EN, KK, write_config

from qosmatin.align import align_tasks
from qosmatin.config.job import load_config
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import DoneUnit, open_job, run_job
from qosmatin.stages import aligning
from qosmatin.stages.aligning import in_portions, tasks_of
from qosmatin.stages.earlier_beads import beads_of
from qosmatin.stages.order import STAGES


@pytest.mark.parametrize(
    ("sizes", "portions"),
    [
        ([], []),
        ([0, 0], [2]),
        ([4], [1]),
        ([4, 4, 2], [3]),
        ([4, 4, 4], [2, 1]),
        ([30, 1], [1, 1]),
        ([1, 30], [2]),
        ([2] * 10, [5, 5]),
        ([2] * 11, [4, 4, 3]),
    ],
)
def test_documents_go_together_in_portions_of_like_size(sizes: list[int], portions: list[int]) -> None:
    found = in_portions([str(at) for at in range(len(sizes))], {str(at): size for at, size in enumerate(sizes)}, 10)
    assert [len(portion) for portion in found] == portions


@given(st.lists(st.integers(0, 50)), st.integers(1, 60))
def test_every_document_is_in_one_portion_and_none_is_much_too_large(sizes: list[int], most: int) -> None:
    names = [str(at) for at in range(len(sizes))]
    by_name = dict(zip(names, sizes, strict=True))
    portions = in_portions(names, by_name, most)
    assert [name for portion in portions for name in portion] == names
    assert all(portion and sum(by_name[name] for name in portion[:-1]) <= most for portion in portions)


def test_a_portion_is_aligned_as_a_corpus_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for lang, texts in (("kk", KK), ("en", EN)):
        (tmp_path / lang).mkdir()
        for name, text in texts.items():
            (tmp_path / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    write_config(tmp_path)
    monkeypatch.setattr(aligning, "PORTION", 6)  # of nine sentences
    told: list[DoneUnit] = []
    job = open_job(load_config(tmp_path / "job.yaml"), Console(quiet=True))
    run_job(job, STAGES, until="align", tell=told.append)
    assert "all 3 documents aligned" in told[-1].summary
    assert "words learnt in 2 portions" in told[-1].summary
    view = CorpusView(job.folder)
    ids = view.document_pairs("en")
    rows = job.folder.read("beads", "en").to_pylist()
    for of_portion in (ids[:2], ids[2:]):
        tasks = [task for _, task in tasks_of(job, view, "en", of_portion)]
        alone = align_tasks(tasks, "kk", "en")
        for at, (source, _) in enumerate(of_portion):
            assert beads_of([row for row in rows if row["source_document"] == source]) == alone.beads(at)
