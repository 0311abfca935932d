"""Who may: accounts, sessions, invitations, tokens, roles, throttling; each forbidden thing is tried."""

import logging
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from review_material import do, open_postgres, open_sqlite, review_server, rows_of
from sqlalchemy import Engine, select, update
from starlette.routing import Mount
from starlette.testclient import TestClient
from warm import run_warm

from qosmatin.corpus.errors import InputError
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import RefusedError
from qosmatin.review.gate.door import Serving, check_serving, open_door
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.people.accounts import (
    add_account,
    choose_pseudonym,
    erase_person,
    fold_name,
    pseudonym_of,
    set_role,
)
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.people.sessions import TOKEN_MARK, find_token, invite, log_in, make_token, redeem
from qosmatin.review.people.throttle import LIMITS
from qosmatin.review.store import log
from qosmatin.review.store.access import ROLES, ForbiddenError, Role, assign
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import accounts, assignments, attempts, invitations, sessions, tokens

ADDRESS = "http://127.0.0.1:8765"
PASSWORD = "төрт сөз жеткілікті болар"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
NAMES: dict[Role, str] = {"reader": "oqyrman", "reviewer": "aigul", "adjudicator": "dias", "admin": "marat"}


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    """A store on either database."""
    if request.param == "sqlite":
        engine = open_sqlite(job)
    else:
        engine = open_postgres(request.getfixturevalue("postgres"), "access", job)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    """A store with an account of each role."""
    engine = open_sqlite(job)
    for role, name in NAMES.items():
        add_account(engine, CHEAP, name, role, PASSWORD)
    yield engine
    engine.dispose()


def app_of(engine: Engine, serving: Serving | None = None) -> Any:
    door = open_door(serving or Serving(), 8765, login=True)
    return make_app(Review(engine), "r1", "news", 8765, door=door, passwords=CHEAP)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)


def enter(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login", data={"name": name, "password": password, **more}, headers={"Origin": ADDRESS})


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
    assert found is not None
    return found.group(1)


def headers(client: TestClient, **changes: str) -> dict[str, str]:
    return {"Origin": ADDRESS, "X-CSRF-Token": csrf(client), **changes}


def an_acceptance(engine: Engine) -> dict[str, Any]:
    row = rows_of(engine)[0]
    return {"kind": "accept", "document": 1, "number": row.number, "version": row.version}


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return len(connection.execute(select(table)).all())


# Accounts


def test_an_account_maps_a_name_to_a_pseudonym_of_its_own(either: Engine) -> None:
    review = Review(either)
    do(review, "accept", rows_of(either)[0], reviewer="r4")
    assert add_account(either, CHEAP, "Aigül@Example.KZ", "reviewer", PASSWORD) == "r5"
    with pytest.raises(InputError, match="already"):
        add_account(either, CHEAP, "aigül@example.kz", "admin", PASSWORD)
    with either.connect() as connection:
        assert choose_pseudonym(connection, "r4") == "r4"
        for taken in ("r5", "pipeline", "Ә", "", "a b"):
            if taken:
                with pytest.raises(InputError):
                    choose_pseudonym(connection, taken)
        assert choose_pseudonym(connection) == "r6"
        assert pseudonym_of(connection, "AIGÜL@example.kz") == pseudonym_of(connection, "r5") == "r5"
        with pytest.raises(InputError):
            pseudonym_of(connection, "nobody")


@pytest.mark.parametrize("name", ["", " ", "a b", "<b>", "a\nb", "a" * 81, "-x", "a\tb", "a/b"])
def test_what_can_be_no_login_name(name: str) -> None:
    with pytest.raises(InputError):
        fold_name(name)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "x" * 201, "Aigul-aigul-1234", ""])
def test_what_can_be_no_password(password: str) -> None:
    with pytest.raises(RefusedError):
        CHEAP.hash(password, "aigul")


def test_passwords_are_argon2id_at_the_cost_of_rfc_9106() -> None:
    kept = Passwords().hash(PASSWORD, "aigul")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().matches(kept, PASSWORD)
    assert not Passwords().matches(kept, PASSWORD + "x")
    assert not CHEAP.matches("no hash", PASSWORD)


