"""What a person sees in a cell of a spreadsheet: dates, percentages and numbers by the cell's number format.

Covered are General, sections for negative numbers and zero, digits with thousands and decimals, percent, scientific
notation, literals, currencies, and dates and times with names of months and days by the format's own language. The
decimal mark is a point and thousands have a comma, as in the format itself: what a person's own system puts there is
not in the file. The short date of the person's system (format 14) is written as ISO 8601 for the same reason, and whole
numbers stay whole where a narrow column would show ``1.2E+11``. Not covered are fractions (``# ?/?``), conditions and
scaling by thousands: such a number is shown as General has it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import isfinite
from typing import Any

from babel.dates import format_date

_LANGUAGES = {0x409: "en", 0x809: "en", 0x419: "ru", 0x43F: "kk", 0x407: "de", 0x41F: "tr", 0x422: "uk"}
"""Languages by Microsoft's numbers, as formats name them: ``[$-419]``."""

_SYSTEM_DATE = ("mm-dd-yy", "m/d/yyyy", "mm/dd/yy")
_WIDE = 11
"""Characters of a number in the format General, its sign left out."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[\$(?P<money>[^\]-]*)(?:-(?P<lang>[0-9A-Fa-f]+))?[^\]]*\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|(?P<noon>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?)"
    r"|(?P<digits>[0#?][0#?,]*(?:\.[0#?]*)?(?:E[+-]0+)?|\.[0#?]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


def shown(value: Any, number_format: str | None) -> str:
    """Return what a cell shows of a value, as openpyxl reads it, by its number format."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return unescaped(value)
    form = number_format or "General"
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value, form)
    return str(value)


def unescaped(text: str) -> str:
    """Return text with what OOXML writes as ``_x000D_`` as the character that it stands for; line ends become one."""
    found = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    return found.replace("\r\n", "\n").replace("\r", "\n")


def _number(value: float, form: str) -> str:
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    sections = _sections(form)
    negative = value < 0 and len(sections) > 1
    section = sections[1] if negative else sections[2] if value == 0 and len(sections) > 2 else sections[0]
    tokens = list(_TOKEN.finditer(section))
    digits = [token["digits"] for token in tokens if token["digits"]]
    is_general = section.strip().casefold() in ("general", "@", "") or (len(digits) != 1 and section.strip())
    if is_general and not (tokens and not digits and "general" not in section.casefold() and section.strip() != "@"):
        return _general(value)
    if not digits:
        # A section of literals alone, such as "-" for zero.
        return "".join(_literal(token) for token in tokens).strip()
    if "/" in section or digits[0].endswith(","):
        return _general(value)
    amount = abs(value) if negative else value
    percent = any(token["other"] == "%" for token in tokens)
    text = _digits(amount * 100 if percent else amount, digits[0])
    return "".join(text if token["digits"] else _literal(token) for token in tokens).strip()


def _sections(form: str) -> list[str]:
    """Return the sections of a format, which semicolons outside of quotes divide."""
    return [part.replace("\0", ";") for part in re.sub(r'"[^"]*"', lambda m: m[0].replace(";", "\0"), form).split(";")]


def _literal(token: re.Match[str]) -> str:
    if token["width"] is not None or token["fill"] is not None:
        return " " if token["width"] is not None else ""
    for name in ("quoted", "escaped", "money", "other", "date", "noon"):
        if token[name] is not None:
            return str(token[name])
    return ""


def _digits(value: float, pattern: str) -> str:
    """Return a number by a pattern such as ``#,##0.00`` or ``0.0E+00``."""
    mantissa, mark, exponent = pattern.upper().partition("E")
    whole, _, decimals = mantissa.partition(".")
    # Halves are rounded away from zero, as spreadsheets do, and Python's own rounding does not.
    if mark:
        text, power = f"{value:.{len(decimals)}e}".split("e")
        sign = "-" if int(power) < 0 else "+" if "+" in exponent else ""
        return f"{text}E{sign}{abs(int(power)):0{exponent.count('0')}d}"
    rounded = _rounded(value, len(decimals))
    least = whole.count("0")
    head, _, tail = rounded.lstrip("-").partition(".")
    head = head.lstrip("0").rjust(least, "0")
    if "," in whole:
        head = re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", head)
    kept = len(decimals.rstrip("#?"))
    while len(tail) > kept and tail.endswith("0"):
        tail = tail[:-1]
    minus = "-" if rounded.startswith("-") and re.search("[1-9]", rounded) else ""
    return minus + head + (f".{tail}" if tail or decimals.startswith("0") else "")


