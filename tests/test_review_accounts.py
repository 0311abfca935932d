"""Accounts and invitations: names, pseudonyms, passwords, erasing, and links that work once."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from review_logins import (
    ADDRESS,
    CHEAP,
    PASSWORD,
    app_of,
    count,
    enter,
    headers,
    store_of_either,
    store_of_everybody,
)
from review_material import do, rows_of
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from qosmatin.corpus.errors import InputError
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import RefusedError
from qosmatin.review.people.accounts import (
    add_account,
    choose_pseudonym,
    erase_person,
    fold_name,
    pseudonym_of,
    set_role,
)
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.people.sessions import find_token, invite, log_in, make_token, redeem
from qosmatin.review.store.access import assign
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import accounts, assignments, invitations, sessions, tokens


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    yield from store_of_either(request, job)


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    yield from store_of_everybody(job)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)


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
            start = time.process_time()
            assert not passwords.matches(known, "another password")
            times.append(time.process_time() - start)
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
