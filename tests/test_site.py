"""The site of README, docs and reference: it builds without a warning, asks no host for anything, and finds words."""

import importlib.util
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "docs" / "site.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", timeout=200)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, str]:
    """The pages, by their place in the site."""
    found = sorted(site.rglob("*.html"))
    return {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in found}


class Read(HTMLParser):
    """What a browser fetches by itself when it shows a page, and what stands in its paragraphs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.paragraphs: list[str] = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.loaded += [str(named[name]) for name in ("src", "srcset", "data", "poster") if named.get(name)]
        if tag == "link" and named.get("rel") not in ("next", "prev"):
            self.loaded.append(str(named.get("href")))
        if tag == "p":
            self._open = True
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.paragraphs[-1] += data


def is_elsewhere(address: str) -> bool:
    """Whether a browser asks a host for it; an address of the kind ``data:`` holds what it names."""
    return not address.startswith("data:") and (":" in address or address.startswith("//"))


def test_no_page_asks_a_host_for_anything(site: Path, pages: dict[str, str]) -> None:
    assert len(pages) > 35
    for name, text in pages.items():
        assert [one for one in Read(text).loaded if is_elsewhere(one)] == [], name
        assert [one for one in ("@import", "url(http", "url(//") if one in text] == [], name
    for path in site.rglob("*.css"):
        assert not re.search(r"url\((https?:)?//", path.read_text(encoding="utf-8")), path


def test_what_a_page_names_is_there(site: Path, pages: dict[str, str]) -> None:
    for name, text in pages.items():
        if name != "404.html":  # its addresses are those of a server's root
            for one in Read(text).loaded:
                assert ((site / name).parent / one.split("?")[0].split("#")[0]).exists(), (name, one)


def test_every_page_of_the_docs_is_in_the_site_and_reads_as_it_is_meant(pages: dict[str, str]) -> None:
    for path in [*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "README.md"]:
        name = path.relative_to(ROOT).with_suffix(".html").as_posix().replace("README", "index")
        paragraphs = Read(pages[name]).paragraphs
        marks = [one for one in paragraphs if re.search(r"^(\* |\d+\. |#)|```|\n(\* |\d+\. )", one.strip("\n"))]
        assert marks == [], name
        kinds = Counter(one.type for one in MarkdownIt().enable("table").parse(path.read_text(encoding="utf-8")))
        shown = pages[name].partition("<article")[2].partition("</article>")[0]
        assert shown.count("<table>") == kinds["table_open"], name
        assert shown.count("<ol>") == kinds["ordered_list_open"], name
        assert shown.count("<li>") == kinds["list_item_open"], name
        assert shown.count("<code") >= kinds["fence"] + kinds["code_block"], name


def test_what_the_library_offers_has_a_place(pages: dict[str, str]) -> None:
    from qosmatin import library

    page = pages["reference/qosmatin.library.html"]
    assert [name for name in library.__all__ if f'id="qosmatin.library.{name}"' not in page] == []
    for name in ("corpus", "align", "eval", "corpus.model", "align.matching", "translate.engine"):
        assert f"reference/qosmatin.{name}.html" in pages


def test_the_site_is_searched_as_files_with_no_request_to_any_host(site: Path, browser: "Browser") -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "docs" / "publishing.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("decontamination paraphrases", delay=5)
    found = page.locator(".md-search-result__item a").first
    found.wait_for()
    assert "publishing.html" in str(found.get_attribute("href"))
    assert [one for one in asked if not one.startswith(("file:", "data:", "about:"))] == []
    page.close()


def test_what_leads_nowhere_is_told(tmp_path: Path) -> None:
    maker = load_maker()
    pages = tmp_path / "pages"
    (pages / "docs").mkdir(parents=True)
    text = "# One\n\n[a](no.md) [b](two.md#no) [c](two.md#here) [d](/root.md)\n"
    (pages / "docs" / "one.md").write_text(text, encoding="utf-8")
    (pages / "docs" / "two.md").write_text("# Two\n\n## Here\n", encoding="utf-8")
    told = "\n".join(maker.render(pages, tmp_path / "site"))
    for wrong in ("no.md", "#no", "/root.md"):
        assert wrong in told
    assert "#here" not in told


def load_maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_site", ROOT / "docs" / "site.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("tag", ['<script src="https://x.org/a.js">', '<link href="//x.org/a.css">'])
def test_what_would_ask_a_host_is_seen(tag: str) -> None:
    assert any(is_elsewhere(one) for one in Read(tag).loaded)
