"""What a page or its server says of its licence, and of mining and indexing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses/(?P<terms>[a-z-]+)/(?P<version>\d\.\d)(?:/(?P<place>[a-z]{2}))?"
    r"|publicdomain/(?P<free>zero|mark)/(?P<of>1\.0))",
    re.I,
)

_NAMES = ("robots", "googlebot", "x-robots-tag", "tdm-reservation", "tdm-policy")
"""Names of ``meta`` elements and headers that reserve text and data mining
(https://www.w3.org/community/reports/tdmrep/) or indexing."""

_RESERVED = re.compile(r"no(index|ai|imageai|archive|snippet|ne)|^\s*1\s*$|https?:", re.I)


def licence_of(tree: etree._Element) -> str | None:
    """Return the SPDX identifier of the licence that a page links to (``rel="license"``), of Creative Commons alone."""
    found = {spdx for address in _licences(tree) if (spdx := _spdx(address))}
    # A page that links several says of no text which is its own.
    return found.pop() if len(found) == 1 else None


def _licences(tree: etree._Element) -> Iterator[str]:
    for element in tree.iter("link", "a", "area"):
        if "license" in (element.get("rel") or "").lower().split():
            yield element.get("href") or ""


def _spdx(address: str) -> str | None:
    match = _CREATIVE_COMMONS.match(address.strip())
    if match is None:
        return None
    if match["free"]:
        return "CC0-1.0" if match["free"].lower() == "zero" else "CC-PDM-1.0"
    place = f"-{match['place'].upper()}" if match["place"] else ""
    return f"CC-{match['terms'].upper()}-{match['version']}{place}"


def rights_of(tree: etree._Element) -> str | None:
    """Return what a page says against mining or indexing it: ``robots: noai; tdm-reservation: 1``."""
    return reserved((element.get("name") or "", element.get("content") or "") for element in tree.iter("meta"))


def reserved(said: Iterable[tuple[str, str]]) -> str | None:
    """Return, of names and values that a page or its server says, those against mining or indexing, or None."""
    found = [
        f"{name.lower()}: {value.strip()}"
        for name, value in said
        if name.lower() in _NAMES and _RESERVED.search(value.strip())
    ]
    return "; ".join(dict.fromkeys(found)) or None
