"""The store of the review: the log, what is derived from it, and the operations, on SQLite and PostgreSQL."""

import random
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from review_material import do, open_postgres, open_sqlite, rerun, rows_of
from sqlalchemy import Engine, func, select
from warm import TESTS, Warm

from qosmatin.corpus import check_beads
from qosmatin.corpus.decisions import Flag, decision_to_json, flag_to_json, read_decisions, read_flags
from qosmatin.corpus.errors import InputError
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.realigning import Realigner
from qosmatin.review.editing.texts import MAX_TEXT
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.exchange.exporting import all_decisions
from qosmatin.review.exchange.flags import all_flags, import_flags
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, writing
from qosmatin.review.store.queries import Query, find_rows, progress_of
from qosmatin.review.store.rows import fold
from qosmatin.review.store.schema import asides, beads, bookmarks, counts, documents, operations, undone
from qosmatin.review.store.states import doubt


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_sqlite(job)
    else:
        engine = open_postgres(request.getfixturevalue("postgres"), "store", job)
    yield engine
    engine.dispose()


@pytest.fixture
def review(engine: Engine) -> Review:
    return Review(engine)


def dump(engine: Engine) -> list[list[tuple[object, ...]]]:
    """All that is derived."""
    with engine.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in (documents, beads, asides, counts, undone, bookmarks)
        ]


def check_cover(engine: Engine, document: int = 1) -> None:
    """Fail unless the beads of a document cover both sides exactly once and in order."""
    with engine.connect() as connection:
        found = log.read_document(connection, document)
    check_beads(
        [row.bead for row in rows_of(engine, document)], len(found.source.sentences), len(found.target.sentences)
    )


def test_accept_edit_and_flag_change_their_row_alone(review: Review) -> None:
    before = rows_of(review.engine)
    do(review, "accept", before[0])
    do(review, "edit", before[1], target_text="  Mended\x00  text. ", source_text=before[1].source_text)
    do(review, "flag", before[2], category="Terminology", comment="who?")
    after = rows_of(review.engine)
    assert (after[0].status, after[0].reviewer) == ("accepted", "r1")
    assert (after[1].status, after[1].target_text) == ("post-edited", "Mended text.")
    assert (after[1].target_before, after[1].source_before) == (before[1].target_text, None)
    assert after[1].pair_id == before[1].pair_id
    assert (after[2].category, after[2].comment, after[2].status) == ("Terminology", "who?", "unreviewed")
    assert after[3:] == before[3:]
    do(review, "edit", after[1], target_text=before[1].target_text)
    assert rows_of(review.engine)[1].status == "accepted"


def test_a_stale_version_is_a_conflict_and_writes_nothing(review: Review) -> None:
    row, following = rows_of(review.engine)[:2]
    do(review, "edit", row, target_text="Mine.")
    with pytest.raises(ConflictError, match="by r1"):
        do(review, "edit", row, reviewer="r2", target_text="Theirs.")
    fresh = rows_of(review.engine)[0]
    assert fresh.target_text == "Mine."
    do(review, "accept", following)
    with pytest.raises(ConflictError):
        do(review, "merge", fresh, neighbours=((following.number, following.version),))


def test_merge_joins_and_keeps_edited_texts(review: Review) -> None:
    rows = rows_of(review.engine)
    do(review, "edit", rows[0], target_text="Edited.")
    first = rows_of(review.engine)[0]
    do(review, "merge", first)
    merged = rows_of(review.engine)[0]
    assert merged.source == (rows[0].source_start, rows[1].source_end)
    assert merged.target_text == f"Edited. {rows[1].target_text}"
    assert merged.target_before == f"{rows[0].target_text} {rows[1].target_text}"
    assert merged.status == "post-edited"
    with pytest.raises(RefusedError, match="say where the cut falls"):
        do(review, "split", merged, source_cut=1, target_cut=1)
    check_cover(review.engine)


def test_split_and_unpair(review: Review) -> None:
    at, row = next((at, one) for at, one in enumerate(rows_of(review.engine)) if one.bead.shape == "1-2")
    do(review, "split", row, source_cut=1, target_cut=1)
    halves = rows_of(review.engine)[at : at + 2]
    assert [one.bead.shape for one in halves] == ["1-1", "0-1"]
    assert [one.status for one in halves] == ["accepted", "accepted"]
    do(review, "unpair", halves[0])
    assert [one.bead.shape for one in rows_of(review.engine)[at : at + 2]] == ["1-0", "0-1"]
    check_cover(review.engine)
    for cuts in ((0, 0), (9, 1)):
        with pytest.raises(RefusedError):
            do(review, "split", rows_of(review.engine)[0], source_cut=cuts[0], target_cut=cuts[1])


