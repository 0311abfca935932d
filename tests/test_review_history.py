"""Comments beside pairs, the history of a pair, and names in the place of pseudonyms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from review_material import do, open_sqlite, rows_of
from small_corpus import qosmatin_here
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.corpus.formats.files import pair_format, read_segments
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import RefusedError
from qosmatin.review.gate.door import Serving, open_door
from qosmatin.review.pages.telling import KINDS
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.store import log
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.history import history_of
from qosmatin.review.store.queries import Query, find_rows
from qosmatin.review.store.rows import BeadRow

SELF = "http://127.0.0.1:8765"


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def thread(engine: Engine, row: BeadRow) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        return [(one.reviewer, one.text) for one in comments_in(connection, [1]).get((1, row.number), [])]


def told(engine: Engine, row: BeadRow) -> list[tuple[str, str, bool]]:
    with engine.connect() as connection:
        return [(one.kind, one.reviewer, one.stands) for one in history_of(connection, 1, row.number)]


def test_comments_are_a_thread_that_follows_its_sentences(engine: Engine) -> None:
    review = Review(engine)
    with pytest.raises(RefusedError, match="needs words"):
        do(review, "comment", rows_of(engine)[1], text=" \n")
    do(review, "comment", rows_of(engine)[1], text="Who  is\nmeant?")
    do(review, "comment", rows_of(engine)[1], reviewer="r2", text="The court.")
    asked = [("r1", "Who is meant?"), ("r2", "The court.")]
    assert thread(engine, rows_of(engine)[1]) == asked
    assert (rows_of(engine)[1].status, rows_of(engine)[1].category) == ("unreviewed", None)
    with engine.connect() as connection:
        found = find_rows(connection, Query("en", show="commented"))
    assert [(one.row.number, len(one.comments)) for one in found.rows] == [(rows_of(engine)[1].number, 2)]
    # Through merging, undo, and the log made anew.
    merged = do(review, "merge", rows_of(engine)[0]).rows[0]
    assert thread(engine, merged) == asked
    review.undo("r1")
    assert thread(engine, rows_of(engine)[1]) == asked
    with engine.begin() as connection:
        log.rebuild(connection)
    assert thread(engine, rows_of(engine)[1]) == asked
    review.undo("r2")
    assert thread(engine, rows_of(engine)[1]) == asked[:1]
    review.redo("r2")
    assert thread(engine, rows_of(engine)[1]) == asked


def test_the_history_goes_back_through_merging(engine: Engine) -> None:
    review = Review(engine)
    first = rows_of(engine)[0]
    do(review, "edit", first, target_text="Once.")
    do(review, "edit", rows_of(engine)[0], reviewer="r2", target_text="Twice.")
    do(review, "accept", rows_of(engine)[5])
    do(review, "comment", rows_of(engine)[0], reviewer="r3", text="Why?")
    do(review, "merge", rows_of(engine)[0], reviewer="r2")
    merged = rows_of(engine)[0]
    before = [("comment", "r3", True), ("edit", "r2", True), ("edit", "r1", True), ("import", "pipeline", True)]
    assert told(engine, merged) == [("merge", "r2", True), *before]
    review.undo("r2")
    kinds = told(engine, rows_of(engine)[0])
    assert kinds[:2] == [("undo", "r2", True), ("merge", "r2", False)]
    with engine.connect() as connection:
        events = history_of(connection, 1, rows_of(engine)[0].number)
    edit = next(one for one in events if one.kind == "edit")
    assert [edit.before[0].target_text, edit.after[0].target_text] == ["Once.", "Twice."]


def test_every_operation_has_words_in_the_history() -> None:
    from qosmatin.review.editing.catalogue import ON_PAIRS

    assert {*ON_PAIRS, log.IMPORT, log.UNDO, log.REDO, log.REVERT} <= set(KINDS)


@pytest.mark.parametrize("names", [True, False])
def test_names_where_the_team_wants_them(engine: Engine, names: bool) -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    known = add_account(engine, passwords, "aigul", "reviewer", "four words are enough")
    review = Review(engine)
    do(review, "comment", rows_of(engine)[0], reviewer=known, text="Who is meant?")
    do(review, "accept", rows_of(engine)[0], reviewer=known)
    door = open_door(Serving(), 8765, login=True)
    app = make_app(review, "r1", "news", 8765, door=door, passwords=passwords, names=names)
    client = TestClient(app, base_url=SELF, headers={"Origin": SELF})
    assert "aigul" not in client.get("/login").text
    client.post("/login", data={"name": "aigul", "password": "four words are enough"})
    shown = "aigul" if names else known
    assert f"accepted by {shown}" in client.get("/?order=text").text
    history = client.get(f"/history/1/{rows_of(engine)[0].number}").text
    assert f"Accepted: {shown}," in history
    assert ("aigul" in history) == names
    assert "aigul" not in client.get("/decisions.jsonl").text


def exported(job: Path, kind: str, *options: str) -> list[SegmentPair]:
    """The pairs of an export of the corpus, read back."""
    path = job.parent / f"out{pair_format(kind).written}"
    done = qosmatin_here(job.parent, "export", "news", "-f", kind, "-o", str(path), *options)
    assert not done.returncode, done.stdout + done.stderr
    return list(read_segments(path, "kk", "en"))


@pytest.fixture
def remarked(job: Path, engine: Engine) -> tuple[Path, str]:
    """A job with a pair that was edited, flagged and commented, and one that was undone; and that pair's id."""
    review = Review(engine)
    row = rows_of(engine)[1]
    do(review, "edit", row, source_text=None, target_text="First words.")
    do(review, "edit", rows_of(engine)[1], reviewer="r2", source_text=None, target_text="Other words.")
    do(review, "flag", rows_of(engine)[1], category="Terminology", severity="major", comment="Not our term.")
    do(review, "comment", rows_of(engine)[1], reviewer="r2", text="Which court?")
    do(review, "accept", rows_of(engine)[2])
    review.undo("r1")
    return job, row.pair_id