def test_an_unknown_name_takes_as_long_as_a_wrong_password() -> None:
    # At a cost that can be told from noise.
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16 * 1024, parallelism=1))
    kept = passwords.hash(PASSWORD, "aigul")

    def took(known: str | None) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert not passwords.matches(known, "another password")
            times.append(time.perf_counter() - start)
        return min(times)

    assert took(None) == pytest.approx(took(kept), rel=0.5)


def test_the_last_admin_stays_one(engine: Engine) -> None:
    with writing(engine) as connection:
        with pytest.raises(InputError, match="only admin"):
            set_role(connection, "marat", "reader")
        set_role(connection, "aigul", "admin")
        set_role(connection, "marat", "reader")


def test_erasing_a_person_leaves_the_pseudonym_in_the_log_and_nothing_else(either: Engine, tmp_path: Path) -> None:
    add_account(either, CHEAP, "marat", "admin", PASSWORD)
    pseudonym = add_account(either, CHEAP, "zhanargul", "reviewer", PASSWORD)
    log_in(either, CHEAP, "zhanargul", PASSWORD, "192.0.2.7")
    with writing(either) as connection:
        number = connection.execute(select(accounts.c.id).where(accounts.c.name == "zhanargul")).scalar_one()
        make_token(connection, number, "script", "reader", 5)
        invite(connection, "zhanargul", "reviewer")
        assign(connection, 1, [pseudonym])
    do(Review(either), "accept", rows_of(either)[0], reviewer=pseudonym)
    assert erase_person(either, "Zhanargul") == pseudonym
    assert rows_of(either)[0].reviewer == pseudonym
    assert [count(either, one) for one in (accounts, sessions, tokens, invitations, assignments)] == [1, 0, 0, 0, 0]
    with pytest.raises(RefusedError):
        log_in(either, CHEAP, "zhanargul", PASSWORD, "192.0.2.7")
    with pytest.raises(InputError, match="no account and no invitation"):
        erase_person(either, "zhanargul")
    assert add_account(either, CHEAP, "another", "reviewer", PASSWORD) != pseudonym
    if either.url.database and either.dialect.name == "sqlite":
        folder = Path(either.url.database).parent
        assert not any(b"zhanargul" in path.read_bytes() for path in folder.glob("review.db*"))


# Sessions


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


# Invitations


def test_an_invitation_works_once(either: Engine) -> None:
    with writing(either) as connection:
        secret, pseudonym = invite(connection, "Gulnar", "adjudicator")
    client = TestClient(app_of(either), base_url=ADDRESS, follow_redirects=False)
    for _ in range(2):
        assert "gulnar" in client.get(f"/invitation/{secret}").text
    form = {"new": PASSWORD, "again": PASSWORD}
    bad = client.post(f"/invitation/{secret}", data=form | {"again": "x"}, headers={"Origin": ADDRESS})
    assert bad.status_code == 422
    assert client.post(f"/invitation/{secret}", data=form, headers={"Origin": ADDRESS}).status_code == 303
    assert f"<dd>{pseudonym}</dd>" in client.get("/account").text
    stranger = TestClient(app_of(either), base_url=ADDRESS, follow_redirects=False)
    again = stranger.post(f"/invitation/{secret}", data=form, headers={"Origin": ADDRESS})
    assert (again.status_code, stranger.get("/").status_code) == (410, 401)
    assert stranger.get(f"/invitation/{secret}").status_code == 410


def test_an_admin_invites_in_the_browser(client: TestClient, engine: Engine) -> None:
    enter(client, "marat")
    shown = client.post("/people/invitations", data={"name": "Gulnar", "role": "adjudicator"}, headers=headers(client))
    found = re.search(rf">{ADDRESS}(/invitation/[\w-]+)<", shown.text)
    assert found is not None
    listed = client.get("/people").text
    assert "invited until" in listed
    assert found.group(1) not in listed
    stranger = TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)
    form = {"new": PASSWORD, "again": PASSWORD}
    assert stranger.post(found.group(1), data=form, headers={"Origin": ADDRESS}).status_code == 303
    assert stranger.get("/people").status_code == 403
    for bad in ({"name": "a b", "role": "reader"}, {"name": "ok", "role": "owner"}, {}):
        assert client.post("/people/invitations", data=bad, headers=headers(client)).status_code == 422


