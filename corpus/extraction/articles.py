"""The article of a page: where trafilatura found it, with the headings, lists and captions that it passes over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from .marks import without_marks

Place = tuple[etree._Element, str]
"""A paragraph of a page, after the element in which it ends."""

_OUTSIDE = {"nav", "aside", "footer", "form", "header", "button", "menu", "dialog", "select"}
"""Elements of a page that are not its article, whatever stands in them."""

_STRUCTURE = {"h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "figcaption", "caption", "td", "th", "blockquote",
              "pre"}  # fmt: skip
"""Elements that trafilatura passes over though they belong to the article around them."""

_LONG = 20
"""Letters and digits from which a paragraph is known by standing somewhere in the article."""

_LINKED = 0.5
"""The share of linked text from which a paragraph is a menu's."""


def article_of(places: Sequence[Place], article: Iterable[str]) -> list[int] | None:
    """Return the numbers of the paragraphs of a page that are its article, None where they cannot be told.

    ``article`` is what trafilatura took. Beside these paragraphs, those between the first and the last are the
    article's, the heading before the first, and lists, tables and captions in the element that holds them all.
    """
    wanted = [_key(text) for text in article]
    known, whole = set(filter(None, wanted)), "\0".join(wanted)
    keys = [_key(text) for _, text in places]
    sure = [number for number, key in enumerate(keys) if key in known or (len(key) >= _LONG and key in whole)]
    if sum(len(keys[number]) for number in sure) < 0.8 * sum(map(len, wanted)):
        return None
    # A word that stands in a menu and in a table, say, is the article's where the article is.
    long = [number for number in sure if len(keys[number]) >= _LONG] or sure
    if not long:
        return None
    first, last = _with_neighbours(long, set(sure), [not key for key in keys])
    holder = _common([places[number][0] for number in long])
    taken = []
    for number, (element, text) in enumerate(places):
        inside = first <= number <= last or (holder is not None and holder.tag != "body" and _holds(holder, element))
        heading = number < first and element.tag == "h1"
        if text and not _is_outside(element, holder) and (
            (inside and (number in sure or _belongs(element, first <= number <= last))) or heading
        ):  # fmt: skip
            taken.append(number)
    return taken or None


def _with_neighbours(long: Sequence[int], sure: set[int], empty: Sequence[bool]) -> tuple[int, int]:
    """Return the first and the last paragraph of the article, the short ones beside its long ones with it."""
    last = found = long[-1]
    while last + 1 < len(empty) and (last + 1 in sure or empty[last + 1]):
        last += 1
        found = last if last in sure else found
    first = begin = long[0]
    while first and (first - 1 in sure or empty[first - 1]):
        first -= 1
        begin = first if first in sure else begin
    return begin, found


def _belongs(element: etree._Element, is_between: bool) -> bool:
    """Whether a paragraph that trafilatura passed over belongs to the article in which it stands."""
    structural = any(one.tag in _STRUCTURE for one in (element, *element.iterancestors()))
    return (is_between or structural) and _linked(element) < _LINKED


def _linked(element: etree._Element) -> float:
    """Return the share of an element's text that stands in links; of a list item, the whole list's."""
    above = next(element.iterancestors("ul", "ol"), None)
    of = element if above is None else above
    whole = len(_key("".join(map(str, of.itertext()))))
    return sum(len(_key("".join(map(str, link.itertext())))) for link in of.iter("a")) / whole if whole else 0.0


def _is_outside(element: etree._Element, holder: etree._Element | None) -> bool:
    """Whether a menu or the like, below the element that holds the article, holds this one."""
    for one in (element, *element.iterancestors()):
        if one is holder:
            return False
        # The header of the article itself has its title.
        if one.tag in _OUTSIDE and not (one.tag == "header" and next(one.iter("h1"), None) is not None):
            return True
    return False


def _common(elements: Sequence[etree._Element]) -> etree._Element | None:
    """Return the innermost element that holds all of these."""
    above = [elements[0], *elements[0].iterancestors()]
    for element in elements[1:]:
        own = {element, *element.iterancestors()}
        above = [one for one in above if one in own]
    return above[0] if above else None


def _holds(holder: etree._Element, element: etree._Element) -> bool:
    return element is holder or any(one is holder for one in element.iterancestors())


def _key(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, without_marks(text)))
