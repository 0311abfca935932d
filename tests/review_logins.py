"""A review with an account of each role, and what its pages are asked by who has logged in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from review_material import open_postgres, open_sqlite, rows_of
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.door import Serving, open_door
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.store.access import Role

ADDRESS = "http://127.0.0.1:8765"


PASSWORD = "төрт сөз жеткілікті болар"


CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


NAMES: dict[Role, str] = {"reader": "oqyrman", "reviewer": "aigul", "adjudicator": "dias", "admin": "marat"}


def store_of_everybody(job: Path) -> Iterator[Engine]:
    """Give a store with an account of each role."""
    engine = open_sqlite(job)
    for role, name in NAMES.items():
        add_account(engine, CHEAP, name, role, PASSWORD)
    yield engine
    engine.dispose()


def store_of_either(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    """Give an empty store on the database that the parameter names."""
    if request.param == "sqlite":
        engine = open_sqlite(job)
    else:
        engine = open_postgres(request.getfixturevalue("postgres"), "access", job)
    yield engine
    engine.dispose()


def app_of(engine: Engine, serving: Serving | None = None) -> Any:
    door = open_door(serving or Serving(), 8765, login=True)
    return make_app(Review(engine), "r1", "news", 8765, door=door, passwords=CHEAP)


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
