"""Pages of a crawl: WARC files (ISO 28500, https://iipc.github.io/warc-specifications/) and WACZ, which packs them.

An archive is gone through once, to list its pages: only what is known of each is kept, never its text. A page is read
from its place in the archive when its turn comes.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import logging
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.extraction.page_links import header_alternates
from qosmatin.corpus.extraction.page_rights import reserved
from qosmatin.corpus.files.regular import open_regular

ARCHIVES = (".warc", ".warc.gz", ".wacz")
"""The endings of archives, in lower case."""

_LARGEST = 50_000_000
"""Bytes of a page that are read; no article is longer."""

_PAGES = ("text/html", "application/xhtml+xml")

_LOG = logging.getLogger("qosmatin.web")


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page in an archive: where it is, its address, when it was fetched (ISO 8601) and a hash of its content.

    ``member`` is the WARC in a WACZ, ``charset`` what the server said of the encoding, ``rights`` what it said in its
    headers of mining and indexing (TDM reservation, robots), ``alternates`` what it said there of translations.
    """

    archive: Path
    member: str | None
    offset: int
    url: str
    date: str
    digest: str
    charset: str | None = None
    rights: str | None = None
    alternates: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The page's address without what all addresses have: the id of its document."""
        parts = urlsplit(self.url)
        host = parts.netloc.casefold().removeprefix("www.")
        path = parts.path.rstrip("/")
        return f"{host}{path}" + (f"?{parts.query}" if parts.query else "")

    @property
    def origin(self) -> str:
        """Where the page comes from, for messages."""
        return f"{self.archive}, {self.url}"


def is_archive(path: Path) -> bool:
    """Whether a file is an archive by its ending."""
    return path.name.lower().endswith(ARCHIVES)


def list_pages(archives: Sequence[Path], patterns: Sequence[str] = ()) -> list[ArchivedPage]:
    """List the pages of archives whose address matches one of the patterns (``*/kk/*``; none: all).

    Of an address that was fetched several times the last fetch stands, of pages with the same content the first
    address; how many were left out is logged. Raises ``InputError`` for what is no archive, or has no such page.
    """
    by_id: dict[str, ArchivedPage] = {}
    seen = fetched_again = 0
    for archive in archives:
        for page in _pages(archive):
            if patterns and not any(fnmatch.fnmatchcase(page.url, pattern) for pattern in patterns):
                continue
            seen += 1
            known = by_id.get(page.id)
            fetched_again += known is not None
            if known is None or known.date <= page.date:
                by_id[page.id] = page
    pages: dict[str, ArchivedPage] = {}
    for page in by_id.values():
        pages.setdefault(page.digest, page)
    if not pages:
        wanted = f" whose address matches {', '.join(patterns)}" if patterns else ""
        raise InputError(f"there is no page{wanted} in it; HTML that was fetched with status 200 is read", archives[0])
    same = len(by_id) - len(pages)
    _LOG.info(
        "%s pages in %s archives; left out: %s fetched again, %s of the same content",
        f"{len(pages):,}", len(archives), f"{fetched_again:,}", f"{same:,}",
    )  # fmt: skip
    return list(pages.values())


def read_page(page: ArchivedPage) -> bytes:
    """Return the content of a page, unpacked; raises ``InputError`` when it is not where it was."""
    with _opened(page.archive, page.member) as stream, _told(page.archive):
        stream.seek(page.offset)
        record = next(iter(_records(stream)), None)
        if record is None or record.rec_headers.get_header("WARC-Target-URI") != page.url:
            raise InputError(f"{page.url} is no longer where it was; run again, the archive has changed", page.archive)
        return bytes(record.content_stream().read(_LARGEST))


def _pages(archive: Path) -> Iterator[ArchivedPage]:
    for member in _members(archive):
        with _opened(archive, member) as stream, _told(archive):
            records = _records(stream)
            for record in records:
                page = _page(record)
                if page is not None:
                    yield ArchivedPage(archive, member, records.get_record_offset(), *page)


def _page(record: Any) -> tuple[str, str, str, str | None, str | None, tuple[str, ...]] | None:
    """Return what is known of a record that is a page, or None: the fields of ``ArchivedPage`` from ``url`` on."""
    url = record.rec_headers.get_header("WARC-Target-URI")
    if record.rec_type != "response" or record.http_headers is None or not url:
        return None
    kind, _, rest = (record.http_headers.get_header("Content-Type") or "").partition(";")
    if record.http_headers.get_statuscode() != "200" or kind.strip().lower() not in _PAGES:
        return None
    digest = record.rec_headers.get_header("WARC-Payload-Digest") or _digest(record)
    charset = rest.partition("charset=")[2].strip(" \"';") or None
    date = record.rec_headers.get_header("WARC-Date") or ""
    said = record.http_headers.headers
    linked = ",".join(value for name, value in said if name.lower() == "link")
    return url, date, digest, charset, reserved(said), header_alternates(linked)


def _digest(record: Any) -> str:
    """Return the hash of a record's payload, as ``WARC-Payload-Digest`` writes it."""
    found = hashlib.sha1(usedforsecurity=False)
    stream = record.content_stream()
    while block := stream.read(65_536):
        found.update(block)
    return "sha1:" + base64.b32encode(found.digest()).decode()


def _records(stream: IO[bytes]) -> Any:
    if find_spec("warcio") is None:
        raise MissingExtraError("reading web archives", "formats")
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - an extra

    return ArchiveIterator(stream)


def _members(archive: Path) -> list[str | None]:
    """Return the WARCs in a WACZ; for a WARC, that it is one itself."""
    if archive.suffix.lower() != ".wacz":
        return [None]
    with open_regular(archive) as stream, _told(archive), zipfile.ZipFile(stream) as packed:
        found: list[str | None] = [name for name in packed.namelist() if name.lower().endswith((".warc", ".warc.gz"))]
    if not found:
        raise InputError("there is no WARC in it (archive/*.warc.gz)", archive)
    return found


@contextmanager
def _opened(archive: Path, member: str | None) -> Iterator[IO[bytes]]:
    with open_regular(archive) as stream:
        if member is None:
            yield stream
            return
        with _told(archive), zipfile.ZipFile(stream) as packed, packed.open(member) as inner:
            yield inner


@contextmanager
def _told(archive: Path) -> Iterator[None]:
    """Tell what is no archive, or a damaged one, with the file."""
    try:
        yield
    except InputError:
        raise
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, KeyError) as error:
        raise InputError(f"is damaged, or no web archive: {error}", archive) from None
    except Exception as error:
        # warcio's own errors have no base class of their own.
        if type(error).__module__.partition(".")[0] != "warcio":
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"is damaged, or no web archive: {reason} (see `warcio check`)", archive) from None
