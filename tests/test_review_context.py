"""The translator's desk: the pair in its text, the box under the row, and the document to be read."""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browser_checks import barriers
from review_material import do, forget_decisions, open_sqlite, rows_of
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.store.context import STRETCH, read_stretch, rows_beside

SELF = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def review(reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    """A store of its own for this module; tests leave it as they find it, or look at what they made alone."""
    folder = tmp_path_factory.mktemp("desk") / "job"
    shutil.copytree(reviewable.parent, folder)
    engine = open_sqlite(folder / "job.yaml")
    yield Review(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def client(review: Review) -> TestClient:
    return TestClient(make_app(review, "r1", "news", 8765), base_url=SELF, headers={"Origin": SELF})


def test_the_rows_beside_a_row(review: Review) -> None:
    rows = rows_of(review.engine)
    with review.engine.connect() as connection:
        for at, row in enumerate(rows):
            before, after = rows_beside(connection, 1, row, 3)
            assert (before, after) == (rows[max(at - 3, 0) : at], rows[at + 1 : at + 4])


@pytest.mark.parametrize(("asked", "at", "page"), [(1, None, 1), (0, None, 1), (9, None, 2), (1, 30, 2), (2, 3, 1)])
def test_a_document_is_read_a_stretch_at_a_time(
    review: Review, asked: int, at: int | None, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STRETCH > 100
    rows = rows_of(review.engine)
    monkeypatch.setattr("qosmatin.review.store.context.STRETCH", len(rows) - 5)
    with review.engine.connect() as connection:
        found = read_stretch(connection, 1, asked, None if at is None else rows[min(at, len(rows) - 1)].number)
    assert (found.page, found.pages) == (page, 2)
    cut = len(rows) - 5
    assert found.rows == (rows[:cut] if page == 1 else rows[cut:])
    assert found.before == (None if page == 1 else rows[cut - 1])


def test_a_pair_comes_with_what_stands_around_it(client: TestClient, review: Review) -> None:
    rows = rows_of(review.engine)
    html = client.get(f"/context/1/{rows[0].number}").json()
    assert "The document begins here." in html["above"]
    assert [text in html["below"] for text in (rows[1].source_text[:20], rows[3].source_text[:20])] == [True, True]
    assert rows[4].source_text[:30] not in html["below"]
    assert client.get("/context/1/9999").status_code == client.get("/context/77/1").status_code == 404
    assert client.get("/read/77").status_code == 404


def test_a_document_is_read_in_both_languages_and_leads_to_its_pairs(client: TestClient, review: Review) -> None:
    rows = rows_of(review.engine)
    page = client.get(f"/read/1?at={rows[5].number}").text
    shown = unescape(page)
    assert all(text in shown for row in rows for text in (row.source_text, row.target_text))
    addresses = [found.replace("&amp;", "&") for found in re.findall(r'class="to-pair[^>]*href="([^"]+)"', page)]
    assert len(addresses) == len(rows)
    for at in (0, 5, len(rows) - 1):
        assert f'id="row-1-{rows[at].number}"' in client.get(addresses[at]).text.split("</article>")[0]
    assert f'href="/read/1?at={rows[2].number}"' in client.get("/?order=text").text


def test_a_version_that_fits_the_pair_can_be_used(client: TestClient, review: Review) -> None:
    row = rows_of(review.engine)[1]
    do(review, "edit", row, target_text="Another text.")
    page = client.get(f"/compare/1/{row.number}").text
    assert page.count('class="use"') == 1
    assert f'data-text="{row.target_text[:20]}' in page
    review.undo("r1")


sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


@pytest.fixture
def page(browser: Any, served: tuple[str, Path]) -> Iterator[Any]:
    """The pairs, doubt first; any error in the page fails the test."""
    forget_decisions(served[1])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(served[0])
    expect(page.locator(".row.current")).to_be_focused()
    yield page
    page.close()
    assert not faults


def test_context_box_and_version_in_the_browser(page: Any) -> None:
    row, box = page.locator(".row.current"), page.locator("#edit")
    page.keyboard.press("g")
    expect(row.locator(".context")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator(".context")).not_to_have_count(0)
    assert barriers(page) == []
    page.keyboard.press("g")
    expect(page.locator(".context")).to_have_count(0)
    # Editing brings it, around the box under the row; the box is as high as its text.
    first = row.get_attribute("id")
    page.keyboard.press("e")
    expect(page.locator("#edit .context.below, .row.current > .context.above")).not_to_have_count(0)
    assert box.evaluate("one => one.previousElementSibling.id") == first
    low = page.locator("#edit-target").bounding_box()["height"]
    page.keyboard.press("End")
    page.keyboard.insert_text(" and so on" * 60)
    assert page.locator("#edit-target").bounding_box()["height"] > low + 60
    assert page.locator("#edit-target").evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert barriers(page) == []
    # Who goes to another row leaves the box, and finds there what was typed.
    page.locator(".row").last.locator(".target .text, .target .none").click()
    expect(box).to_be_hidden()
    page.locator(f"#{first} .target .text").dblclick()
    expect(box).to_be_visible()
    box.get_by_role("button", name="Use it").click()
    expect(page.locator("#edit-target")).to_have_value(re.compile("and so on$"))
    page.keyboard.press("Enter")
    expect(page.locator(f"#{first}")).to_have_class(re.compile("edited"))
    # The text before it was edited takes its place again, from where it is compared.
    page.locator(f"#{first} .target .text").click()
    page.keyboard.press("v")
    page.locator("#compare .use").click()
    expect(box).to_be_visible()
    expect(page.locator("#edit-target")).not_to_have_value(re.compile("and so on"))
    page.keyboard.press("Enter")
    expect(page.locator(f"#{first}")).to_have_class(re.compile("accepted"))


def test_hits_are_shown_print_has_the_texts_alone_and_no_fault_is_guessed(page: Any) -> None:
    page.goto(page.url.split("?")[0] + "?search=СОТ&side=source&order=text")
    expect(page.locator(".row.current")).to_be_focused()
    hits = page.evaluate("[...CSS.highlights.get('hits')].map((one) => one.toString().toLowerCase())")
    assert set(hits) == {"сот"}
    assert len(hits) >= page.locator(".row").count()
    page.keyboard.press("f")
    assert page.locator("#flag-category").evaluate("one => one.selectedIndex") == -1
    page.locator("#flag").get_by_role("button", name="Save").click()
    expect(page.locator("#flag .trouble")).to_contain_text("Choose what is wrong")
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    expect(page.locator(".row .text").first).to_be_visible()
    for part in ("header nav", "#filters", "#foot", ".languages"):
        expect(page.locator(part).first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reading_in_the_browser(browser: Any, served: tuple[str, Path], scheme: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page.goto(f"{served[0]}read/1?at=9")
    expect(page.locator("#at")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert barriers(page) == []
    page.locator("#at").hover()
    expect(page.locator(".sentence.linked")).to_have_count(2)
    page.locator("a.to-pair").nth(4).click()
    expect(page.locator(".row.current")).to_be_focused()
    page.close()


def test_the_look_on_a_tablet(browser: Any, served: tuple[str, Path]) -> None:
    """Links and filters fold; sentences are told apart, in the pair and in the box; touch has all buttons."""
    forget_decisions(served[1])
    context = browser.new_context(viewport={"width": 768, "height": 1000}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{served[0]}?order=text")
    header, fold = page.locator("header"), page.get_by_role("button", name="Menu and filters")
    assert header.bounding_box()["height"] < 100
    fold.click()
    expect(page.locator("#search")).to_be_visible()
    fold.click()
    expect(page.locator("#search")).to_be_hidden()
    for name in ("No counterpart", "Bookmark", "Sentence boundaries", "Source ↑", "Translation ↓"):
        expect(page.locator("#actions").get_by_role("button", name=name)).to_be_visible()
    row = page.locator(".row", has=page.locator(".bead", has_text="2-1")).first
    expect(row.locator(".source .cut")).to_have_count(1)
    assert row.locator(".number").inner_text() == ""  # it is sure: the mark says so
    doubtful = page.locator(".row.fair .number, .row.doubtful .number").first
    expect(doubtful).to_have_text(re.compile(r"\d%"))
    row.locator(".source .text").click()
    page.keyboard.press("c")
    expect(page.locator(".numbers").first.locator("div")).to_have_count(2)
    # What is said stands beside or under the buttons, and covers no row.
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("#status")).not_to_be_empty()
    foot, status = page.locator("#foot").bounding_box(), page.locator("#status").bounding_box()
    assert foot["y"] <= status["y"]
    assert status["y"] + status["height"] <= 1000
    context.close()
