"""Sessions of people who log in: how they begin and end, and what no foreign page or guess comes to."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from review_logins import (
    ADDRESS,
    CHEAP,
    PASSWORD,
    an_acceptance,
    app_of,
    csrf,
    enter,
    headers,
    store_of_either,
    store_of_everybody,
)
from review_material import rows_of
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from qosmatin.review.errors import RefusedError
from qosmatin.review.gate.door import Serving, open_door
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.sessions import log_in
from qosmatin.review.people.throttle import LIMITS
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import attempts, sessions


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    yield from store_of_either(request, job)


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    yield from store_of_everybody(job)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)


def test_without_a_login_nothing_is_shown_or_done(client: TestClient, engine: Engine) -> None:
    answer = client.get("/?show=all", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F%3Fshow%3Dall")
    for path in ("/", "/aside", "/decisions.jsonl", "/sentences/1/1", "/account"):
        answer = client.get(path)
        assert (answer.status_code, "Сот" in answer.text) == (401, False)
    answer = client.post("/operations", json=an_acceptance(engine), headers={"Origin": ADDRESS})
    assert answer.status_code == 401
    assert rows_of(engine)[0].status == "unreviewed"


def test_a_login_works_until_the_logout(client: TestClient, engine: Engine) -> None:
    answer = enter(client, "AIGUL", next="/?show=flagged")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?show=flagged")
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/"))
    assert client.get("/").status_code == 200
    done = client.post("/operations", json=an_acceptance(engine), headers=headers(client))
    assert (done.status_code, rows_of(engine)[0].reviewer) == (200, "r2")
    kept = dict(client.cookies)
    assert client.post("/logout", headers=headers(client)).status_code == 303
    client.cookies.update(kept)
    assert client.get("/").status_code == 401


def test_a_session_is_never_one_that_the_browser_had_before(client: TestClient, engine: Engine) -> None:
    """Session fixation: an attacker's cookie in a victim's browser is worth nothing after the login."""
    name = open_door(Serving(), 8765, login=True).cookie
    client.cookies.set(name, "chosen-by-an-attacker", domain="127.0.0.1", path="/")
    enter(client, "aigul")
    first = client.cookies.get(name, domain="127.0.0.1", path="/")
    assert first not in (None, "chosen-by-an-attacker")
    enter(client, "aigul")
    fresh = TestClient(app_of(engine), base_url=ADDRESS, cookies={name: str(first)})
    assert fresh.get("/").status_code == 401
    assert (
        TestClient(app_of(engine), base_url=ADDRESS, cookies={name: "chosen-by-an-attacker"}).get("/").status_code
        == 401
    )


@pytest.mark.parametrize(("column", "age"), [("seen", timedelta(hours=8, minutes=1)), ("created", timedelta(days=8))])
def test_a_session_ends_by_itself(client: TestClient, engine: Engine, column: str, age: timedelta) -> None:
    enter(client, "aigul")
    assert client.get("/").status_code == 200
    past = (datetime.now(UTC) - age).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with writing(engine) as connection:
        connection.execute(update(sessions).values({column: past}))
    assert client.get("/").status_code == 401


def test_a_changed_password_ends_all_other_sessions(client: TestClient, engine: Engine) -> None:
    other = TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)
    for one in (client, other):
        enter(one, "aigul")
    new = {"new": "бес-алты сөзден тұрады", "again": "бес-алты сөзден тұрады"}
    for bad in (
        {"old": "wrong", **new},
        {"old": PASSWORD, "new": "a", "again": "a"},
        {"old": PASSWORD, **new, "again": "b"},
    ):
        assert client.post("/account/password", data=bad, headers=headers(client)).status_code == 422
    assert client.post("/account/password", data={"old": PASSWORD, **new}, headers=headers(client)).status_code == 200
    assert (client.get("/").status_code, other.get("/").status_code) == (200, 401)
    assert enter(other, "aigul").status_code == 401
    assert enter(other, "aigul", new["new"]).status_code == 303


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_login_leads_to_no_other_site(client: TestClient, address: str) -> None:
    assert enter(client, "aigul", next=address).headers["location"] == "/"


@pytest.mark.parametrize(
    "changes", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"X-CSRF-Token": "guess"}, {"X-CSRF-Token": "ә"}]
)
def test_a_foreign_page_changes_nothing_for_who_is_logged_in(
    client: TestClient, engine: Engine, changes: dict[str, str]
) -> None:
    enter(client, "marat")
    sent = {key: value.encode() for key, value in headers(client, **changes).items()}
    for path in ("/operations", "/undo", "/redo", "/logout", "/account/password", "/account/tokens"):
        assert client.post(path, json=an_acceptance(engine), headers=sent).status_code == 403
    assert client.get("/").status_code == 200
    assert rows_of(engine)[0].status == "unreviewed"


def test_a_token_of_another_session_does_not_go_with_this_one(client: TestClient, engine: Engine) -> None:
    other = TestClient(app_of(engine), base_url=ADDRESS)
    enter(client, "aigul")
    enter(other, "dias")
    mixed = headers(client) | {"X-CSRF-Token": csrf(other)}
    assert client.post("/operations", json=an_acceptance(engine), headers=mixed).status_code == 403


def test_a_login_from_a_foreign_page_is_refused(client: TestClient) -> None:
    for origin in ("http://evil.example", "null"):
        answer = client.post("/login", data={"name": "aigul", "password": PASSWORD}, headers={"Origin": origin})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_guessing_is_throttled_by_name_and_address(client: TestClient, engine: Engine) -> None:
    told = [enter(client, "aigul", f"guess number {number}").status_code for number in range(LIMITS["both"] + 1)]
    assert told == [401] * LIMITS["both"] + [429]
    answer = enter(client, "aigul")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    assert enter(client, "dias").status_code == 303
    with engine.connect() as connection:
        kept = connection.execute(select(attempts.c.key)).scalars().all()
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in kept)


def test_guessing_many_names_or_from_many_addresses_is_throttled(either: Engine) -> None:
    add_account(either, CHEAP, "aigul", "reviewer", PASSWORD)

    def tries(names: list[str], addresses: list[str]) -> int:
        for number, (name, address) in enumerate(zip(names, addresses, strict=True)):
            with pytest.raises(RefusedError) as refused:
                log_in(either, CHEAP, name, "a wrong password", address)
            if "too many" in str(refused.value):
                return number
        return len(names)

    many = 70
    assert tries(["aigul"] * many, [f"192.0.2.{number}" for number in range(many)]) == LIMITS["name"]
    assert tries([f"n{number}" for number in range(many)], ["198.51.100.1"] * many) == LIMITS["address"]
    with writing(either) as connection:
        connection.execute(update(attempts).values(at="2020-01-01T00:00:00.000Z"))
    assert log_in(either, CHEAP, "aigul", PASSWORD, "198.51.100.1")


def test_an_unknown_name_is_answered_like_a_wrong_password(client: TestClient) -> None:
    known, unknown, odd = (enter(client, name, "a wrong password") for name in ("aigul", "nobody", "a b <i>"))
    assert known.status_code == unknown.status_code == odd.status_code == 401
    assert known.text.replace("aigul", "NAME") == unknown.text.replace("nobody", "NAME")
    assert "<i>" not in odd.text
