"""Operations on many rows: bulk, find and replace, taking back, bookmarks, shifting; on SQLite and PostgreSQL."""

import random
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from review_material import do, open_postgres, open_sqlite, rerun, rows_of
from sqlalchemy import Engine, func, select
from test_review_store import check_cover, dump, fuzz
from warm import TESTS, Warm

from qosmatin.review.editing import undoing
from qosmatin.review.editing.bulk import Batches
from qosmatin.review.editing.catalogue import bulk_of
from qosmatin.review.editing.finding import Replacement, Replacer, TooSlowError
from qosmatin.review.editing.in_bulk import Preview
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.exchange.exporting import all_decisions
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.pages.freshness import changed_rows
from qosmatin.review.pages.pace import seconds_a_pair
from qosmatin.review.store import log
from qosmatin.review.store.database import writing
from qosmatin.review.store.queries import Query, count_of, find_rows
from qosmatin.review.store.schema import operations


@pytest.fixture(params=["sqlite", "postgresql"])
def review(request: pytest.FixtureRequest, job: Path) -> Iterator[Review]:
    if request.param == "sqlite":
        engine = open_sqlite(job)
    else:
        engine = open_postgres(request.getfixturevalue("postgres"), "batches", job)
    yield Review(engine)
    engine.dispose()


def run(review: Review, seen: Preview, reviewer: str = "r1") -> tuple[int, int]:
    """Do a batch to its end; returns how many rows changed and how many were passed over."""
    done = passed = 0
    more = True
    while more:
        step = Batches(review).run(seen.batch, reviewer)
        done, passed, more = done + step.done, passed + len(step.passed), step.more
    return done, passed


def bulk(review: Review, kind: str, reviewer: str = "r1", query: Query | None = None, **more: object) -> Preview:
    return Batches(review).preview(bulk_of(kind, query=query or Query("en"), **more), reviewer)


def undo_all(review: Review, reviewer: str = "r1", way: str = "undo") -> None:
    while True:
        outcome = getattr(review, way)(reviewer)
        if outcome.batch is None or not outcome.batch.more:
            return


def count(engine: Engine, show: str) -> int:
    with engine.connect() as connection:
        return count_of(connection, Query("en", show=show))  # type: ignore[arg-type]


def rebuilds(engine: Engine) -> None:
    now = dump(engine)
    with writing(engine) as connection:
        log.rebuild(connection)
    assert dump(engine) == now


def test_a_bulk_is_looked_at_done_and_taken_back_whole(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "TOGETHER", 5)
    rows = rows_of(review.engine)
    do(review, "accept", rows[0])
    start = dump(review.engine)
    seen = bulk(review, "accept")
    total = count(review.engine, "all")
    assert (seen.count, seen.passed_count) == (total - 1, 1)
    assert seen.rows[0][2].status == "accepted"
    assert dump(review.engine) == start
    changed = rows_of(review.engine)[3]
    do(review, "flag", changed, reviewer="r2", category="Style")
    assert run(review, seen) == (total - 2, 1)
    assert count(review.engine, "unreviewed") == 1
    listed = Batches(review).listed("r1")
    assert [(one.kind, one.done, one.left, [(p.number, p.why) for p in one.passed]) for one in listed] == [
        ("accept", total - 2, 0, [(changed.number, undoing.CHANGED)])
    ]
    undo_all(review)
    assert count(review.engine, "unreviewed") == total - 1
    undo_all(review, way="redo")
    assert count(review.engine, "unreviewed") == 1
    rebuilds(review.engine)
    undo_all(review)
    review.undo("r1")
    assert count(review.engine, "unreviewed") == total


def test_a_bulk_goes_over_a_filter_a_search_or_a_document(review: Review) -> None:
    with review.engine.connect() as connection:
        found = find_rows(connection, Query("en", search="ҚАЗАҚСТАН")).count
    seen = bulk(review, "flag", query=Query("en", search="қазақстан"), category="Style", comment="check")
    assert seen.count == found > 0
    assert run(review, seen) == (found, 0)
    assert count(review.engine, "flagged") == found
    seen = bulk(review, "accept", query=Query("en", show="flagged"), without=((1, 10**6),))
    assert run(review, seen) == (found, 0)
    seen = bulk(review, "restore", query=Query("en", show="accepted", document=1))
    assert seen.count > 0
    run(review, seen)
    assert not any(row.confirmed for row in rows_of(review.engine, 1))
    with pytest.raises(RefusedError):
        run(review, replace(seen, batch="none"))


def test_a_bulk_refusal_aligns_anew_and_is_taken_back(review: Review) -> None:
    start = rows_of(review.engine)
    seen = bulk(review, "reject", query=Query("en", document=1, show="not-1-1"))
    assert (seen.count + seen.passed_count) == sum(row.bead.shape != "1-1" for row in start)
    done, passed = run(review, seen)
    assert done > 0
    assert done + passed == seen.count
    check_cover(review.engine)
    undo_all(review)
    assert rows_of(review.engine) == start


