"""Searching one side, words apart and whole words; going to the next pair of a kind; splitting into all sentences."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from review_material import do, open_sqlite, rows_of
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.finding import Replacement, Replacer
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.queries import Query, find_rows

SELF = "http://127.0.0.1:8765"


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("indexed", [True, False])
def test_a_search_of_one_side_and_of_words_apart(
    engine: Engine, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not indexed:
        monkeypatch.setattr("qosmatin.review.store.queries.candidates", lambda *_: None)
    review = Review(engine)
    row = rows_of(engine)[3]
    do(review, "edit", row, source_text="Қар қызыл_ жауды, 100% court.", target_text="Red snow fell /x Қызыл.")
    table = [
        ("ҚЫЗЫЛ", "", False, 1), ("қызыл", "source", False, 1), ("қызыл", "target", False, 1),
        ("snow", "source", False, 0), ("snow", "target", False, 1), ("жауды", "target", False, 0),
        ("fell red", "", False, 0), ("fell red", "", True, 1), ("fell red", "target", True, 1),
        ("snow жауды", "", True, 1), ("snow жауды", "source", True, 0), ("snow missing", "", True, 0),
        ("100%", "source", False, 1), ("10_%", "", False, 0), ("/x", "target", True, 1), ("қызыл_", "target", False, 0),
        ("court. red", "", False, 0),
    ]  # fmt: skip
    with engine.connect() as connection:
        for search, side, apart, count in table:
            query = Query("en", document=1, search=search, side=side, apart=apart)  # type: ignore[arg-type]
            found = [one.row.number for one in find_rows(connection, query).rows]
            assert (row.number in found) == bool(count), (search, side, apart)


def test_the_address_of_a_search_says_all_of_it() -> None:
    query = Query("en", search="a b", side="target", apart=True, order="text")
    said = dict(parse_qsl(urlsplit(query.address()).query))
    assert Query.from_address(said, ["en"]) == query
    assert Query.from_address({"side": "up", "apart": "yes"}, ["en"]) == Query("en")


@pytest.mark.parametrize(
    ("find", "text", "replaced"),
    [
        ("сот", "Сот соты, сот-алқасы: Сот!", "X соты, X-алқасы: X!"),
        ("court", "courts court's COURT, (court)", "courts X's X, (X)"),
        ("i", "İ ı-iki, Ii i", "X X-iki, Ii X"),
        ("100", "100 1000 х100 100%", "X 1000 х100 X%"),
        ("й", "й ай", "X ай"),
    ],
)
def test_whole_words_are_replaced_and_no_parts(find: str, text: str, replaced: str) -> None:
    assert Replacer(Replacement(find, "X", whole_words=True))(text) == replaced
    assert Replacer(Replacement(find, "X"))(text) != replaced or find == "й"


def test_a_pair_is_split_into_all_its_sentences(engine: Engine) -> None:
    review = Review(engine)
    rows = [row for row in rows_of(engine) if row.bead.shape == "1-1"]
    first = next(row for row in rows if any(row.end == other.start for other in rows))
    with pytest.raises(RefusedError, match="nothing to split"):
        do(review, "split-all", first)
    merged = do(review, "merge", first).rows[0]
    do(review, "split-all", merged)
    again = [row for row in rows_of(engine) if merged.start <= row.start < merged.end]
    assert [row.bead.shape for row in again] == ["1-1", "1-1"]
    assert {row.status for row in again} == {"accepted"}
    uneven = next(row for row in rows_of(engine) if row.bead.shape == "2-1")
    with pytest.raises(RefusedError, match="one side has 2 sentences and the other 1"):
        do(review, "split-all", uneven)


def test_the_next_of_a_kind_is_found_through_the_documents(engine: Engine) -> None:
    review = Review(engine)
    client = TestClient(make_app(review, "r1", "news", 8765), base_url=SELF)
    flagged = [(1, rows_of(engine)[0]), (1, rows_of(engine)[4]), (2, rows_of(engine, 2)[0])]
    for document, row in flagged:
        do(review, "flag", row, document=document, category="Style")

    def following(document: int, number: int, more: str = "") -> str | None:
        return client.get(f"/next/{document}/{number}?show=flagged{more}").json()["address"]

    (_, first), (_, second), (_, last) = flagged
    for document, row, then, start in ((1, first, 1, second), (1, second, 2, last)):
        address = following(document, row.number)
        assert address is not None
        page = client.get(address).text
        assert f'id="row-{then}-{start.number}"' in page.split("</article>")[0]
    assert following(2, last.number) is following(1, second.number, "&document=1") is None
    assert client.get("/next/1/999?show=flagged").status_code == 404
