"""What the server of the review refuses, and what it never shows as HTML."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from review_material import do, open_sqlite, review_server, rows_of
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.guard import MAX_BODY

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)>'


@pytest.fixture
def review(job: Path) -> Iterator[Review]:
    engine = open_sqlite(job)
    yield Review(engine)
    engine.dispose()


@pytest.fixture
def client(review: Review) -> TestClient:
    return TestClient(make_app(review, "r1", "news", 8765), base_url="http://127.0.0.1:8765")


def headers(client: TestClient, **changes: str) -> dict[str, str]:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
    assert token is not None
    values = {"Origin": "http://127.0.0.1:8765", "X-CSRF-Token": token.group(1), "Content-Type": "application/json"}
    return {**values, **changes}


def accept(review: Review) -> dict[str, Any]:
    row = rows_of(review.engine)[0]
    return {"kind": "accept", "document": 1, "number": row.number, "version": row.version}


def test_an_operation_from_the_page_is_done(client: TestClient, review: Review) -> None:
    answer = client.post("/operations", json=accept(review), headers=headers(client))
    assert answer.status_code == 200
    assert "accepted by r1" in answer.json()["rows"][0]["html"]
    assert client.post("/operations", json=accept(review) | {"version": 1}, headers=headers(client)).status_code == 409
    assert client.post("/undo", headers=headers(client)).status_code == 200
    assert rows_of(review.engine)[0].status == "unreviewed"


@pytest.mark.parametrize(
    "changes",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:9999"},
        {"X-CSRF-Token": "guess"},
        {"X-CSRF-Token": ""},
    ],
)
def test_a_foreign_page_changes_nothing(client: TestClient, review: Review, changes: dict[str, str]) -> None:
    for address in ("/operations", "/undo", "/redo"):
        answer = client.post(address, json=accept(review), headers=headers(client, **changes))
        assert answer.status_code == 403
    assert rows_of(review.engine)[0].status == "unreviewed"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80", "", "0.0.0.0:8765"])
def test_a_forged_host_gets_nothing(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert (answer.status_code, "csrf-token" in answer.text) == (421, False)


def test_text_of_documents_and_people_is_never_html(client: TestClient, review: Review) -> None:
    for row in rows_of(review.engine)[:2]:
        do(review, "edit", row, target_text=HOSTILE)
    do(review, "flag", rows_of(review.engine)[0], category="Style", comment=HOSTILE)
    do(review, "reject", rows_of(review.engine)[1])
    for page in ("/", "/?search=" + HOSTILE, "/aside", "/?document=1&show=flagged"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert not re.search(r"<script(?! type=\"module\" src=\"/static/(?:review|aside).js\">)", answer.text)
        assert not re.search(
            r"\s(on\w+|style)=", re.sub(r"&[^;]+;", "", re.sub(r">[^<]*<|\"[^\"]*\"", "><", answer.text))
        )
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    assert "&lt;script&gt;alert" in client.get("/").text
    row = rows_of(review.engine)[0]
    body = {"kind": "accept", "document": 1, "number": row.number, "version": row.version}
    assert "<img" not in client.post("/operations", json=body, headers=headers(client)).json()["rows"][0]["html"]


def test_an_oversized_body_is_refused(client: TestClient, review: Review) -> None:
    head = headers(client)
    large = json.dumps(accept(review) | {"comment": "a" * MAX_BODY}).encode()
    assert client.post("/operations", content=large, headers=head).status_code == 413

    def stream() -> Iterator[bytes]:
        yield from (large[at : at + 1000] for at in range(0, len(large), 1000))

    assert client.post("/operations", content=stream(), headers=head).status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"kind": "drop", "document": 1, "number": 1, "version": 1}']
)
def test_nonsense_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/operations", content=body, headers=headers(client)).status_code == 400


@pytest.mark.parametrize(
    "path", ["/static/../web.py", "/static/..%2fweb.py", "/static/%2e%2e/%2e%2e/pyproject.toml", "/static//etc/passwd",
             "/sentences/1/../../x", "/review.db"]
)  # fmt: skip
def test_no_path_leads_out(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


@pytest.mark.parametrize(
    "address",
    ["/?page=0", "/?page=99999999999", "/?document=x", "/?show=nothing", "/?translation=none", "/?order=1;--"],
)
def test_an_address_that_makes_no_sense_still_shows_a_page(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_raw_sockets_with_odd_headers_do_not_stop_the_server(job: Path) -> None:
    with review_server(job.parent / "news") as (address, _):
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        for request in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"POST /operations HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: x\r\n\r\n" % port,
            b"POST /operations HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 999999999\r\n\r\n" % port,
            b"\x00\x01\x02\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(request)
                assert re.match(rb"HTTP/1.1 4\d\d", connection.recv(200))
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
            assert connection.recv(200).startswith(b"HTTP/1.1 200")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which this system lacks")
def test_a_killed_server_keeps_what_it_answered_as_saved(job: Path) -> None:
    saved = {}
    with review_server(job.parent / "news") as (address, process):
        import httpx

        with httpx.Client(base_url=address) as client:
            token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
            assert token is not None
            head = {"Origin": address.rstrip("/"), "X-CSRF-Token": token.group(1)}
            for number in range(8):
                body = {"kind": "edit", "document": 1, "number": number, "version": 1, "target_text": f"Text {number}."}
                assert client.post("/operations", json=body, headers=head).status_code == 200
                saved[number] = f"Text {number}."
        process.kill()
    engine = open_sqlite(job)
    assert {row.number: row.target_text for row in rows_of(engine) if row.status == "post-edited"} == saved
    engine.dispose()
