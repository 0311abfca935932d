"""Pages saved into folders, whose links to their translations lead from file to file: where each file stands.

A page that knows its address says where its relative links lead (``extraction.page_links``). Of one that does not, the
files beside it tell: ``../ru/1.html`` and ``/ru/1`` are links to the file that is there, as is
``https://example.kz/ru/1`` below a folder ``example.kz``, as a mirror has it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from .entries import DocumentEntry

_PAGES = (".htm", ".html", ".xhtml")


def placed(entries: Sequence[DocumentEntry], root: Path | None) -> list[DocumentEntry]:
    """Return entries of which each saved page has its place below a folder (see ``shared_folder``)."""
    if root is None:
        return list(entries)
    return [
        replace(one, place=place_of(one.path, root)) if one.path is not None and is_saved_page(one) else one
        for one in entries
    ]


def shared_folder(entries: Sequence[DocumentEntry]) -> Path | None:
    """Return the folder that holds all saved pages among these documents; None where there is none."""
    folders = {str(one.path.absolute().parent) for one in entries if one.path is not None and is_saved_page(one)}
    try:
        return Path(os.path.commonpath(folders)) if folders else None
    except ValueError:  # on different drives
        return None


def is_saved_page(entry: DocumentEntry) -> bool:
    """Whether an entry is a file of HTML."""
    return entry.page is None and entry.path is not None and entry.path.suffix.lower() in _PAGES


def place_of(path: Path, root: Path) -> str:
    """Return where a file stands below a folder, as links between files name it."""
    return path.absolute().relative_to(root).as_posix()


def linked_places(addresses: Sequence[str], path: Path, place: str) -> tuple[str, ...]:
    """Return the places of the files that a saved page links, as addresses (``file:///kk/1.html``), in order.

    ``place`` is that of the page at ``path``; what leads to no file below their common folder is passed over.
    """
    page = path.absolute()
    root = page.parents[place.count("/")]
    found = (_linked(address, page, root) for address in addresses)
    return tuple(dict.fromkeys(place_address(place_of(one, root)) for one in found if one is not None))


def place_address(place: str) -> str:
    """Return the place of a file as an address."""
    return f"file:///{place}"


def _linked(address: str, page: Path, root: Path) -> Path | None:
    """Return the file that an address on a page leads to, if it is there."""
    try:
        parts = urlsplit(address)
        if not parts.path and not parts.netloc:  # the same page, asked for otherwise
            parts = parts._replace(path=page.name)
    except ValueError:  # a bracket that begins no IPv6 address
        return None
    within = [one for one in page.parents if one == root or root in one.parents]
    if parts.netloc:
        hosts = {parts.netloc, parts.netloc.removeprefix("www.")}
        folders = [one for one in within if one.name in hosts]
    else:
        folders = within if parts.path.startswith("/") else [page.parent]
    for folder in folders:
        for name in _names(parts):
            file = Path(os.path.normpath(folder / name))
            if root in file.parents and file.is_file():
                return file
    return None


def _names(parts: SplitResult) -> Iterator[str]:
    """Yield the names under which a page of an address may lie, as those who save pages give them."""
    path = unquote(parts.path).lstrip("/")
    asked = f"?{unquote(parts.query)}" if parts.query else ""
    if path and not path.endswith("/"):
        yield f"{path}{asked}"
    if path:
        yield from (f"{path.rstrip('/')}{asked}{ending}" for ending in _PAGES)
    yield f"{path}/index.html{asked}".lstrip("/")
