"""The door of a review: addresses, TLS, proxies; and no text is HTML, and no secret in a log."""

import logging
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from review_logins import ADDRESS, CHEAP, PASSWORD, app_of, enter, headers, store_of_everybody
from review_material import open_sqlite, review_server
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient
from warm import run_warm

from qosmatin.corpus.errors import InputError
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.door import Serving, check_serving, open_door
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.sessions import TOKEN_MARK, invite, log_in, make_token
from qosmatin.review.people.throttle import LIMITS
from qosmatin.review.store.access import assign
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import accounts, sessions


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    yield from store_of_everybody(job)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return TestClient(app_of(engine), base_url=ADDRESS, follow_redirects=False)


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
