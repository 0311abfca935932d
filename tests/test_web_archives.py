"""Crawls: pages fetched from a server, kept in WARC and WACZ, and read into documents."""

import gzip
import json
import subprocess
import sys
import tracemalloc
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, StringIO
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from lxml import html
from rich.console import Console
from small_corpus import EN, KK, qosmatin

from qosmatin.cli import main
from qosmatin.config.job import load_config
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS
from qosmatin.corpus.extraction.page_links import absolute, header_alternates, links_of
from qosmatin.corpus.extraction.page_rights import licence_of, reserved, rights_of
from qosmatin.corpus.extraction.webpages import read_bytes
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import entries_from_files
from qosmatin.corpus.reading.saved_pages import linked_places
from qosmatin.corpus.reading.web_archives import list_pages, read_page
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.order import STAGES

warcio = pytest.importorskip("warcio", reason="pip install 'qosmatin[formats]'")

LICENCE = '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">'


def page_of(text: str, lang: str, head: str = "") -> bytes:
    sentences = "".join(f"<p>{sentence.strip()}.</p>" for sentence in text.split(".") if sentence.strip())
    menu = "<nav><a href='/'>Home</a> <a href='/about'>About us</a></nav>"
    title = f"<title>{text.partition('.')[0]}</title>"
    page = f"<html lang='{lang}'><head>{title}{head}</head><body>{menu}<article>{sentences}</article></body></html>"
    return page.encode("utf-8")


PAGES = {
    **{f"/kk/{name}": page_of(text, "kk", LICENCE) for name, text in KK.items()},
    **{f"/en/{name}.html": page_of(text, "en") for name, text in EN.items()},
    "/kk/copy": page_of(KK["one"], "kk", LICENCE),
}


ALIKE = {  # two announcements that read the same; their addresses and texts tell nothing, and one server says more
    "/kk/7": page_of(KK["two"], "kk", "<link rel='alternate' hreflang='en' href='/en/41'>"),
    "/kk/9": page_of(KK["two"], "kk", "<link rel='canonical' href='/kk/9'>"),
    "/en/40": page_of(EN["two"], "en", "<link rel='canonical' href='/en/forty'>"),
    "/en/41": page_of(EN["two"], "en"),
}
LINKS = {"/kk/9": '</style.css>; rel=preload, </en/forty>; rel="alternate"; hreflang="en"'}
"""What the server says in the header ``Link``."""


class Site(BaseHTTPRequestHandler):
    """A news site in two languages, which packs what it sends."""

    def do_GET(self) -> None:
        content = {**PAGES, **ALIKE}.get(self.path)
        self.send_response(200 if content else 404)
        packed = gzip.compress(content or b"<p>gone</p>")
        self.send_header("Content-Type", "text/html; charset=utf-8" if "." not in self.path else "text/html")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        if self.path.startswith("/en"):
            self.send_header("TDM-Reservation", "1")
        if self.path in LINKS:
            self.send_header("Link", LINKS[self.path])
        self.end_headers()
        self.wfile.write(packed)

    def log_message(self, *_values: object) -> None:
        pass


