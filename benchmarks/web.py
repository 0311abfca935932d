"""Reads a crawl of many pages: how fast, and in how much memory.

``python benchmarks/web.py [PAGES [READ]]`` (100,000 and 2,000 unless told) writes a WARC of generated news pages, lists
it, and reads so many of its pages into documents as a job does; it prints pages a second for both, and the largest
memory of the process as it goes, which says whether it grows. Reading one page is mostly trafilatura's work, so the
rate is given beside that of trafilatura alone on the first pages.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from qosmatin.corpus.model import Provenance
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import entries_from_files
from qosmatin.corpus.reading.web_archives import read_page

WORDS = ("қала", "мектеп", "бала", "жол", "қар", "жаңа", "кеше", "бүгін", "ашылды", "барады", "келді", "болды")
READ = 2_000
"""Pages that are read unless told; the rate of so many is that of all."""

COMPARED = 1_000
"""Pages that trafilatura reads alone."""


def main() -> None:
    """Write, list and read a crawl."""
    count, wanted = (*map(int, sys.argv[1:]), *(100_000, READ)[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.warc.gz"
        write_crawl(path, count)
        start = time.perf_counter()
        entries = entries_from_files([(path.parent, path)], "kk", Provenance("original"))
        listed = time.perf_counter() - start
        print(f"{len(entries):,} pages, {path.stat().st_size / 1e6:,.0f} MB packed")
        print(f"listed: {len(entries) / listed:,.0f} pages a second; peak {peak():,.0f} MB")
        start = time.process_time()
        for number, entry in enumerate(entries[:wanted], 1):
            read_document(entry)
            if number == COMPARED:
                ours = time.process_time() - start
            if number % max(1, wanted // 5) == 0:
                rate = number / (time.process_time() - start)
                print(f"read {number:,}: {rate:,.0f} pages a second; peak {peak():,.0f} MB", flush=True)
        theirs = alone([read_page(entry.page) for entry in entries[:COMPARED] if entry.page])
        print(f"{ours / theirs:.1f} times the time of trafilatura alone")


def write_crawl(path: Path, count: int) -> None:
    """Write pages of some twenty sentences each."""
    chance = random.Random(1)
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(count):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            sentences = [" ".join(chance.choices(WORDS, k=9)).capitalize() + "." for _ in range(20)]
            body = "".join(f"<p>{one}</p>" for one in sentences)
            page = f"<html><head><title>{number}</title></head><body><nav>Басты</nav><article>{body}</article></body>"
            address = f"https://example.kz/kk/{number}"
            record = writer.create_warc_record(
                address, "response", payload=BytesIO(page.encode()), http_headers=headers
            )
            writer.write_record(record)


def alone(pages: list[bytes]) -> float:
    """Return the seconds that trafilatura alone takes on pages."""
    import trafilatura

    start = time.process_time()
    for page in pages:
        trafilatura.bare_extraction(page.decode(), with_metadata=True)
    return time.process_time() - start


def peak() -> float:
    """Return the largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
