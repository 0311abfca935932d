"""The rules that decide whether a sentence ends at a candidate, in order: the first that answers wins.

A rule asks one question and answers True (the sentence ends), False (it goes on) or None (not mine to say). Its name
is what ``explain`` shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .candidates import DASHES, END, UPPER, Candidate

Rule = Callable[[Candidate], bool | None]

_INITIALS = re.compile(rf"(?:[{UPPER}]\.?[-‑]?)*[{UPPER}]")
_NEXT_INITIAL = re.compile(rf"[{UPPER}]\.")
_TOKEN_OF_ADDRESS = re.compile(r"[/=@#&]|www")
_PREDICATE = re.compile(rf"(?:(?<!\d)\s[{DASHES}]{{1,2}}|:)\s(?:\S+\s){{0,3}}\S*\Z")
_DATE = re.compile(r"\d{1,2}")
_DATE_GOES_ON = re.compile(r"\d{1,2}\.|\d{4}\b")
_NUMERAL = re.compile(r"\d|[IVXLC]+\b")
_CLAUSE = re.compile(rf"[^{END}\n,;:–—\"«»“”]{{1,80}}(?=[.!…\n]|\Z)")
_TRUNCATED = re.compile(r"[^\W\d_]{1,5}(?<![аеёиоуыэюяьйәөұүіaeiouy])", re.IGNORECASE)


def follows(c: Candidate) -> bool | None:
    """Does punctuation follow that belongs to the same sentence? ``?»,``, ``. . .``"""
    if c.begin < len(c.text) and c.text[c.begin] in ",;:.!?…)]}»%/\\":
        return False
    return None


def glued(c: Candidate) -> bool | None:
    """Is the space behind the mark missing, or is the mark inside a name or an address? ``келді.Біз``, ``Б.Момышұлы``"""
    if c.begin > c.end:
        return None
    word = c.word
    if not c.next_word or len(word) < 3 or not c.first.isalpha() or c.first.islower() or _TOKEN_OF_ADDRESS.search(word):
        return c.mark[-1] not in f"{END}*_'\"" and c.first.isupper()
    if c.mark != ".":
        return True
    if not word[-3:].islower() or c.next_word[1:2].isupper() or c.kinds():
        return False
    if c.first < "\u0250" or word[-1] < "\u0250":
        return "." not in word and (c.tables.opens(c.next_word) or (c.tables.lang == "kk" and c.tables.closes(word)))
    return True


def nothing_said(c: Candidate) -> bool | None:
    """Has the sentence no word yet? ``... Содан``, ``[…]``"""
    return None if c.has_worded else False


def open_bracket(c: Candidate) -> bool | None:
    """Does the mark stand in a bracket that was opened within the sentence and closes nearby?"""
    low = max(c.start, c.end - 2 * 160)
    opened = c.text.rfind("(", low, c.end)
    if opened <= c.start or opened < c.text.rfind(")", low, c.end):
        return None
    closed = c.text.find(")", c.end, c.end + 240)
    return False if closed >= 0 and "\n\n" not in c.text[c.end : closed] else None


def bracketed_mark(c: Candidate) -> bool | None:
    """Is the mark alone in brackets, as a remark on a word? ``(!)``, ``[...]``"""
    return False if c.last and c.last in "([<" and c.mark[-1:] in ")]>" else None


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
    if name[:1].isupper() and (c.word in "IVX" or c.tables.ends("surname-ending", name)):
        return True
    return c.tables.opens(c.next_word)


def number_goes_on(c: Candidate) -> bool | None:
    """Is it a stop within a date or number that is written with spaces? ``12. 05. 2020``"""
    if c.last.isdigit() and c.is_stop and _DATE.fullmatch(c.word) and _DATE_GOES_ON.match(c.text, c.begin):
        return False
    return None


def abbreviation(c: Candidate) -> bool | None:
    """Is the word an abbreviation, and may a sentence end with one of its kind here?"""
    if c.mark[0] not in ".!" or not c.is_stop and c.mark != "!":
        return None
    kinds = c.kinds() if c.mark != "!" else c.tables.kinds(c.word + "!")
    if not kinds:
        return None
    if kinds == {"number"}:
        return (
            False
            if _NUMERAL.match(c.next_word) and not (c.next_word == "I" and c.at - c.start == len(c.word))
            else None
        )
    if "title" in kinds or c.first.islower() or c.dash:
        return False
    if c.first.isdigit():
        return "final" in kinds or ("unit" in kinds and bool(_PREDICATE.search(c.before)) and not _counts_on(c))
    if not c.first.isupper():
        return c.tables.has("opener", c.next_word)
    return _may_end(c, kinds)


def _may_end(c: Candidate, kinds: frozenset[str]) -> bool:
    """Say whether an abbreviation of these kinds ends its sentence before the capitalised word that follows."""
    if "final" in kinds:
        return True
    if c.opening.strip():
        return "unit" in kinds
    if c.tables.has("month", c.next_word):
        return False
    if c.tables.opens(c.next_word):
        return not _names_place(c)
    if "unit" in kinds and "year" not in kinds:
        return not c.next_word.isupper()
    if "closer" in kinds:
        earlier = [word.rstrip(",;:") for word in c.words_before()]
        return c.tables.has("noun", c.next_word) or earlier[:1] == ["және"] or any(map(c.tables.closes, earlier))
    if _names_place(c) or _names_person(c):
        return False
    return bool(_PREDICATE.search(c.before)) or ("year" in kinds and _verb_before(c))


def _verb_before(c: Candidate) -> bool:
    """Say whether a Russian sentence has its verb already, so that a year ends it: ``Завод построили в 2010 г.``"""
    return c.tables.lang == "ru" and any(c.tables.ends("verb-ending", word) for word in c.words_before())


def _names_place(c: Candidate) -> bool:
    """Say whether what follows is the name of a place, whose kind stands behind it: ``Абай ауд.``, ``Жаңа көш.``"""
    following = c.behind.split()[1:3]
    return any(word[-1] in ".," and "place" in c.tables.kinds(word.rstrip(".,")) for word in following)


def _counts_on(c: Candidate) -> bool:
    """Say whether another measure follows that belongs to the first: ``12 сағ. 30 мин.``"""
    return any("unit" in c.tables.kinds(word.rstrip(".,")) for word in c.behind.split()[1:2])


def _names_person(c: Candidate) -> bool:
    """Say whether what follows is a name and a surname: ``Кеңесші – з.ғ.д. Болат Сәрсенов``"""
    return any(word[:1].isupper() for word in c.behind.split()[1:2])


def single_letter(c: Candidate) -> bool | None:
    """Is the word one small letter that no table knows? It is cut short, and goes on."""
    if c.last.islower() and c.is_stop and len(c.word) == 1 and c.first.isalnum():
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
    return False if 1 < len(words) < 7 and any(c.tables.has("speech", word) for word in words[1:]) else None


def dash_goes_on(c: Candidate) -> bool | None:
    """Does a dash follow, and then a small letter? ``Рақмет... – дедім мен``"""
    return False if c.dash and c.first.islower() else None


def small_letter(c: Candidate) -> bool | None:
    """Does a small letter follow? The sentence goes on, unless it is plainly done and its writer uses no capitals."""
    if not c.first.islower() or c.next_word[1:2].isupper():
        return None
    if c.closes_quotation:
        return False
    if c.mark[0] in END and not c.is_ellipsis:
        return _done(c)
    return c.is_informal and c.is_ellipsis and c.tables.closes(c.word)


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
    return c.first.isupper() and c.begin > c.end


RULES: tuple[Rule, ...] = (
    follows,
    glued,
    nothing_said,
    open_bracket,
    bracketed_mark,
    heading_number,
    number_goes_on,
    initials,
    abbreviation,
    single_letter,
    reported_speech,
    speaker_named,
    dash_goes_on,
    small_letter,
    end_mark,
    smiley,
)
"""The rules, in the order in which they are asked."""


def decide(c: Candidate) -> tuple[bool, str]:
    """Return whether the sentence ends at ``c`` and the name of the rule that decided."""
    for rule in RULES:
        verdict = rule(c)
        if verdict is not None:
            return verdict, rule.__name__
    return False, "no_rule"
