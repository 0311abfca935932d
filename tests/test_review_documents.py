"""The page of documents: progress, search, whose each is, and the next one; a document is chosen by its name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from review_material import do, open_sqlite, rows_of
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.door import Serving, open_door
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.store.access import assign, assigned_to
from qosmatin.review.store.progress import Wanted, find_progress, next_unfinished, progress_of_documents

SELF = "http://127.0.0.1:8765"
PASSWORD = "four words are enough"


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def app_of(engine: Engine, **more: Any) -> Any:
    return make_app(Review(engine), "r1", "news", 8765, **more)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return TestClient(app_of(engine), base_url=SELF, headers={"Origin": SELF})


def test_progress_is_that_of_the_counts(engine: Engine) -> None:
    review = Review(engine)
    do(review, "accept", rows_of(engine)[0])
    do(review, "flag", rows_of(engine)[1], category="Style")
    with engine.connect() as connection:
        found, count = find_progress(connection, Wanted("en"))
        assert count == len(found) == 2
        one = progress_of_documents(connection, [1])[1]
    assert one == found[0]
    assert (one.reviewed, one.flagged, one.pairs) == (1, 1, sum(not row.bead.is_null for row in rows_of(engine)))
    assert 0 < one.share < 1


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted("en"), ["trial", "verdict"]),
        (Wanted("en", search="TRI"), ["trial"]),
        (Wanted("en", search="i"), ["trial", "verdict"]),
        (Wanted("en", search="%"), []),
        (Wanted("en", assigned="r2"), ["trial"]),
        (Wanted("en", unfinished=True), ["verdict"]),
        (Wanted("no such"), []),
    ],
)
def test_documents_are_found(engine: Engine, wanted: Wanted, names: list[str]) -> None:
    review = Review(engine)
    for row in rows_of(engine):
        if not row.bead.is_null:
            do(review, "accept", next(one for one in rows_of(engine) if one.number == row.number))
    with engine.begin() as connection:
        assign(connection, 1, ["r2"])
        found, count = find_progress(connection, wanted)
    known = {1: "trial", 2: "verdict"}
    assert ([known[one.id] for one in found], count) == (names, len(names))


def test_the_next_unfinished_is_ones_own_or_nobodys(engine: Engine) -> None:
    with engine.begin() as connection:
        assert next_unfinished(connection, "en", "r1") == 1
        assign(connection, 1, ["r2"])
        assert [next_unfinished(connection, "en", who) for who in ("r1", "r2")] == [2, 1]
        assign(connection, 2, ["r2"])
        assert next_unfinished(connection, "en", "r1") is None


def test_the_page_and_what_leads_to_it(client: TestClient) -> None:
    page = client.get("/documents?search=&unfinished=1").text
    assert page.count('<article class="listed"') == 2
    assert (
        client.get("/documents/next", follow_redirects=False)
        .headers["location"]
        .startswith("/?translation=en&document=1&")
    )
    assert 'class="listed"' not in client.get("/documents?search=no+such").text
    assert client.get("/documents?page=99999").status_code == 200


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/?named=&show=flagged&order=doubt", "/?translation=en&show=flagged&order=doubt&assigned=all"),
        ("/?named={0}&was=&order=doubt", "document=1&show=all&order=text"),
        ("/?named={0}&was={0}&order=doubt", "document=1&show=all&order=doubt"),
        ("/?named=no+such", "/documents?translation=en&search=no+such"),
    ],
)
def test_a_document_is_chosen_by_its_name(engine: Engine, client: TestClient, address: str, leads: str) -> None:
    with engine.connect() as connection:
        name = progress_of_documents(connection, [1])[1].name
    assert leads in client.get(address.format(name), follow_redirects=False).headers["location"]
    # Some of the name will do where no other document has it.
    if "{0}" in address:
        assert leads in client.get(address.format(name[:4]), follow_redirects=False).headers["location"].replace(
            "order=text", leads[-10:]
        )


def test_documents_are_headings_in_the_order_of_the_text(client: TestClient, engine: Engine) -> None:
    page = client.get("/?order=text").text
    assert re.findall(r'class="group" id="group-(\d+)"', page) == ["1", "2"]
    assert 'class="group"' not in client.get("/?order=doubt").text
    row = rows_of(engine)[0]
    token = re.search(r'csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]
    body = {"kind": "accept", "document": 1, "number": row.number, "version": row.version}
    done = client.post("/operations", json=body, headers={"X-CSRF-Token": token}).json()
    assert done["group"]["id"] == "group-1"
    assert "Reviewed 1 of" in done["group"]["html"]


@pytest.mark.parametrize(
    ("role", "may"), [("reader", False), ("reviewer", False), ("adjudicator", True), ("admin", True)]
)
def test_who_may_assign(engine: Engine, role: Any, may: bool) -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    add_account(engine, passwords, "dias", role, PASSWORD)
    other = add_account(engine, passwords, "aigul", "reviewer", PASSWORD)
    app = app_of(engine, door=open_door(Serving(), 8765, login=True), passwords=passwords)
    client = TestClient(app, base_url=SELF, headers={"Origin": SELF})
    client.post("/login", data={"name": "dias", "password": PASSWORD})
    page = client.get("/documents").text
    assert ('class="assigning"' in page) == may
    csrf = re.search(r'csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]

    def say(reviewers: str, document: int = 1) -> int:
        data = {"csrf": csrf, "reviewers": reviewers, "back": "/documents"}
        return client.post(f"/documents/{document}/assigned", data=data, follow_redirects=False).status_code

    assert say(f"{other}, r1") == (303 if may else 403)
    with engine.connect() as connection:
        assert assigned_to(connection, 1) == (["r1", other] if may else [])
    if may:
        assert (say("no-such-person"), say(other, 77), say("")) == (422, 404, 303)
        # Whoever must not see through pseudonyms assigns by them alone.
        assert say("aigul") == (303 if role == "admin" else 422)