def test_of_two_who_use_an_invitation_at_once_one_is_refused(either: Engine) -> None:
    with writing(either) as connection:
        secret, _ = invite(connection, "gulnar", "reader")

    def use(number: int) -> str:
        try:
            return redeem(either, CHEAP, secret, f"a password of number {number}")
        except RefusedError:
            return ""

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(use, range(6)))
    assert (sum(map(bool, told)), count(either, accounts), count(either, sessions)) == (1, 1, 1)


def test_an_expired_invitation_and_a_replaced_one_are_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        expired, _ = invite(connection, "gulnar", "reader", lifetime=timedelta(seconds=-1))
        replaced, _ = invite(connection, "dana", "reader")
        invite(connection, "dana", "reader")
    for secret in (expired, replaced, "guess", ""):
        with pytest.raises(RefusedError, match="used or has expired"):
            redeem(engine, CHEAP, secret, PASSWORD)


def test_an_invitation_of_who_has_an_account_closes_all_that_was_open(client: TestClient, engine: Engine) -> None:
    enter(client, "aigul")
    with writing(engine) as connection:
        number = connection.execute(select(accounts.c.id).where(accounts.c.name == "aigul")).scalar_one()
        token = make_token(connection, number, "script", "reader", 5)
        secret, pseudonym = invite(connection, "aigul", "admin")
    redeem(engine, CHEAP, secret, "бес-алты сөзден тұрады")
    assert (client.get("/").status_code, find_token(engine, token)) == (401, None)
    with engine.connect() as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == "aigul")).one()
    assert (row.pseudonym, row.role) == (pseudonym, "reviewer")


# Roles


def routes_of(engine: Engine) -> list[RoleRoute]:
    found = [one for one in app_of(engine).routes if not isinstance(one, Mount)]
    assert all(isinstance(one, RoleRoute) for one in found)
    return found


def address_of(route: RoleRoute) -> str:
    return re.sub(r"\{[^}]*\}", "1", route.path)


def test_every_route_is_refused_to_every_lesser_role(engine: Engine) -> None:
    people = {}
    for role, name in NAMES.items():
        people[role] = TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)
        enter(people[role], name)
    stranger = TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)
    tried = 0
    for route in routes_of(engine):
        for method in sorted(route.methods - {"HEAD"}):
            if route.role is None:
                assert route.path.startswith(("/login", "/invitation/", "/language/"))
                continue
            told = stranger.request(method, address_of(route), headers={"Origin": ADDRESS})
            assert told.status_code == 401, route.path
            for role in ROLES[: ROLES.index(route.role)]:
                told = people[role].request(method, address_of(route), headers=headers(people[role]))
                assert (told.status_code, "this is for the role" in told.text) == (403, True), route.path
                tried += 1
    assert tried >= 3
    changing = [one for one in routes_of(engine) if one.role == "reader" and one.methods - {"HEAD", "GET"}]
    assert {one.path.split("/")[1] for one in changing} <= {"logout", "account"}


def test_a_role_holds_at_once(client: TestClient, engine: Engine) -> None:
    enter(client, "aigul")
    head = headers(client)
    with writing(engine) as connection:
        set_role(connection, "aigul", "reader")
    assert client.post("/operations", json=an_acceptance(engine), headers=head).status_code == 403
    assert 'id="actions"' not in client.get("/").text


# Tokens for scripts


