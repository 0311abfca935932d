"""A translator's day as one story in Chromium, and all of it is found in the dataset."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from review_material import open_sqlite, rerun, review_server, rows_of
from small_corpus import qosmatin

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect


@pytest.fixture
def day(job: Path) -> Iterator[tuple[str, Path]]:
    """The address of a review with a memory and a glossary, and its job."""
    engine = open_sqlite(job)
    source = next(row.source_text for row in rows_of(engine) if "#FreeAlnur" in row.source_text)
    engine.dispose()
    unit = {"source": source.replace("плакат", "үлкен плакат"), "target": "Outside, protesters chanted: “Freedom!”"}
    (job.parent / "memory.jsonl").write_text(json.dumps(unit, ensure_ascii=False) + "\n", encoding="utf-8")
    (job.parent / "terms.csv").write_text("kk,en\nнаразылар,demonstrators\n", encoding="utf-8")
    with job.open("a", encoding="utf-8") as config:
        config.write("memories: [memory.jsonl]\nglossaries: [terms.csv]\n")
    rerun(job)
    with review_server(job.parent / "news") as (address, _):
        yield address, job


def a_match_taken_and_a_term_mended(page: Any, address: str) -> None:
    """Take what the memory has for a pair, see that a term is missing in it, and mend that."""
    press = page.keyboard.press
    page.goto(f"{address}?order=text&search=FreeAlnur")
    row = page.locator(".row.current")
    match = page.locator("#desk .matches", has_text="memory.jsonl")
    for _ in range(40):  # the memory is opened beside
        press("i")
        expect(page.locator("#desk-pair h2").first).to_be_visible()
        if match.count():
            break
        press("i")
        page.wait_for_timeout(250)
    expect(match.locator("strong").first).to_have_text(re.compile("^9[0-9]%$"))
    press("t")
    expect(page.locator("#edit-target")).to_have_value("Outside, protesters chanted: “Freedom!”")
    press("Enter")
    expect(page.locator("#edit")).to_be_hidden()
    expect(row).to_have_class(re.compile("edited"))
    expect(row.locator(".tag.quality", has_text="наразылар → demonstrators")).to_be_visible()
    expect(page.locator("#desk .terms .missing")).to_contain_text("demonstrators")
    press("e")
    expect(page.locator("#edit-target")).to_be_focused()
    press("Control+a")
    page.keyboard.insert_text("Outside, demonstrators chanted: “Freedom!”")
    press("Enter")
    expect(row.locator(".tag.quality", has_text="demonstrators")).to_have_count(0)
    expect(page.locator("#desk .terms .there")).to_contain_text("demonstrators")
    press("i")


def published(job: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows of the published dataset by document and English text."""
    files = (job.parent / "news" / "dataset").rglob("*.parquet")
    rows = [row for path in files for row in pq.read_table(path).to_pylist()]
    return {(row["document"], row["translation"]["en"]): row for row in rows}


def from_a_spreadsheet(job: Path, text: str) -> str:
    """Put a text into the spreadsheet of the corpus, and bring the file in as people do; returns the pair's id."""
    work = job.parent
    assert qosmatin(work, "export", "news", "--format", "xlsx", "-o", "day.xlsx").returncode == 0
    book = load_workbook(work / "day.xlsx")
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(4, column["target"]).value = text
    pair = str(sheet.cell(4, column["id"]).value)
    book.save(work / "day.xlsx")
    done = qosmatin(work, "import", "day.xlsx", "--corpus", "news", "--reviewer", "A. B.", "-o", "day.jsonl")
    assert "1 decisions" in done.stdout, done.stdout + done.stderr
    job.write_text(job.read_text(encoding="utf-8") + "decisions: day.jsonl\n", encoding="utf-8")
    return pair


def a_doubt_and_a_draft(page: Any, address: str) -> Any:
    """Go to a doubt by its hint, see it in its text, leave an edit by Esc and find it again; returns the row."""
    press = page.keyboard.press
    page.goto(f"{address}?show=hinted")
    expect(page.locator(".row.current .tag.quality").first).to_be_visible()
    row = page.locator(f"#{page.locator('.row.current').get_attribute('id')}")
    press("g")
    expect(row.locator(".context")).to_have_count(2)
    press("e")
    press("Control+a")
    page.keyboard.insert_text("Half a thought")
    press("Escape")
    expect(page.locator("#edit")).to_be_hidden()
    page.reload()
    expect(row).to_be_focused()
    press("e")
    page.get_by_role("button", name="Use it").click()
    page.keyboard.insert_text(" comes to its end.")
    press("Enter")
    expect(row).to_have_class(re.compile("edited"))
    return row


def a_flag_and_a_comment(page: Any, row: Any) -> None:
    """Say how bad something is, and ask."""
    row.locator(".target .text").click()
    page.keyboard.press("f")
    page.locator("#flag-category").select_option(label="Terminology")
    page.locator("#flag-severity").select_option(label="major")
    page.locator("#flag").get_by_role("button", name="Save").click()
    expect(row.locator(".flag")).to_have_text("⚑ Terminology, major")
    page.keyboard.press("r")
    page.keyboard.insert_text("Which court is meant?")
    page.keyboard.press("Enter")
    expect(row.locator(".comment")).to_contain_text("Which court is meant?")


def three_times(page: Any, key: str, said: str) -> None:
    """Undo or redo the comment, the flag and the edit."""
    status = page.locator("#status")
    for _ in range(3):
        page.keyboard.press(key)
        expect(status).to_have_text(said)
        status.evaluate("one => { one.textContent = ''; }")


def test_a_day(browser: Any, day: tuple[str, Path]) -> None:
    address, job = day
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    a_match_taken_and_a_term_mended(page, address)
    row = a_doubt_and_a_draft(page, address)
    name = row.locator("a.document").inner_text()
    a_flag_and_a_comment(page, row)

    # A spreadsheet comes back into the review that runs, by another run of the job.
    pair = from_a_spreadsheet(job, "From the spreadsheet.")
    rerun(job)
    open_sqlite(job).dispose()
    page.goto(f"{address}?order=text&search=spreadsheet")
    expect(page.locator(".row.edited .target .text")).to_have_text("From the spreadsheet.")

    # Undo reaches across that run; and what was undone is done again.
    page.goto(f"{address}?order=text&search=comes+to+its+end")
    three_times(page, "u", "Undone.")
    expect(row).not_to_have_class(re.compile("edited"))
    three_times(page, "Shift+U", "Done again.")
    expect(row).to_have_class(re.compile("edited"))
    expect(row.locator(".flag")).to_have_text("⚑ Terminology, major")
    page.keyboard.press("h")
    expect(page.locator("#events")).to_contain_text("Which court is meant?")
    page.close()
    assert not faults

    # All of it is in the dataset.
    rerun(job)
    rows = published(job)
    edited = rows[name, "Half a thought comes to its end."]
    said = edited["status"], edited["flag_category"], edited["flag_severity"]
    assert said == ("post-edited", "Terminology", "major")
    mended = next(row for (_, text), row in rows.items() if text == "Outside, demonstrators chanted: “Freedom!”")
    assert mended["status"] == "post-edited"
    sheet = next(row for (_, text), row in rows.items() if text == "From the spreadsheet.")
    assert (sheet["id"], sheet["status"]) == (pair, "post-edited")