CRAWL = """
import sys
from warcio.capture_http import capture_http
import http.client
with capture_http(sys.argv[1]):
    for path in sys.argv[3:]:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()
"""


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What warcio wrote of a crawl of the site; one page is fetched twice, one is not there."""
    return crawled(tmp_path_factory.mktemp("crawl"), *PAGES, "/kk/one", "/nowhere")


def crawled(folder: Path, *paths: str) -> Path:
    """Fetch pages of the site; returns what warcio wrote of it."""
    path = folder / "site.warc.gz"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    subprocess.run([sys.executable, "-c", CRAWL, str(path), str(server.server_port), *paths], check=True)
    server.shutdown()
    server.server_close()
    return path


def test_pages_are_listed_once_and_read_from_their_place(crawl: Path) -> None:
    pages = list_pages([crawl])
    assert len(pages) == 6
    assert {page.url.rpartition("/")[0].rpartition("/")[2] for page in pages} == {"kk", "en"}
    assert [page.rights for page in pages].count("tdm-reservation: 1") == 3
    for page in pages:
        assert read_page(page) == PAGES[urlsplit(page.url).path]
    assert len(list_pages([crawl], ["*/kk/*"])) == 3
    with pytest.raises(InputError, match=r"there is no page whose address matches \*/ru/\* in it"):
        list_pages([crawl], ["*/ru/*"])


def test_a_page_becomes_a_document_with_its_address_licence_and_rights(crawl: Path) -> None:
    entries = entries_from_files([(crawl.parent, crawl)], "kk", Provenance("original"), urls=["*/kk/*"])
    documents = {document.id.rpartition("/")[2]: document for document in map(read_document, entries)}
    assert set(documents) == {"one", "two", "three"}
    found = documents["one"]
    assert " ".join(found.text.split()) == KK["one"]
    assert found.provenance.licence == "CC-BY-SA-4.0"
    assert (found.provenance.url or "").endswith("/kk/one")
    english = entries_from_files([(crawl.parent, crawl)], "en", Provenance("human"), urls=["*/en/*"])
    assert read_document(english[0]).provenance.rights == "tdm-reservation: 1"


def test_a_wacz_is_read_as_the_warcs_in_it(crawl: Path, tmp_path: Path) -> None:
    packed = tmp_path / "site.wacz"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.write(crawl, "archive/data.warc.gz")
        archive.writestr("datapackage.json", json.dumps({"profile": "data-package"}))
    assert [(page.id, page.digest) for page in list_pages([packed])] == [
        (page.id, page.digest) for page in list_pages([crawl])
    ]
    assert read_page(list_pages([packed])[0]) == read_page(list_pages([crawl])[0])
    both = list_pages([crawl, packed])
    assert len(both) == 6


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.warc", b"no archive at all\n\n"),
        ("a.warc.gz", b"\x1f\x8b no archive"),
        ("a.warc.gz", gzip.compress(b"WARC/1.0\r\n", mtime=0)[:-4]),
        ("a.wacz", b"PK\x03\x04 no archive"),
        ("a.warc", b""),
    ],
)
def test_what_is_no_archive_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.wa"):
        list_pages([path])


def test_a_truncated_archive_is_told_or_gives_its_whole_pages(crawl: Path, tmp_path: Path) -> None:
    whole = crawl.read_bytes()
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    told = ""
    pages = []
    try:
        pages = list_pages([path])
    except InputError as error:
        told = str(error)
    assert "cut.warc.gz" in told or pages
    assert all(read_page(page) in PAGES.values() for page in pages)


@pytest.mark.parametrize(
    ("head", "licence", "rights"),
    [
        ("<link rel='license' href='http://creativecommons.org/licenses/by/3.0/'>", "CC-BY-3.0", None),
        ("<a rel='nofollow license' href='https://creativecommons.org/licenses/by-nc-nd/3.0/de/'>",
         "CC-BY-NC-ND-3.0-DE", None),
        ("<link rel='license' href='https://creativecommons.org/publicdomain/zero/1.0/'>", "CC0-1.0", None),
        ("<link rel='license' href='/terms'>", None, None),
        (LICENCE + "<link rel='license' href='https://creativecommons.org/licenses/by/4.0/'>", None, None),
        ("<meta name='robots' content='index, follow'>", None, None),
        ("<meta name='robots' content='noindex, noai'>", None, "robots: noindex, noai"),
        ("<meta name='tdm-reservation' content='1'><meta name='tdm-policy' content='https://a/b'>", None,
         "tdm-reservation: 1; tdm-policy: https://a/b"),
        ("<meta name='tdm-reservation' content='0'>", None, None),
    ],
)  # fmt: skip
def test_what_a_page_says_of_its_rights(head: str, licence: str | None, rights: str | None) -> None:
    tree = html.fromstring(f"<html><head>{head}</head><body><p>Мәтін.</p></body></html>")
    assert (licence_of(tree), rights_of(tree)) == (licence, rights)


@pytest.mark.parametrize(
    ("headers", "rights"),
    [
        ([("TDM-Reservation", "0"), ("X-Robots-Tag", "all"), ("Server", "nginx/1.0")], None),
        ([("X-Robots-Tag", "googlebot: nofollow"), ("x-robots-tag", "noai")], "x-robots-tag: noai"),
        ([("tdm-policy", "https://a/b"), ("tdm-reservation", "1")], "tdm-policy: https://a/b; tdm-reservation: 1"),
    ],
)
def test_what_a_server_says_of_its_rights(headers: list[tuple[str, str]], rights: str | None) -> None:
    assert reserved(headers) == rights


CONFIG = Path(__file__).parent.parent / "configs" / "web.yaml"


def test_a_crawl_becomes_a_corpus(crawl: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    (tmp_path / "site.warc.gz").write_bytes(crawl.read_bytes())
    # The site of this test is in English where that of the config is in Russian; it may be published.
    shipped = CONFIG.read_text(encoding="utf-8").replace("*/ru/*", "*/en/*").replace(": ru", ": en")
    shipped = shipped.replace("version: 1.0.0", "version: 1.0.0\n  licence: CC-BY-SA-4.0")
    shipped = shipped.replace("kind: human", "kind: human\n    licence: CC-BY-4.0").replace("../corpora/site", "out")
    (tmp_path / "job.yaml").write_text(shipped, encoding="utf-8")
    done = qosmatin(tmp_path, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    found = pq.read_table(tmp_path / "out" / "translations" / "en.parquet").to_pylist()
    for row in found:
        assert (
            row["source_document"].partition("/kk/")[2] == row["target_document"].partition("/en/")[2].partition(".")[0]
        )
    assert len(found) >= 2
    assert len(rows) == 6
    assert {row["rights"] for row in rows} == {None, "tdm-reservation: 1"}
    card = (tmp_path / "out" / "dataset" / "README.md").read_text(encoding="utf-8")
    assert "| 3 | tdm-reservation: 1 |" in card
    again = qosmatin(tmp_path, "run", "job.yaml")
    assert "unchanged" in again.stderr + again.stdout


def test_links_tell_apart_what_reads_the_same(tmp_path: Path) -> None:
    crawled(tmp_path, *(path for path in PAGES if "two" not in path), *ALIKE)
    config = """\
