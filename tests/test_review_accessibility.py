"""The pages for people who see them otherwise: axe on every page and dialog, narrow screens, right-to-left text."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from browser_checks import check_schemes
from review_material import do, forget_decisions, open_sqlite, rows_of
from sqlalchemy import update
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.flagging import CATEGORIES
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.door import Serving, open_door
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.passwords import Passwords
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.schema import documents

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
Page, expect = sync_api.Page, sync_api.expect

REVIEW = Path(__file__).parent.parent / "review"
DOOR = "http://127.0.0.1:8765"
DIALOGS = {
    "help": "?", "edit": "e", "flag": "f", "comment": "r", "history": "h", "split": "s", "mend": "c", "compare": "v",
}  # fmt: skip


@pytest.fixture(scope="module")
def worked(served: tuple[str, Path]) -> str:
    """The address of a review in which there is one of everything to see."""
    address, job = served
    forget_decisions(job)
    engine = open_sqlite(job)
    review = Review(engine)
    do(review, "reject", rows_of(engine)[-1])
    do(review, "accept", rows_of(engine)[3])
    do(review, "unpair", rows_of(engine)[4])
    do(review, "edit", rows_of(engine)[0], target_text="In short: 77 more.")
    do(review, "flag", rows_of(engine)[1], category=CATEGORIES[0], comment="which court?")
    do(review, "comment", rows_of(engine)[0], text="Who is meant?")
    do(review, "merge", rows_of(engine)[2])
    engine.dispose()
    return address


@pytest.fixture
def page(browser: Any, worked: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{worked}?order=text")
    expect(page.locator(".row").first).to_be_focused()
    yield page
    context.close()


def test_dark_pages_are_light_ones_in_other_colours() -> None:
    """All that a dark scheme changes are colours by name, and nothing else asks which it is (see ``check_schemes``)."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((REVIEW / "static").glob("*.css")))
    dark = re.findall(r"@media [^{]*prefers-color-scheme: dark\) \{\s*:root \{([^{}]*)\}\s*\}", text)
    assert len(dark) == text.count("prefers-color-scheme") > 0
    for line in re.split(r";\s*", "".join(dark).strip().removesuffix(";")):
        assert re.fullmatch(r"--\w+: #(\w{3}|\w{6})", line.strip()), line
    for path in REVIEW.rglob("*"):
        if path.suffix in {".js", ".py", ".j2"}:
            assert not re.search("matchMedia|prefers-color-scheme", path.read_text(encoding="utf-8")), path


def test_axe_finds_nothing_on_any_page(page: Page) -> None:
    expect(page.locator(".row[data-marked]")).to_have_count(page.locator(".row").count())
    expect(page.locator(".tag.quality").first).to_be_visible()
    check_schemes(page, "pairs")
    page.locator("#progress a").click()
    expect(page.locator(".row.aside")).to_have_count(1)
    check_schemes(page, "aside")


def test_axe_finds_nothing_in_any_dialog(page: Page) -> None:
    for name, key in DIALOGS.items():
        page.keyboard.press(key)
        expect(page.locator(f"dialog#{name}")).to_be_visible()
        check_schemes(page, name)
        page.keyboard.press("Escape")
        expect(page.locator(f"dialog#{name}")).to_be_hidden()
        expect(page.locator(".row.current")).to_be_focused()


def test_axe_finds_nothing_at_the_door(browser: Any, job: Path) -> None:
    """The pages of accounts; a test client answers what the browser asks for."""
    engine = open_sqlite(job)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    add_account(engine, passwords, "aigul", "admin", "four words are enough")
    app = make_app(Review(engine), "r1", "news", 8765, door=open_door(Serving(), 8765, login=True), passwords=passwords)
    client = TestClient(app, base_url=DOOR)
    page = browser.new_page(viewport={"width": 360, "height": 800})

    def answer(route: Any) -> None:
        got = client.get(route.request.url)
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.content)

    page.route("**/*", answer)
    page.goto(f"{DOOR}/login")
    expect(page.locator("#password")).to_be_visible()
    check_schemes(page, "login")
    page.goto(f"{DOOR}/invitation/{'x' * 43}")
    expect(page.get_by_role("alert")).to_be_visible()
    check_schemes(page, "invitation")
    client.post("/login", data={"name": "aigul", "password": "four words are enough"}, headers={"Origin": DOOR})
    page.goto(f"{DOOR}/account")
    expect(page.locator("#label")).to_be_visible()
    check_schemes(page, "account")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
    engine.dispose()


