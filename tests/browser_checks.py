"""What browser tests share: a narrow page whose errors fail the test, and what axe has against a page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

_UNSEEN = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""The menus of an address bar, which Chromium loads for each new context: that cost three times what the page does."""

_OF_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
)  # fmt: skip
"""What Playwright turns off. Chromium hears the last of such lists alone, so ours has to say it again."""

CHROMIUM = (
    "--no-sandbox",
    f"--disable-features={','.join(_UNSEEN + _OF_PLAYWRIGHT)}",
    # Debian's script has pages drawn as by a graphics card, which the processor would have to play.
    "--disable-gpu",
    "--disable-gpu-rasterization",
)
"""How Chromium is started."""

NARROW = 360
"""The width of a phone, in pixels of CSS."""


@contextmanager
def narrow_page(browser: Any, **more: Any) -> Iterator["Page"]:
    """A page as wide as a phone; any error in it fails the test. ``more`` is for the browser's context."""
    faults: list[str] = []
    context = browser.new_context(**{"viewport": {"width": NARROW, "height": 700}, "locale": "en-US", **more})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert not faults, faults


_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules of axe that look at colours, of those that it applies by itself."""

_FOUND = """options => axe.run({resultTypes: ["violations"], ...options}).then(found => found.violations.map(
    one => [one.id, one.nodes.map(node => node.html.slice(0, 150))]))"""
"""Only what is told of is brought out of the browser: all that axe knows of a page takes longer than finding it."""


def barriers(page: "Page", rules: Mapping[str, object] | None = None) -> list[tuple[str, list[str]]]:
    """What axe finds: the rule, and the elements that break it. ``rules`` is the option of axe that chooses among them.

    Elements can be found before the style sheet is there, after a form was sent say, and axe would judge the colours
    that a browser gives to links by itself; so the page must have loaded.
    """
    axe = pytest.importorskip("axe_playwright_python.base", reason="pip install axe-playwright-python")
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.AXE_SCRIPT)
    return [(rule, elements) for rule, elements in page.evaluate(_FOUND, dict(rules or {}))]


def check_schemes(page: "Page", what: str = "") -> None:
    """Fail with what axe finds, light or dark.

    Both are the same page in other colours, as ``test_dark_pages_are_light_ones_in_other_colours`` holds, so once dark
    it is asked for colours alone.
    """
    for scheme, rules in (("light", None), ("dark", _COLOURS)):
        page.emulate_media(color_scheme=scheme)
        assert barriers(page, rules) == [], (what, scheme)


def check_narrow(page: "Page", what: str = "") -> None:
    """Fail with what axe finds, light or dark, and where a narrow page would have to be scrolled sideways."""
    check_schemes(page, what)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, what
