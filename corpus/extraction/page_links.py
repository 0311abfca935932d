"""The addresses that a page gives for itself and for its translations: ``rel="canonical"`` and ``hreflang``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree

_HEADER_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER = re.compile(r";\s*(\w+)\s*=\s*\"?([^\";,]*)\"?")

_SAVED = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(?P<saved>\S+)"
    r"|<!--\s*Mirrored from (?P<mirrored>\S+) by HTTrack",
    re.I,
)
"""What Internet Explorer and Chrome, SingleFile and HTTrack write into the pages that they save."""

_HEAD = 5_000
"""Characters of a page in which such a comment stands."""

_ANY_LANGUAGE = "x-default"
"""What sites give as ``hreflang`` of the page that asks for the reader's language: no translation."""


class PageLinks(NamedTuple):
    """The address that a page gives as its own, and those of its translations, in order; all absolute."""

    canonical: str | None = None
    alternates: tuple[str, ...] = ()


NO_LINKS = PageLinks()


def links_of(tree: etree._Element) -> PageLinks:
    """Return what a page links as its own address and as its translations (``<link rel=... hreflang=...>``).

    A page whose links are relative says where they begin by ``<base>``; else they stay as they are (see ``absolute``).
    """
    base = next((one.get("href") for one in tree.iter("base") if one.get("href")), "") or ""
    canonical: str | None = None
    alternates: list[str] = []
    for relations, language, address in _links(tree):
        if "canonical" in relations and canonical is None:
            canonical = _joined(base, address)
        if "alternate" in relations and _is_language(language):
            alternates.append(_joined(base, address))
    return PageLinks(canonical, tuple(dict.fromkeys(alternates)))


def header_alternates(header: str) -> tuple[str, ...]:
    """Return the translations that a server names in the header ``Link`` (RFC 8288) of a page."""
    found = []
    for address, rest in _HEADER_LINK.findall(header):
        said = {name.lower(): value.strip() for name, value in _PARAMETER.findall(rest)}
        if "alternate" in said.get("rel", "").lower().split() and _is_language(said.get("hreflang", "")):
            found.append(address.strip())
    return tuple(dict.fromkeys(found))


def saved_from(page: str) -> str | None:
    """Return the address that a page was saved from, as browsers and mirrors leave it in a comment; None for none."""
    found = _SAVED.search(page[:_HEAD])
    if found is None:
        return None
    address = _joined("", found["saved"] or "")
    if (mirrored := found["mirrored"]) is not None:
        address = _joined("", mirrored if "://" in mirrored else f"http://{mirrored}")
    return address if address.startswith(("http://", "https://")) and _has_host(address) else None


def absolute(links: PageLinks, url: str | None) -> PageLinks:
    """Return links as absolute addresses, those relative to the page's own; what has no host is left out."""
    own = _joined(url or "", links.canonical or "")
    alternates = (_joined(url or own, one) for one in links.alternates)
    return PageLinks(
        own if links.canonical and _has_host(own) else None, tuple(dict.fromkeys(filter(_has_host, alternates)))
    )


def _links(tree: etree._Element) -> Iterator[tuple[list[str], str, str]]:
    """Yield the relations, the language and the address of each link that a page declares in its head."""
    for one in tree.iter("link"):
        if address := (one.get("href") or "").strip():
            yield (one.get("rel") or "").lower().split(), one.get("hreflang") or "", address


def _is_language(code: str) -> bool:
    return bool(code.strip()) and code.strip().lower() != _ANY_LANGUAGE


def _joined(base: str, address: str) -> str:
    """Return an address as it is meant on a page at ``base``; nothing for what is none."""
    try:
        return urljoin(base, address.strip())
    except ValueError:  # a bracket that begins no IPv6 address
        return ""


def _has_host(address: str) -> bool:
    return bool(urlsplit(address).netloc)
