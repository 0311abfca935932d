"""Who may: roles, tokens, assigned documents; each forbidden thing is tried."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from review_logins import (
    ADDRESS,
    CHEAP,
    NAMES,
    PASSWORD,
    an_acceptance,
    app_of,
    count,
    enter,
    headers,
    store_of_either,
    store_of_everybody,
)
from review_material import do, rows_of
from sqlalchemy import Engine
from starlette.routing import Mount
from starlette.testclient import TestClient

from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import RefusedError
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.people.accounts import (
    add_account,
    set_role,
)
from qosmatin.review.people.sessions import TOKEN_MARK, find_token, make_token
from qosmatin.review.store import log
from qosmatin.review.store.access import ROLES, ForbiddenError, assign
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import tokens


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    yield from store_of_either(request, job)


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    yield from store_of_everybody(job)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)


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


def test_a_change_of_the_log_is_refused_by_its_gate_alone(engine: Engine) -> None:
    """Whatever new operation is written some day: what is appended to the log passes the check."""
    with writing(engine) as connection:
        assign(connection, 1, ["r3"])
        with pytest.raises(ForbiddenError):
            log.append(connection, "accept", "r2", 1, replace(log.Change()))
