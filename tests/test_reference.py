"""The reference of the library: it builds without a warning, and its pages ask no host for anything."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, str(ROOT / "docs" / "reference.py"), str(folder)]
    subprocess.run(command, check=True, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, timeout=200)
    return folder


class Loaded(HTMLParser):
    """Whatever a browser fetches by itself when it shows a page: not the links that people follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [str(named[name]) for name in ("src", "srcset", "data", "poster") if named.get(name)]
        if tag == "link":
            self.found.append(str(named.get("href")))


def is_elsewhere(address: str) -> bool:
    """Whether a browser asks a host for it; an address of the kind ``data:`` holds what it names."""
    return not address.startswith("data:") and (":" in address or address.startswith("//"))


def test_no_page_asks_a_host_for_anything(pages: Path) -> None:
    found = sorted(pages.rglob("*.html"))
    assert len(found) > 15
    for page in found:
        text, loaded = page.read_text(encoding="utf-8"), Loaded()
        loaded.feed(text)
        assert [one for one in loaded.found if is_elsewhere(one)] == [], page
        assert [one for one in ("@import", "url(http", "url(//", "fetch(") if one in text] == [], page


def test_what_the_library_offers_has_a_place(pages: Path) -> None:
    from qosmatin import library

    page = (pages / "qosmatin" / "library.html").read_text(encoding="utf-8")
    assert [name for name in library.__all__ if f'id="{name}"' not in page] == []
    for name in ("corpus", "align", "eval", "corpus/model", "align/matching", "translate/engine"):
        assert (pages / "qosmatin" / f"{name}.html").exists(), name


@pytest.mark.parametrize("tag", ['<script src="https://x.org/a.js">', '<link href="//x.org/a.css">'])
def test_what_would_ask_a_host_is_seen(tag: str) -> None:
    loaded = Loaded()
    loaded.feed(tag)
    assert any(is_elsewhere(one) for one in loaded.found)
