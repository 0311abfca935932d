"""Logging in, using an invitation and looking after an account in a real browser, by keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_checks import check_narrow
from review_logins import CHEAP, PASSWORD
from review_material import open_sqlite, review_server, rows_of
from sqlalchemy import delete
from test_review_browser import press, sync_api

from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.sessions import invite
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import sessions

Page, expect = sync_api.Page, sync_api.expect


@pytest.fixture
def link(job: Path) -> Iterator[str]:
    """The address of an invitation to a server on which people log in."""
    engine = open_sqlite(job)
    add_account(engine, CHEAP, "marat", "admin", PASSWORD)
    with writing(engine) as connection:
        secret, _ = invite(connection, "aigerim", "reviewer")
    engine.dispose()
    with review_server(job.parent / "news") as (address, _):
        yield f"{address}invitation/{secret}"


@pytest.fixture
def page(link: str, browser: Any) -> Iterator[Any]:
    """A page of a browser; any error in it fails the test."""
    faults: list[str] = []
    context = browser.new_context(locale="en-US", viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    yield page
    context.close()
    assert not faults


def fits(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_from_the_invitation_to_a_saved_edit_and_a_lost_session(page: Any, link: str, job: Path) -> None:
    address = link.split("invitation", maxsplit=1)[0]
    page.goto(link)
    expect(page.locator("dl")).to_contain_text("aigerim")
    fits(page)
    press(page, "Tab")
    expect(page.locator("#new")).to_be_focused()
    page.keyboard.type("five words that nobody knows")
    press(page, "Tab")
    page.keyboard.type("five words that nobody knew")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("not the same")
    for field in ("#new", "#again"):
        page.fill(field, "five words that nobody knows")
    press(page, "Enter")
    expect(page.locator(".row").first).to_be_focused()
    page.locator("#fold").click()  # links are folded away on a narrow screen
    expect(page.get_by_role("link", name="aigerim (r2)")).to_be_visible()
    # The session ends while something is typed; a login in another tab is enough.
    press(page, "e", "Control+a")
    page.keyboard.type("Typed before the session ended.")
    engine = open_sqlite(job)
    with writing(engine) as connection:
        connection.execute(delete(sessions))
    press(page, "Enter")
    expect(page.locator("#edit .trouble")).to_contain_text("your session has ended")
    other = page.context.new_page()
    other.goto(f"{address}?show=unreviewed")
    expect(other.locator("#name")).to_be_focused()
    fits(other)
    other.keyboard.type("aigerim")
    press(other, "Tab")
    other.keyboard.type("five words that nobody knows")
    press(other, "Enter")
    expect(other.locator(".row").first).to_be_focused()
    assert other.url == f"{address}?show=unreviewed"
    press(page, "Enter")
    expect(page.locator("#edit")).to_be_hidden()
    saved = [row for row in rows_of(engine) + rows_of(engine, 2) if row.status == "post-edited"]
    assert [(row.target_text, row.reviewer) for row in saved] == [("Typed before the session ended.", "r2")]
    engine.dispose()
    other.goto(f"{address}account")
    fits(other)
    expect(other.get_by_role("heading", name=re.compile("Account"))).to_be_visible()
    other.get_by_role("button", name="Log out").click()
    expect(other.locator("#name")).to_be_focused()
    page.goto(address)
    expect(page.locator("#name")).to_be_focused()


def test_a_page_of_somebody_else_is_not_taken_over(page: Any, link: str, job: Path) -> None:
    """On a shared machine: what one typed is not saved under the name of the next who logs in."""
    page.goto(link)
    for field in ("#new", "#again"):
        page.fill(field, "five words that nobody knows")
    press(page, "Enter")
    expect(page.locator(".row").first).to_be_focused()
    other = page.context.new_page()
    other.goto(f"{link.split('invitation', maxsplit=1)[0]}login")
    other.fill("#name", "marat")
    other.fill("#password", PASSWORD)
    press(other, "Enter")
    expect(other.locator(".row").first).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#status")).to_contain_text("reload it")
    engine = open_sqlite(job)
    assert all(row.status == "unreviewed" for row in rows_of(engine))
    engine.dispose()


def test_axe_finds_nothing_on_the_pages_of_people(page: Any, link: str) -> None:
    address = link.split("invitation", maxsplit=1)[0]
    page.goto(link)
    check_narrow(page, "invitation")
    page.goto(f"{address}invitation/none")
    check_narrow(page, "used invitation")
    page.goto(f"{address}login")
    page.fill("#name", "marat")
    page.fill("#password", "a wrong password")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check_narrow(page, "login")
    page.fill("#password", PASSWORD)
    press(page, "Enter")
    expect(page.locator(".row").first).to_be_focused()
    page.goto(f"{address}account")
    page.fill("#label", "nightly export")
    press(page, "Enter")
    expect(page.locator("#token")).to_be_visible()
    check_narrow(page, "account")
    page.get_by_role("link", name="People").click()
    page.fill("#name", "dana@example.kz")
    press(page, "Enter")
    expect(page.locator("#link")).to_be_visible()
    check_narrow(page, "people")