ASTRAY = """() => {
  const box = (one) => one.getBoundingClientRect();
  const shown = (one) => one && one.offsetParent !== null && box(one).width > 1;
  const names = [...document.querySelectorAll("label[for]")].filter((one) => {
    const field = document.getElementById(one.htmlFor);
    if (!shown(one) || !shown(field)) return false;
    const [name, its] = [box(one), box(field)];
    const beside = name.top < its.bottom && its.top < name.bottom;
    return !beside && (name.bottom > its.top + 1 || Math.abs(name.left - its.left) > 4);
  });
  const broken = [...document.querySelectorAll(".top button")].filter((one) => shown(one) && box(one).height > 48);
  return [...names, ...broken].map((one) => one.textContent.trim());
}"""
"""Labels that stand neither beside their field nor above its beginning, and buttons to close that are broken in two."""


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_narrow_pages_and_dialogs_need_no_sideways_scrolling(browser: Any, worked: str, language: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700}, locale=language)
    page.goto(f"{worked}?order=text")
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 360
    page.locator("#fold").click()
    assert page.evaluate(ASTRAY) == []
    page.locator("#fold").click()
    page.locator(".row").first.focus()
    for name, key in DIALOGS.items():
        page.keyboard.press(key)
        dialog = page.locator(f"dialog#{name}")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth"), name
        assert page.evaluate(ASTRAY) == [], name
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    for path in ("aside", "documents?translation=en", "read/1", "samples", "batches"):
        page.goto(worked + path)
        assert page.evaluate(width) <= 360, path
        assert page.evaluate(ASTRAY) == [], path
    expect(page.locator("#since button")).to_be_enabled()  # closed until the script is there
    page.close()


@pytest.mark.parametrize("width", [768, 1024])
def test_names_of_documents_have_room_on_a_tablet(browser: Any, worked: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="kk-KZ")
    page.goto(f"{worked}documents?translation=en")
    for heading in page.locator(".listed h2").all():
        assert heading.evaluate("one => one.getClientRects()[0].height") < 50  # a letter a line were ten times that
    page.close()


@pytest.mark.parametrize("height", [500, 700])
def test_nothing_covers_the_chosen_row(browser: Any, worked: str, height: int) -> None:
    """The bars above and below stay where they are, and whatever is chosen stands between them."""
    page = browser.new_page(viewport={"width": 1000, "height": height})
    page.goto(f"{worked}?order=text")
    count = min(15, page.locator(".row").count())
    bottom = page.locator("#actions").bounding_box()["y"]
    for key in ["j"] * (count - 1) + ["k"] * (count - 1):
        page.keyboard.press(key)
        bar, row = page.locator("header").bounding_box(), page.locator(".row.current").bounding_box()
        assert row["y"] >= max(0, bar["y"] + bar["height"]) - 1
        assert row["y"] + row["height"] <= bottom + 1
    assert (bar["y"] == 0) == (height == 700)
    page.close()


def test_a_screen_reader_hears_what_the_row_is(page: Page) -> None:
    row = page.locator(".row").nth(1)
    expect(row).to_have_accessible_name(re.compile("1-1.*(percent|%).*flagged: Accuracy: mistranslation"))
    expect(page.locator(".row").first).to_have_accessible_description(re.compile("numbers: 12"))
    for button in page.locator("#actions button").all():
        assert button.get_attribute("aria-keyshortcuts")


def test_arabic_script_reads_from_the_right(browser: Any, served: tuple[str, Path]) -> None:
    """Kazakh of China: the text starts at the right edge, and so do the text boxes and the diff."""
    address, job = served
    engine = open_database(sqlite_url(job.parent / "news"))
    with writing(engine) as connection:
        connection.execute(update(documents).values(source_lang="kk-Arab"))
    row = rows_of(engine)[5]
    do(Review(engine), "edit", row, source_text="قازاق ءتىلى – 2020 جىلى مەملەكەتتىك ءتىل")
    engine.dispose()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}?order=text&search=%D9%82%D8%A7%D8%B2%D8%A7%D9%82")
    side = page.locator(".row .source")
    assert side.evaluate("one => getComputedStyle(one).direction") == "rtl"
    first = """one => { const range = document.createRange(), text = one.querySelector('.text').firstChild;
        range.setStart(text, 0); range.setEnd(text, 5);
        const box = one.getBoundingClientRect(), word = range.getBoundingClientRect();
        return [word.right > box.right - 20, word.left > (box.left + box.right) / 2]; }"""
    assert side.evaluate(first) == [True, True]
    assert page.locator(".row .target").evaluate("one => getComputedStyle(one).direction") == "ltr"
    page.keyboard.press("e")
    assert page.locator("#edit-source").evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert page.locator("#edit-target").evaluate("one => getComputedStyle(one).direction") == "ltr"
    page.close()