@pytest.mark.parametrize("way", ["source-up", "source-down", "target-up", "target-down"])
def test_moving_a_sentence_confirms_what_is_left(review: Review, way: str) -> None:
    side = way.split("-", maxsplit=1)[0]
    rows = rows_of(review.engine)
    row = next(one for one in rows[1:-1] if getattr(one, side)[1] - getattr(one, side)[0] == 2)
    do(review, way, row)
    left = next(one for one in rows_of(review.engine) if one.confirmed)
    start, end = getattr(row, side)
    assert getattr(left, side) == ((start + 1, end) if way.endswith("up") else (start, end - 1))
    check_cover(review.engine)


def test_a_refused_pair_is_remembered_and_can_be_allowed_again(review: Review) -> None:
    row = rows_of(review.engine)[2]
    do(review, "reject", row)
    assert row.bead not in [one.bead for one in rows_of(review.engine)]
    check_cover(review.engine)
    said = list(all_decisions(review.engine))
    assert [(one.operation, one.pair_id) for one in said] == [("reject", row.pair_id)]
    with review.engine.connect() as connection:
        aside = log.read_asides(connection, 1)[0]
    do(review, "allow", replace(row, number=aside.number))
    assert list(all_decisions(review.engine)) == []


OPERATIONS = (
    "accept", "edit", "flag", "merge", "unpair", "reject", "target-down", "source-up", "split", "restore", "mend",
)  # fmt: skip


def fuzz(review: Review, chance: random.Random, count: int) -> int:
    """Do random operations, and undo and redo between them; returns how many were done."""
    done = 0
    for _ in range(count):
        row = chance.choice(rows_of(review.engine))
        kind = chance.choice((*OPERATIONS, "undo", "redo"))
        more: dict[str, object] = {}
        if kind == "edit":
            more = {"target_text": f"Text {chance.random()}." if row.target_text else None}
        if kind == "flag":
            more = {"category": "Style"}
        if kind == "split":
            more = {"source_cut": 1, "target_cut": 1}
        if kind == "mend":
            words = row.source_machine.split()
            at = chance.randrange(len(words) + 1)
            more = {"source_sentences": (" ".join(words[:at]), " ".join(words[at:]))}
        try:
            if kind in ("undo", "redo"):
                getattr(review, kind)("r1")
            else:
                do(review, kind, row, **more)
            done += 1
        except RefusedError:
            pass
    return done


def test_the_log_rebuilds_all_and_undo_goes_back_to_the_beginning(review: Review) -> None:
    beginning = rows_of(review.engine)
    assert fuzz(review, random.Random(3), 80) > 40
    check_cover(review.engine)
    now, end = dump(review.engine), rows_of(review.engine)
    with writing(review.engine) as connection:
        log.rebuild(connection)
    assert dump(review.engine) == now
    steps = 0
    with pytest.raises(RefusedError, match="nothing to undo"):
        while True:
            review.undo("r1")
            steps += 1
    assert rows_of(review.engine) == beginning
    for _ in range(steps):
        review.redo("r1")
    assert rows_of(review.engine) == end


def test_undo_is_ones_own_and_stops_at_what_others_did_since(review: Review) -> None:
    first, second = rows_of(review.engine)[:2]
    do(review, "accept", first, reviewer="r1")
    do(review, "accept", second, reviewer="r2")
    review.undo("r1")
    assert [row.status for row in rows_of(review.engine)[:2]] == ["unreviewed", "accepted"]
    review.redo("r1")
    do(review, "edit", rows_of(review.engine)[0], reviewer="r2", target_text="Other.")
    with pytest.raises(ConflictError, match="changed since"):
        review.undo("r1")
    assert rows_of(review.engine)[0].target_text == "Other."


