"""A browser that is killed (SIGKILL, all its processes) while somebody types: nothing is lost, nothing is doubled."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser_checks import CHROMIUM
from review_material import forget_decisions, open_sqlite
from sqlalchemy import select

from qosmatin.review.store import log
from qosmatin.review.store.schema import operations

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

expect = sync_api.expect
MOMENT = 1000
"""Milliseconds between the last key and the kill: far fewer than Chromium leaves localStorage unwritten."""

TYPED = "Half a thought, typed slowly."


@pytest.fixture
def address(served: tuple[str, Path]) -> str:
    forget_decisions(served[1])
    return served[0]


Start = Callable[[], Any]


@pytest.fixture
def start(browser: Any, address: str, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """What opens the pairs in a browser of its own, always with the same profile."""
    started: list[subprocess.Popen[bytes]] = []
    said = tmp_path / "profile" / "DevToolsActivePort"

    @contextmanager
    def opened() -> Iterator[Any]:
        said.unlink(missing_ok=True)
        options = [*CHROMIUM, "--headless=new", "--no-first-run", "--remote-debugging-port=0"]
        command = ["/usr/bin/chromium", *options, f"--user-data-dir={said.parent}", "about:blank"]
        process = subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started.append(process)
        end = time.monotonic() + 60
        while not (said.exists() and said.read_text()):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.02)
        port = said.read_text().split()[0]
        page = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0].new_page()
        page.goto(f"{address}?order=text")
        expect(page.locator(".row.current")).to_be_visible()
        yield page
        page.wait_for_timeout(MOMENT)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    yield opened
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def kinds(job: Path) -> list[str]:
    """What was done in the store, in its order."""
    engine = open_sqlite(job)
    with engine.connect() as connection:
        query = select(operations.c.kind).where(operations.c.kind != log.IMPORT).order_by(operations.c.id)
        found = list(connection.execute(query).scalars())
    engine.dispose()
    return found


def type_into_edit(page: Any) -> None:
    page.keyboard.press("e")
    expect(page.locator("#edit-target")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(TYPED, delay=10)


def test_what_was_typed_is_offered_when_the_browser_is_opened_again(start: Start, served: tuple[str, Path]) -> None:
    with start() as page:
        type_into_edit(page)
    with start() as page:
        page.keyboard.press("e")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#edit-target")).to_have_value(TYPED)
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        page.keyboard.type("Which court?")
    with start() as page:
        page.keyboard.press("r")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#comment-text")).to_have_value("Which court?")
        page.keyboard.press("Enter")
        expect(page.locator(".row.current .comment")).to_have_count(1)
        page.keyboard.press("e")
        expect(page.locator("#edit .draft")).to_be_visible()  # the other draft is still there
    assert kinds(served[1]) == ["comment"]


def test_a_save_that_was_on_its_way_is_neither_lost_nor_doubled(start: Start, served: tuple[str, Path]) -> None:
    with start() as page:
        type_into_edit(page)
        page.route("**/operations", lambda _route: None)  # it never gets there
        page.keyboard.press("Enter")
    assert kinds(served[1]) == []
    with start() as page:
        page.keyboard.press("e")
        page.get_by_role("button", name="Use it").click()
        with page.expect_response("**/operations"):  # it gets there, and the browser does not hear of it any more
            page.keyboard.press("Enter")
    assert kinds(served[1]) == ["edit"]
    with start() as page:
        expect(page.locator(".row.current .target .text")).to_have_text(TYPED)
        page.keyboard.press("e")
        expect(page.locator("#edit-target")).to_have_value(TYPED)
        page.wait_for_timeout(100)
        expect(page.locator("#edit .draft")).to_have_count(0)
    assert kinds(served[1]) == ["edit"]
