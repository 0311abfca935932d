"""What a reader of a CAT format tells beside the pairs: which language codes served, and what it left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lxml import etree

_NAMESPACES = {
    None,
    "urn:oasis:names:tc:xliff:document:1.2",
    "urn:oasis:names:tc:xliff:document:2.0",
    "http://www.lisa.org/tmx14",
}
"""Those whose names are written without a prefix."""

_SHOWN = 6
"""So many kinds of what was left out are named; the most frequent first."""

Known = Mapping[str, Collection[str]]
"""The elements that a reader reads, each with its attributes; ``parent/name`` where another parent's is not read."""


@dataclass(slots=True)
class Told:
    """What one reading tells: counts of ``(wanted, found)`` language codes, and of what was left out, by its name.

    Elements are named as they are, attributes as ``element@attribute``, all else in words.
    """

    languages: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """Return lines for the user."""
        found = []
        for wanted in dict.fromkeys(wanted for wanted, _ in self.languages):
            codes = {code: count for (one, code), count in self.languages.items() if one == wanted}
            if set(codes) != {wanted}:
                counts = ", ".join(f"{count:,} {code or 'without a code'}" for code, count in sorted(codes.items()))
                found.append(f"language {wanted}: {counts}")
        # Texts that are left out, which are told in words, before what stood beside texts.
        most = sorted(self.left_out.most_common(), key=lambda one: " " not in one[0])[:_SHOWN]
        if most:
            more = len(self.left_out) - len(most)
            names = ", ".join(f"{count:,} {name}" for name, count in most)
            found.append(f"left out: {names}" + (f", and {more} kinds more" if more else ""))
        return found

    def see(self, element: etree._Element, known: Known) -> None:
        """Count the element, or those of its attributes, that a reader does not read."""
        parent = element.getparent()
        name = _name(element.tag, element)
        within = name if parent is None else f"{_name(parent.tag, parent)}/{name}"
        attributes = known.get(within, known.get(name))
        if attributes is None:
            if not _is_left_out(parent, known):
                special = any(one.endswith(f"/{name}") for one in known)
                self.left_out[within if special else name] += 1
        elif ANY not in attributes:
            for key in element.attrib:
                attribute = _name(key, element)
                if attribute not in attributes and not _is_left_out(parent, known):
                    self.left_out[f"{name}@{attribute}"] += 1


ANY = "*"
"""Stands for all attributes of an element."""


def _is_left_out(element: etree._Element | None, known: Known) -> bool:
    """Whether an element stands in one that is left out and counted as a whole."""
    while element is not None:
        parent = element.getparent()
        name = _name(element.tag, element)
        within = name if parent is None else f"{_name(parent.tag, parent)}/{name}"
        if within not in known and name not in known:
            return True
        element = parent
    return False


def _name(tag: object, element: etree._Element) -> str:
    """Return the name of an element or attribute, with its prefix where the format's own names have none."""
    name = etree.QName(str(tag))
    if name.namespace in _NAMESPACES:
        return name.localname
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items()} | {"http://www.w3.org/XML/1998/namespace": "xml"}
    return f"{prefixes.get(name.namespace) or name.namespace}:{name.localname}"