def test_what_is_taken_back_leaves_what_others_did_since(review: Review) -> None:
    total = count(review.engine, "all")
    run(review, bulk(review, "accept"))
    other = rows_of(review.engine)[2]
    do(review, "edit", other, reviewer="r2", target_text="Theirs.")
    step = review.undo("r1").batch
    assert step is not None
    assert (step.done, [(one.number, one.why) for one in step.passed]) == (total - 1, [(other.number, undoing.CHANGED)])
    assert rows_of(review.engine)[2].target_text == "Theirs."
    with pytest.raises(RefusedError, match="nothing to undo"):
        review.undo("r1")


def test_a_batch_of_somebody_is_reverted_and_that_is_undone(review: Review) -> None:
    run(review, bulk(review, "accept", query=Query("en", document=1)))
    batch = Batches(review).listed("r1")[0].id
    rows = rows_of(review.engine)
    do(review, "flag", rows[1], reviewer="r2", category="Style")
    seen = Batches(review).preview(bulk_of("revert", of_batch=batch), "adjudicator")
    assert (seen.count, seen.passed_count) == (len(rows), 1)
    assert run(review, seen, "adjudicator") == (len(rows) - 1, 1)
    assert [row.number for row in rows_of(review.engine) if row.confirmed] == [rows[1].number]
    with pytest.raises(RefusedError):
        review.undo("r1")
    undo_all(review, "adjudicator")
    assert all(row.confirmed for row in rows_of(review.engine))
    review.undo("r2")
    assert rows_of(review.engine) == rows
    undo_all(review)
    assert not any(row.confirmed for row in rows_of(review.engine))
    rebuilds(review.engine)


def test_all_that_one_did_since_a_time_is_reverted(review: Review) -> None:
    start = rows_of(review.engine)
    fuzz(review, random.Random(11), 30)
    seen = Batches(review).preview(bulk_of("revert", of_reviewer="r1", since="2020-01-01"), "r9")
    done, passed = run(review, seen, "r9")
    assert done > 0
    assert passed == 0
    assert rows_of(review.engine) == start
    later = Batches(review).preview(bulk_of("revert", of_reviewer="r1", since="2999"), "r9")
    assert later.count == 0
    rebuilds(review.engine)


@pytest.mark.parametrize(
    ("wanted", "text", "result"),
    [
        (Replacement("қазақ", "X"), "ҚАЗАҚ Қазақ қазақ", "X X X"),
        (Replacement("TİLİ", "tongue"), "qazaq tili, Tılı", "qazaq tongue, tongue"),
        (Replacement("й", "j"), "и\u0306й И\u0306", "jj j"),
        (Replacement("a.c", "-"), "abc a.c", "abc -"),
        (Replacement("a", r"\1"), "A", r"\1"),
        (Replacement("Қ", "K", match_case=True), "Ққ", "Kқ"),
        (Replacement(r"(\w+) (\w+)", r"\2 \1", is_regex=True), "бір екі", "екі бір"),
        (Replacement("ҒЫЛЫМ", "-", is_regex=True), "ғылым", "-"),
    ],
)
def test_what_is_found_is_replaced(wanted: Replacement, text: str, result: str) -> None:
    assert Replacer(wanted)(text) == result


@pytest.mark.parametrize(
    "wanted",
    [
        Replacement("", "x"),
        Replacement("(", "x", is_regex=True),
        Replacement("a", r"\2", is_regex=True),
        Replacement("a" * 600, "x"),
    ],
)
def test_what_makes_no_sense_is_not_looked_for(wanted: Replacement) -> None:
    with pytest.raises(RefusedError):
        Replacer(wanted)


def test_a_regular_expression_has_a_limit_of_time() -> None:
    with pytest.raises(TooSlowError):
        Replacer(Replacement(r"(a|aa)+$", "x", is_regex=True))("a" * 60 + "b")


