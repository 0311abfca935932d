"""The rules for a stop behind an abbreviation, by the kinds that ``data/abbreviations.*.tsv`` give it, in order.

They are asked only where the word at the mark is an abbreviation; see ``rules`` for what a rule answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .candidates import DASHES, Candidate

_NUMERAL = re.compile(r"\d|[IVXLC]+\b")
_PREDICATE = re.compile(rf"(?:(?<!\d)\s[{DASHES}]{{1,2}}|:)\s(?:\S+\s){{0,3}}\S*\Z")


def numbered(c: Candidate) -> bool | None:
    """Does the number follow that the abbreviation stands before? ``12-сур. 5``, ``No. 7``, but ``No. I was away.``"""
    if c.kinds != {"number"}:
        return None
    answer = c.next_word == "I" and c.at - c.start == len(c.word)
    return False if _NUMERAL.match(c.next_word) and not answer else None


def label(c: Candidate) -> bool | None:
    """Is it a label without its number? Then its word is an ordinary one, and capitals decide."""
    return c.first.isupper() if c.kinds == {"number"} else None


def title(c: Candidate) -> bool | None:
    """Does something always follow such a word? ``проф. Ахметов``"""
    return False if "title" in c.kinds else None


def goes_on(c: Candidate) -> bool | None:
    """Does a small letter follow, or a dash? ``2023 ж. бастап``, ``XX ғ. — XXI ғ.``"""
    return False if c.first.islower() or c.dash else None


def final(c: Candidate) -> bool | None:
    """Does the enumeration end the sentence before anything but a small letter? ``... и т.д. Цены``"""
    return True if "final" in c.kinds else None


def digit_follows(c: Candidate) -> bool | None:
    """Does a digit follow? A new sentence begins so only behind a predicate: ``Қашықтық — 12 км. 2020 жылы ...``"""
    if not c.first.isdigit():
        return None
    return "unit" in c.kinds and is_predicate(c) and not _counts_on(c)


def no_capital(c: Candidate) -> bool | None:
    """Does neither letter with a case nor digit follow? Without capitals only an opener tells: ``ول``"""
    return None if c.first.isupper() else c.tables.has("opener", c.next_word)


def quotation_follows(c: Candidate) -> bool | None:
    """Does a quotation or bracket follow? It goes with a year or a name: ``2010 ж. «Жазушы» басп.``"""
    return "unit" in c.kinds if c.opening.strip() else None


def month_follows(c: Candidate) -> bool | None:
    """Does a month or day follow? ``1998 ж. Шілде айында``"""
    return False if c.tables.has("month", c.next_word) else None


def place_follows(c: Candidate) -> bool | None:
    """Does the name of another place follow, whose kind stands behind it? ``Талғар ауд. Жаңа көш.``"""
    following = c.behind.split()[1:3]
    named = any(word[-1] in ".," and "place" in c.tables.kinds(word.rstrip(".,")) for word in following)
    return False if named else None


def opener_follows(c: Candidate) -> bool | None:
    """Does a word follow that opens sentences? ``1912 ж. Кейін``"""
    return True if c.tables.opens(c.next_word) else None


def unit(c: Candidate) -> bool | None:
    """Is it a measure, and no acronym follows that it counts? ``5 км. Жаяу``, but ``2 млрд. АҚШ доллары``"""
    return not c.next_word.isupper() if "unit" in c.kinds and "year" not in c.kinds else None


def closer(c: Candidate) -> bool | None:
    """Is it an enumeration's end, and is the sentence whole? ``... биледі, т.б. Кеш``, ``... және т.б. Сатушы``"""
    if "closer" not in c.kinds:
        return None
    earlier = [word.rstrip(",;:") for word in c.words_before()]
    return c.tables.has("noun", c.next_word) or earlier[:1] == ["және"] or any(map(c.tables.closes, earlier))


def person_follows(c: Candidate) -> bool | None:
    """Do two capitalised words follow, as a name does? ``Кеңесші – з.ғ.д. Болат Сәрсенов``"""
    return False if any(word[:1].isupper() for word in c.behind.split()[1:2]) else None


def predicate(c: Candidate) -> bool | None:
    """Does the abbreviation end the predicate of a verbless sentence? ``Шыққан жылы — 1912 ж. Автор ...``"""
    return True if is_predicate(c) else None


def year_behind_verb(c: Candidate) -> bool | None:
    """Has a Russian sentence its verb already, so that the year ends it? ``Завод построили в 2010 г. Цеха ...``"""
    if "year" not in c.kinds or c.tables.lang != "ru":
        return None
    return True if any(c.tables.ends("verb-ending", word) for word in c.words_before()) else None


def abbreviation(c: Candidate) -> bool | None:  # noqa: ARG001  # a rule like the others
    """Nothing speaks for an end: the abbreviation stands within its sentence."""
    return False


def is_predicate(c: Candidate) -> bool:
    """Say whether a dash or a colon and at most three words stand before the word at the mark."""
    return bool(_PREDICATE.search(c.before))


def _counts_on(c: Candidate) -> bool:
    """Say whether another measure follows that belongs to the first: ``12 сағ. 30 мин.``"""
    return any("unit" in c.tables.kinds(word.rstrip(".,")) for word in c.behind.split()[1:2])


ABBREVIATION_RULES: tuple[Callable[[Candidate], bool | None], ...] = (
    numbered,
    label,
    title,
    goes_on,
    final,
    digit_follows,
    no_capital,
    quotation_follows,
    month_follows,
    place_follows,
    opener_follows,
    unit,
    closer,
    person_follows,
    predicate,
    year_behind_verb,
    abbreviation,
)
