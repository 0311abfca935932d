"""Numbers in one spelling, so that ``10 000``, ``10,000`` and ``10.000`` meet."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[ \u00a0\u202f]")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


def normal_number(text: str) -> str:
    """Return a number without marks between thousands and with a point before decimals.

    One mark before exactly three digits is taken for a thousands mark, as it nearly always is in running text; times
    and scores (``12:30``) stay as they are.

    >>> normal_number("10 000"), normal_number("3,26"), normal_number("1,234,567.5")
    ('10000', '3.26', '1234567.5')
    """
    digits = _SPACES.sub("", text)
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

NUMERALS: dict[str, dict[str, tuple[str, ...]]] = {
    "kk": dict(
        zip(
            "1 2 3 4 5 6 7 8 9 10 20 30 40 50 60 70 80 90 100 1000".split(),
            [
                ("бір", "бірінші"), ("екі", "екінші", "екеу"), ("үш", "үшінші", "үшеу"), ("төрт", "төртінші"),
                ("бес", "бесінші"), ("алты", "алтыншы"), ("жеті", "жетінші"), ("сегіз", "сегізінші"),
                ("тоғыз", "тоғызыншы"), ("он", "оныншы"), ("жиырма",), ("отыз",), ("қырық",), ("елу",), ("алпыс",),
                ("жетпіс",), ("сексен",), ("тоқсан",), ("жүз",), ("мың",),
            ],
            strict=True,
        )
    ),
    "en": dict(
        zip(
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90 100 1000".split(),
            [
                ("one", "first"), ("two", "second"), ("three", "third"), ("four", "fourth"), ("five", "fifth"),
                ("six", "sixth"), ("seven", "seventh"), ("eight", "eighth"), ("nine", "ninth"), ("ten", "tenth"),
                ("eleven",), ("twelve",), ("thirteen",), ("fourteen",), ("fifteen",), ("sixteen",), ("seventeen",),
                ("eighteen",), ("nineteen",), ("twenty",), ("thirty",), ("forty",), ("fifty",), ("sixty",),
                ("seventy",), ("eighty",), ("ninety",), ("hundred",), ("thousand",),
            ],
            strict=True,
        )
    ),
    "ru": dict(
        zip(
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90 100 1000".split(),
            [
                ("один", "одна", "одного", "первый"), ("два", "две", "двух", "второй"), ("три", "трех", "третий"),
                ("четыре", "четырех", "четвертый"), ("пять", "пятый"), ("шесть", "шестой"), ("семь", "седьмой"),
                ("восемь", "восьмой"), ("девять", "девятый"), ("десять", "десятый"), ("одиннадцать",),
                ("двенадцать",), ("тринадцать",), ("четырнадцать",), ("пятнадцать",), ("шестнадцать",),
                ("семнадцать",), ("восемнадцать",), ("девятнадцать",), ("двадцать",), ("тридцать",), ("сорок",),
                ("пятьдесят",), ("шестьдесят",), ("семьдесят",), ("восемьдесят",), ("девяносто",), ("сто",),
                ("тысяча",),
            ],
            strict=True,
        )
    ),
}  # fmt: skip
"""Words for numbers by language and digits, cardinal first; enough for what running text writes out."""
