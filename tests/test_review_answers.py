"""Each error has one status, whichever door of the review it comes through; and what the answers carry."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from review_material import do, open_sqlite, rows_of
from sqlalchemy.exc import DataError, OperationalError
from starlette.testclient import TestClient

from qosmatin.corpus.errors import InputError, QosmatinError
from qosmatin.review.app import make_app
from qosmatin.review.editing.bulk import Batches
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import (
    ConflictError,
    ExpiredError,
    MissingError,
    RefusedError,
    StrangerError,
    UnclearError,
)
from qosmatin.review.gate.guard import SCRIPT_HEADER
from qosmatin.review.people.throttle import ThrottledError
from qosmatin.review.store.access import ForbiddenError

ORIGIN = "http://127.0.0.1:8765"

ERRORS: list[tuple[Exception, int]] = [
    (UnclearError("unclear"), 400),
    (DataError("SELECT", {}, ValueError("out of range")), 400),
    (OverflowError("int too large"), 400),
    (StrangerError("who are you?"), 401),
    (ForbiddenError("assigned to %(whose)s", whose="r7"), 403),
    (MissingError("there is no such sample"), 404),
    (ConflictError("this pair has changed: reload the page"), 409),
    (ExpiredError("used up"), 410),
    (ThrottledError("later, in %(minutes)s minutes", minutes=15), 429),
    (RefusedError("there is nothing to undo"), 422),
    (InputError("what is this?"), 422),
    (OperationalError("SELECT", {}, ValueError("gone")), 503),
]

ACCEPT = {"kind": "accept", "document": 1, "number": 0, "version": 1}
BULK = {"kind": "accept", "query": {"translation": "en"}}

# What a door calls first, by the object it is on, and a request that comes through the door.
DOORS: dict[str, tuple[object | str, str, Callable[[httpx.Client, dict[str, str]], httpx.Response]]] = {
    "an operation of a page": (Review, "operate", lambda c, h: c.post("/operations", json=ACCEPT, headers=h)),
    "undo of a page": (Review, "undo", lambda c, h: c.post("/undo", headers=h)),
    "redo of a page": (Review, "redo", lambda c, h: c.post("/redo", headers=h)),
    "a first page": ("qosmatin.review.pages.pairs", "find_rows", lambda c, _: c.get("/")),
    "a comparison": ("qosmatin.review.pages.aids", "compare", lambda c, _: c.get("/compare/1/0")),
    "a look at a batch": (Batches, "preview", lambda c, h: c.post("/bulk/preview", json=BULK, headers=h)),
    "a batch": (Batches, "run", lambda c, h: c.post("/bulk/none", headers=h)),
    "a sample": ("qosmatin.review.pages.samples", "find_sample", lambda c, _: c.get("/sample/1")),
    "a judgement": ("qosmatin.review.pages.samples", "find_sample", lambda c, h: c.post("/sample/1", headers=h)),
    "matches": ("qosmatin.review.pages.matches", "read_matches", lambda c, _: c.get("/matches")),
    "a match": ("qosmatin.review.pages.matches", "judge_match", lambda c, h: c.post("/matches", headers=h)),
    "an invitation": ("qosmatin.review.pages.people", "redeem", lambda c, h: c.post("/invitation/x", headers=h)),
    "a script's operation": (Review, "operate", lambda c, h: c.post("/api/operations", json=ACCEPT, headers=h)),
    "a script's undo": (Review, "undo", lambda c, h: c.post("/api/undo", headers=h)),
    "a script's matches": ("qosmatin.review.api.endpoints", "matched_translations", lambda c, _: c.get("/api/matches")),
    "a script's match": (
        "qosmatin.review.api.endpoints",
        "judge_match",
        lambda c, h: c.post("/api/matches/1", json={"verdict": "accept"}, headers=h),
    ),
    "a script's question": ("qosmatin.review.api.endpoints", "find_rows", lambda c, _: c.get("/api/pairs")),
}


@pytest.fixture(scope="module")
def review(reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    work = tmp_path_factory.mktemp("answers") / "job"
    shutil.copytree(reviewable.parent, work)
    engine = open_sqlite(work / "job.yaml")
    yield Review(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def client(review: Review) -> TestClient:
    return TestClient(make_app(review, "r1", "news", 8765), base_url=ORIGIN)


@pytest.fixture(scope="module")
def sent(client: TestClient) -> dict[str, str]:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
    assert token is not None
    return {"Origin": ORIGIN, "X-CSRF-Token": token.group(1), SCRIPT_HEADER: "1"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("error", "status"), ERRORS, ids=lambda one: type(one).__name__ if one else "")
def test_an_error_has_one_status_at_every_door(
    client: TestClient, sent: dict[str, str], monkeypatch: pytest.MonkeyPatch, door: str, error: Exception, status: int
) -> None:
    def fail(*_args: object, **_values: object) -> None:
        raise error

    owner, name, ask = DOORS[door]
    if isinstance(owner, str):
        monkeypatch.setattr(f"{owner}.{name}", fail)
    else:
        monkeypatch.setattr(owner, name, fail)
    if door == "an invitation":
        # Such a page shows its form again; an invitation that is none would say that instead.
        monkeypatch.setattr("qosmatin.review.pages.people.read_invitation", lambda *_: None)
    answer = ask(client, sent)
    assert answer.status_code == status
    assert answer.text
    assert answer.headers.get("retry-after") == ("900" if status == 429 else None)
    if door == "an invitation" and 'role="alert"' not in answer.text:
        assert not isinstance(error, QosmatinError)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/sample/77", 404, "text/plain"),
        ("/nowhere", 404, "text/plain"),
        ("/compare/1/9999", 409, "application/json"),
        ("/sentences/1/9999", 409, "application/json"),
        ("/api/nowhere", 404, "application/json"),
        ("/api/pairs/1/9999", 404, "application/json"),
    ],
)
@pytest.mark.parametrize("wanted", ["text/html,*/*;q=0.8", "*/*"])
def test_pages_say_it_as_text_and_what_scripts_fetch_as_json(
    client: TestClient, path: str, status: int, kind: str, wanted: str
) -> None:
    answer = client.get(path, headers={"Accept": wanted})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, kind)


def test_people_are_told_in_their_language_and_scripts_in_english(client: TestClient, sent: dict[str, str]) -> None:
    told = {
        path: client.post(path, headers={**sent, "Accept-Language": "ru"}).json()["message"]
        for path in ("/undo", "/api/undo")
    }
    assert told["/api/undo"] == "there is nothing to undo"
    assert re.search("[а-я]", told["/undo"])


def test_a_conflict_shows_the_row_as_it_is(job: Path) -> None:
    engine = open_sqlite(job)
    review = Review(engine)
    client = TestClient(make_app(review, "r1", "news", 8765), base_url=ORIGIN)
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
    assert token is not None
    head = {"Origin": ORIGIN, "X-CSRF-Token": token.group(1), SCRIPT_HEADER: "1"}
    row = rows_of(engine)[0]
    do(review, "edit", row, reviewer="r2", target_text="Theirs.")
    late: dict[str, Any] = {"kind": "edit", "document": 1, "number": row.number, "version": row.version}
    page, script, gone = (
        client.post(path, json=body, headers=head)
        for path, body in (
            ("/operations", late | {"target_text": "Mine."}),
            ("/api/operations", late | {"target_text": "Mine."}),
            ("/operations", late | {"number": 9999, "target_text": "Mine."}),
        )
    )
    assert [one.status_code for one in (page, script, gone)] == [409] * 3
    assert "Theirs." in page.json()["now"]["html"]
    assert "<ins>Mine</ins>" in page.json()["difference"]
    assert script.json()["now"]["target_text"] == "Theirs."
    assert set(gone.json()) == {"message"}
    engine.dispose()