def test_people_who_write_at_once_lose_nothing(review: Review) -> None:
    told: list[str] = []

    def work(reviewer: str) -> None:
        for at in range(10):
            row = rows_of(review.engine)[at]
            try:
                do(review, "edit", row, reviewer=reviewer, target_text=f"{reviewer} {at}.")
                told.append("saved")
            except ConflictError:
                told.append("conflict")

    threads = [threading.Thread(target=work, args=(f"r{one}",)) for one in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(told) == 40
    with review.engine.connect() as connection:
        logged = connection.execute(select(func.count()).where(operations.c.kind == "edit")).scalar()
    assert logged == told.count("saved")


def test_search_does_not_mind_the_case_of_kazakh_letters(review: Review) -> None:
    with review.engine.connect() as connection:
        found = [find_rows(connection, Query("en", search=word)).count for word in ("ҚАЗАҚСТАН", "қазақстан", "әлнұр")]
        assert found[0] == found[1] > 0
        assert found[2] > 0
        assert find_rows(connection, Query("en", search="100%")).count == 0
    assert fold("ҒЫЛЫМ Ә") == fold("ғылым ә")
    assert fold("QAZAQ TİLİ") == fold("qazaq tili")
    assert fold("QYZYL ISI") == fold("qyzyl ısı")


def test_doubt_comes_first_and_what_was_reviewed_last(review: Review) -> None:
    with review.engine.connect() as connection:
        rows = [one.row for one in find_rows(connection, Query("en")).rows]
    # What looks wrong comes before its confidence would let it: tests/test_review_hints.py.
    assert [doubt(row) for row in rows] == sorted(doubt(row) for row in rows)
    order = [row.confidence for row in rows if not row.hints]
    assert order == sorted(order, key=lambda one: one or 0.0)
    do(review, "accept", rows_of(review.engine)[0])
    with review.engine.connect() as connection:
        assert find_rows(connection, Query("en")).rows[-1].row.status == "accepted"
        assert progress_of(connection, "en").reviewed == 1
        assert find_rows(connection, Query("en", show="accepted")).count == 1


def test_texts_have_limits(review: Review) -> None:
    row = rows_of(review.engine)[0]
    with pytest.raises(RefusedError, match="20001 characters"):
        do(review, "edit", row, target_text="a" * (MAX_TEXT + 1))
    with pytest.raises(RefusedError, match="cannot be empty"):
        do(review, "edit", row, target_text="  ")
    with pytest.raises(RefusedError, match="no category"):
        do(review, "flag", row, category="<b>")


def test_a_correction_re_aligns_what_nobody_confirmed(job: Path) -> None:
    engine = open_sqlite(job)
    realigner = Realigner(engine)
    review = Review(engine, realigner)
    rows = rows_of(engine)
    with engine.connect() as connection:
        document = log.read_document(connection, 1)
    realigner._learn(document).result()
    # A person shifts a translation by one: the next pairs, which were right, make room and are marked as changed.
    at = next(at for at in range(1, 6) if rows[at].bead.shape == rows[at + 1].bead.shape == "1-1")
    do(review, "accept", rows[at + 2])
    outcome = do(review, "target-down", rows[at])
    made = next(row for row in outcome.rows if row.confirmed)
    assert made.target == (rows[at].target_start, rows[at + 1].target_end)
    assert any(row.changed for row in outcome.rows)
    assert rows[at + 2].bead in [row.bead for row in rows_of(engine) if row.confirmed]
    check_cover(engine)
    refused = rows_of(engine)[-1]
    do(review, "reject", refused)
    assert refused.bead not in [row.bead for row in rows_of(engine)]
    check_cover(engine)
    review.undo("r1"), review.undo("r1"), review.undo("r1")
    assert rows_of(engine) == rows
    realigner.close()


def test_decisions_come_back_through_the_pipeline(job: Path) -> None:
    engine = open_sqlite(job)
    review = Review(engine)
    rows = rows_of(engine)
    do(review, "accept", rows[0])
    do(review, "edit", rows[1], target_text="Better.", source_text="Түзетілген мәтін.")
    do(review, "reject", rows[2])
    do(review, "merge", rows_of(engine)[-2])
    do(review, "flag", rows_of(engine)[0], category="Style", comment="dry")
    path = job.parent / "said.jsonl"
    said = list(all_decisions(engine))
    path.write_text("".join(f"{decision_to_json(one)}\n" for one in said), encoding="utf-8")
    assert read_decisions(path) == said
    told = rerun(job)
    assert "4 decisions of reviewers, 4 of them from the review of this folder" in told
    assert "unchanged" in rerun(job).split("publish")[1]
    before = [row for row in rows_of(engine) if row.confirmed]
    imported = import_corpus(engine, job.parent / "news")
    assert imported.documents
    assert imported.lost == 0
    assert [row for row in rows_of(engine) if row.confirmed] == [
        replace(row, number=new.number, confidence=new.confidence)
        for row, new in zip(before, (one for one in rows_of(engine) if one.confirmed), strict=True)
    ]
    assert rows_of(engine)[0].comment == "dry"
    assert rows[2].bead.source not in [one.source for one in rows_of(engine) if one.target == rows[2].target]
    engine.dispose()


def test_what_no_longer_fits_is_set_aside_and_still_exported(job: Path) -> None:
    engine = open_sqlite(job)
    row = rows_of(engine)[3]
    do(Review(engine), "accept", row)
    source = job.parent / "en" / "trial.txt"
    text = source.read_text(encoding="utf-8")
    with engine.connect() as connection:
        gone = log.read_document(connection, 1)
    sentence = gone.target.sentences[row.target_start]
    source.write_text(text[: sentence.start] + "Nothing of the kind." + text[sentence.end :], encoding="utf-8")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").lost == 1
    assert [one.pair_id for one in all_decisions(engine)] == [row.pair_id]
    assert not any(one.confirmed for one in rows_of(engine))
    source.write_text(text, encoding="utf-8")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").lost == 0
    assert [one.pair_id for one in rows_of(engine) if one.confirmed] == [row.pair_id]
    engine.dispose()


def test_a_changed_splitter_obeys_what_was_confirmed(job: Path) -> None:
    engine = open_sqlite(job)
    row = rows_of(engine)[3]
    with engine.connect() as connection:
        cut = log.read_document(connection, 1).source.sentences[row.source_end - 1].end
    joining = f"splitter: {{boundaries: {{trial: {{joined: [{cut}]}}}}}}\n"
    job.write_text(job.read_text(encoding="utf-8") + joining, encoding="utf-8")
    rerun(job)
    import_corpus(engine, job.parent / "news")
    assert row.source_text not in [one.source_text for one in rows_of(engine)]
    job.write_text(job.read_text(encoding="utf-8").replace(joining, ""), encoding="utf-8")
    rerun(job)
    import_corpus(engine, job.parent / "news")
    do(Review(engine), "accept", next(one for one in rows_of(engine) if one.pair_id == row.pair_id))
    job.write_text(job.read_text(encoding="utf-8") + joining, encoding="utf-8")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").lost == 0
    assert [one.pair_id for one in rows_of(engine) if one.confirmed] == [row.pair_id]
    engine.dispose()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which this system lacks")
def test_a_killed_writer_leaves_what_it_said_was_saved(job: Path) -> None:
    open_sqlite(job).dispose()
    folder = job.parent / "news"
    process = Warm(folder, program=TESTS / "dying_review.py")
    saved = [int(next(process.stdout)) for _ in range(25)]
    process.kill()
    saved += [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    engine = open_sqlite(job)
    with engine.connect() as connection:
        logged = set(connection.execute(select(operations.c.id).where(operations.c.kind == "edit")).scalars())
    assert set(saved) <= logged
    assert len(logged) - len(saved) <= 1
    now = dump(engine)
    with writing(engine) as connection:
        log.rebuild(connection)
    assert dump(engine) == now
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://x/y", "sqlite or postgresql, not in mysql"),
        ("nonsense", "no database URL"),
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_is_said(url: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_database(url)


def test_how_bad_a_flag_is_stays_with_it(job: Path) -> None:
    """Through the log, another run, the file of decisions and back, and in many rows at once."""
    engine = open_sqlite(job)
    review = Review(engine)
    row = rows_of(engine)[1]
    with pytest.raises(RefusedError, match="no severity"):
        do(review, "flag", row, category="Style", severity="dreadful")
    do(review, "flag", row, category="Style", severity="critical")
    flag = next(iter(all_flags(engine)))
    assert (flag.category, flag.severity, read_flags_of(flag, job)) == ("Style", "critical", [flag])
    with engine.begin() as connection:
        log.rebuild(connection)
    assert rows_of(engine)[1].severity == "critical"
    do(review, "flag", rows_of(engine)[1], category=None, severity="minor")
    assert (rows_of(engine)[1].category, rows_of(engine)[1].severity) == (None, None)
    assert import_flags(engine, [flag]) == (1, 0)
    assert rows_of(engine)[1].severity == "critical"
    engine.dispose()


def read_flags_of(flag: Flag, job: Path) -> list[Flag]:
    path = job.parent / "flags.jsonl"
    path.write_text(flag_to_json(flag) + "\n", encoding="utf-8")
    return read_flags(path)
