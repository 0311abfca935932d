"""The rules that decide whether a sentence ends at a candidate, in order: the first that answers wins.

A rule asks one question and answers True (the sentence ends), False (it goes on) or None (not mine to say). Its name
is what ``explain`` shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .abbreviation_rules import ABBREVIATION_RULES
from .candidates import END, LOOK, UPPER, Candidate

Rule = Callable[[Candidate], bool | None]

_INITIALS = re.compile(rf"(?:[{UPPER}]\.?[-‑]?)*[{UPPER}]")
_NEXT_INITIAL = re.compile(rf"[{UPPER}]\.")
_TOKEN_OF_ADDRESS = re.compile(r"[/=@#&]|www")
_DATE = re.compile(r"\d{1,2}")
_DATE_GOES_ON = re.compile(r"\d{1,2}\.|\d{4}\b")
_CLAUSE = re.compile(rf"[^{END}\n,;:–—\"«»“”]{{1,80}}(?=[.!…\n]|\Z)")
# A Russian word cut short is short itself and ends in a consonant: "физ." before a small letter is no sentence's end.
_TRUNCATED = re.compile(r"[^\W\d_]{1,5}(?<![аеёиоуыэюяьйәөұүіaeiouy])", re.IGNORECASE)


def follows(c: Candidate) -> bool | None:
    """Does punctuation follow that belongs to the same sentence? ``?»,``, ``. . .``"""
    if c.begin < len(c.text) and c.text[c.begin] in ",;:.!?…)]}»%/\\":
        return False
    return None


def glued(c: Candidate) -> bool | None:
    """Is the space missing (``келді.Біз``), or does the mark stand inside a name or an address (``Б.Момышұлы``)?"""
    if c.begin > c.end:
        return None
    word = c.word
    if not c.next_word or len(word) < 3 or not c.first.isalpha() or c.first.islower() or _TOKEN_OF_ADDRESS.search(word):
        return c.mark[-1] not in f"{END}*_'\"" and c.first.isupper()
    if c.mark != ".":
        return True
    if not word[-3:].islower() or c.next_word[1:2].isupper() or c.kinds:
        return False
    if c.first < "\u0250" or word[-1] < "\u0250":
        return "." not in word and (c.tables.opens(c.next_word) or (c.tables.lang == "kk" and c.tables.closes(word)))
    return True


def nothing_said(c: Candidate) -> bool | None:
    """Has the sentence no word yet? ``... Содан``, ``[…]``"""
    return None if c.has_worded else False


def open_bracket(c: Candidate) -> bool | None:
    """Does the mark stand in a bracket that was opened within the sentence and closes nearby?"""
    low = max(c.start, c.end - LOOK)
    opened = c.text.rfind("(", low, c.end)
    if opened <= c.start or opened < c.text.rfind(")", low, c.end):
        return None
    closed = c.text.find(")", c.end, c.end + LOOK)
    return False if closed >= 0 and "\n\n" not in c.text[c.end : closed] else None


def bracketed_mark(c: Candidate) -> bool | None:
    """Is the mark alone in brackets, as a remark on a word? ``(!)``, ``[...]``"""
    return False if c.last and c.last in "([<" and c.mark[-1:] in ")]>" else None


def dot_leader(c: Candidate) -> bool | None:
    """Does a row of dots lead to a page number? ``Кіріспе........ 4``"""
    return False if c.first.isdigit() and c.mark.startswith((".....", "……")) else None


def heading_number(c: Candidate) -> bool | None:
    """Is the sentence so far only the number of a heading or list item? ``3-бап.``, ``IV.``, ``1.2.``"""
    if c.mark[0] == "." and c.at - c.start < 40 and c.tables.heading.fullmatch(c.text, c.start, c.at):
        return False
    return None


def initials(c: Candidate) -> bool | None:
    """Is the word a capital letter, or several with stops? ``Қ.-Ж. Мұқанов``

    It may end the sentence behind a surname (``Серікбаева А.Т. Студенттер``) or as a ruler's number (``Николай I.``).
    """
    if not c.last.isupper() or not c.is_stop or not _INITIALS.fullmatch(c.word):
        return None
    if len(c.word) > 1 and "." not in c.word and "-" not in c.word:
        return None
    if not c.first.isupper() or _NEXT_INITIAL.match(c.text, c.begin):
        return False
    name = next(c.words_before(), "")
    if name[:1].isupper() and (c.word in {"I", "V", "X"} or c.tables.ends("surname-ending", name)):
        return True
    return c.tables.opens(c.next_word)


def number_goes_on(c: Candidate) -> bool | None:
    """Is it a stop within a date that is written with spaces (``12. 05. 2020``) or behind one (``16.06.04. № 5``)?"""
    if not c.last.isdigit() or not c.is_stop:
        return None
    spaced = _DATE.fullmatch(c.word) and _DATE_GOES_ON.match(c.text, c.begin)
    return False if spaced or (c.first == "№" and "." in c.word) else None


def single_letter(c: Candidate) -> bool | None:
    """Is the word one letter that no table knows, small or without case? It is cut short, and goes on."""
    if c.last.isalpha() and c.is_stop and len(c.word) == 1 and c.first.isalnum():
        return c.first.isupper() and c.tables.opens(c.next_word)
    return None


def reported_speech(c: Candidate) -> bool | None:
    """Does a verb of speech follow a quotation or a dialogue's turn? ``«Қайдасың?» – деп сұрады``, ``...» Деді ол``"""
    if not c.next_word or not (c.dash or c.closes_quotation or c.mark[0] != "."):
        return None
    if c.first.isupper() and not (c.dash or c.closes_quotation):
        return None
    return False if c.tables.has("speech", c.next_word) else None


