"""The numbers of a text in one spelling, so that two sides of a pair can be compared by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Digits, with single marks or spaces between groups; a space parts thousands only.
NUMBER = re.compile(r"\d+(?:[.,:/-]\d+|[ \u00a0\u202f](?=\d{3}(?!\d))\d{3})*")
_GROUPED = re.compile(r"\d{1,3}(?:[., \u00a0\u202f]\d{3})+")
_DIGITS = re.compile(r"\d+")


class Number(NamedTuple):
    """A number by its ``significant`` digits (no zeros at either end), and how many digits it is ``written`` with."""

    significant: str
    written: int


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of a text in order.

    By their significant digits spellings of one number meet: ``1 500 000``, ``1,500,000`` and the 1.5 of
    ``1.5 million`` are all ``15``. Dates, times and ratios are taken apart, since languages order them differently:
    ``05.06.2020`` gives ``5``, ``6`` and ``202``.
    """
    for match in NUMBER.finditer(text):
        number = match.group()
        digits = _DIGITS.findall(number)
        whole = _GROUPED.fullmatch(number) or (len(digits) == 2 and re.search("[.,]", number) and len(digits[1]) < 3)
        for part in ["".join(digits)] if whole else digits:
            if significant := part.strip("0"):
                yield Number(significant, len(part.lstrip("0")))


def significant_numbers(text: str) -> set[str]:
    """Return the numbers of a text by their significant digits."""
    return {number.significant for number in numbers(text)}


def missing_numbers(source: str, target: str) -> list[str]:
    """Return the numbers of the source, by significant digits, that the target does not have.

    Numbers written with one digit are left out, since a good translation may spell them.
    """
    wanted = [number.significant for number in numbers(source) if number.written > 1]
    if not wanted:
        return []
    there = significant_numbers(target)
    return [number for number in dict.fromkeys(wanted) if number not in there]
