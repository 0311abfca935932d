"""Every page and dialog of the review as pictures, to be looked at: python benchmarks/review_screens.py FOLDER.

At each width, light and dark, in each language; of a corpus of the demo's articles in which there is one of everything
to see. Sheets put the pictures of one page side by side (where Pillow is installed); `--only pairs,desk` makes those of
some pages. A page that scrolls sideways is told. Needs the extras `review` and `dev`, and Chromium.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # a checkout runs without an install

from argon2 import PasswordHasher  # noqa: E402
from campaign_material import write_campaign  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from review_material import do, make_corpus, open_sqlite, rerun, review_server, rows_of  # noqa: E402
from small_corpus import qosmatin_here  # noqa: E402

from qosmatin.review.editing.flagging import CATEGORIES  # noqa: E402
from qosmatin.review.editing.operations import Review  # noqa: E402
from qosmatin.review.people.accounts import add_account  # noqa: E402
from qosmatin.review.people.passwords import Passwords  # noqa: E402

SECRET = "four words are enough"
FILES = "files: [en/*.txt]}"
Views = dict[str, Callable[[Page, str], None]]
DIALOGS = {
    "help": "?", "edit": "e", "flag": "f", "comment": "r", "history": "h", "split": "s", "mend": "c", "compare": "v",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--widths", default="360,768,1024,1440")
    parser.add_argument("--languages", default="en,ru,kk")
    parser.add_argument("--schemes", default="light,dark")
    parser.add_argument("--only", default="", help="some of the pages, commas between")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        job = make_material(Path(folder))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with review_server(job.parent / "news") as (address, _):
            page = browser.new_page()
            page.goto(f"{address}login")
            page.locator("#name").fill("aigul")
            page.locator("#password").fill(SECRET)
            page.keyboard.press("Enter")
            page.wait_for_url(address)
            known = page.context.storage_state()
            wanted = {
                name: way for name, way in VIEWS.items() if not arguments.only or name in arguments.only.split(",")
            }
            for language in arguments.languages.split(","):
                for scheme in arguments.schemes.split(","):
                    for width in map(int, arguments.widths.split(",")):
                        take(browser, address, known, wanted, (language, scheme, width, arguments.folder))
        browser.close()
    make_sheets(arguments.folder)


def make_material(work: Path) -> Path:
    """Return the config of a corpus in which there is one of everything to see."""
    job = make_corpus(work)
    engine = open_sqlite(job)
    row = next(one for one in rows_of(engine) if "#FreeAlnur" in one.source_text)
    engine.dispose()
    unit = {"source": row.source_text.replace("плакат", "үлкен плакат"), "target": "Outside, protesters chanted."}
    (work / "memory.jsonl").write_text(json.dumps(unit, ensure_ascii=False) + "\n", encoding="utf-8")
    (work / "terms.csv").write_text("kk,en\nнаразылар,demonstrators\nбелсенді,activist\n", encoding="utf-8")
    errors = [
        {"span": row.target_text.split()[0], "severity": "minor", "category": "Style"},
        {"span": row.target_text.split()[-1], "severity": "critical", "category": "Accuracy/Mistranslation"},
    ]
    judged = {"system": "en", "mt": row.target_text, "source": row.source_text, "score": 40, "errors": errors}
    (work / "gemba.jsonl").write_text(json.dumps(judged, ensure_ascii=False) + "\n", encoding="utf-8")
    config = job.read_text(encoding="utf-8")
    config += "memories: [memory.jsonl]\nglossaries: [terms.csv]\nmarked_errors: [gemba.jsonl]\n"
    job.write_text(config.replace(FILES, "files: [en/*.txt], pairing: content}"), encoding="utf-8")
    rerun(job)
    people_work(job)
    campaign = write_campaign(work / "campaign", annotators=["r1", "r2"], invite=False)
    config = campaign.read_text(encoding="utf-8").replace("folder: store", f"folder: {work / 'news'}")
    campaign.write_text(config, encoding="utf-8")
    for words in (
        ("review", "sample", "news", "--translation", "en", "--size", "8"),
        ("campaign", "new", str(campaign)),
    ):
        done = qosmatin_here(work, *words)
        assert not done.returncode, done.stdout + done.stderr
    return job


def people_work(job: Path) -> None:
    """Do one of everything."""
    engine = open_sqlite(job)
    add_account(engine, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), "aigul", "admin", SECRET)
    review = Review(engine)
    do(review, "reject", rows_of(engine)[-1])
    do(review, "accept", rows_of(engine)[3])
    do(review, "edit", rows_of(engine)[0], source_text=None, target_text="In short: 77 more were in the court room.")
    do(review, "flag", rows_of(engine)[1], category=CATEGORIES[0], severity="major", comment="which court?")
    do(review, "comment", rows_of(engine)[0], reviewer="r2", text="Who is meant by the first sentence?")
    do(review, "bookmark", rows_of(engine)[1])
    do(review, "merge", rows_of(engine)[2])
    engine.dispose()


def take(browser: Any, address: str, known: Any, views: Views, how: tuple[str, str, int, Path]) -> None:
    """Take the pictures of all views in one language, scheme and width."""
    language, scheme, width, folder = how
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "locale": language}
    for name, way in views.items():
        context = browser.new_context(storage_state=None if name in ("login", "invitation") else known, **options)
        page = context.new_page()
        way(page, address)
        page.wait_for_timeout(250)
        page.screenshot(path=folder / f"{name}.{language}.{scheme}.{width}.png")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            print(f"{name} ({language}, {scheme}, {width}) scrolls sideways", flush=True)
        context.close()


def at(path: str) -> Callable[[Page, str], None]:
    """Return what opens a page."""

    def way(page: Page, address: str) -> None:
        page.goto(address + path)

    return way


def pressed(*keys: str, path: str = "?order=text") -> Callable[[Page, str], None]:
    """Return what opens the pairs and presses keys there."""

    def way(page: Page, address: str) -> None:
        page.goto(address + path)
        page.locator(".row.current").wait_for()
        page.wait_for_timeout(200)
        for key in keys:
            page.keyboard.press(key)

    return way


def desk(page: Page, address: str) -> None:
    """Open the panel with a match, a term and marked errors, and the context of the pair."""
    pressed("i", "g", path="?search=FreeAlnur")(page, address)
    page.locator("#desk .matches").first.wait_for()
    page.wait_for_timeout(300)


def menu(page: Page, address: str) -> None:
    """Unfold the links and filters, where they are folded."""
    pressed()(page, address)
    if page.locator("#fold").is_visible():
        page.locator("#fold").click()


def preview(page: Page, address: str) -> None:
    """Look at what would be done to all rows."""
    pressed("Shift+A")(page, address)
    page.locator("#bulk-kind").select_option("accept")
    page.keyboard.press("Enter")
    page.locator("#bulk .seen li").first.wait_for()


def conflict(page: Page, address: str) -> None:
    """Save what somebody else has changed meanwhile, who takes it back afterwards."""
    pressed("j", "j", "j", "j", "e")(page, address)
    page.keyboard.type(" And more.")
    other = page.context.new_page()
    pressed("j", "j", "j", "j", "Enter")(other, address)
    other.locator(".row.accepted").nth(1).wait_for()
    page.keyboard.press("Enter")
    page.locator("#edit-now > *").first.wait_for()
    other.keyboard.press("u")
    other.wait_for_timeout(300)
    other.close()


VIEWS: Views = {
    "pairs": pressed(),
    "doubt": pressed(path="?order=doubt"),
    "pairs-down": pressed("j", "j", "j", "j", "j"),
    "desk": desk,
    **{name: pressed(key) for name, key in DIALOGS.items()},
    "bulk": pressed("Shift+A"),
    "menu": menu,
    "preview": preview,
    "conflict": conflict,
    "context": pressed("g", path="?order=doubt"),
    "aside": at("aside?translation=en"),
    "documents": at("documents?translation=en"),
    "read": at("read/1"),
    "batches": at("batches"),
    "account": at("account"),
    "people": at("people"),
    "samples": at("samples"),
    "sample": at("sample/1"),
    "decide": at("sample/1/decide"),
    "matches": at("matches?translation=en&show=all"),
    "campaigns": at("campaigns"),
    "campaign": at("campaign/1"),
    "campaign-progress": at("campaign/1/progress"),
    "login": at("login"),
    "invitation": at(f"invitation/{'x' * 43}"),
}


def make_sheets(folder: Path) -> None:
    """Put the pictures of each page side by side, a row for each language and scheme."""
    try:
        from PIL import Image
    except ImportError:
        return
    by_view: dict[str, dict[tuple[str, str], list[tuple[int, Path]]]] = {}
    for path in folder.glob("*.*.*.*.png"):
        name, language, scheme, width = path.name.removesuffix(".png").rsplit(".", 3)
        by_view.setdefault(name, {}).setdefault((language, scheme), []).append((int(width), path))
    for name, rows in by_view.items():
        pictures = [[Image.open(path) for _, path in sorted(row)] for _, row in sorted(rows.items())]
        width = max(sum(one.width + 20 for one in row) for row in pictures)
        sheet = Image.new("RGB", (width, sum(max(one.height for one in row) + 20 for row in pictures)), "#888")
        top = 0
        for row in pictures:
            left = 0
            for one in row:
                sheet.paste(one, (left, top))
                left += one.width + 20
            top += max(one.height for one in row) + 20
        sheet.save(folder / f"sheet-{name}.png")


if __name__ == "__main__":
    main()