def _rounded(value: float, decimals: int) -> str:
    with localcontext() as context:
        context.prec = 400
        return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def _general(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = ""
    for precision in range(10, 0, -1):
        text = f"{value:.{precision}g}"
        if len(text.lstrip("-")) <= _WIDE:
            break
    return text.upper()


def _moment(value: datetime | date | time | timedelta, form: str) -> str:
    section = _sections(form)[0]
    if section.casefold() in _SYSTEM_DATE and isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if section.casefold() == "general" or (isinstance(value, timedelta) and "[" not in section):
        return str(value)
    tokens = list(_TOKEN.finditer(section))
    lang = next((_LANGUAGES.get(int(one["lang"], 16) & 0xFFFF, "en") for one in tokens if one["lang"]), "en")
    noon = any(token["noon"] for token in tokens)
    parts = []
    for at, token in enumerate(tokens):
        if token["elapsed"]:
            parts.append(_elapsed(value, token["elapsed"].casefold()))
        elif token["date"]:
            code = token["date"].casefold()
            if code in ("m", "mm") and _is_minute(tokens, at):
                code = code.replace("m", "M")
            parts.append(_part(value, code, lang, noon))
        elif token["noon"]:
            parts.append("AM" if getattr(value, "hour", 0) < 12 else "PM")
        else:
            # `General` and `@` after a date are of the section for text; digits do not stand in a date.
            parts.append(token["digits"] or ("" if token["other"] == "@" else _literal(token)))
    return "".join(parts).strip()


def _is_minute(tokens: list[re.Match[str]], at: int) -> bool:
    """Whether an ``m`` stands after hours or before seconds: then it is minutes."""
    codes = [(token["date"] or token["elapsed"] or "").casefold() for token in tokens]
    before = next((code for code in reversed(codes[:at]) if code), "")
    after = next((code for code in codes[at + 1 :] if code), "")
    return before.startswith("h") or after.startswith("s")


def _elapsed(value: Any, code: str) -> str:
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
    else:
        seconds = value.hour * 3600 + value.minute * 60 + value.second if hasattr(value, "hour") else 0
    amount = seconds // {"h": 3600, "m": 60, "s": 1}[code[0]]
    return f"{amount:0{len(code)}d}"


def _part(value: Any, code: str, lang: str, noon: bool) -> str:  # noqa: PLR0911 - one for each code
    """Return one part of a date or time; ``M`` stands for minutes."""
    if isinstance(value, timedelta):
        value = (datetime.min + value % timedelta(days=1)).time()
    width = 2 if len(code) > 1 else 1
    match code[0]:
        case "h":
            hour = value.hour if hasattr(value, "hour") else 0
            return f"{(hour % 12 or 12) if noon else hour:0{width}d}"
        case "M":
            return f"{getattr(value, 'minute', 0):0{width}d}"
        case "s":
            whole, _, decimals = code.partition(".")
            tail = f".{getattr(value, 'microsecond', 0):06d}"[: len(decimals) + 1] if decimals else ""
            return f"{getattr(value, 'second', 0):0{min(len(whole), 2)}d}{tail}"
    if not isinstance(value, date):
        return ""
    match code:
        case "d" | "dd" | "m" | "mm":
            return f"{value.day if code[0] == 'd' else value.month:0{width}d}"
        case "y" | "yy":
            return f"{value.year % 100:02d}"
    if code[0] == "y":
        return f"{value.year:04d}"
    pattern = {"ddd": "EEE", "mmm": "MMM", "mmmm": "MMMM", "mmmmm": "MMMMM"}.get(code, "EEEE")
    return format_date(value, pattern, locale=lang)