@pytest.mark.parametrize("kind", ["xlsx", "csv", "jsonl", "tsv"])
def test_tables_have_what_people_remarked(remarked: tuple[Path, str], kind: str) -> None:
    job, pair = remarked
    pairs = {one.id: one for one in exported(job, kind)}
    one = pairs[pair]
    assert (one.category, one.severity, one.note) == ("Terminology", "major", "Not our term.")
    assert one.comments is not None
    assert one.comments.startswith("[2")
    assert one.comments.endswith("] Which court?")
    history = " ".join((one.history or "").split())
    assert all(told in history for told in ("edit;", "“First words.”", "flag"))
    # People who are not named stay so.
    assert "r1" not in history
    assert "r2" not in one.comments
    assert [other.id for other in pairs.values() if other.history or other.comments] == [pair]
    if kind == "jsonl":
        assert history.count("edit;") == 2
        bare = exported(job, kind, "--no-remarks")
        assert not [other.id for other in bare if other.history or other.comments or other.category]


@pytest.mark.parametrize("kind", ["xliff", "xliff2", "html"])
def test_notes_have_what_people_remarked(remarked: tuple[Path, str], kind: str) -> None:
    job, _ = remarked
    path = job.parent / "out"
    assert not qosmatin_here(job.parent, "export", "news", "-f", kind, "-o", str(path)).returncode
    text = path.read_text(encoding="utf-8")
    for told in ("⚑ Terminology, major", "Not our term.", "Which court?"):
        assert text.count(told) == 1, told


def test_the_api_has_comments_and_history(remarked: tuple[Path, str], engine: Engine) -> None:
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url=SELF)
    row = rows_of(engine)[1]
    pair = client.get(f"/api/pairs/1/{row.number}").json()["pair"]
    assert [(one["reviewer"], one["text"]) for one in pair["comments"]] == [("r2", "Which court?")]
    assert (pair["category"], pair["severity"], pair["comment"]) == ("Terminology", "major", "Not our term.")
    events = client.get(f"/api/pairs/1/{row.number}/history").json()
    assert [(one["operation"], one["reviewer"], one["stands"]) for one in events[:4]] == [
        ("comment", "r2", True), ("flag", "r1", True), ("edit", "r2", True), ("edit", "r1", True),
    ]  # fmt: skip
    assert events[0]["comments"] == ["Which court?"]
    assert (events[2]["before"][0][1], events[2]["after"][0][1]) == ("First words.", "Other words.")
    assert client.get("/api/pairs/1/99999/history").status_code == 404
