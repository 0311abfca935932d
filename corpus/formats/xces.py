"""XCES alignment files, the stand-off format of OPUS (Tiedemann 2012; cesAlign of the XML Corpus Encoding Standard).

An alignment file has a ``linkGrp`` for each pair of documents and a ``link`` for each bead, whose ``xtargets`` are the
ids of the sentences on both sides: ``s1 s2;s1``. The sentences themselves stand in files of their own, an ``s`` for
each, below the folder of the alignment file. Either kind may be packed by gzip.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import best_match, check_language
from qosmatin.corpus.model import collapse

from .segments import xml_text
from .told import Known, Told
from .xml import iterate, line_of, local_name, text_of

_DOCTYPE = '<!DOCTYPE cesAlign PUBLIC "-//CES//DTD XML cesAlign//EN" "">'


@dataclass(frozen=True, slots=True)
class SentenceLink:
    """A bead by sentence ids; either side may be empty. ``certainty`` is a confidence from 0 to 1, or None."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    certainty: float | None = None


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """The alignment of two documents; each is a path below the folder of the alignment file."""

    source: str
    target: str
    links: tuple[SentenceLink, ...]


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence of a document: its id, its text, and its paragraph, counted from 0."""

    id: str
    text: str
    paragraph: int = 0


def document_path(lang: str, document: str) -> str:
    """Return where the sentences of a document stand, relative to the alignment file; no id leads elsewhere."""
    return f"{lang}/{file_name_of(document, '.xml.gz')}"


def file_name_of(document: str, suffix: str) -> str:
    """Return the path of a document's file below a folder; no id leads elsewhere."""
    return "/".join(map(_safe, document.split("/"))) + suffix


def _safe(part: str) -> str:
    """Return a part of an id as a file name: what some system forbids as ``%`` and its number."""
    if not part.strip("."):
        return part.replace(".", "%2E") or "%2F"
    return re.sub(r"[^\w .,()+=-]", lambda match: quote(match[0], safe=""), part)


def write_links(path: Path, groups: Iterable[LinkGroup]) -> int:
    """Write an alignment file, packed where ``path`` ends in ``.gz``; returns how many links. Memory holds a group."""
    count = 0
    with _writing(path) as stream, etree.xmlfile(stream, encoding="utf-8") as xml:
        xml.write_declaration()
        xml.write_doctype(_DOCTYPE)
        with xml.element("cesAlign", version="1.0"):
            for group in groups:
                about = {"targType": "s", "fromDoc": xml_text(group.source), "toDoc": xml_text(group.target)}
                with xml.element("linkGrp", about):
                    for number, link in enumerate(group.links):
                        xml.write("\n", _link(link, number))
                        count += 1
    return count


def _link(link: SentenceLink, number: int) -> etree._Element:
    targets = f"{' '.join(link.source)};{' '.join(link.target)}"
    element = etree.Element("link", id=f"SL{number}", xtargets=targets)
    if link.certainty is not None:
        element.set("certainty", f"{link.certainty:.6g}")
    return element


_READ: Known = {
    "cesAlign": {"version"},
    "linkList": (),
    "linkGrp": {"fromDoc", "toDoc", "targType"},
    "link": {"id", "xtargets", "certainty"},
}
_READ_SENTENCES: Known = {
    "document": (),
    "text": (),
    "body": (),
    "p": {"id"},
    "s": {"id"},
    "w": {"id"},
}


def read_links(path: Path, told: Told | None = None) -> Iterator[LinkGroup]:
    """Yield the alignment of each pair of documents, one held in memory at a time.

    Raises ``InputError`` with the line for what is no alignment file, and for a link that is none.
    """
    links: list[SentenceLink] = []
    about: list[tuple[str, str]] = []
    finished: list[LinkGroup] = []

    def see(element: etree._Element) -> None:
        name = local_name(element)
        if element.getparent() is None and name != "cesAlign":
            message = f"this is no XCES alignment: its root is <{name}>; name the alignment file, not a text of it"
            raise InputError(message, path, line_of(element))
        if told is not None:
            told.see(element, _READ)
        if name == "linkGrp":
            if about:
                finished.append(LinkGroup(*about[-1], tuple(links)))
                links.clear()
            about.append((element.get("fromDoc") or "", element.get("toDoc") or ""))

    for element in iterate(path, "link", see):
        yield from finished
        finished.clear()
        if not about:
            raise InputError("a link stands outside of any linkGrp", path, line_of(element))
        links.append(_read_link(element, path))
    if about:
        finished.append(LinkGroup(*about[-1], tuple(links)))
    yield from finished
    if not about:
        raise InputError("there is no linkGrp in it; an alignment file has one for each two documents", path)


def _read_link(element: etree._Element, path: Path) -> SentenceLink:
    source, mark, target = (element.get("xtargets") or "").partition(";")
    if not mark or ";" in target:
        message = f"xtargets '{element.get('xtargets')}' is not of the form 's1 s2;s1'"
        raise InputError(message, path, line_of(element))
    try:
        certainty = float(element.get("certainty") or "nan")
    except ValueError:
        certainty = -1.0
    # Other aligners' scores may be anything; only a probability is one.
    return SentenceLink(tuple(source.split()), tuple(target.split()), certainty if 0.0 <= certainty <= 1.0 else None)


