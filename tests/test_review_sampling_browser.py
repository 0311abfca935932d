"""Judging a sample and settling it in a real browser: by keyboard alone, narrow and wide, light and dark, with axe."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_checks import check_narrow, narrow_page
from review_material import open_sqlite, review_server

from qosmatin.review.samples.drawing import draw, find_sample, judge, order_of, read_items
from qosmatin.review.store.database import writing

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
Page, expect = sync_api.Page, sync_api.expect


@pytest.fixture
def address(job: Path) -> Iterator[str]:
    """The address of a review with a sample of three pairs, of which somebody else has said that all are wrong."""
    engine = open_sqlite(job)
    with writing(engine) as connection:
        sample = draw(connection, "en", 3, 7)
        for item in (1, 2, 3):
            judge(connection, sample, item, "r2", "wrong")
    engine.dispose()
    with review_server(job.parent / "news") as (address, _):
        yield address


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    """A page that is closed before the server ends: what it still fetches then would be a fault."""
    with narrow_page(browser) as page:
        yield page


def test_a_sample_is_judged_and_settled_by_keyboard_alone(page: Page, address: str, job: Path) -> None:
    page.goto(address)
    page.get_by_role("button", name="Menu and filters").press("Enter")  # folded on a narrow screen
    page.get_by_role("link", name="Samples").press("Enter")
    check_narrow(page)
    page.get_by_role("link", name=re.compile("^Sample 1: en")).press("Enter")
    title = page.get_by_role("heading", level=2)
    expect(title).to_have_text("Pair 1: is it right?")
    expect(page.locator("#item")).to_be_focused()
    check_narrow(page)
    for at, key in enumerate(("1", "3", "2"), 1):
        expect(title).to_have_text(f"Pair {at}: is it right?")
        expect(page.locator("#item")).to_be_focused()
        page.keyboard.press(key)
    expect(page.locator("#item")).to_have_text("You have judged every pair of this sample. Thank you.")
    check_narrow(page)
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#item")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#item")).to_contain_text("every pair")
    page.goto(f"{address}sample/1/decide")
    expect(page.locator("article")).to_have_count(3)
    expect(page.locator("#item")).to_be_focused()
    check_narrow(page)
    page.keyboard.press("1")
    expect(page.get_by_text("Decided by r1: right")).to_be_visible()
    expect(page.get_by_text("by 1 drawn at random")).to_be_visible()
    engine = open_sqlite(job)
    with engine.connect() as connection:
        found = {one.number: one for one in read_items(connection, 1)}
        order = order_of(find_sample(connection, 1), "r1")
    engine.dispose()
    assert [found[number].words["r1"] for number in order] == ["right", "unsure", "right"]
    assert [one.decision for one in found.values() if one.decision] == [("r1", "right")]
