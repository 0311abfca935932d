"""Operations on many rows in a real browser: looked at first, done, taken back; bookmarks; what others changed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from review_material import do, open_sqlite, review_server, rows_of

from qosmatin.review.editing.operations import Review

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


@pytest.fixture
def address(job: Path) -> Iterator[str]:
    with review_server(job.parent / "news") as (address, _):
        yield address


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page of all pairs in the order of the text; any error in it fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{address}?order=text")
    yield page
    page.close()
    assert not faults


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_all_rows_of_a_search_are_flagged_after_a_look_and_undone(page: Any, address: str) -> None:
    page.goto(f"{address}?order=text&search=ҚАЗАҚСТАН")
    count = page.locator("#rows .row").count()
    assert count > 1
    press(page, "Shift+A")
    expect(page.locator("#bulk-kind")).to_be_focused()
    page.locator("#bulk-kind").select_option("flag")
    page.locator("#bulk-category").select_option("Style")
    page.locator("#bulk-comment").fill("look again")
    press(page, "Enter")
    expect(page.locator("#bulk .seen")).to_be_focused()
    expect(page.locator("#bulk .seen")).to_contain_text(f"{count} rows will change")
    expect(page.locator("#bulk .seen li")).to_have_count(count)
    expect(page.locator("#rows .flag")).to_have_count(0)
    page.locator("#bulk .seen input.with").first.uncheck()
    page.locator("#bulk .do").click()
    expect(page.locator("#status")).to_have_text(f"Saved: {count - 1} rows.")
    expect(page.locator("#rows .flag")).to_have_count(count - 1)
    expect(page.locator(".row.current")).to_be_focused()
    press(page, "u")
    expect(page.locator("#rows .flag")).to_have_count(0)
    expect(page.locator(".row.current")).to_be_focused()
    press(page, "Shift+U")
    expect(page.locator("#rows .flag")).to_have_count(count - 1)


def test_find_and_replace_shows_each_change_first(page: Any, address: str) -> None:
    press(page, "Shift+F")
    expect(page.locator("#bulk-find")).to_be_focused()
    page.keyboard.type("(")
    page.locator("#bulk-regex").check()
    press(page, "Enter")
    expect(page.locator("#bulk .trouble")).to_contain_text("makes no sense")
    page.locator("#bulk-regex").uncheck()
    page.locator("#bulk-find").fill("KAZAKHSTAN")
    page.locator("#bulk-put").fill("Qazaqstan")
    press(page, "Enter")
    expect(page.locator("#bulk .seen")).to_be_focused()
    shown = page.locator("#bulk .seen li").count()
    assert shown > 0
    expect(page.locator("#bulk .seen ins").first).to_contain_text("Qazaqstan")
    page.locator("#bulk .do").click()
    expect(page.locator("#status")).to_have_text(f"Saved: {shown} rows.")
    expect(page.locator("#rows .row .tag", has_text="replaced, not confirmed")).to_have_count(shown)
    expect(page.locator("#rows .row ins", has_text=re.compile("Qazaqstan")).first).to_be_visible()
    page.get_by_role("link", name="Bulk changes").click()
    expect(page.locator(".batch")).to_have_count(1)
    expect(page.locator(".batch")).to_contain_text(f"{shown} rows changed")
    page.wait_for_load_state("load")  # its script gives the button its work
    page.locator(".batch .revert").click()
    expect(page.locator("#revert .seen")).to_contain_text(f"{shown} rows will change")
    page.locator("#revert .do").click()
    expect(page.locator(".batch")).to_have_count(2)
    expect(page.locator(".batch", has_text="find and replace")).to_contain_text("taken back")
    page.goto(address)
    expect(page.locator("#rows .row ins")).to_have_count(0)


def test_bookmarks_and_shifting_by_key(page: Any, address: str) -> None:
    press(page, "b")
    expect(page.locator(".row.current .bookmark")).to_be_visible()
    press(page, "j", "b", "b")
    expect(page.locator("#rows .bookmark")).to_have_count(1)
    first, second = (page.locator("#rows .row").nth(at).locator(".target .text").inner_text() for at in (0, 1))
    source = page.locator("#rows .row").nth(1).locator(".source .text").inner_text()
    press(page, "k", "6")
    expect(page.locator("#rows .row").first.locator(".target .none")).to_be_visible()
    shifted = page.locator("#rows .row", has_text=first).first
    expect(shifted.locator(".source .text")).to_have_text(source)
    expect(page.locator(".row.current")).to_be_focused()
    press(page, "u")
    expect(page.locator("#rows .row").nth(1).locator(".target .text")).to_have_text(second)
    page.goto(f"{address}?show=bookmarked")
    expect(page.locator("#rows .row")).to_have_count(1)
    assert page.locator("#rows .row .target .text").inner_text() == first


def test_what_others_change_is_shown_and_the_focus_stays(page: Any, job: Path) -> None:
    engine = open_sqlite(job)
    review = Review(engine)
    rows = rows_of(engine)
    do(review, "accept", rows[0], reviewer="r2")
    do(review, "edit", rows[2], reviewer="r2", target_text="By another.")
    expect(page.locator(".row.current")).to_be_focused()
    page.evaluate("dispatchEvent(new Event('focus'))")
    third = page.locator("#rows .row").nth(2)
    expect(third.locator(".stale")).to_have_text("changed by r2")
    expect(third.locator(".target > .text")).to_have_text("By another.")
    expect(page.locator("#rows .row").first.locator(".stale")).to_have_text("changed by r2")
    expect(page.locator("#rows .row").first).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#status")).to_contain_text("changed since you saw it")
    engine.dispose()


def test_the_dialog_fits_a_narrow_page_and_leaves_the_focus(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    press(page, "Shift+A")
    page.keyboard.press("Enter")
    expect(page.locator("#bulk .do")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    press(page, "Escape")
    expect(page.locator(".row.current")).to_be_focused()