def test_a_token_is_shown_once_and_ends_when_revoked(client: TestClient, engine: Engine) -> None:
    enter(client, "aigul")
    form = {"label": "<b>nightly</b>", "role": "reader", "days": "30"}
    shown = client.post("/account/tokens", data=form, headers=headers(client))
    found = re.search(rf">({TOKEN_MARK}[\w-]+)<", shown.text)
    assert found is not None
    assert "<b>nightly" not in shown.text
    assert TOKEN_MARK not in client.get("/account").text
    script = TestClient(app_of(engine), base_url=ADDRESS, headers={"Authorization": f"Bearer {found.group(1)}"})
    assert script.get("/decisions.jsonl").status_code == 200
    assert script.post("/operations", json=an_acceptance(engine), headers={"Origin": ADDRESS}).status_code == 403
    assert client.post("/account/tokens/999/revoke", headers=headers(client)).status_code == 422
    assert client.post("/account/tokens/1/revoke", headers=headers(client)).status_code == 200
    assert script.get("/decisions.jsonl").status_code == 401


def test_a_token_may_no_more_than_its_owner(client: TestClient, engine: Engine) -> None:
    enter(client, "dias")
    refused = client.post("/account/tokens", data={"label": "x", "role": "admin", "days": "1"}, headers=headers(client))
    assert (refused.status_code, count(engine, tokens)) == (422, 0)
    with writing(engine) as connection:
        token = make_token(connection, 3, "x", "adjudicator", 1)
        set_role(connection, "dias", "reader")
    found = find_token(engine, token)
    assert found is not None
    assert found.role == "reader"
    for days in (0, 367):
        with writing(engine) as connection, pytest.raises(RefusedError):
            make_token(connection, 3, "x", "reader", days)


@pytest.mark.parametrize("given", ["Bearer guess", "Bearer ", "bearer", "Bearer ә"])
def test_a_wrong_token_is_refused_even_with_a_session(client: TestClient, given: str) -> None:
    enter(client, "marat")
    assert client.get("/", headers={"Authorization": given.encode()}).status_code == 401


def test_the_password_of_a_proxy_in_front_is_not_ours(client: TestClient, engine: Engine) -> None:
    basic = {"Authorization": "Basic bWFyYXQ6eA=="}
    assert client.get("/", headers=basic).status_code == 401
    enter(client, "marat")
    assert client.get("/", headers=basic).status_code == 200
    assert client.post("/api/operations", json=an_acceptance(engine), headers=basic).status_code == 403


# Brute force


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


# Assigned documents


def test_only_those_it_is_assigned_to_change_a_document(either: Engine) -> None:
    names = {role: add_account(either, CHEAP, name, role, PASSWORD) for role, name in NAMES.items()}
    colleague = add_account(either, CHEAP, "colleague", "reviewer", PASSWORD)
    review = Review(either)
    do(review, "accept", rows_of(either)[0], reviewer=colleague)
    with writing(either) as connection:
        assign(connection, 1, [names["reviewer"]])
    with pytest.raises(ForbiddenError, match=f"assigned to {names['reviewer']}"):
        do(review, "accept", rows_of(either)[1], reviewer=colleague)
    with pytest.raises(ForbiddenError):
        review.undo(colleague)
    assert rows_of(either)[0].status == "accepted"
    do(review, "accept", rows_of(either, 2)[0], reviewer=colleague, document=2)
    for at, role in enumerate(("reviewer", "adjudicator", "admin"), 1):
        do(review, "accept", rows_of(either)[at], reviewer=names[role])
    do(review, "accept", rows_of(either)[4], reviewer="local")


def test_a_page_shows_ones_own_documents_first(client: TestClient, engine: Engine) -> None:
    enter(client, "aigul")
    everything = client.get("/").text
    assert 'id="assigned"' not in everything
    with writing(engine) as connection:
        assign(connection, 2, ["r2"])
    own = client.get("/").text
    assert 'id="row-2-' in own
    assert 'id="row-1-' not in own
    assert 'id="row-1-' in client.get("/?assigned=all").text
    assert "selected>to me (r2)" in own
    enter(client, "dias")
    assert 'id="row-1-' in client.get("/").text
    assert 'id="row-1-' not in client.get("/?assigned=r2").text
    row = rows_of(engine, 2)[0]
    body = {"kind": "accept", "document": 2, "number": row.number, "version": row.version}
    enter(client, "aigul")
    assert client.post("/operations", json=body, headers=headers(client)).status_code == 200


# The door


