"""Hints as part of the store: found once, counted, filtered, first in doubt; the report; both in a browser."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_checks import barriers
from lxml import html
from review_material import do, open_sqlite, review_server, rows_of
from sqlalchemy import Engine
from starlette.testclient import TestClient
from test_review_store import dump
from typer.testing import CliRunner

from qosmatin.cli import app
from qosmatin.corpus.errors import InputError
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.pages.report import find_all, write_report
from qosmatin.review.quality import quality_marks
from qosmatin.review.store import hints, log
from qosmatin.review.store.database import writing
from qosmatin.review.store.queries import Query, find_rows, hinted_of
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.store.states import doubt
from qosmatin.review.words import words_in

WRONG = {
    "language": lambda _row: "Это предложение написано совсем на другом языке, чем нужно.",
    "copy": lambda row: row.source_text,
    "numbers": lambda row: f"{row.target_text} It was in 1789.",
    "looping": lambda row: f"{row.target_text} and so on and so on and so on and so on and so on and so on",
}
"""What the translation becomes, by the hint that it earns."""


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def spoil(engine: Engine, row: BeadRow, kind: str, document: int = 1) -> int:
    """Put a wrong translation into a row, as if the job had made it, with a confidence of 99 %; return its number."""
    source = f"{row.source_text} 1815 жыл." if kind == "numbers" else row.source_text
    wrong = replace(row, source_text=source, target_text=WRONG[kind](row), confidence=0.99)
    with writing(engine) as connection:
        log.append(connection, log.IMPORT, "", document, Change(before=(row,), after=(wrong,)))
    return row.number


def pairs_of(engine: Engine) -> list[BeadRow]:
    """The rows of the first document that are pairs of some length and without any hint."""
    return [row for row in rows_of(engine) if not row.bead.is_null and not row.hints and len(row.source_text) > 60]


def test_a_wrong_row_comes_first_however_sure_the_aligner_is(engine: Engine) -> None:
    wrong = [spoil(engine, row, kind) for row, kind in zip(pairs_of(engine), WRONG, strict=False)]
    with engine.connect() as connection:
        found = find_rows(connection, Query("en", order="doubt")).rows
        counted = hinted_of(connection, "en")
        for number, kind in zip(wrong, WRONG, strict=True):
            page = find_rows(connection, Query("en", show=f"hint-{kind}"))  # type: ignore[arg-type]
            assert number in [one.row.number for one in page.rows]
            assert len(page.rows) == page.count == counted[f"hint-{kind}"]
        assert find_rows(connection, Query("en", show="hinted")).count == counted["hinted"]
    graves = [one for one in found if (one.row.hints or 0) & hints.GRAVE]
    assert found[: len(graves)] == graves
    assert set(wrong) <= {one.row.number for one in graves}


@pytest.mark.parametrize(
    ("kinds", "confidence", "status", "place"),
    [
        ((), 0.9, "unreviewed", 0.9),
        ((), None, "unreviewed", 0.0),
        (("language",), 0.99, "unreviewed", -0.01),
        (("names",), 0.9, "unreviewed", 0.45),
        (("punctuation",), 0.9, "unreviewed", 0.9),
        (("numbers", "names"), 0.5, "unreviewed", -0.5),
        (("copy",), 0.9, "accepted", 2.9),
    ],
)
def test_doubt(kinds: tuple[str, ...], confidence: float | None, status: Any, place: float) -> None:
    bits = sum(hints.BITS[kind] for kind in kinds)
    row = BeadRow(1, 0, 1, 0, 1, confidence, "x", "a", "b", status=status, hints=bits)
    assert doubt(row) == pytest.approx(place)
    # A pair may be well aligned and badly translated: one number of both.
    judged = doubt(replace(row, quality=0.5))
    known = 1.0 if confidence is None else confidence
    assert judged == pytest.approx(doubt(replace(row, confidence=known * 0.5)))


def test_hints_are_found_once_for_each_change_of_a_text(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def find(source: str, target: str, *langs: str) -> int:
        looked.append(target)
        return hints.find_hints(source, target, *langs)

    monkeypatch.setattr(log, "find_hints", find)
    review, row = Review(engine), rows_of(engine)[0]
    do(review, "accept", row)
    do(review, "flag", rows_of(engine)[0], category="Style", comment="")
    with engine.connect() as connection:
        find_rows(connection, Query("en"))
    assert looked == []
    do(review, "edit", rows_of(engine)[0], target_text="Короткий текст на русском языке вместо английского перевода.")
    assert len(looked) == 1
    assert (rows_of(engine)[0].hints or 0) & hints.BITS["language"]
    review.undo("r1")
    assert rows_of(engine)[0].hints == row.hints


def test_the_log_gives_the_same_hints_again(engine: Engine) -> None:
    spoil(engine, pairs_of(engine)[0], "copy")
    do(Review(engine), "merge", rows_of(engine)[2])
    before = dump(engine)
    with writing(engine) as connection:
        log.rebuild(connection)
    assert dump(engine) == before


def test_the_api_tells_the_kinds(engine: Engine) -> None:
    number = spoil(engine, pairs_of(engine)[0], "copy")
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    found = client.get("/api/pairs?show=hint-copy").json()
    assert [(one["number"], "copy" in one["hints"]) for one in found["pairs"]] == [(number, True)]
    assert client.get("/api/pairs?show=hint-none").status_code == 400


def test_a_row_of_which_nothing_is_known_is_looked_at_for_its_marks() -> None:
    sides = ("Ол 2020 жылы келді.", "He came in 2021.", "kk", "en")
    assert [one.kind for one in quality_marks(*sides, {})] == ["numbers"]
    assert quality_marks(*sides, {}, hints=0) == []
    assert [one.kind for one in quality_marks(*sides, {"en": {"жыл": "year"}}, hints=0)] == ["glossary"]


@pytest.mark.parametrize(("language", "word"), [("en", "untranslated"), ("ru", "замечания"), ("kk", "ескертулер")])
def test_the_report_is_a_page_and_a_sheet(engine: Engine, job: Path, language: str, word: str) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra 'formats' is not installed")
    first, second, third = pairs_of(engine)[:3]
    spoil(engine, first, "copy")
    row = replace(second, target_text="=HYPERLINK(1) <script>alert(1)</script> 77.")
    with writing(engine) as connection:
        log.append(connection, log.IMPORT, "", 1, Change(before=(second,), after=(row,)))
    do(Review(engine), "flag", row if third.number == row.number else third, category="Style", comment="dry")
    do(Review(engine), "comment", pairs_of(engine)[7], reviewer="r2", text="Which court?")
    with engine.connect() as connection:
        found = list(find_all(connection, [1, 2], {"en": {"zzz": "x"}}))
    assert [one.name for one in found] == [one.name for one in sorted(found, key=lambda one: one.name)]
    numbers = [one.row.number for one in found[0].findings]
    assert {first.number, second.number, third.number} <= set(numbers)
    for name in ("qa.html", "qa.xlsx"):
        write_report(job.parent / name, "news", found, words_in(language))
    page = html.parse(str(job.parent / "qa.html"))
    assert len(page.findall(".//tbody/tr")) == sum(len(one.findings) for one in found)
    assert page.findall(".//script") == page.findall(".//link") == page.findall(".//img") == []
    assert "<script>alert(1)" in page.find(f".//tr[@id='{row.pair_id}']").text_content()
    sheet = openpyxl.load_workbook(job.parent / "qa.xlsx").active
    lines = list(sheet.iter_rows())
    assert len(lines) == 1 + sum(len(one.findings) for one in found)
    spoilt = next(line for line in lines if line[8].value == row.pair_id)
    assert (spoilt[4].data_type, spoilt[4].value) == ("s", row.target_text)
    said = [str(cell.value) for line in lines for cell in line]
    assert any(word in one for one in said)
    assert [one for one in said if one.startswith("r2, ") and one.endswith(": Which court?")]
    assert "Which court?" in page.getroot().text_content()
    with pytest.raises(InputError, match=r"\.html or \.xlsx"):
        write_report(job.parent / "qa.txt", "news", found, words_in(language))


def test_the_report_from_the_command_line(engine: Engine, job: Path) -> None:
    spoil(engine, pairs_of(engine)[0], "copy")
    engine.dispose()
    folder, page = str(job.parent / "news"), job.parent / "qa.html"
    done = CliRunner().invoke(app, ["review", "qa", folder, "-o", str(page), "--language", "kk", "--document", "1"])
    assert done.exit_code == 0, done.output
    assert len(html.parse(str(page)).findall(".//section")) == 1
    for wrong in (["--language", "de"], ["--translation", "zz"], ["--document", "none"]):
        assert CliRunner().invoke(app, ["review", "qa", folder, "-o", str(page), *wrong]).exit_code != 0


@pytest.mark.parametrize("width", [1280, 360])
def test_filter_and_order_by_hint_in_a_browser(engine: Engine, job: Path, browser: Any, width: int) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    wrong = spoil(engine, pairs_of(engine)[-1], "copy")
    with review_server(job.parent / "news") as (address, _):
        page = browser.new_page(viewport={"width": width, "height": 800}, locale="en-GB")
        page.goto(address)
        first = page.locator("#rows .row").first
        sync_api.expect(first.locator(".tag.quality").first).to_be_visible()
        assert any(word in first.inner_text() for word in ("untranslated", "numbers", "other language"))
        if width < 500:
            page.locator("#fold").click()  # filters are folded away on a narrow screen
        page.locator("#show").select_option("hint-copy")
        page.locator("#filters button[type=submit]").click()
        sync_api.expect(page.locator("#rows .row")).to_have_count(1)
        sync_api.expect(page.locator("#rows .row .tag.quality").first).to_contain_text("untranslated")
        assert page.locator("#rows .row").get_attribute("id") == f"row-1-{wrong}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == []
        page.keyboard.press("Enter")  # a person's word outranks a hint
        sync_api.expect(page.locator("#rows .row.accepted")).to_have_count(1)
        page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_report_is_readable_by_everybody(engine: Engine, job: Path, browser: Any, width: int, scheme: str) -> None:
    spoil(engine, pairs_of(engine)[0], "copy")
    with engine.connect() as connection:
        found = list(find_all(connection, [1, 2], {}))
    path = job.parent / "qa.html"
    write_report(path, "news", found, words_in("kk"))
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []
    page.close()
