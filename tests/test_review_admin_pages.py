"""What admins and adjudicators do on pages: roles, erasing, samples; and nobody below them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from browser_checks import barriers
from review_material import do, open_sqlite, rows_of
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.door import Serving, open_door
from qosmatin.review.people.accounts import add_account, all_accounts
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.samples.drawing import all_samples

SELF = "http://127.0.0.1:8765"
PASSWORD = "four words are enough"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    for name, role in (("marat", "admin"), ("dias", "adjudicator"), ("aigul", "reviewer")):
        add_account(engine, CHEAP, name, role, PASSWORD)  # type: ignore[arg-type]
    yield engine
    engine.dispose()


class Visitor:
    """Somebody who is logged in, with the token of their own pages."""

    def __init__(self, engine: Engine, name: str) -> None:
        door = open_door(Serving(), 8765, login=True)
        app = make_app(Review(engine), "r1", "news", 8765, door=door, passwords=CHEAP)
        self.client = TestClient(app, base_url=SELF, headers={"Origin": SELF})
        self.client.post("/login", data={"name": name, "password": PASSWORD})
        self.csrf = re.search(r'csrf-token" content="([^"]+)"', self.client.get("/").text)[1]  # type: ignore[index]

    def say(self, address: str, **form: Any) -> Any:
        return self.client.post(address, data={"csrf": self.csrf, **form}, follow_redirects=False)


def roles(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {one.name: one.role for one in all_accounts(connection)}


def test_an_admin_gives_roles(engine: Engine) -> None:
    admin = Visitor(engine, "marat")
    assert "The role was changed." in admin.say("/people/role", name="aigul", role="adjudicator").text
    assert roles(engine)["aigul"] == "adjudicator"
    answers = [
        admin.say("/people/role", name="aigul", role="king"),
        admin.say("/people/role", name="nobody-here", role="reader"),
        admin.say("/people/role", name="marat", role="reader"),  # the only admin
    ]
    assert [one.status_code for one in answers] == [422, 422, 422]
    assert roles(engine) == {"marat": "admin", "dias": "adjudicator", "aigul": "adjudicator"}
    for name in ("dias", "aigul"):
        assert Visitor(engine, name).say("/people/role", name=name, role="admin").status_code == 403


def test_an_admin_erases_who_was_named_twice(engine: Engine) -> None:
    admin = Visitor(engine, "marat")
    gone = Visitor(engine, "aigul")
    do(Review(engine), "accept", rows_of(engine)[0], reviewer="r3")
    for form in ({"again": ""}, {"again": "dias"}):
        assert admin.say("/people/erase", name="aigul", **form).status_code == 422
    assert admin.say("/people/erase", name="marat", again="marat").status_code == 422
    assert Visitor(engine, "dias").say("/people/erase", name="aigul", again="aigul").status_code == 403
    assert set(roles(engine)) == {"marat", "dias", "aigul"}
    assert "The person was erased." in admin.say("/people/erase", name="aigul", again="Aigul ").text
    assert set(roles(engine)) == {"marat", "dias"}
    assert gone.client.get("/", follow_redirects=False).status_code in (303, 401)
    assert rows_of(engine)[0].reviewer == "r3"


def test_an_adjudicator_draws_a_sample(engine: Engine) -> None:
    dias = Visitor(engine, "dias")
    assert dias.say("/samples", translation="en", size="5", seed="7").status_code == 303
    with engine.connect() as connection:
        (sample,) = all_samples(connection)
    assert (sample.translation, sample.size, sample.seed) == ("en", 5, 7)
    for form in ({"size": "0"}, {"size": "many"}, {"seed": "99999999999"}, {"translation": "xx"}):
        wrong = dias.say("/samples", **{"translation": "en", "size": "5", "seed": "7", **form})
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True), form
    assert Visitor(engine, "aigul").say("/samples", translation="en", size="5", seed="7").status_code == 403
    assert "Draw a sample" not in Visitor(engine, "aigul").client.get("/samples").text


@pytest.mark.parametrize(("scheme", "language"), [("light", "kk"), ("dark", "ru")])
def test_axe_finds_nothing_on_these_pages(engine: Engine, browser: Any, scheme: str, language: str) -> None:
    client = Visitor(engine, "marat").client
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=scheme, locale=language)
    page = context.new_page()

    def answer(route: Any) -> None:
        got = client.get(route.request.url, headers={"Accept-Language": language})
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.content)

    page.route("**/*", answer)
    for address in ("people", "samples", "documents"):
        page.goto(f"{SELF}/{address}")
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        assert barriers(page) == [], address
    context.close()