@pytest.mark.parametrize(
    ("serving", "hosts", "cookie", "address"),
    [
        (Serving(), {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}, "qosmatin-8765", "http://127.0.0.1:8765/"),
        (Serving(behind_proxy="Review.Example.org"), {"review.example.org"}, "__Host-qosmatin", "https://review.example.org/"),
        (Serving("0.0.0.0", 8765, Path("c"), Path("k"), "review.example.org"), {"review.example.org:8765"},
         "__Host-qosmatin", "https://review.example.org:8765/"),
        (Serving("192.0.2.1", 8765, Path("c"), Path("k")), {"192.0.2.1:8765"}, "__Host-qosmatin", "https://192.0.2.1:8765/"),
    ],
)  # fmt: skip
def test_a_door_answers_to_its_own_names(serving: Serving, hosts: set[str], cookie: str, address: str) -> None:
    check_serving(serving)
    door = open_door(serving, 8765, login=True)
    assert (door.hosts, door.cookie, door.address) == (hosts, cookie, address)


@pytest.mark.parametrize(
    ("serving", "message"),
    [
        (Serving("0.0.0.0"), "in the clear"),
        (Serving("192.0.2.1", tls_cert=Path("c")), "go together"),
        (Serving("0.0.0.0", tls_cert=Path("c"), tls_key=Path("k")), "--public-name"),
        (Serving("0.0.0.0", behind_proxy="https://review.example.org"), "no host name"),
        (Serving("0.0.0.0", behind_proxy="a.example", tls_cert=Path("c"), tls_key=Path("k")), "drop --tls-cert"),
    ],
)
def test_passwords_never_cross_a_network_in_the_clear(serving: Serving, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_serving(serving)


def test_other_addresses_are_refused_while_nobody_could_let_people_in(job: Path) -> None:
    done = run_warm("review", job.parent / "news", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert f"make one with `qosmatin review account {job.parent / 'news'} NAME --role admin`" in done.stderr


def test_behind_a_proxy_everything_is_https(engine: Engine) -> None:
    serving = Serving("0.0.0.0", behind_proxy="review.example.org")
    client = TestClient(app_of(engine, serving), base_url="https://review.example.org", follow_redirects=False)
    form = {"name": "aigul", "password": PASSWORD}
    assert client.post("/login", data=form, headers={"Origin": "http://review.example.org"}).status_code == 403
    answer = client.post("/login", data=form, headers={"Origin": "https://review.example.org"})
    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]
    assert client.get("/").status_code == 200
    for host in ("evil.example", "127.0.0.1:8765", "review.example.org:80", "review.example.org.evil.example"):
        assert client.get("/", headers={"Host": host}).status_code == 421


def test_without_logins_nothing_comes_through_a_proxy(engine: Engine) -> None:
    app = make_app(Review(engine), "r1", "news", 8765)
    client = TestClient(app, base_url=ADDRESS)
    assert client.get("/").status_code == 200
    for name in ("X-Forwarded-For", "Forwarded"):
        assert client.get("/", headers={name: "for=192.0.2.1"}).status_code == 421


# Text is never HTML, and secrets are in no log


def test_names_and_labels_are_never_html(client: TestClient, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(accounts).where(accounts.c.name == "marat").values(name="<img src=x>"))
        assign(connection, 1, ["<script>alert(1)</script>"])
    token = log_in(engine, CHEAP, "dias", PASSWORD, "")
    with writing(engine) as connection:
        number = connection.execute(select(accounts.c.id).where(accounts.c.name == "<img src=x>")).scalar_one()
        connection.execute(update(sessions).values(account=number))
        make_token(connection, number, HOSTILE, "admin", 1)
    client.cookies.set("qosmatin-8765", token, domain="127.0.0.1")
    for path in ("/", "/account", "/aside", "/invitation/<script>alert(1)<%2Fscript>", f"/login?next=/{HOSTILE}"):
        text = client.get(path).text
        assert ("<img" in text, "<script>alert" in text) == (False, False), path
        assert "script-src 'self'" in client.get(path).headers["content-security-policy"]


HOSTILE = '"><img src=x onerror=alert(1)>'


def test_no_secret_is_logged(
    client: TestClient, engine: Engine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with writing(engine) as connection:
        secret, _ = invite(connection, "gulnar", "reader")
    form = {"new": "құпия сөз осында тұр", "again": "құпия сөз осында тұр"}
    client.post(f"/invitation/{secret}", data=form, headers={"Origin": ADDRESS})
    enter(client, "aigul", "a wrong password 123")
    enter(client, "aigul")
    shown = client.post("/account/tokens", data={"label": "x", "role": "reader", "days": "1"}, headers=headers(client))
    token = re.search(rf">({TOKEN_MARK}[\w-]+)<", shown.text)
    assert token is not None
    # What goes wrong tells no values either.
    with pytest.raises(Exception, match="UNIQUE") as failed, writing(engine) as connection:
        connection.execute(
            accounts.insert().values(name="aigul", pseudonym="p", role="x", password="$argon2id$kept", created="")
        )
    told = caplog.text + "".join(capfd.readouterr()) + str(failed.value)
    # The test's own client logs the addresses that it asks for; the server does not.
    cookies = [str(one.value) for one in client.cookies.jar]
    own = [line for line in told.splitlines() if "HTTP Request" not in line]
    for one in ("құпия сөз", PASSWORD, "a wrong password 123", token.group(1), "$argon2id$kept", *cookies, secret):
        assert not any(one in line for line in own), one


def test_a_change_of_the_log_is_refused_by_its_gate_alone(engine: Engine) -> None:
    """Whatever new operation is written some day: what is appended to the log passes the check."""
    with writing(engine) as connection:
        assign(connection, 1, ["r3"])
        with pytest.raises(ForbiddenError):
            log.append(connection, "accept", "r2", 1, replace(log.Change()))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl: apt-get install openssl")
def test_a_team_logs_in_over_tls(job: Path, tmp_path: Path) -> None:
    engine = open_sqlite(job)
    add_account(engine, CHEAP, "marat", "admin", PASSWORD)
    engine.dispose()
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert]
    subprocess.run([*make.split(), *names], check=True, capture_output=True)
    options = ["--host", "0.0.0.0", "--public-name", "localhost", "--tls-cert", cert, "--tls-key", key]
    with review_server(job.parent / "news", *options) as (address, process):
        assert address.startswith("https://localhost:")
        with httpx.Client(base_url=address, verify=ssl.create_default_context(cafile=cert)) as client:
            form = {"name": "marat", "password": PASSWORD}
            answer = client.post("/login", data=form, headers={"Origin": address.rstrip("/")})
            assert (answer.status_code, "; Secure" in answer.headers["set-cookie"]) == (303, True)
            assert client.get("/").status_code == 200
            guess = {"name": "marat", "password": "a wrong password"}
            assert client.post("/login", data=guess, headers={"Origin": address.rstrip("/")}).status_code == 401
            client.get("/invitation/a-secret-of-an-invitation")
            told = [client.get("/", headers={"Host": host}).status_code for host in ("evil.example", "0.0.0.0")]
            assert told == [421, 421]
        process.terminate()
        rest = process.stderr.read()
    for secret in (PASSWORD, "a wrong password", "a-secret-of-an-invitation", "marat"):
        assert secret not in rest


def test_behind_a_proxy_people_are_told_apart_by_what_it_says(job: Path) -> None:
    engine = open_sqlite(job)
    add_account(engine, CHEAP, "marat", "admin", PASSWORD)
    engine.dispose()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--behind-proxy", "review.example.org", "--port", str(port)]
    with review_server(job.parent / "news", *options) as (public, _):
        assert public == "https://review.example.org/"
        headers = {"Host": "review.example.org", "Origin": "https://review.example.org"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as proxy:
            for address, status in [*[("192.0.2.1", 401)] * LIMITS["both"], ("192.0.2.1", 429), ("192.0.2.2", 401)]:
                sent = {**headers, "X-Forwarded-For": address}
                form = {"name": "marat", "password": "a wrong password"}
                assert proxy.post("/login", data=form, headers=sent).status_code == status
            answer = proxy.get("/", headers={"Accept": "text/html", "Host": "review.example.org"})
            assert answer.headers["location"] == "/login?next=%2F"
