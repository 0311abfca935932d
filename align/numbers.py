"""Numbers in one spelling, so that ``10 000``, ``10,000`` and ``10.000`` meet.

The lexicon counts a number as a unit of its own, so that 15 must stay another one than 1.5 or 1500. The checks on a
pair (``qosmatin.corpus.checks.numbers``) forgive more: they ask whether a number was lost, and 1.5 million is 1500000.
"""

from __future__ import annotations

import re
from unicodedata import decimal

_OTHER_DIGITS = re.compile(r"(?![0-9])\d")
_SPACES = re.compile(r"[ \u00a0\u202f]")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


def normal_number(text: str) -> str:
    """Return a number without marks between thousands and with a point before decimals.

    One mark before exactly three digits is taken for a thousands mark, as it nearly always is in running text; times
    and scores (``12:30``) stay as they are.

    >>> normal_number("10 000"), normal_number("3,26"), normal_number("1,234,567.5"), normal_number("١٩٩٥")
    ('10000', '3.26', '1234567.5', '1995')
    """
    digits = _SPACES.sub("", text).replace("٫", ".").replace("٬", ",")
    digits = _OTHER_DIGITS.sub(lambda digit: str(decimal(digit.group())), digits)
    if _GROUPED.fullmatch(digits):
        return digits.replace(",", "").replace(".", "")
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits.lstrip("0") or "0"
    marks = digits.count(".") + digits.count(",")
    head, tail = digits[:last], digits[last + 1 :]
    if marks > 1 and digits[last] in head:
        return digits.replace(",", ".")  # a date or version such as 5.10.2018
    return head.replace(",", "").replace(".", "") + "." + tail