def test_find_and_replace_edits_each_row(review: Review) -> None:
    rows = [row for row in rows_of(review.engine) if " the " in row.target_text.lower()]
    wanted = Replacement(" THE ", " ze ")
    seen = bulk(review, "replace", query=Query("en", document=1), replacement=wanted)
    assert seen.count == len(rows)
    assert " ze " in seen.rows[0][2].target_text
    assert run(review, seen) == (len(rows), 0)
    edited = [row for row in rows_of(review.engine) if row.is_edited]
    assert [(row.number, row.target_before) for row in edited] == [(row.number, row.target_text) for row in rows]
    # Nobody has looked at these pairs: they are no more reviewed than before.
    assert {row.status for row in rows_of(review.engine)} == {"unreviewed"}
    assert {one.operation for one in all_decisions(review.engine)} == {"replace"}
    assert {kind for (kind,) in logged(review.engine)} == {"edit"}
    undo_all(review)
    assert not any(row.is_kept for row in rows_of(review.engine))
    confirming = replace(wanted, confirm=True)
    assert run(review, bulk(review, "replace", query=Query("en", document=1), replacement=confirming))[0] == len(rows)
    assert sum(row.status == "post-edited" for row in rows_of(review.engine)) == len(rows)
    undo_all(review)
    whole = Replacement(".+", "", is_regex=True)
    seen = bulk(review, "replace", query=Query("en", document=1), replacement=whole)
    assert seen.count == 0
    assert seen.passed_count > 0


def test_what_was_replaced_is_published_and_stays_unreviewed(job: Path) -> None:
    import pyarrow.parquet as pq

    review = Review(open_sqlite(job))
    accepted = next(row for row in rows_of(review.engine) if " court " in row.target_text)
    do(review, "accept", accepted)
    run(review, bulk(review, "replace", query=Query("en"), replacement=Replacement(" court ", " tribunal ")))
    before = {row.pair_id: (row.target_text, row.status) for row in rows_of(review.engine) if row.is_edited}
    assert {status for _, status in before.values()} == {"unreviewed", "post-edited"}
    rerun(job)
    assert import_corpus(review.engine, job.parent / "news").lost == 0
    assert {row.pair_id: (row.target_text, row.status) for row in rows_of(review.engine) if row.is_edited} == before
    files = (job.parent / "news" / "dataset").rglob("*.parquet")
    published = {row["id"]: row for path in files for row in pq.read_table(path).to_pylist() if row["id"] in before}
    found = {name: (row["translation"]["en"], row["status"]) for name, row in published.items()}
    assert found.items() <= before.items()
    assert len(found) > 1  # the filters of a job may refuse some
    assert {row["target_kind"] for row in published.values()} == {"post-edited"}
    # A re-alignment beside it leaves what was put there.
    here = {row.pair_id for row in rows_of(review.engine) if row.is_edited}
    do(review, "unpair", next(row for row in rows_of(review.engine) if not row.is_kept))
    assert {row.pair_id for row in rows_of(review.engine) if row.is_edited} == here
    review.engine.dispose()


def test_accepting_many_leaves_flagged_rows_out_unless_told(review: Review) -> None:
    flagged = rows_of(review.engine)[1]
    do(review, "flag", flagged, category="Style", comment="dry")
    seen = bulk(review, "accept", query=Query("en", document=1))
    assert [(one.number, one.why) for one in seen.passed] == [(flagged.number, "it is flagged")]
    run(review, seen)
    assert [row.number for row in rows_of(review.engine) if not row.confirmed] == [flagged.number]
    run(review, bulk(review, "accept", query=Query("en", document=1), flagged=True))
    assert all(row.confirmed for row in rows_of(review.engine))


def logged(engine: Engine) -> list[tuple[str]]:
    with engine.connect() as connection:
        return [(kind,) for kind in connection.execute(
            select(operations.c.kind).where(operations.c.batch.is_not(None))).scalars()]  # fmt: skip


def bookmarked(review: Review, reviewer: str) -> list[tuple[int, str]]:
    with review.engine.connect() as connection:
        found = find_rows(connection, Query("en", show="bookmarked", order="text"), reviewer)
        assert found.count == len(found.rows)
        return [(one.document, one.row.pair_id) for one in found.rows]


def test_bookmarks_are_ones_own_and_follow_their_row(review: Review, job: Path) -> None:
    row, following = rows_of(review.engine)[1:3]
    do(review, "bookmark", row)
    assert bookmarked(review, "r1") == [(1, row.pair_id)]
    assert bookmarked(review, "r2") == []
    do(review, "accept", rows_of(review.engine)[1], reviewer="r2")
    do(review, "merge", rows_of(review.engine)[0], reviewer="r2")
    assert bookmarked(review, "r1") == [(1, rows_of(review.engine)[0].pair_id)]
    review.undo("r2")
    assert bookmarked(review, "r1") == [(1, row.pair_id)]
    rebuilds(review.engine)
    text = (job.parent / "kk" / "trial.txt").read_text(encoding="utf-8")
    (job.parent / "kk" / "trial.txt").write_text(f"Жаңа сөйлем осында.\n\n{text}", encoding="utf-8")
    rerun(job)
    import_corpus(review.engine, job.parent / "news")
    assert bookmarked(review, "r1") == [(1, row.pair_id)]
    do(review, "bookmark", next(one for one in rows_of(review.engine) if one.pair_id == row.pair_id))
    assert bookmarked(review, "r1") == []
    run(review, bulk(review, "bookmark", query=Query("en", document=1)))
    assert len(bookmarked(review, "r1")) == len(rows_of(review.engine))
    undo_all(review)
    assert bookmarked(review, "r1") == []
    assert following.pair_id


