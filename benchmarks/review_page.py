"""How long the page takes for a key press and an accept, in Chromium: python benchmarks/review_page.py.

A page of 100 rows: the two articles of the demo, repeated. A key press is timed from the event to the end of its
handling, an accept from the event to the row that came back from the server; both inside the page. The peers of the
same run: a key that does nothing, and a small file from the same server. Needs the extras `review` and `dev`,
and Chromium.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # a checkout runs without an install

from playwright.sync_api import sync_playwright  # noqa: E402
from review_material import make_corpus, rerun, review_server  # noqa: E402

PRESSES = 60
PRESS = """(key, code) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", {key, code, bubbles: true, cancelable: true}))"""
KEY = f"""([key, code]) => {{ const started = performance.now();
  ({PRESS})(key, code);
  document.body.getBoundingClientRect();
  return performance.now() - started; }}"""
ACCEPT = f"""() => new Promise((done) => {{ const started = performance.now();
  const watcher = new MutationObserver(() => {{ watcher.disconnect(); document.body.getBoundingClientRect();
    done(performance.now() - started); }});
  watcher.observe(document.getElementById("rows"), {{childList: true}});
  ({PRESS})("Enter", "Enter"); }})"""
FETCH = """async () => { const started = performance.now(); await fetch("/static/icon.svg", {cache: "no-store"});
  return performance.now() - started; }"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        job = make_corpus(Path(folder))
        for lang in ("kk", "en"):
            for copy in range(7):
                shutil.copy(job.parent / lang / "trial.txt", job.parent / lang / f"trial-{copy}.txt")
        rerun(job)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with review_server(job.parent / "news") as (address, _):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{address}?order=text")
            page.locator(".row[data-marked]").nth(99).wait_for()
            size = page.evaluate("document.documentElement.outerHTML.length")
            print(f"{page.locator('.row').count()} rows, {size / 1024:,.0f} KB of HTML; milliseconds in the page")
            report("a key that does nothing", page, KEY, ["y", "KeyY"])
            report("next pair (j)", page, KEY, ["j", "KeyJ"])
            report("a small file from the server", page, FETCH)
            page.reload()
            page.locator(".row.current").wait_for()
            report("accept and next (Enter)", page, ACCEPT)
        browser.close()


def report(what: str, page: Any, script: str, *values: list[str]) -> None:
    taken = sorted(page.evaluate(script, *values) for _ in range(PRESSES))
    print(f"{what:<30} median {statistics.median(taken):6.1f}   95 % below {taken[int(PRESSES * 0.95)]:6.1f}")


if __name__ == "__main__":
    main()
