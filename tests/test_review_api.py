"""The API for scripts, as a script meets it: over HTTP, with and without accounts."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from review_logins import CHEAP, NAMES, PASSWORD
from review_material import open_sqlite, review_server, rows_of
from sqlalchemy import select

from qosmatin.corpus.decisions import read_decisions
from qosmatin.review.api.openapi import openapi
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.sessions import make_token
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import accounts

SCRIPT = {"X-Qosmatin-Script": "1"}


@pytest.fixture
def alone(job: Path) -> Iterator[httpx.Client]:
    """A server on this machine, without accounts."""
    with review_server(job.parent / "news") as (address, _), httpx.Client(base_url=address, headers=SCRIPT) as client:
        yield client


@pytest.fixture
def team(job: Path) -> Iterator[dict[str, httpx.Client]]:
    """A server with accounts: a script of each role, and one of nobody."""
    engine = open_sqlite(job)
    given = {"nobody": {**SCRIPT}}
    for role, name in NAMES.items():
        add_account(engine, CHEAP, name, role, PASSWORD)
        with writing(engine) as connection:
            number = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).scalar_one()
            given[role] = {"Authorization": f"Bearer {make_token(connection, number, 'script', role, 1)}"}
    engine.dispose()
    with review_server(job.parent / "news") as (address, _):
        clients = {name: httpx.Client(base_url=address, headers=headers) for name, headers in given.items()}
        yield clients
        for one in clients.values():
            one.close()


def operation(client: httpx.Client, kind: str, pair: dict[str, Any], **more: Any) -> httpx.Response:
    body = {"kind": kind, "document": pair["document"], "number": pair["number"], "version": pair["version"], **more}
    return client.post("/api/operations", json=body)


def test_a_script_does_what_the_page_does(alone: httpx.Client, tmp_path: Path) -> None:
    assert alone.get("/api/me").json() == {"reviewer": "r1", "role": "admin"}
    found = alone.get("/api/pairs", params={"order": "text", "show": "unreviewed", "document": 1}).json()
    first, second, third = found["pairs"][:3]
    assert (found["exact"], found["before"], found["total"] >= len(found["pairs"])) == (True, None, True)
    later = alone.get("/api/pairs", params={"order": "text", "document": 1, "after": "1,0,0"}).json()
    assert later["pairs"][0]["number"] == second["number"]
    done = operation(alone, "edit", first, target_text="A better text.").json()
    assert done["pairs"][0]["target_text"] == "A better text."
    assert done["pairs"][0]["target_before"] == first["target_text"]
    stale = operation(alone, "accept", first)
    assert (stale.status_code, stale.json()["now"]["target_text"]) == (409, "A better text.")
    merged = operation(alone, "merge", second).json()
    assert merged["gone"] == [second["number"], third["number"]]
    assert alone.get(f"/api/pairs/1/{third['number']}").status_code == 404
    whole = alone.get(f"/api/pairs/1/{merged['focus']}").json()
    assert len(whole["source_sentences"]) == whole["pair"]["source"][1] - whole["pair"]["source"][0]
    assert alone.post("/api/undo").json()["gone"] == [merged["focus"]]
    assert alone.post("/api/redo").status_code == 200
    for _ in range(2):
        assert alone.post("/api/undo").status_code == 200
    nothing = alone.post("/api/undo")
    assert (nothing.status_code, nothing.json()["message"]) == (422, "there is nothing to undo")
    assert operation(alone, "accept", alone.get(f"/api/pairs/1/{first['number']}").json()["pair"]).status_code == 200
    progress = alone.get("/api/progress").json()
    assert progress[0] == {**progress[0], "translation": "en", "reviewed": 1}
    (tmp_path / "said.jsonl").write_bytes(alone.get("/api/decisions").content)
    assert [one.operation for one in read_decisions(tmp_path / "said.jsonl")] == ["accept"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/pairs?show=nothing", None, 400),
        ("GET", "/api/pairs?page=2", None, 400),
        ("GET", "/api/pairs?colour=red", None, 400),
        ("GET", "/api/pairs?document=99999999999999999999", None, 400),
        ("GET", "/api/pairs?translation=fr", None, 404),
        ("GET", "/api/pairs/1/99999", None, 404),
        ("GET", "/api/pairs/99999999999999999999/1", None, 400),
        pytest.param("GET", f"/api/pairs/{'9' * 5000}/1", None, 400, id="5,000 digits"),
        ("GET", "/api/nothing", None, 404),
        ("DELETE", "/api/pairs", None, 405),
        ("POST", "/api/operations", b"{", 400),
        ("POST", "/api/operations", b"[]", 400),
        ("POST", "/api/operations", b'{"kind": "accept", "document": 1, "number": 0}', 400),
        ("POST", "/api/operations", b'{"kind": "edit", "document": 1, "number": 0, "version": 1, "target": "x"}', 400),
        ("POST", "/api/operations", b'{"kind": "accept", "document": 77, "number": 0, "version": 1}', 422),
        ("PUT", "/api/documents/77/assigned", b'{"reviewers": []}', 404),
        ("PUT", "/api/documents/1/assigned", b'{"reviewers": ["<b>"]}', 422),
        ("POST", "/api/operations", b" " * 300_000, 413),
    ],
)
def test_what_makes_no_sense_is_refused_in_json(
    lone_server: httpx.Client, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = lone_server.request(method, path, content=body)
    assert (answer.status_code, list(answer.json())) == (status, ["message"])


@pytest.fixture(scope="module")
def lone_job(reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of ``reviewable`` for all that changes nothing: serving alone makes a store."""
    work = tmp_path_factory.mktemp("lone") / "job"
    shutil.copytree(reviewable.parent, work)
    return work / "job.yaml"


