"""The store of the review with many rows: counts, pages, searches, and stores of earlier versions."""

import random
import runpy
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from itertools import chain, product
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from review_material import ROOT, do, empty_database, open_postgres, open_sqlite, rows_of
from sqlalchemy import Engine, create_engine, event, insert, select
from starlette.testclient import TestClient
from test_review_store import dump, fuzz
from warm import run_warm

from qosmatin.corpus.decisions import read_decisions, read_flags
from qosmatin.corpus.errors import InputError
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.exporting import export_lines
from qosmatin.review.exchange.flags import import_flags
from qosmatin.review.exchange.importing import import_documents
from qosmatin.review.store import hinting, log, queries
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.queries import Query, find_rows, progress_of
from qosmatin.review.store.rows import fold
from qosmatin.review.store.schema import asides, beads, counts, documents, operations
from qosmatin.review.store.search import candidates, drop_index, has_index
from qosmatin.review.store.states import COUNTED, STATES, doubt, tally


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_sqlite(job)
    else:
        engine = open_postgres(request.getfixturevalue("postgres"), "scale", job)
    yield engine
    engine.dispose()


def all_rows(engine: Engine) -> list[tuple[int, Any]]:
    with engine.connect() as connection:
        numbers = connection.execute(select(documents.c.id).order_by(documents.c.id)).scalars().all()
    return [(number, row) for number in numbers for row in rows_of(engine, number)]


def test_the_counts_are_what_a_count_finds(engine: Engine) -> None:
    review = Review(engine)
    fuzz(review, random.Random(5), 60)
    with engine.connect() as connection:
        kept = {row["document"]: dict(row) for row in connection.execute(select(counts)).mappings()}
        for number in kept:
            counted = tally(log.read_rows(connection, number))
            for one in log.read_asides(connection, number):
                if one.kind in counted:
                    counted[one.kind] += 1
            assert {name: kept[number][name] for name in COUNTED} == counted
        found = [progress_of(connection, "en").pairs, find_rows(connection, Query("en", show="not-1-1")).count]
    assert found == [sum(one["pairs"] for one in kept.values()), sum(one["not_1_1"] for one in kept.values())]


