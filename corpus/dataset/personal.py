"""Looking for personal data in texts: e-mail addresses, telephone numbers, and Kazakhstan's identity numbers (IIN).

It finds what has the form of such data, and says in how many texts; it knows nothing of names and addresses.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_FORMS = {
    "e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
    "telephone number": r"(\+\d{1,3}|\b8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}\b",
    "identity number (IIN)": r"\b\d{12}\b",
}
PERSONAL = tuple(_FORMS)
"""What is looked for."""


def count_personal(texts: pa.ChunkedArray[Any]) -> Counter[str]:
    """Count the texts in which something of each form stands."""
    found: Counter[str] = Counter()
    for name, form in _FORMS.items():
        hits = texts.filter(pc.match_substring_regex(texts, form))
        if name.startswith("identity"):
            found[name] = sum(any(map(is_iin, re.findall(form, str(text)))) for text in hits.to_pylist())
        else:
            found[name] = len(hits)
    return +found


def is_iin(digits: str) -> bool:
    """Whether twelve digits are a valid IIN: a date of birth, a digit of century and sex, and a right check digit."""
    numbers = [int(digit) for digit in digits]
    century = 1800 + 100 * ((numbers[6] - 1) // 2) if 1 <= numbers[6] <= 6 else None
    if len(numbers) != 12 or century is None:
        return False
    try:
        date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        check = sum(weight * number for weight, number in zip(weights, numbers, strict=False)) % 11
        if check < 10:
            return check == numbers[11]
    return False