def write_sentences(path: Path, sentences: Iterable[MarkedSentence]) -> int:
    """Write the sentences of a document, packed where ``path`` ends in ``.gz``; returns how many."""
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with _writing(path) as stream, etree.xmlfile(stream, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("document"):
            paragraph: etree._Element | None = None
            number = -1
            for sentence in sentences:
                if paragraph is None or sentence.paragraph != number:
                    if paragraph is not None:
                        xml.write("\n", paragraph)
                    number = sentence.paragraph
                    paragraph = etree.Element("p", id=str(number + 1))
                etree.SubElement(paragraph, "s", id=sentence.id).text = xml_text(sentence.text)
                count += 1
            if paragraph is not None:
                xml.write("\n", paragraph)
    return count


def read_sentences(path: Path, told: Told | None = None) -> Iterator[MarkedSentence]:
    """Yield the sentences of a document; of one that is cut into words (``w``), the words with a space between.

    Raises ``InputError`` with the line for a sentence without an id.
    """
    paragraph = -1

    def see(element: etree._Element) -> None:
        nonlocal paragraph
        paragraph += local_name(element) == "p"
        if told is not None:
            told.see(element, _READ_SENTENCES)

    for element in iterate(path, "s", see):
        name = element.get("id")
        if name is None:
            raise InputError("a sentence has no id", path, line_of(element))
        words = [text_of(word) for word in element.iter("{*}w")]
        text = collapse(" ".join(words) if words else text_of(element))
        yield MarkedSentence(name, text, max(paragraph, 0))


@dataclass(frozen=True, slots=True)
class LinkedDocuments:
    """Two aligned documents with all their sentences; a link names those of each side by index, from 0."""

    id: str
    source: tuple[MarkedSentence, ...]
    target: tuple[MarkedSentence, ...]
    links: tuple[tuple[tuple[int, ...], tuple[int, ...], float | None], ...]


def read_linked_documents(
    path: Path, source_lang: str, target_lang: str, told: Told | None = None
) -> Iterator[LinkedDocuments]:
    """Yield the documents that an alignment file joins, read from the files that it names.

    Paths begin with the language, as in OPUS: where the file runs from the target's language to the source's, its
    sides are changed over; documents in other languages are left out. ``told`` is told the languages, and what was left
    out. Raises ``InputError`` for a path that leads out of the folder of the alignment file, a document that is not
    there, a link that names a sentence which its document does not have, and at the end where nothing was left, or no
    link joins both sides.
    """
    wanted = source_lang, target_lang
    told = told or Told()
    strangers: set[str] = set()
    one_sided = joining = 0
    for group in read_links(path, told):
        names, links = (group.source, group.target), group.links
        if not all(names):
            raise InputError("a linkGrp names no documents; it needs fromDoc and toDoc", path)
        codes = [name.split("/", maxsplit=1)[0] for name in names]
        if _serve(wanted, codes[::-1]):
            names = (group.target, group.source)
            codes.reverse()
            links = tuple(SentenceLink(link.target, link.source, link.certainty) for link in links)
        elif _are_languages(codes) and not _serve(wanted, codes):
            strangers.add("-".join(codes))
            told.left_out[f"documents in {codes[0]} and {codes[1]}"] += 1
            continue
        told.languages.update(zip(wanted, codes, strict=True))
        one = sum(not (link.source and link.target) for link in links)
        one_sided, joining = one_sided + one, joining + len(links) - one
        if one:
            told.left_out["links of one side"] += one
        sides = [tuple(read_sentences(_below(path.parent, name, path), told)) for name in names]
        places = [{one.id: index for index, one in enumerate(side)} for side in sides]
        try:
            found = tuple(
                (
                    tuple(places[0][name] for name in link.source),
                    tuple(places[1][name] for name in link.target),
                    link.certainty,
                )
                for link in links
            )
        except KeyError as error:
            message = f"a link of {names[0]} and {names[1]} names sentence {error}, which is not there"
            raise InputError(message, path) from None
        yield LinkedDocuments(_document_id(names[0]), sides[0], sides[1], found)
    if joining:
        return
    if strangers and not one_sided:
        message = f"no document has both '{source_lang}' and '{target_lang}'; there are {', '.join(sorted(strangers))}"
        raise InputError(f"{message}; ask for two of these languages", path)
    found_links = f"none of its {one_sided:,} links joins both sides" if one_sided else "there is no link in it"
    raise InputError(f"{found_links}; texts that are not aligned yet go into a config, under 'files'", path)


def _serve(wanted: Iterable[str], codes: Iterable[str]) -> bool:
    """Whether texts in these codes serve for the languages that are wanted."""
    return all(best_match(lang, [code]) is not None for lang, code in zip(wanted, codes, strict=True))


def _are_languages(codes: Sequence[str]) -> bool:
    """Whether folders are called by languages: by two different ones."""
    try:
        return check_language(codes[0]) != check_language(codes[1])
    except InputError:
        return False


def _document_id(name: str) -> str:
    """Return the path of a document without its language and its endings."""
    inner = name.split("/", 1)[1] if "/" in name else name
    return unquote(inner.removesuffix(".gz").removesuffix(".xml"))


def _below(folder: Path, name: str, path: Path) -> Path:
    """Return a file below a folder; raises ``InputError`` for a name that leads elsewhere, or to nothing."""
    found = (folder / name).resolve()
    if not found.is_relative_to(folder.resolve()):
        raise InputError(f"the document '{name}' lies outside of the folder of the alignment file", path)
    for candidate in (found, found.with_name(found.name.removesuffix(".gz"))):
        if candidate.is_file():
            return candidate
    raise InputError(f"the document '{name}' is not there; unpack the corpus' texts beside the alignment file", path)


@contextmanager
def _writing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, packed where it ends in ``.gz``; the same content makes the same bytes."""
    with path.open("wb") as plain:
        if path.suffix != ".gz":
            yield plain
            return
        with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as packed:
            yield packed  # type: ignore[misc]