@pytest.mark.parametrize("size", [7, 1000])
def test_pages_from_key_to_key_show_each_row_once_and_in_order(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    fuzz(Review(engine), random.Random(6), 40)
    monkeypatch.setattr(queries, "PAGE", size)
    monkeypatch.setattr(queries, "WINDOW", 5)
    monkeypatch.setattr(queries, "WINDOWS", 3)
    rows = all_rows(engine)
    words = ["", "ҚАЗАҚ", "а", "zzz", "the"]
    with engine.connect() as connection:
        for show, order, search, document in product(("all", *STATES), ("text", "doubt"), words, (None, 1)):
            if size == 7 and document and search:
                continue
            query = Query("en", document, show, order, search)  # type: ignore[arg-type]
            wanted = [
                (number, row)
                for number, row in rows
                if (show == "all" or STATES[show].holds(row))
                and fold(search) in fold(f"{row.source_text}\n{row.target_text}")
                and document in (None, number)
            ]
            if order == "doubt":
                wanted.sort(key=lambda one: (doubt(one[1]), one[0], one[1].start))
            assert walk(connection, query) == [(number, row.number) for number, row in wanted]


def walk(connection: Any, query: Query) -> list[tuple[int, int]]:
    """Go through all pages of a query and back again; returns the rows, and fails when the way back differs."""
    there: list[list[tuple[int, int]]] = []
    page = find_rows(connection, query)
    while True:
        there.append([(one.document, one.row.number) for one in page.rows])
        if page.after is None:
            break
        page = find_rows(connection, replace(query, after=page.after))
    back = [there[-1]]
    while page.before is not None and page.rows:
        page = find_rows(connection, replace(query, before=page.before))
        back.insert(0, [(one.document, one.row.number) for one in page.rows])
    if not query.search:
        assert list(chain(*back)) == list(chain(*there))
    return list(chain(*there))


def test_a_search_is_answered_by_its_index(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine.connect() as connection:
        assert has_index(connection)
        found = find_rows(connection, Query("en", search="ҚАЗАҚСТАН"))
        assert (found.count > 0, found.exact) == (True, True)
        places = candidates(connection, fold("қазақстан"), 1, 9, 5000)
        assert places is not None
        assert {(one.document, one.row.number) for one in found.rows} <= set(places)
        assert candidates(connection, "қа", 1, 9, 5000) is None
        assert candidates(connection, "қаз", 1, 9, 1) is None
        assert find_rows(connection, Query("en", search='a" OR "b')).count == 0
        assert find_rows(connection, Query("en", search="%_%")).count == 0
    row = rows_of(engine)[0]
    do(Review(engine), "edit", row, target_text="Шұғыла ЖӘНГІР was here.")
    with engine.connect() as connection:
        assert [one.row.number for one in find_rows(connection, Query("en", search="шұғыла жәң")).rows] == []
        assert [one.row.number for one in find_rows(connection, Query("en", search="ШҰҒЫЛА жәнгір")).rows] == [
            row.number
        ]
        gone = " ".join(row.target_text.split()[:4])
        assert row.number not in [one.row.number for one in find_rows(connection, Query("en", search=gone)).rows]


def test_a_database_without_the_index_is_searched_all_the_same(engine: Engine) -> None:
    with writing(engine) as connection:
        drop_index(connection)
    with engine.connect() as connection:
        assert not has_index(connection)
        assert find_rows(connection, Query("en", search="ҚАЗАҚСТАН")).count > 0
    again = open_database(engine.url)
    with again.connect() as connection:
        assert has_index(connection)
    again.dispose()


def test_a_store_of_the_first_version_is_brought_up(
    engine: Engine, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuzz(Review(engine), random.Random(7), 60)
    if engine.dialect.name == "sqlite":
        address: Any = sqlite_url(tmp_path)
    else:
        address = empty_database(postgres, "first")
    old = create_engine(address)
    config = Config()
    config.set_main_option("script_location", str(files("qosmatin.review") / "migrations"))
    with engine.connect() as connection, old.begin() as first:
        config.attributes["connection"] = first
        command.upgrade(config, "first")
        for table, new in (
            (documents, ()),
            (asides, ()),
            (operations, ("batch",)),
            (beads, ("translation", "doubt", "hints", "quality", "severity")),
        ):
            columns = [column for column in table.c if column.name not in new]
            rows = [dict(row) for row in connection.execute(select(*columns)).mappings()]
            if rows:
                first.execute(insert(table), rows)
    old.dispose()
    brought = open_database(address)
    with brought.connect() as connection:
        assert find_rows(connection, Query("en", show="hinted")).count == 0
    monkeypatch.setattr(hinting, "STEP", 7)
    assert hinting.find_missing_hints(brought) == len(all_rows(engine))
    assert hinting.find_missing_hints(brought) == 0
    assert dump(brought) == dump(engine)
    with brought.connect() as connection:
        assert has_index(connection)
        assert find_rows(connection, Query("en", search="қазақстан")).count > 0
    brought.dispose()


def test_flags_leave_with_the_decisions_and_come_back(engine: Engine, tmp_path: Path) -> None:
    review = Review(engine)
    rows = rows_of(engine)
    do(review, "flag", rows[0], category="Style", comment="dry — «құрғақ»")
    do(review, "accept", rows[1])
    do(review, "flag", rows_of(engine)[1], category="Terminology")
    path = tmp_path / "said.jsonl"
    path.write_text("".join(export_lines(engine)), encoding="utf-8")
    assert [one.operation for one in read_decisions(path)] == ["accept"]
    flags = read_flags(path)
    assert [(one.pair_id, one.category, one.comment, one.reviewer) for one in flags] == [
        (rows[0].pair_id, "Style", "dry — «құрғақ»", "r1"),
        (rows[1].pair_id, "Terminology", None, "r1"),
    ]
    assert import_flags(engine, flags) == (2, 0)
    for _ in range(3):
        review.undo("r1")
    elsewhere = replace(flags[0], anchors=tuple(replace(one, document="none") for one in flags[0].anchors))
    moved = replace(flags[1], pair_id="another")
    assert import_flags(engine, [flags[0], moved, elsewhere]) == (2, 1)
    assert [row.category for row in rows_of(engine)[:2]] == ["Style", "Terminology"]
    path.write_text('{"operation": "flag"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="no flag"):
        read_flags(path)


PAGES = (
    "/", "/?order=text", "/?show=hinted", "/?search=the", "/?search=the&order=text", "/?document=1",
    "/aside?translation=en", "/sentences/1/1", "/links/1/1", "/documents", "/documents/next", "/batches",
    "/fresh?since=0", "/desk/1/1", "/concordance/1?words=the&side=target", "/matches?show=all", "/samples", "/read/1",
    "/context/1/1", "/neighbour/1/1?by=1", "/next/1/1", "/moved/1/1", "/history/1/1", "/decisions.jsonl",
    "/api/pairs", "/api/documents",
)  # fmt: skip


def test_no_page_asks_document_by_document(tmp_path: Path) -> None:
    invented = runpy.run_path(str(ROOT / "benchmarks" / "review.py"))["invented"]
    asked: list[dict[str, int]] = []
    for count in (5, 20):
        folder = tmp_path / str(count)
        folder.mkdir()
        engine = open_database(sqlite_url(folder))
        import_documents(engine, invented(count * 6, 6), [])
        client = TestClient(make_app(Review(engine), "r1", "bench", 8765), base_url="http://127.0.0.1:8765")
        said: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *about, said=said: said.append(about[2]))
        of_page = {}
        for page in PAGES:
            said.clear()
            assert client.get(page).status_code == 200, page
            of_page[page] = len(said)
        asked.append(of_page)
        engine.dispose()
    assert asked[0] == asked[1]


@pytest.mark.parametrize("command", ["scale", "writers"])
def test_the_bench_runs_on_a_small_store(command: str, tmp_path: Path) -> None:
    options = ["--store", str(tmp_path), "--pairs", "300", "--document", "50", "--operations", "5", "--times", "1"]
    options += ["--reviewers", "2", "--seconds", "1", "--documents", "3"]
    done = run_warm(command, *options, program=ROOT / "benchmarks" / "review.py")
    assert done.returncode == 0, done.stderr
    assert "import of 300 pairs" in done.stdout
    assert ("search: a phrase" if command == "scale" else "lost: 0") in done.stdout