def speaker_named(c: Candidate) -> bool | None:
    """Does a clause follow the dash that ends in a verb of speech? ``– Тоқта! – Асан айқайлап жіберді.``"""
    if not c.dash or not c.first.isupper():
        return None
    clause = _CLAUSE.match(c.text, c.begin + len(c.opening))
    words = clause[0].split() if clause else []
    # Kazakh puts the verb last, perhaps with an auxiliary behind it.
    return False if 1 < len(words) < 7 and any(c.tables.has("speech", word) for word in words[1:][-2:]) else None


def dash_goes_on(c: Candidate) -> bool | None:
    """Does a dash follow, and then a small letter? ``Рақмет... – дедім мен``"""
    return False if c.dash and c.first.islower() else None


def small_letter(c: Candidate) -> bool | None:
    """Does a small letter follow? The sentence goes on, unless it is plainly done and its writer uses no capitals."""
    if not c.first.islower() or c.next_word[1:2].isupper():
        return None
    if c.closes_quotation:
        return False
    if c.mark[0] not in END:
        return c.tables.closes(c.word)
    return c.is_informal and c.tables.closes(c.word) if c.is_ellipsis else _done(c)


def _done(c: Candidate) -> bool:
    """Say whether the sentence so far is complete, before a small letter."""
    if c.tables.lang == "kk":
        return c.tables.closes(c.word) or (c.is_informal and c.mark[0] != ".")
    if c.mark[0] != ".":
        return c.is_informal
    if c.tables.lang == "ru":
        return len(c.word) > 1 and not _TRUNCATED.fullmatch(c.word)
    return len(c.word) > 1


def end_mark(c: Candidate) -> bool | None:
    """Nothing speaks against the mark: the sentence ends."""
    return True if c.mark[0] in END else None


def smiley(c: Candidate) -> bool | None:
    """Does an emoji or smiley stand where a sentence ends? ``Керемет күн болды 😊 Ертең``"""
    return c.begin > c.end and (c.first.isupper() or c.tables.closes(c.word))


BEFORE_ABBREVIATIONS: tuple[Rule, ...] = (
    follows,
    glued,
    nothing_said,
    open_bracket,
    bracketed_mark,
    dot_leader,
    heading_number,
    number_goes_on,
    initials,
)
AFTER_ABBREVIATIONS: tuple[Rule, ...] = (
    single_letter,
    reported_speech,
    speaker_named,
    dash_goes_on,
    small_letter,
    end_mark,
    smiley,
)
"""The rules, in the order in which they are asked; those of abbreviations come between."""


def decide(c: Candidate) -> tuple[bool, str]:
    """Return whether the sentence ends at ``c`` and the name of the rule that decided."""
    return (
        _first_answer(BEFORE_ABBREVIATIONS, c)
        or (_first_answer(ABBREVIATION_RULES, c) if c.kinds else None)
        or _first_answer(AFTER_ABBREVIATIONS, c)
        or (False, "no_rule")
    )


def _first_answer(rules: tuple[Rule, ...], c: Candidate) -> tuple[bool, str] | None:
    for rule in rules:
        verdict = rule(c)
        if verdict is not None:
            return verdict, rule.__name__
    return None