@pytest.fixture(scope="module")
def lone_server(lone_job: Path) -> Iterator[httpx.Client]:
    """One server for all that changes nothing."""
    with review_server(lone_job.parent / "news") as (address, _), httpx.Client(base_url=address) as client:
        client.headers.update(SCRIPT)
        yield client


def test_a_page_of_another_site_changes_nothing(lone_server: httpx.Client, lone_job: Path) -> None:
    row = rows_of(open_sqlite(lone_job))[0]
    body = {"kind": "accept", "document": 1, "number": row.number, "version": row.version}
    with httpx.Client(base_url=lone_server.base_url) as page:
        own = str(lone_server.base_url).rstrip("/")
        for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": own}, {"Origin": "null", **SCRIPT},
                        {"Origin": "http://evil.example", **SCRIPT}):  # fmt: skip
            assert page.post("/api/operations", json=body, headers=headers).status_code == 403
        # The header means something to the API only.
        assert page.post("/operations", json=body, headers=SCRIPT).status_code == 403
        # What a browser asks before it sends such a header for a page of another site gets no leave.
        asked = page.request("OPTIONS", "/api/operations", headers={"Origin": "http://evil.example", **SCRIPT})
        assert (asked.is_success, [name for name in asked.headers if "access-control" in name]) == (False, [])
    assert rows_of(open_sqlite(lone_job))[0].status == "unreviewed"


def test_tokens_may_what_their_role_may(team: dict[str, httpx.Client], job: Path) -> None:
    assert team["nobody"].get("/api/pairs").status_code == 401
    assert team["nobody"].get("/api/pairs").json()["message"]
    pair = team["reader"].get("/api/pairs", params={"order": "text"}).json()["pairs"][0]
    told = {role: operation(client, "accept", pair).status_code for role, client in team.items()}
    assert told == {"nobody": 401, "reader": 403, "reviewer": 200, "adjudicator": 409, "admin": 409}
    whose = {role: client.put("/api/documents/2/assigned", json={"reviewers": ["r2"]}).status_code
             for role, client in team.items()}  # fmt: skip
    assert whose == {"nobody": 401, "reader": 403, "reviewer": 403, "adjudicator": 200, "admin": 200}
    assert [one["assigned"] for one in team["reader"].get("/api/documents").json()] == [[], ["r2"]]
    assert team["admin"].put("/api/documents/1/assigned", json={"reviewers": ["r4"]}).json()["assigned"] == ["r4"]
    # Pseudonyms cannot be seen through: a name is as unknown as any other word.
    seen = [team["adjudicator"].put("/api/documents/2/assigned", json={"reviewers": [one]}) for one in ("marat", "x")]
    assert [one.status_code for one in seen] == [422, 422]
    assert seen[0].text.replace("marat", "x") == seen[1].text
    fresh = team["reader"].get(f"/api/pairs/1/{pair['number']}").json()["pair"]
    refused = operation(team["reviewer"], "accept", fresh)
    assert (refused.status_code, "assigned to r4" in refused.json()["message"]) == (403, True)
    assert team["reviewer"].post("/api/undo").status_code == 403
    engine = open_sqlite(job)
    assert rows_of(engine)[0].reviewer == "r2"
    engine.dispose()


def test_the_description_is_valid_and_speaks_of_every_route(lone_server: httpx.Client) -> None:
    told = lone_server.get("/api/openapi.json").json()
    assert told == json.loads(json.dumps(openapi()))
    validate(told)
    assert "X-Qosmatin-Script" in told["info"]["description"]
    for path, methods in told["paths"].items():
        for method, described in methods.items():
            assert described["summary"]
            known = lone_server.request("OPTIONS", re.sub(r"\{\w+\}", "1", path))
            assert known.status_code == 405
            assert method.upper() in known.headers["allow"]


def test_answers_are_as_described(lone_server: httpx.Client) -> None:
    from jsonschema import Draft202012Validator

    told = lone_server.get("/api/openapi.json").json()
    tried = 0
    for path, methods in told["paths"].items():
        schema = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        if schema is None:
            continue
        answer = lone_server.get(path.replace("{document}", "1").replace("{number}", "0"))
        whole = {**schema["schema"], "components": told["components"]}
        Draft202012Validator(whole).validate(answer.json())
        tried += 1
    assert tried >= 5
