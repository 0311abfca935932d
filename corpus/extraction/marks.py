"""Raised text: which of it refers to a note, and which belongs to the word or number before it.

Readers of all formats mark what their format raises (``raised``) and what it calls a note's mark (``noted``);
``settle`` decides with the paragraph around it in view: ``1931⁴`` is a year and a note, ``20 м²`` an area.
"""

from __future__ import annotations

import re

_RAISED, _NOTE, _END, _KEPT = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
"""Characters that Unicode sets aside for what a program does within itself: they stand in no text."""

_UP = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_DOWN_FROM_UP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")

_MARKED = re.compile(
    rf"(?P<kind>[{_RAISED}{_NOTE}{_KEPT}])(?P<text>[^{_RAISED}{_NOTE}{_KEPT}{_END}]*){_END}|(?P<typed>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾]+)"
)

_ONE = r"(?:\d{1,3}|[*†‡§¶]{1,4}|[ivx]{1,5}|[a-zа-яәғқңөұүһі])"
_NOTE_SHAPE = re.compile(rf"{_ONE}(?:\s*[,;–-]\s*{_ONE})*\s*\)?|\[[^\[\]]{{1,40}}\]|\({_ONE}\)", re.I)
_SIGN = re.compile(r"[*†‡§¶]|\A[\[(]")
_NUMBER = re.compile(r"[+−-]?\d{1,3}")
_UNIT = re.compile(r"(?:[кмсднg]?[мm]|м[кк]м|[ckdmμµ]m|[кk]?г|с|сек|s|ft|in)", re.I)
_FORMULA = re.compile(r"\((?=[^()]*[+\-−*/·=])[^()\d]{0,3}[^()]{1,24}\)\Z")
_FORMULA_SIGN = re.compile(r"\A[a-zα-ω]\Z|[+−*/·-].|\d[a-z]")
_LONG_WORD = re.compile(r"[^\W\d_]{3}")
_LAST = re.compile(r"[^\W\d_]+\Z|\d+\Z")
_OPERATOR_BEFORE = re.compile(r"[=+×·*/^<>≈√−]\s*\d+\Z")
_OPERATOR_AFTER = re.compile(r"\s*[=×·<>≈+]")
_ISOTOPE = re.compile(r"[A-Z][a-z]?(?![a-z])")
_DEGREE = re.compile(r"\s*[CСFK]?(?!\w)")


def raised(text: str) -> str:
    """Return text that a format raises above the line, marked for ``settle``."""
    return f"{_RAISED}{text}{_END}" if text else ""


def noted(text: str) -> str:
    """Return what a format itself calls a note's mark, marked for ``settle``."""
    return f"{_NOTE}{text}{_END}"


def kept(text: str) -> str:
    """Return text in which ``settle`` finds no note's mark: an equation's."""
    return f"{_KEPT}{text}{_END}" if text else ""


def lowered(text: str) -> str:
    """Return text below the line: digits as Unicode has them there, lest ``log₂8`` become another number."""
    low = text.translate(_LOWERED)
    return low if re.fullmatch(r"[₀-₎]+", low) else text


def high(text: str) -> str:
    """Return raised text in Unicode's raised characters if it has them all, else as it is."""
    up = text.translate(_UP)
    return up if re.fullmatch(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ]+", up) else text


def without_marks(text: str) -> str:
    """Return marked text as it would read if nothing were raised."""
    return text.translate({ord(one): None for one in (_RAISED, _NOTE, _END, _KEPT)})


def settle(paragraph: str) -> tuple[str, list[tuple[int, str]]]:
    """Decide all raised text of a paragraph: the text, and the note marks with the offsets at which they stood."""
    # A number that a format raises digit by digit is one number.
    paragraph = paragraph.replace(_END + _RAISED, "")
    text = ""
    notes: list[tuple[int, str]] = []
    last = 0
    for match in _MARKED.finditer(paragraph):
        text += paragraph[last : match.start()]
        last = match.end()
        after = without_marks(paragraph[last:])
        typed = match["typed"]
        said = (typed.translate(_DOWN_FROM_UP) if typed else match["text"]).strip()
        if not said or match["kind"] == _KEPT:
            text += match["text"] or ""
        elif match["kind"] == _NOTE or _is_note(text, said, after):
            notes.append((len(text), said))
            # Where nothing else keeps a number and the next word apart, the mark did.
            if text[-1:].isdigit() and after[:1].isalnum():
                text += " "
        else:
            text += typed or _in_line(text, said, after)
    text += paragraph[last:]
    return text, notes


def _is_note(before: str, said: str, after: str) -> bool:
    """Whether raised text refers to a note, by what stands before and after it."""
    if not _NOTE_SHAPE.fullmatch(said) or _is_degree(before, said, after) or re.match(r"[/⁄∕]", after):
        return False
    if _SIGN.search(said):
        return True
    base = _LAST.search(before)
    if base is None:
        return _is_note_after_sign(before, after)
    if base[0].isdigit():
        return _is_note_after_number(before, base[0], said, after)
    return _is_note_after_word(base[0], said)


def _is_note_after_word(word: str, said: str) -> bool:
    if _NUMBER.fullmatch(said) or said == "n":
        return not (len(word) == 1 or (_UNIT.fullmatch(word) and said in ("2", "3")))
    return len(word) > 1 and not (said.isalpha() and len(said) > 1)


def _is_note_after_sign(before: str, after: str) -> bool:
    if not before.strip() or before[-1].isspace():
        # At the start of a word: the number of the note itself, unless an isotope (¹⁴C).
        return _ISOTOPE.match(after) is None
    formula = _FORMULA.search(before)
    return formula is None or _LONG_WORD.search(formula[0]) is not None


def _is_note_after_number(before: str, number: str, said: str, after: str) -> bool:
    if not said[0].isdigit():
        return len(said) == 1 and said.isalpha() and not after[:1].isalpha() and len(number) > 2
    power = number in ("2", "10") or _OPERATOR_BEFORE.search(before) or _OPERATOR_AFTER.match(after)
    return len(number) > 3 or not power


def _is_degree(before: str, said: str, after: str) -> bool:
    return before[-1:].isdigit() and said in ("0", "о", "o", "О", "O", "°") and _DEGREE.match(after) is not None


def _in_line(before: str, said: str, after: str) -> str:
    """Return raised text that is no note's mark as it stands in plain text."""
    if _is_degree(before, said, after):
        return "°"
    if re.match(r"[/⁄∕]", after):
        return f" {said}" if before[-1:].isdigit() else said
    up = high(said)
    base = _LAST.search(before)
    if up == said and base is not None and len(base[0]) == 1 and base[0].isalpha() and _FORMULA_SIGN.search(said):
        return f"^{said}" if len(said) == 1 else f"^({said})"
    return up
