"""What browser tests share: a narrow page whose errors fail the test, and what axe has against a page."""

from collections.abc import Iterator
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


def barriers(page: "Page") -> list[tuple[str, list[str]]]:
    """What axe finds: the rule, and the elements that break it.

    Elements can be found before the style sheet is there, after a form was sent say, and axe would judge the colours
    that a browser gives to links by itself; so the page must have loaded.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    page.wait_for_load_state()
    found = axe.Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]


def check_schemes(page: "Page", what: str = "") -> None:
    """Fail with what axe finds, light or dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert barriers(page) == [], (what, scheme)


def check_narrow(page: "Page", what: str = "") -> None:
    """Fail with what axe finds, light or dark, and where a narrow page would have to be scrolled sideways."""
    check_schemes(page, what)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, what
