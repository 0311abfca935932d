"""TBX, the exchange format of term bases: written as TBX-Basic (ISO 30042:2008), read in that and the newer form.

The newer one (2019: ``conceptEntry``, ``langSec``, ``termSec``) and the older (``termEntry``, ``langSet``, ``tig`` or
``ntig``) name the same things differently; of both the terms, their status, definition, subject and notes are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.segments import xml_text
from qosmatin.corpus.formats.xml import XML_LANG, children, iterate, line_of, local_name, text_of

from .concepts import Concept

_ROOTS = ("martif", "tbx", "TBX")
_UNUSED = ("deprecated", "superseded", "obsolete")
_STATUSES = ("administrativeStatus", "normativeAuthorization")
_PREFERRED = ("preferred", "standardized")


def read_tbx(path: Path) -> Iterator[Concept]:
    """Yield the concepts of a file; raises ``InputError`` with the line for what is no TBX."""
    names: list[str] = []

    def see(element: etree._Element) -> None:
        if element.getparent() is None and local_name(element) not in _ROOTS:
            message = f"this is no TBX: its root is <{local_name(element)}>; export the term base as TBX-Basic"
            raise InputError(message, path, line_of(element))
        if not names and local_name(element) in ("termEntry", "conceptEntry"):
            names.append(local_name(element))

    # Which of the two names a file has is known once its first entry begins: it is read with one of them.
    for name in ("termEntry", "conceptEntry"):
        for entry in iterate(path, name, see):
            yield _concept(entry)
        if names != ["conceptEntry"]:
            return


def _concept(entry: etree._Element) -> Concept:
    words: dict[str, list[tuple[int, str]]] = {}
    deprecated: dict[str, list[str]] = {}
    for section in (*children(entry, "langSet"), *children(entry, "langSec")):
        lang = section.get(XML_LANG) or section.get("lang") or ""
        for group in (one for one in section.iter() if isinstance(one.tag, str) and _holds_term(one)):
            text = " ".join(text_of(children(group, "term")[0]).split())
            whole = group.getparent() if local_name(group) == "termGrp" else group  # of an ntig
            status = _status(group if whole is None else whole)
            if text and lang:
                if any(word in status for word in _UNUSED):
                    deprecated.setdefault(lang, []).append(text)
                else:
                    rank = 0 if any(word in status for word in _PREFERRED) else 1
                    words.setdefault(lang, []).append((rank, text))
    return Concept(
        {lang: tuple(dict.fromkeys(text for _, text in sorted(some, key=lambda one: one[0])))
         for lang, some in words.items()},
        {lang: tuple(dict.fromkeys(some)) for lang, some in deprecated.items()},
        entry.get("id"),
        _note(entry),
    )  # fmt: skip


def _holds_term(element: etree._Element) -> bool:
    return bool(children(element, "term"))


def _status(group: etree._Element) -> str:
    """Return what a file says of a term's status, in lower case; empty where it says nothing."""
    said = [
        text_of(one)
        for one in group.iter()
        if isinstance(one.tag, str)
        and (
            local_name(one) == "administrativeStatus"
            or one.get("type") in ("administrativeStatus", "normativeAuthorization")
        )
    ]
    return " ".join(said).lower()


def _note(entry: etree._Element) -> str | None:
    """Return definition, subject and notes, a line each."""
    said = [
        text_of(one)
        for one in entry.iter()
        if isinstance(one.tag, str)
        and (
            local_name(one) in ("note", "definition", "subjectField")
            or (local_name(one) == "descrip" and one.get("type") in ("definition", "subjectField"))
        )
    ]
    return "\n".join(dict.fromkeys(" ".join(text.split()) for text in said if text.strip())) or None


_DOCTYPE = '<!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">'


def write_tbx(path: Path, concepts: Iterable[Concept]) -> int:
    """Write concepts as TBX-Basic; returns how many."""
    root = etree.Element("martif", type="TBX-Basic")
    root.set(XML_LANG, "en")
    header = etree.SubElement(root, "martifHeader")
    description = etree.SubElement(header, "fileDesc")
    etree.SubElement(etree.SubElement(description, "sourceDesc"), "p").text = "terms written by qosmatin"
    encoding = etree.SubElement(header, "encodingDesc")
    etree.SubElement(encoding, "p", type="XCSURI").text = "TBXBasicXCSV02.xcs"
    body = etree.SubElement(etree.SubElement(root, "text"), "body")
    count = 0
    for count, concept in enumerate(concepts, start=1):
        _write_entry(body, concept, concept.id or f"c{count}")
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True, doctype=_DOCTYPE)
    path.write_bytes(content)
    return count


def _write_entry(body: etree._Element, concept: Concept, name: str) -> None:
    entry = etree.SubElement(body, "termEntry", id=xml_text(name))
    said = [concept.note] if concept.note else []
    if concept.confidence is not None:
        said.append(f"learnt from {concept.count} pairs, confidence {concept.confidence:.2f}")
    for line in said:
        etree.SubElement(entry, "note").text = xml_text(line)
    for lang in dict.fromkeys((*concept.words, *concept.deprecated)):
        section = etree.SubElement(entry, "langSet")
        section.set(XML_LANG, lang)
        several = len(concept.words.get(lang, ())) > 1
        for at, word in enumerate(concept.words.get(lang, ())):
            _write_term(section, word, ("preferredTerm" if at == 0 else "admittedTerm") if several else None)
        for word in concept.deprecated.get(lang, ()):
            _write_term(section, word, "deprecatedTerm")


def _write_term(section: etree._Element, word: str, status: str | None) -> None:
    group = etree.SubElement(section, "tig")
    etree.SubElement(group, "term").text = xml_text(word)
    if status is not None:
        etree.SubElement(group, "termNote", type="administrativeStatus").text = f"{status}-admn-sts"
