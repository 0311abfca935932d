"""The panel of memory and terms in a real browser: by keys, in the edit box, and for people who see it otherwise."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_checks import barriers
from review_material import do, forget_decisions, open_sqlite, rows_of

from qosmatin.review.editing.operations import Review

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


@pytest.fixture(scope="module")
def confirmed(served: tuple[str, Path]) -> tuple[str, str, str]:
    """The address of a review, and the texts of a pair that was confirmed in one of two like documents."""
    address, job = served
    forget_decisions(job)
    engine = open_sqlite(job)
    again = next(number for number in (1, 2, 3) if rows_of(engine, number)[0].pair_id != rows_of(engine)[0].pair_id
                 and rows_of(engine, number)[0].source_text == rows_of(engine)[0].source_text)  # fmt: skip
    row = rows_of(engine, again)[0]
    do(Review(engine), "edit", row, document=again, target_text="As it was confirmed.")
    engine.dispose()
    return address, row.source_text, str(again)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_match_is_taken_by_key(browser: Any, confirmed: tuple[str, str, str], scheme: str) -> None:
    address, source, _ = confirmed
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}?order=text&document=1")
    expect(page.locator(".row").first).to_be_focused()
    assert page.locator(".row.current .source .text").inner_text() == source
    expect(page.locator("#desk")).to_be_hidden()
    page.keyboard.press("i")
    expect(page.locator("#desk .matches strong").first).to_have_text("100%")
    expect(page.locator("#desk .matches .text").first).to_have_text("As it was confirmed.")
    expect(page.locator(".row").first).to_be_focused()
    assert barriers(page) == []
    before = page.locator(".row.current .target .text").inner_text()
    page.keyboard.press("t")
    expect(page.locator("#edit-target")).to_have_value("As it was confirmed.")
    expect(page.locator("#edit-target")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Something else")
    page.keyboard.press("Alt+t")
    expect(page.locator("#edit-target")).to_have_value("As it was confirmed.")
    page.keyboard.press("Escape")
    assert page.locator(".row.current .target .text").inner_text() == before
    page.keyboard.press("Shift+C")
    expect(page.locator("#concordance-words")).to_be_focused()
    page.keyboard.type(source.split()[0])
    page.keyboard.press("Enter")
    expect(page.locator("#concordance-lines mark").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".row.current")).to_be_focused()
    # It is open again on the next page, and the panel goes with the chosen pair.
    page.reload()
    expect(page.locator("#desk .matches .text").first).to_have_text("As it was confirmed.")
    page.keyboard.press("j")
    expect(page.locator("#desk-pair")).not_to_contain_text("As it was confirmed.")
    page.keyboard.press("i")
    expect(page.locator("#desk")).to_be_hidden()
    context.close()
    assert not faults


@pytest.fixture
def narrow(browser: Any, confirmed: tuple[str, str, str]) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="kk")
    page = context.new_page()
    page.goto(f"{confirmed[0]}?order=text&document=1")
    yield page
    context.close()


def test_the_panel_fits_a_narrow_screen(narrow: Any) -> None:
    narrow.keyboard.press("i")
    expect(narrow.locator("#desk .matches strong").first).to_have_text("100%")
    expect(narrow.locator("#desk")).to_contain_text(re.compile("осында расталған"))
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 360
    box = narrow.locator(".row.current").bounding_box()
    panel = narrow.locator("#desk").bounding_box()
    assert panel["height"] < 400
    assert box["y"] < panel["y"]
    # What stands around the pair in its text does not push the pair itself out of sight.
    narrow.goto(narrow.url.split("?")[0] + "?search=FreeAlnur")
    narrow.locator("#desk .terms, #desk .empty").first.wait_for()
    narrow.keyboard.press("g")
    expect(narrow.locator(".row.current .context")).to_have_count(2)
    expect(narrow.locator(".row.current .source .text")).to_be_in_viewport()
    text, panel = (narrow.locator(one).bounding_box() for one in (".row.current .source .text", "#desk"))
    assert 0 <= text["y"] < panel["y"] - 20