corpus: {name: site, version: 1.0.0, folder: out}
sources: [{files: [site.warc.gz], urls: ["*/kk/*"], lang: kk}]
translations: [{name: en, lang: en, kind: human, files: [site.warc.gz], urls: ["*/en/*"], pairing: content}]
"""
    (tmp_path / "job.yaml").write_text(config, encoding="utf-8")
    run_job(open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO())), STAGES, until="pair")
    rows = CorpusFolder(tmp_path / "out").read("matches", "en").to_pylist()
    found = {
        row["source_document"].rpartition("/")[2]: row["target_document"].rpartition("/")[2].removesuffix("@en")
        for row in rows
        if row["state"] == "found"
    }
    assert found["7"] == "41"
    assert found["9"] == "40"


SAVED = {  # as above, and no address is known: the links lead from file to file
    **{f"kk/{name}.html": page_of(text, "kk") for name, text in KK.items() if name != "two"},
    **{f"en/{len(name)}-{text[:3]}.html": page_of(text, "en") for name, text in EN.items() if name != "two"},
    "kk/7.html": page_of(KK["two"], "kk", "<link rel='alternate' hreflang='en' href='../en/41.html'>"),
    "kk/9.html": page_of(KK["two"] + " ", "kk"),
    "en/40.html": page_of(EN["two"], "en", "<link rel='alternate' hreflang='kk' href='/kk/9'>"),
    "en/41.html": page_of(EN["two"], "en"),
}


def test_pages_that_were_saved_link_each_other_by_their_files(tmp_path: Path) -> None:
    for name, content in SAVED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    config = """\
