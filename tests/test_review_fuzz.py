"""Requests that nobody meant: whatever comes in, the review answers, and never with a fault of its own."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_material import open_sqlite
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.catalogue import BULK, REQUEST
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.guard import SCRIPT_HEADER

_NEGATIVE = schemathesis.GenerationMode.NEGATIVE
ORIGIN = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def app(reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    work = tmp_path_factory.mktemp("fuzz") / "job"
    shutil.copytree(reviewable.parent, work)
    engine = open_sqlite(work / "job.yaml")
    yield make_app(Review(engine), "r1", "news", 8765)
    engine.dispose()


@pytest.fixture(scope="module")
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as found:  # entered: one loop for all requests
        token = re.search(r'name="csrf-token" content="([^"]+)"', found.get("/").text)
        assert token is not None
        found.headers.update({"Origin": ORIGIN, "X-CSRF-Token": token.group(1), SCRIPT_HEADER: "1"})
        yield found


ODD_TEXT = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "9" * 18, "9" * 19, "1" * 4301, "\0", "a\0b", "\ud800", "٣", "NaN", "1e999",
                     "'", "%", "/", "..", "қазақ", "<b>", "1'--", " ", "(a+)+$", "\\", "x" * 3000]),
    st.text(max_size=20),
)  # fmt: skip
ODD_VALUE = st.recursive(
    st.one_of(ODD_TEXT, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**40)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_TEXT, inner, max_size=3)),
    max_leaves=5,
)


def names_of(schema: dict[str, Any]) -> list[str]:
    """Every name of a field, and every word that a field may be, in a schema."""
    found: set[str] = set()
    left: list[Any] = [schema]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            found |= set(one.get("properties", {})) | {word for word in one.get("enum", []) if isinstance(word, str)}
            found |= {one["const"]} if isinstance(one.get("const"), str) else set()
            left += one.values()
        elif isinstance(one, list):
            left += one
    return sorted(found)


WORDS = st.sampled_from(sorted({*names_of(REQUEST.json_schema()), *names_of(BULK.json_schema())}))
KINDS = st.sampled_from(["accept", "edit", "flag", "reject", "replace", "revert", "split", "merge", "mend", "bookmark"])
FIELD = st.one_of(st.integers(0, 3), WORDS, ODD_VALUE, st.just({"translation": "en"}))
BODY = st.one_of(
    ODD_VALUE.map(json.dumps),
    st.fixed_dictionaries({"kind": KINDS}, optional={"document": FIELD, "number": FIELD}).map(json.dumps),
    st.tuples(KINDS, st.dictionaries(WORDS, FIELD, max_size=6)).map(lambda two: json.dumps({**two[1], "kind": two[0]})),
    st.tuples(KINDS, st.dictionaries(WORDS, FIELD, max_size=6), st.dictionaries(WORDS, FIELD, max_size=3)).map(
        lambda parts: json.dumps({**parts[1], "kind": parts[0], "query": {"translation": "en", **parts[2]}})
    ),
    st.sampled_from(["[" * 5000, "{" * 1000, '{"a":' * 2000 + "1" + "}" * 2000, "9" * 5000, '"\\ud800"', "\0"]),
    st.text(max_size=30),
)  # fmt: skip
QUERY = st.dictionaries(
    st.one_of(st.sampled_from(["page", "show", "order", "search", "document", "rows", "regex", "next"]), WORDS),
    st.one_of(WORDS, ODD_TEXT, st.integers(-2, 10**20).map(str)),
    max_size=4,
)  # fmt: skip


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_to_a_page_meets_a_fault(app: Starlette, client: TestClient, data: st.DataObject) -> None:
    routes = [route for route in app.routes if isinstance(route, Route) and not route.path.startswith("/logout")]
    route = data.draw(st.sampled_from(routes))
    parts = {name: encoded(data.draw(ODD_TEXT)) or "1" for name in route.param_convertors}
    path = re.sub(r"{(\w+)(:\w+)?}", lambda part: parts[part[1]], route.path)
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in data.draw(QUERY).items())
    method = data.draw(st.sampled_from(sorted(route.methods or {"GET"})))
    body = data.draw(BODY).encode("utf-8", "surrogatepass") if method not in ("GET", "HEAD") else b""
    kind = data.draw(st.sampled_from(["application/json", "application/x-www-form-urlencoded"]))
    answer = client.request(
        method, f"{path}?{query}", content=body, headers={"Content-Type": kind}, follow_redirects=False
    )
    assert answer.status_code < 500, (method, path, query, body, answer.text)


@pytest.fixture(scope="module")
def script(app: Starlette) -> Iterator[TestClient]:
    """A client that sends what it is told and no more."""
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as found:
        yield found


def test_no_request_to_the_api_meets_a_fault(script: TestClient) -> None:
    schema = schemathesis.openapi.from_dict(script.get("/api/openapi.json").json())
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE) | operation.as_strategy()
        )
        def ask(case: schemathesis.Case) -> None:
            arguments = case.as_transport_kwargs(base_url=ORIGIN)
            arguments["headers"] = {**dict(arguments.get("headers") or {}), SCRIPT_HEADER: "1"}
            known = {"method", "url", "headers", "params", "json", "data", "cookies", "content"}
            answer = script.request(**{name: value for name, value in arguments.items() if name in known})
            assert answer.status_code < 500, (arguments, answer.text)

        ask()


@pytest.mark.parametrize(
    "headers",
    [{"Host": ""}, {"Via": "1.1 proxy"}, {"X-Real-IP": "10.0.0.1"}, {"X-Forwarded-Proto": "https"},
     {"Forwarded": "for=x"}, {"X-Forwarded-For": "10.0.0.1"}, {"X-Forwarded-Host": "evil"},
     {"CF-Connecting-IP": "10.0.0.1"}],
)  # fmt: skip
def test_what_came_through_a_proxy_is_refused_without_logins(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/", headers=headers).status_code == 421


@pytest.mark.parametrize(
    ("text", "fault"), [("\0", True), ("\ud800", True), ("\\u0000 as people write it", False), ("қ\U0001f600", False)]
)
def test_text_that_no_database_keeps_is_refused(client: TestClient, text: str, fault: bool) -> None:
    body = {"kind": "edit", "document": 1, "number": 0, "version": -1, "target_text": text}
    assert client.post("/operations", content=json.dumps(body).encode()).status_code == (400 if fault else 409)
