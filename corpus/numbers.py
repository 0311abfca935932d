"""The numbers of a text in one spelling, so that two sides of a pair can be compared by them."""

from __future__ import annotations

import re

# Digits, with single marks or spaces between groups; a space parts thousands only.
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+|[ \u00a0\u202f](?=\d{3}(?!\d))\d{3})*")
_GROUPED = re.compile(r"\d{1,3}(?:[., \u00a0\u202f]\d{3})+")
_DIGITS = re.compile(r"\d+")


def significant_numbers(text: str) -> set[str]:
    """Return the numbers of a text by their significant digits, without zeros at either end.

    So spellings of one number meet: ``1 500 000``, ``1,500,000`` and the 1.5 of ``1.5 million`` are all ``15``.
    Dates, times and ratios are taken apart, since languages order them differently: ``05.06.2020`` gives ``5``, ``6``
    and ``202``.
    """
    found: set[str] = set()
    for match in _NUMBER.finditer(text):
        number = match.group()
        digits = _DIGITS.findall(number)
        whole = _GROUPED.fullmatch(number) or (len(digits) == 2 and re.search("[.,]", number) and len(digits[1]) < 3)
        found.update(part.strip("0") for part in (["".join(digits)] if whole else digits))
    return found - {""}
