"""A translator's work in a real browser, by keyboard alone."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from review_material import ROOT, forget_decisions, open_sqlite, rerun, rows_of

from qosmatin.review.pages.interface import COMMANDS

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

Browser, Page, expect = sync_api.Browser, sync_api.Page, sync_api.expect


@pytest.fixture
def job(served: tuple[str, Path]) -> Path:
    return served[1]


@pytest.fixture
def address(served: tuple[str, Path]) -> str:
    forget_decisions(served[1])
    return served[0]


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page of all pairs in the order of the text; any error in it fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{address}?order=text")
    yield page
    page.close()
    assert not faults


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Page) -> None:
    expect(page.locator("#status")).to_contain_text("Saved")


def text(page: Page, side: str = "target") -> str:
    return str(page.locator(f".row.current .{side} .text").inner_text())


def test_the_first_pair_is_chosen_and_the_help_shows_every_key(page: Page) -> None:
    expect(page.locator(".row").first).to_be_focused()
    press(page, "?")
    expect(page.locator("#help")).to_be_visible()
    help_text = " ".join(page.locator("#help").inner_text().split())
    assert [command.name for command in COMMANDS if command.label not in help_text] == []
    press(page, "Escape")
    expect(page.locator(".row").first).to_be_focused()


def test_thirty_pairs_by_keyboard(page: Page) -> None:
    rows, accepted = page.locator("#rows .row"), page.locator("#rows .row.accepted")
    assert rows.count() > 31
    first = text(page)
    for _ in range(30):
        press(page, "Enter")
    expect(accepted).to_have_count(30)
    expect(rows.nth(30)).to_be_focused()
    # Rows without a pair do not count.
    expect(page.locator("#progress")).to_contain_text(re.compile("Reviewed (2.|30) of"))
    expect(page.locator("#progress")).to_contain_text("s a pair")
    press(page, "u", "u")
    expect(accepted).to_have_count(28)
    press(page, "Shift+U")
    expect(accepted).to_have_count(29)
    for _ in range(rows.count()):
        press(page, "k")
    expect(rows.first).to_be_focused()
    assert text(page) == first


def test_merge_split_edit_flag_and_search(page: Page) -> None:
    first, second = (page.locator("#rows .row").nth(at).locator(".target .text").inner_text() for at in (0, 1))
    count = page.locator("#rows .row").count()
    press(page, "m")
    expect(page.locator("#rows .row")).to_have_count(count - 1)
    assert text(page) == f"{first} {second}"
    expect(page.locator(".row.current")).to_be_focused()
    press(page, "s")
    expect(page.locator("#split-source")).to_be_focused()
    expect(page.locator("#split-targets li")).to_have_count(2)
    press(page, "Enter")
    expect(page.locator("#rows .row")).to_have_count(count)
    assert text(page) == first
    press(page, "e", "End")
    page.keyboard.type(" ignored")
    press(page, "Escape")
    assert text(page) == first
    press(page, "e", "Control+End")
    page.keyboard.type(" Тағы да.")
    press(page, "Enter")
    expect(page.locator(".row.edited .diff ins")).to_have_text(re.compile("Тағы да"))
    expect(page.locator("#rows .row").nth(1)).to_be_focused()
    press(page, "f")
    page.locator("#flag-category").select_option(label="Accuracy: mistranslation")
    press(page, "Tab")
    page.keyboard.type("which court?")
    press(page, "Enter")
    expect(page.locator(".row.current .flag")).to_have_text(re.compile("Accuracy: mistranslation: which court"))
    press(page, "/")
    page.keyboard.type("ТАҒЫ ДА")
    press(page, "Enter")
    expect(page.locator("#rows .row")).to_have_count(1)
    assert "search=" in page.url


def test_mending_a_boundary_and_cutting_an_edited_pair(page: Page) -> None:
    rows = page.locator("#rows .row")
    press(page, "Enter", "k")
    words = text(page, "source").split()
    shape = rows.first.locator(".bead").inner_text()
    longer = f"{int(shape[0]) + 1}{shape[1:]}"
    press(page, "c")
    expect(page.locator("#mend-source")).to_be_focused()
    press(page, "x", *["ArrowRight"] * len(words[0]), "Enter", "Backspace", "Enter", "Delete")
    cut = re.compile(rf"^{re.escape(words[0])} ?\n ?{re.escape(words[1])}")
    expect(page.locator("#mend-source")).to_have_value(cut)
    press(page, "Control+Enter")
    saved(page)
    expect(page.locator(".row.current .bead")).to_have_text(longer)
    expect(page.locator(".row.current")).to_be_focused()
    press(page, "u")
    expect(rows.first.locator(".bead")).to_have_text(shape)
    press(page, "m")
    expect(rows.first.locator(".bead")).not_to_have_text(shape)
    press(page, "e", "Control+a")
    page.keyboard.type("First half. Second half.")
    press(page, "Enter")
    expect(rows.nth(1)).to_be_focused()
    press(page, "k", "s")
    expect(page.locator("#split-target-halves")).to_have_value("First half.\nSecond half.")
    press(page, "Enter")
    expect(rows.nth(1).locator(".target .text")).to_have_text("Second half.")
    expect(page.locator(".row.edited")).to_have_count(2)


@pytest.mark.parametrize("key", ["/", "f"])
def test_what_is_typed_while_the_server_works_is_no_command(page: Page, key: str) -> None:
    def slowly(route: Any) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route("**/operations", slowly)
    first = page.locator("#rows .row").first
    press(page, "Enter", key, "x", "m", "u")
    expect(page.locator("#rows .row").nth(1)).to_have_class(re.compile("current"))
    expect(page.locator("#search:focus, #flag-category:focus")).to_have_count(1)
    expect(first).to_have_class(re.compile("accepted"))
    if key == "/":
        expect(page.locator("#search")).to_have_value("xmu")
    press(page, "Escape")
    expect(page.locator(".row.current")).to_be_focused()
    expect(page.locator("#progress")).to_contain_text("Reviewed 1 of")


def test_keys_work_under_a_cyrillic_layout(page: Page) -> None:
    second = page.locator("#rows .row").nth(1)
    page.locator(".row.current").dispatch_event("keydown", {"key": "о", "code": "KeyJ", "bubbles": True})
    expect(second).to_be_focused()


def change_key(page: Page, command: str, key: str) -> Any:
    """Ask for another key in the help; returns what the page says to that."""
    page.locator(f"#help tr[data-command={command}] button").click()
    expect(page.locator("#keys-said")).to_contain_text("Press the new key")
    press(page, key)
    return expect(page.locator("#keys-said"))


def test_keys_can_be_changed_and_stay_so(page: Page) -> None:
    rows = page.locator("#rows .row")
    press(page, "?")
    change_key(page, "down", "k").to_contain_text("already does “previous pair”")
    change_key(page, "down", "F5").to_contain_text("belongs to the browser")
    change_key(page, "down", "Control+w").to_contain_text("belong to the browser")
    change_key(page, "down", "Alt+d").to_contain_text("belongs to the browser")
    change_key(page, "down", "Shift+g").to_contain_text("Shift+G now does “next pair”")
    expect(page.locator("#help tr[data-command=down] th")).to_have_text("Shift+G")
    press(page, "Escape", "j", "Shift+g")
    expect(rows.nth(1)).to_be_focused()
    page.reload()
    expect(rows.first).to_be_focused()
    press(page, "Shift+g")
    expect(rows.nth(1)).to_be_focused()
    press(page, "?")
    page.locator("#reset-keys").click()
    expect(page.locator("#help tr[data-command=down] th")).to_have_text("J ↓")
    press(page, "Escape", "j")
    expect(rows.nth(2)).to_be_focused()


def test_single_letters_can_be_turned_off(page: Page) -> None:
    rows = page.locator("#rows .row")
    press(page, "?")
    change_key(page, "merge", "Alt+m").to_contain_text("Alt+M now does")
    page.locator("#silent").check()
    expect(page.locator("#help tr[data-command=edit] th")).to_have_text("")
    expect(page.locator("#actions button[data-command=edit]")).to_have_text("Edit")
    press(page, "Escape", "x", "m", "e", "j", "/", "?", "ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    expect(page.locator("dialog[open]")).to_have_count(0)
    count = rows.count()
    press(page, "Alt+m")
    expect(rows).to_have_count(count - 1)


def test_a_conflict_shows_both_texts(page: Page, browser: Browser, address: str) -> None:
    other = browser.new_page()
    other.goto(f"{address}?order=text")
    press(page, "e", "Control+a")
    page.keyboard.type("Mine.")
    press(other, "e", "Control+a")
    other.keyboard.type("Theirs.")
    press(other, "Enter")
    saved(other)
    press(page, "Enter")
    expect(page.locator("#edit .trouble")).to_contain_text("changed since you saw it")
    expect(page.locator("#edit-now .text")).to_have_text("Theirs.")
    expect(page.locator("#edit-now del")).to_have_text("Theirs")
    expect(page.locator("#edit-now ins")).to_have_text("Mine")
    expect(page.locator("#edit-target")).to_have_value("Mine.")
    press(page, "Enter")
    expect(page.locator("#edit")).to_be_hidden()
    expect(page.locator("#rows .row").first.locator(".text").last).to_have_text("Mine.")
    other.close()


def test_a_lost_network_loses_nothing_typed(page: Page) -> None:
    target = page.locator("#rows .row").first.locator(".target .text")
    press(page, "e", "Control+a")
    page.keyboard.type("Typed while offline.")
    page.context.set_offline(True)
    gone = time.monotonic()
    press(page, "Enter")
    expect(page.locator("#edit .trouble")).to_contain_text("Nothing typed is lost")
    expect(page.locator("#edit-target")).to_have_value("Typed while offline.")
    page.wait_for_timeout(10_000 - 1_000 * (time.monotonic() - gone))
    press(page, "Enter")
    expect(page.locator("#edit .trouble")).to_contain_text("Nothing typed is lost")
    page.context.set_offline(False)
    press(page, "Enter")
    expect(target).to_have_text("Typed while offline.")
    press(page, "k", "u")
    expect(target).not_to_have_text("Typed while offline.")


def test_what_is_typed_survives_a_reload(page: Page) -> None:
    press(page, "j", "e", "Control+a")
    page.keyboard.type("Half a sent")
    page.reload()
    expect(page.locator("#edit-target")).to_have_value("Half a sent")
    expect(page.locator("#status")).to_contain_text("not saved yet")
    page.keyboard.type("ence.")
    press(page, "Enter")
    expect(page.locator("#rows .row").nth(1).locator(".target .text")).to_have_text(re.compile("ence"))
    page.reload()
    expect(page.locator("#rows .row").first).to_be_focused()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_enter_pressed_twice_saves_once(page: Page) -> None:
    def slowly(route: Any) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route("**/operations", slowly)
    second = page.locator("#rows .row").nth(1)
    before = second.locator(".target .text").inner_text()
    press(page, "e", "Control+a")
    page.keyboard.type("Once.")
    press(page, "Enter", "Enter")
    expect(second).to_be_focused()
    press(page, "f")  # runs after all that was queued
    expect(page.locator("#flag")).to_be_visible()
    expect(second.locator(".target .text")).to_have_text(before)
    expect(page.locator("#rows .row.edited")).to_have_count(1)


def test_what_was_decided_is_exported(page: Page) -> None:
    press(page, "Enter")
    expect(page.locator("#rows .row.accepted")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export decisions").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["operation"] for line in lines] == ["accept"]


def test_words_that_mean_each_other_light_up(page: Page, address: str) -> None:
    status = page.locator("#status")
    while not page.request.get(f"{address}links/1/0").json()["ready"]:
        page.wait_for_timeout(200)  # the aligner is still learning
    press(page, "w")
    expect(page.locator(".row.current .source .linked")).to_have_text("12")
    expect(page.locator(".row.current .target .linked")).to_have_text("12")
    expect(status).to_have_text("12 – 12")
    press(page, "w")
    expect(status).to_have_text("маусымда – June")
    page.locator(".row.current .target").get_by_text("Almaty").hover()
    expect(page.locator(".row.current .source .linked")).to_have_text("Алматының")
    press(page, "e")
    expect(page.locator("#edit-source")).to_have_value(re.compile("^12 маусымда түстен кейін Алматының"))


def test_an_edited_text_is_compared_with_what_was(page: Page) -> None:
    press(page, "v")
    expect(page.locator("#status")).to_contain_text("nothing to compare")
    press(page, "e", "Control+End")
    page.keyboard.type(" Added.")
    press(page, "Enter")
    saved(page)
    press(page, "k", "v")
    expect(page.locator("#compare ins")).to_contain_text("Added")
    page.locator("#compare-left").select_option(index=0)
    expect(page.locator("#compare ins")).to_have_count(0)
    expect(page.locator("#compare-left")).to_be_focused()
    press(page, "Escape")
    expect(page.locator(".row").first).to_be_focused()


LOAD = """
import json, sys
from datasets import get_dataset_config_names, load_dataset
configs = get_dataset_config_names(sys.argv[1])  # what a person edited stands in a config of its own
rows = [row for one in configs for row in load_dataset(sys.argv[1], one, split="train", cache_dir=sys.argv[2])]
print(json.dumps([[row["translation"]["kk"], row["translation"]["en"], row["status"]] for row in rows]))
"""


def test_what_was_done_in_the_browser_is_in_the_loaded_dataset(page: Page, job: Path, tmp_path: Path) -> None:
    pairs = [
        tuple(
            page.locator("#rows .row").nth(at).locator(f".{side} .text").inner_text() for side in ("source", "target")
        )
        for at in range(6)
    ]
    press(page, "Enter")
    expect(page.locator("#rows .row").nth(1)).to_be_focused()
    press(page, "e", "Control+a")
    page.keyboard.type("A better translation.")
    press(page, "Enter")
    expect(page.locator("#rows .row").nth(2)).to_be_focused()
    press(page, "m")
    saved(page)
    expect(page.locator(".row.current.accepted")).to_be_focused()
    press(page, "j")
    refused = (text(page, "source"), text(page))
    press(page, "x")
    expect(page.locator("#progress")).to_contain_text("1 refused")
    page.goto(page.url.replace("/?", "/aside?"))
    expect(page.locator(".row.aside")).to_have_count(1)
    told = rerun(job)
    assert "4 decisions of reviewers" in told
    command = [sys.executable, "-c", LOAD, str(job.parent / "news" / "dataset"), str(tmp_path / "cache")]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rows = [tuple(row) for row in json.loads(done.stdout)]
    assert (*pairs[0], "accepted") in rows
    assert (pairs[1][0], "A better translation.", "post-edited") in rows
    assert (f"{pairs[2][0]} {pairs[3][0]}", f"{pairs[2][1]} {pairs[3][1]}", "accepted") in rows
    # The third article has the same pair, and there nobody refused it.
    assert [row[:2] for row in rows].count(refused) == 1
    engine = open_sqlite(job)
    assert [row.status for row in rows_of(engine)[:3]] == ["accepted", "post-edited", "accepted"]
    engine.dispose()


def test_what_was_left_by_escape_is_offered_again(page: Page) -> None:
    before = text(page)
    press(page, "e", "Control+a")
    page.keyboard.type("Half a thought")
    press(page, "Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.reload()
    expect(page.locator("dialog[open]")).to_have_count(0)
    press(page, "e")
    expect(page.locator("#edit-target")).to_have_value(before)
    expect(page.locator("#edit .draft")).to_contain_text("not saved")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#edit-target")).to_have_value("Half a thought")
    expect(page.locator("#edit-target")).to_be_focused()
    page.keyboard.type(" ends.")
    press(page, "Enter")
    saved(page)
    press(page, "k", "e")
    expect(page.locator("#edit-target")).to_be_visible()
    expect(page.locator("#edit .draft")).to_have_count(0)


def test_what_was_typed_outlives_its_tab_and_the_server(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, other = context.new_page(), context.new_page()
    page.goto(f"{address}?order=text")
    press(page, "e", "Control+a")
    page.keyboard.type("Half a thought")
    page.route("**/operations", lambda route: route.abort())
    press(page, "Enter")
    expect(page.locator("#edit .trouble")).not_to_be_empty()
    row = page.locator(".row.current").get_attribute("id")
    page.close()
    other.goto(f"{address}?order=text")
    expect(other.locator("dialog[open]")).to_have_count(0)  # it was open in another tab
    other.locator(f"#{row} .target .text").click()
    press(other, "e")
    other.get_by_role("button", name="Use it").click()
    expect(other.locator("#edit-target")).to_have_value("Half a thought")
    press(other, "Enter")
    saved(other)
    context.close()


def test_a_neighbour_out_of_sight_comes_into_view_first(page: Page, address: str) -> None:
    page.goto(f"{address}?order=doubt")
    count = page.locator("#rows .row").count()
    chosen = page.locator("#rows .row").first
    row, end = chosen.get_attribute("id"), chosen.get_attribute("data-end")
    press(page, "m")
    expect(page.locator("#status")).to_contain_text("press the key again")
    following = page.locator(f"#{row} + .row")
    expect(following).to_have_attribute("data-start", str(end))
    expect(page.locator("#rows .row")).to_have_count(count)
    press(page, "m")
    saved(page)
    expect(page.locator("#rows .row")).to_have_count(count - 1)
    press(page, "Control+z")
    expect(page.locator("#status")).to_have_text("Undone.")
    expect(page.locator("#rows .row")).to_have_count(count)


def test_a_confirmed_neighbour_is_asked_about(page: Page) -> None:
    press(page, "j", "Enter")
    expect(page.locator("#rows .row.accepted")).to_have_count(1)
    press(page, "k", "k", "m")
    expect(page.locator("#status")).to_contain_text("Somebody confirmed the pair beside it")
    expect(page.locator("#rows .row.accepted")).to_have_count(1)
    press(page, "m")
    saved(page)
    press(page, "Control+z", "Control+z", "Control+z")
    expect(page.locator("#status")).to_contain_text("there is nothing to undo")
    expect(page.locator("#status.bad")).to_have_count(0)


def test_a_double_click_edits_and_no_error_is_suggested(page: Page) -> None:
    page.locator("#rows .row").nth(2).locator(".target .text").dblclick()
    expect(page.locator("#edit")).to_be_visible()
    press(page, "Escape", "f")
    expect(page.locator("#flag")).to_be_visible()
    press(page, "Enter")
    expect(page.locator("#flag .trouble")).to_have_text("Choose what is wrong.")
    press(page, "Escape")