@pytest.mark.parametrize("way", ["shift-down", "shift-up"])
def test_a_column_is_shifted_to_the_next_confirmed_pair(review: Review, way: str) -> None:
    rows = rows_of(review.engine)
    at, end = 1, 6
    do(review, "accept", rows[end])
    start = rows_of(review.engine)
    do(review, way, start[at])
    check_cover(review.engine)
    now = rows_of(review.engine)
    stretch = start[at:end]
    pairs = {row.source: row.target for row in now if not row.bead.is_null}
    step = 1 if way == "shift-up" else -1
    for here, there in pairwise(stretch):
        one, other = (here, there) if step == 1 else (there, here)
        if one.source[0] < one.source[1] and other.target[0] < other.target[1]:
            assert pairs[one.source] == other.target
    assert now[:at] == start[:at]
    assert now[-(len(start) - end):] == start[end:]  # fmt: skip
    assert not any(row.confirmed for row in now if row.start >= start[at].start and row.end <= start[end].start)
    rebuilds(review.engine)
    review.undo("r1")
    assert rows_of(review.engine) == start


def test_a_page_learns_what_others_changed(review: Review) -> None:
    rows = rows_of(review.engine)[:4]
    asked = ",".join(f"1-{row.number}-{row.version}" for row in rows)
    with review.engine.connect() as connection:
        assert changed_rows(connection, asked + ",x,1-2,9-9-9-9") == []
    do(review, "accept", rows[0], reviewer="r2")
    do(review, "merge", rows[2], reviewer="r3")
    with review.engine.connect() as connection:
        found = {one.number: (one.reviewer, one.row is None) for one in changed_rows(connection, asked)}
    assert found == {
        rows[0].number: ("r2", False), rows[2].number: ("r3", True), rows[3].number: ("r3", True)
    }  # fmt: skip


def test_the_time_for_a_pair_leaves_breaks_out(review: Review) -> None:
    rows = rows_of(review.engine)
    with review.engine.connect() as connection:
        assert seconds_a_pair(connection, "r1") is None
    for row in rows[:14]:
        do(review, "accept", row)
    with writing(review.engine) as connection:
        ids = connection.execute(select(operations.c.id).where(operations.c.reviewer == "r1")).scalars().all()
        for at, number in enumerate(sorted(ids)):
            second = at * 4 + (3000 if at > 6 else 0)
            when = f"2026-01-01T{second // 3600:02}:{second % 3600 // 60:02}:{second % 60:02}.000Z"
            connection.execute(operations.update().where(operations.c.id == number).values(at=when))
    with review.engine.connect() as connection:
        assert seconds_a_pair(connection, "r1") == 4.0


def test_people_who_write_while_a_batch_runs_lose_nothing(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "TOGETHER", 3)
    seen = bulk(review, "accept")
    ends: list[str] = []

    def work(reviewer: str) -> None:
        for at in range(8):
            row = rows_of(review.engine)[at]
            try:
                do(review, "edit", row, reviewer=reviewer, target_text=f"{reviewer} {at}.")
                ends.append("saved")
            except ConflictError:
                ends.append("conflict")

    people = [threading.Thread(target=work, args=(f"r{one}",)) for one in (2, 3)]
    for one in people:
        one.start()
    done, passed = run(review, seen)
    for one in people:
        one.join()
    assert len(ends) == 16
    assert done + passed == seen.count
    rebuilds(review.engine)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which this system lacks")
def test_a_killed_batch_stands_as_far_as_it_went_and_goes_on(job: Path) -> None:
    open_sqlite(job).dispose()
    process = Warm(job.parent / "news", "bulk", program=TESTS / "dying_review.py")
    told = [next(process.stdout).split() for _ in range(4)]
    process.kill()
    told += [line.split() for line in process.stdout if line.endswith("\n")]
    process.wait()
    engine = open_sqlite(job)
    review = Review(engine)
    rebuilds(engine)
    listed = Batches(review).listed("r1")[0]
    assert listed.id == told[-1][0]
    assert int(told[-1][1]) <= listed.done
    assert count(engine, "accepted") == listed.done
    assert listed.left > 0
    with engine.connect() as connection:
        inside = connection.execute(select(func.count()).where(operations.c.batch == listed.id)).scalar()
    assert inside == listed.stands > 0
    total = count(engine, "all")
    run(review, Preview(listed.id, 0))
    assert count(engine, "accepted") == total
    undo_all(review)
    assert count(engine, "accepted") == 0
    engine.dispose()