corpus: {name: saved, version: 1.0.0, folder: out}
sources: [{files: [kk], lang: kk}]
translations: [{name: en, lang: en, kind: human, files: [en], pairing: content}]
"""
    (tmp_path / "job.yaml").write_text(config, encoding="utf-8")
    run_job(open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO())), STAGES, until="pair")
    rows = CorpusFolder(tmp_path / "out").read("matches", "en").to_pylist()
    found = {row["source_document"]: row["target_document"] for row in rows if row["state"] == "found"}
    assert (found["7"], found["9"]) == ("41@en", "40@en")
    told = CorpusFolder(tmp_path / "out").read("documents", columns=["id", "alternates", "place"]).to_pylist()
    assert {row["id"]: row["alternates"] for row in told if row["alternates"]} == {
        "7": ["file:///en/41.html"],
        "40@en": ["file:///kk/9.html"],
    }
    assert str(tmp_path) not in str(told)
    with pytest.raises(SystemExit):
        main(["match", str(tmp_path / "kk"), str(tmp_path / "en"), "-s", "kk", "-t", "en", "-o", str(tmp_path / "m")])
    lines = [line.split("\t") for line in (tmp_path / "m").read_text(encoding="utf-8").splitlines()]
    assert {line[0]: line[1] for line in lines if "linked as translations" in line[3]} == {
        "7.html": "41.html",
        "9.html": "40.html",
    }


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("../ru/1.html", "a.kz/ru/1.html"),
        ("/ru/1", "a.kz/ru/1.html"),
        ("/ru/2/", "a.kz/ru/2/index.html"),
        ("https://a.kz/ru/1", "a.kz/ru/1.html"),  # a mirror names its folder after the host
        ("https://www.a.kz/ru/2", "a.kz/ru/2/index.html"),
        ("/?lang=ru", "a.kz/index.html?lang=ru"),
        ("https://b.kz/ru/1", None),
        ("/nothing", None),
        ("?lang=ru", None),
        ("../../../outside.html", None),
        ("http://[x", None),
    ],
)
def test_links_lead_to_files_that_are_there(tmp_path: Path, address: str, place: str | None) -> None:
    files = ("a.kz/kk/1.html", "a.kz/ru/1.html", "a.kz/ru/2/index.html", "a.kz/index.html?lang=ru", "../outside.html")
    for name in files:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text("x", encoding="utf-8")
    found = linked_places([address], tmp_path / "in" / files[0], files[0])
    assert found == (() if place is None else (f"file:///{place}",))


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        ("<!-- saved from url=(0022)https://a.kz/kk/1.html -->", "https://a.kz/kk/1.html"),
        ("<!--\n Page saved with SingleFile \n url: https://a.kz/kk/1 \n saved date: Sun Nov 29 2026\n-->",
         "https://a.kz/kk/1"),
        ("<!-- Mirrored from a.kz/kk/1.html by HTTrack Website Copier/3.x [XR&CO'2014], Sun -->",
         "http://a.kz/kk/1.html"),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ("<!-- saved from url=(0017)file:///C:/1.html -->", None),
        ("<!-- saved -->", None),
    ],
)  # fmt: skip
def test_a_saved_page_says_where_it_is_from(comment: str, url: str | None) -> None:
    head = "<link rel='canonical' href='/kk/1'><link rel='alternate' hreflang='ru' href='../ru/1'>"
    page = f"<!DOCTYPE html>\n{comment}\n<html><head>{head}</head><body><p>Қар жауды.</p></body></html>"
    found = read_bytes(page.encode(), Path("a.html"), None, lang="kk", settings=EXTRACT_DEFAULTS)
    assert found.url == url
    if url is not None:
        scheme = url.partition(":")[0]
        assert absolute(found.links, found.url) == (f"{scheme}://a.kz/kk/1", (f"{scheme}://a.kz/ru/1",))


@pytest.mark.parametrize(
    ("head", "url", "canonical", "alternates"),
    [
        ("<link rel=alternate hreflang=ru href=/ru/1>", "https://a.kz/kk/1", None, ["https://a.kz/ru/1"]),
        ("<link rel=alternate hreflang=ru href=../ru/1>", "https://a.kz/kk/1", None, ["https://a.kz/ru/1"]),
        ("<link rel='ALTERNATE nofollow' hreflang=ru-KZ href=' //b.kz/1 '>", "https://a.kz/", None, ["https://b.kz/1"]),
        ("<link rel=alternate hreflang=x-default href=/>", "https://a.kz/kk/1", None, []),
        ("<link rel=alternate type='application/rss+xml' href=/rss>", "https://a.kz/kk/1", None, []),
        ("<link rel=alternate hreflang=ru>", "https://a.kz/kk/1", None, []),
        ("<link rel=alternate hreflang=ru href='http://[x'>", "https://a.kz/kk/1", None, []),
        ("<base href='https://b.kz/x/'><link rel=canonical href=1>", "https://a.kz/", "https://b.kz/x/1", []),
        ("<link rel=canonical href=https://a.kz/kk/1><link rel=alternate hreflang=ru href=/ru/1>", None,
         "https://a.kz/kk/1", ["https://a.kz/ru/1"]),  # saved, and nobody knows from where
        ("<link rel=alternate hreflang=ru href=ru.html>", None, None, []),
    ],
)  # fmt: skip
def test_addresses_that_a_page_gives(head: str, url: str | None, canonical: str | None, alternates: list[str]) -> None:
    tree = html.document_fromstring(f"<html><head>{head}</head><body><p>x</p></body></html>")
    assert absolute(links_of(tree), url) == (canonical, tuple(alternates))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('</ru>; rel="alternate"; hreflang="ru"', ["/ru"]),
        ("<https://a.kz/ru?a=1,2>; hreflang=ru; rel=alternate, <https://a.kz/en>;rel=alternate;hreflang=en",
         ["https://a.kz/ru?a=1,2", "https://a.kz/en"]),
        ("</feed>; rel=alternate; type=application/rss+xml, </a.css>; rel=preload", []),
        ("", []),
        ("nonsense", []),
    ],
)  # fmt: skip
def test_addresses_that_a_server_gives(header: str, found: list[str]) -> None:
    assert header_alternates(header) == tuple(found)


def test_many_pages_are_listed_in_bounded_memory(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path = tmp_path / "many.warc.gz"
    filler = "Сөйлем. " * 2000
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(400):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            content = f"<p>{number} {filler}</p>".encode()
            record = writer.create_warc_record(
                f"https://example.kz/kk/{number}", "response", payload=BytesIO(content), http_headers=headers
            )
            writer.write_record(record)
    tracemalloc.start()
    assert len(list_pages([path])) == 400
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000  # all pages together are 12 MB
