"""People's words through every door: each kind, after each change of the corpus, the newer one on a pair standing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from review_material import do, open_sqlite, rerun, rows_of
from sqlalchemy import Engine

from qosmatin.corpus.decisions import decision_to_json, said_at
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Decision
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import decision_from_row
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.exporting import all_decisions
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.rows import BeadRow


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def halves(text: str) -> tuple[str, ...]:
    words = text.split()
    return " ".join(words[:2]), " ".join(words[2:])


def plain(engine: Engine) -> BeadRow:
    return next(row for row in rows_of(engine)[2:] if row.bead.shape == "1-1" and len(row.source_text.split()) > 4)


KINDS: dict[str, Callable[[Review, BeadRow], object]] = {
    "accept": lambda review, row: do(review, "accept", row),
    "edit the target": lambda review, row: do(review, "edit", row, target_text="A better text."),
    "edit the source": lambda review, row: do(review, "edit", row, source_text="Жақсырақ мәтін."),
    "edit both": lambda review, row: do(review, "edit", row, source_text="Мәтін.", target_text="A text."),
    "reject": lambda review, row: do(review, "reject", row),
    "mend the source": lambda review, row: do(review, "mend", row, source_sentences=halves(row.source_text)),
    "mend the target": lambda review, row: do(review, "mend", row, target_sentences=halves(row.target_text)),
    "mend both": lambda review, row: do(
        review, "mend", row, source_sentences=halves(row.source_text), target_sentences=halves(row.target_text)
    ),
}


def meaning(decisions: list[Decision]) -> set[tuple[object, ...]]:
    """What is said, whatever the offsets are now."""
    return {(one.operation, one.value, one.source_value, *(anchor.text for anchor in one.anchors)) for one in decisions}


def nothing(_job: Path) -> None:
    pass


def changed_splitter(job: Path) -> None:
    job.write_text(job.read_text(encoding="utf-8") + "text: {mend: []}\n", encoding="utf-8")


def changed_document(job: Path) -> None:
    for lang, first in (("kk", "Жаңа сөйлем осында тұр. "), ("en", "A new sentence stands here. ")):
        path = job.parent / lang / "trial.txt"
        path.write_text(first + path.read_text(encoding="utf-8"), encoding="utf-8")


def removed_document(job: Path) -> None:
    for lang in ("kk", "en"):
        (job.parent / lang / "trial.txt").unlink()


CHANGES = [nothing, changed_splitter, changed_document, removed_document]


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_stands_through_every_door_after_every_change(
    job: Path, engine: Engine, change: Callable[[Path], None]
) -> None:
    review = Review(engine)
    assert rows_of(engine)[0].pair_id
    for kind in KINDS.values():
        free = next(row for row in rows_of(engine) if row.number == plain_free(engine).number)
        kind(review, free)
    said = list(all_decisions(engine))
    assert {one.operation for one in said} == {"accept", "edit", "reject", "split"}
    assert {anchor.side for one in said if one.is_boundary for anchor in one.anchors} == {"source", "target"}
    # The store in the folder, as it is.
    change(job)
    rerun(job)
    import_corpus(engine, job.parent / "news")
    assert meaning(list(all_decisions(engine))) == meaning(said)
    # A file, where the store is gone.
    path = job.parent / "said.jsonl"
    path.write_text("".join(f"{decision_to_json(one)}\n" for one in said), encoding="utf-8")
    engine.dispose()
    (job.parent / "news" / "review.db").unlink()
    job.write_text(job.read_text(encoding="utf-8") + f"decisions: [{path.name}]\n", encoding="utf-8")
    rerun(job)
    again = open_sqlite(job)
    if change is not removed_document:
        assert meaning(list(all_decisions(again))) == meaning(said)
    table = CorpusFolder(job.parent / "news").read("decisions").to_pylist()
    assert meaning([decision_from_row(row) for row in table]) == meaning(said)
    again.dispose()


def plain_free(engine: Engine) -> BeadRow:
    """A pair of one sentence on each side, of some words, that nobody has decided on."""
    touched = {one.pair_id for one in all_decisions(engine)}
    return next(
        row
        for row in rows_of(engine)[1:]
        if row.bead.shape == "1-1"
        and not row.confirmed
        and row.pair_id not in touched
        and min(len(row.source_text.split()), len(row.target_text.split())) > 4
        and not row.changed
    )


def with_file(job: Path, *decisions: Decision) -> None:
    """Say something in a file that the config names."""
    path = job.parent / "theirs.jsonl"
    path.write_text("".join(f"{decision_to_json(one)}\n" for one in decisions), encoding="utf-8")
    text = job.read_text(encoding="utf-8")
    if "decisions:" not in text:
        job.write_text(text + "decisions: theirs.jsonl\n", encoding="utf-8")


def edit_of(engine: Engine, row: BeadRow, text: str, at: str) -> Decision:
    with engine.connect() as connection:
        document = log.read_document(connection, 1)
    word = replace(row, reviewer="A. B.", at=at).decision(document, "accept")
    return replace(word, operation="edit", value=text)


def now_of(engine: Engine, pair: str) -> BeadRow:
    return next(row for row in rows_of(engine) if row.pair_id == pair)


@pytest.mark.parametrize(
    ("at", "stands"), [("2030-01-01T00:00:00+00:00", "Theirs."), ("2020-01-01T00:00:00+00:00", "Ours.")]
)
def test_the_newer_of_two_words_stands_and_both_are_told(job: Path, engine: Engine, at: str, stands: str) -> None:
    row = plain_free(engine)
    do(Review(engine), "edit", row, target_text="Ours.")
    with_file(job, edit_of(engine, row, "Theirs.", at))
    rerun(job)
    imported = import_corpus(engine, job.parent / "news")
    assert now_of(engine, row.pair_id).target_text == stands
    if stands == "Theirs.":
        told = str(*imported.disagreements)
        assert "edit “Theirs.” (A. B., 2030-01-01T00:00:00+00:00) against edit “Ours.” (r1, " in told
        assert told.endswith("A. B.'s stands, it is newer")
        assert f", row {row.number} (pair {row.pair_id}): " in told
        # What gave way stands beside the pair, where a person may still choose it.
        with engine.connect() as connection:
            [said] = comments_in(connection, [1])[1, now_of(engine, row.pair_id).number]
        assert (said.reviewer, said.text.split(":")[0]) == ("r1", "edit “Ours.”")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").disagreements == ()
    assert now_of(engine, row.pair_id).target_text == stands
    with engine.connect() as connection:
        assert all(len(some) == 1 for some in comments_in(connection, [1]).values())


def test_a_file_reaches_a_review_that_is_there(job: Path, engine: Engine) -> None:
    row, other = rows_of(engine)[1], rows_of(engine)[4]
    do(Review(engine), "accept", other)
    with_file(job, edit_of(engine, row, "From a spreadsheet.", "2026-11-20T10:00:00Z"))
    rerun(job)
    assert import_corpus(engine, job.parent / "news").documents == 1
    found = now_of(engine, row.pair_id)
    assert (found.target_text, found.status, found.reviewer) == ("From a spreadsheet.", "post-edited", "A. B.")
    assert now_of(engine, other.pair_id).status == "accepted"


def test_what_was_taken_back_does_not_return(job: Path, engine: Engine) -> None:
    review = Review(engine)
    row = plain_free(engine)
    with_file(job, edit_of(engine, row, "Theirs.", "2026-11-20T10:00:00Z"))
    rerun(job)
    import_corpus(engine, job.parent / "news")
    do(review, "restore", now_of(engine, row.pair_id))
    rerun(job)
    import_corpus(engine, job.parent / "news")
    assert now_of(engine, row.pair_id).target_text == row.target_text
    assert list(all_decisions(engine)) == []


def test_undo_works_across_a_run(job: Path, engine: Engine) -> None:
    review = Review(engine)
    row, other = rows_of(engine)[1], rows_of(engine)[3]
    do(review, "accept", other)
    do(review, "edit", row, target_text="Mine.")
    rerun(job)
    import_corpus(engine, job.parent / "news")
    review.undo("r1")
    assert now_of(engine, row.pair_id).target_text == row.target_text
    review.undo("r1")
    assert now_of(engine, other.pair_id).status == "unreviewed"
    review.redo("r1")
    rerun(job)
    import_corpus(engine, job.parent / "news")
    review.redo("r1")
    assert now_of(engine, row.pair_id).target_text == "Mine."


def test_a_run_touches_only_what_it_changed(job: Path, engine: Engine) -> None:
    before = rows_of(engine)
    do(Review(engine), "accept", before[3])
    path = job.parent / "en" / "trial.txt"
    text = path.read_text(encoding="utf-8")
    last = text.rstrip().rpartition(" ")[0]
    path.write_text(last + " otherwise.\n", encoding="utf-8")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").documents == 1
    now = rows_of(engine)
    assert [row.number for row in now[:-2]] == [row.number for row in before[:-2]]
    assert now[-1].number not in {row.number for row in before}
    with engine.connect() as connection:
        log.rebuild(connection)
        assert log.read_rows(connection, 1) == now


def test_times_compare_whatever_their_form() -> None:
    def at(text: str) -> Decision:
        return Decision("p", (), operation="accept", value=None, reviewer="r", at=text)

    times = ["yesterday", "2026-11-20", "2026-11-20T09:59:00+00:00", "2026-11-20T15:00:00+05:00",
             "2026-11-20T10:00:00.001Z"]  # fmt: skip
    assert sorted(map(at, reversed(times)), key=said_at) == list(map(at, times))


def test_a_spreadsheet_that_did_not_see_a_word_is_told_and_can_be_taken(job: Path, engine: Engine) -> None:
    from openpyxl import load_workbook
    from small_corpus import qosmatin

    work = job.parent
    path = work / "review.xlsx"
    assert qosmatin(work, "export", "news", "--format", "xlsx", "-o", path.name).returncode == 0
    row = plain_free(engine)
    do(Review(engine), "edit", row, target_text="Said in the review.")
    book = load_workbook(path)
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    at = next(at for at in range(2, sheet.max_row + 1) if sheet.cell(at, column["id"]).value == row.pair_id)
    sheet.cell(at, column["target"]).value = "Said in the file."
    book.save(path)
    arguments = ("import", path.name, "--corpus", "news", "--reviewer", "A. B.", "-o", "theirs.jsonl")
    done = qosmatin(work, *arguments)
    assert f"row {at} ({row.pair_id}): r1 decided on the pair (post-edited, " in done.stdout, done.stderr
    assert "“Said in the review.” there, “Said in the file.” in the file" in done.stdout
    assert "0 decisions, 1" not in done.stdout
    done = qosmatin(work, *arguments, "--take-conflicts")
    assert "1 decisions, " in done.stdout
    assert "decided on the pair" not in done.stdout
    with_file(job)
    path = work / "theirs.jsonl"
    assert qosmatin(work, *arguments, "--take-conflicts").returncode == 0
    rerun(job)
    [told] = import_corpus(engine, work / "news").disagreements
    assert (told.ours.value, told.theirs.value) == ("Said in the review.", "Said in the file.")
    assert now_of(engine, row.pair_id).target_text == "Said in the file."


def test_a_store_that_was_emptied_stops_a_run(job: Path, engine: Engine) -> None:
    do(Review(engine), "accept", rows_of(engine)[0])
    rerun(job)
    engine.dispose()
    store = job.parent / "news" / "review.db"
    whole = store.read_bytes()
    store.write_bytes(b"")
    told = "the store is empty, and 1 decisions of people were in it at the last run; bring back the last backup"
    with pytest.raises(InputError, match=told):
        rerun(job)
    store.unlink()
    with pytest.raises(InputError, match="the store is gone, and 1 decisions of people were in it"):
        rerun(job)
    fresh = open_sqlite(job)  # as the message says: what the last run knew comes back
    assert [one.operation for one in all_decisions(fresh)] == ["accept"]
    fresh.dispose()
    assert "unchanged" in rerun(job).split("publish")[1]
    store.write_bytes(whole)
    assert "decisions" in rerun(job)
