"""In which encoding a text is that does not say so: the one in which its letters make words of its language.

Kazakh, Russian and English were stored in many encodings that differ in a few letters alone: what is ``ү`` in KZ-1048
is ``ї`` in Windows-1251. Every reading is weighed by the letter pairs of the language that the user states
(``letters``), and the best one stands if it is better than the second by a clear margin. Of other languages the letters
are not known, and a general detection decides.
"""

from __future__ import annotations

import codecs
from itertools import zip_longest
from pathlib import Path

from charset_normalizer import from_bytes

from qosmatin.corpus.errors import InputError

from .letters import cost, languages

_USUAL = {
    "kk": ("kz1048", "ptcp154", "cp1251", "koi8_r"),
    "ru": ("cp1251", "koi8_r", "kz1048", "ptcp154"),
    "en": ("cp1252",),
}
"""The encodings that texts of a language are in as a rule, besides Unicode."""

_UNICODE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_EIGHT_BITS = ("kz1048", "ptcp154", "cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252", "iso8859_1")

_UNUSUAL = {"kk": 5.0, "ru": 5.0, "en": 10.0}
"""Bits that count against an encoding that is not usual for a language; in English a letter or two must decide."""

_MARGIN = 7.0
"""Bits by which the best reading must be likelier than any other: some hundred to 1."""

_NO_TEXT = 10.0
"""Bits a byte above which no reading is a text; texts have two to five."""

_SAMPLE = 100_000
"""Bytes that are weighed."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte order mark tells, if there is one (UTF-8 needs none)."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)


def detect(data: bytes, path: Path | str, lang: str | None) -> str:
    """Return the text in the likeliest encoding, or nothing where there is none in which it is a text.

    Raises ``InputError`` where two readings are about as likely, with both and how to name the encoding.
    """
    main, *rest = (lang or "").split("-")
    if lang is not None and (main not in languages() or not {"Latn", "Arab"}.isdisjoint(rest)):
        best = from_bytes(data, cp_isolation=list(_EIGHT_BITS)).best()
        return "" if best is None else data.decode(best.encoding)
    langs = languages() if lang is None else (main,)
    readings = sorted(_readings(data, langs), key=lambda reading: reading[0])
    if not readings or readings[0][0] > _NO_TEXT * len(data[:_SAMPLE]):
        return ""
    best_cost, name, text = readings[0]
    for other_cost, other_name, other in readings[1:]:
        if other != text and other_cost - best_cost < _MARGIN:
            raise InputError(_doubt((name, text), (other_name, other)), path)
    return text


def _readings(data: bytes, langs: tuple[str, ...]) -> list[tuple[float, str, str]]:
    """Return cost, encoding and text of every reading that the bytes allow."""
    found = []
    for name in (*_UNICODE, *_EIGHT_BITS):
        try:
            text = data.decode(name)
            # A character may be cut at the end of the sample.
            sample = data[:_SAMPLE].decode(name, errors="ignore")
        except UnicodeDecodeError:
            continue
        prior = {lang: 0.0 if name in _USUAL[lang] or name in _UNICODE else _UNUSUAL[lang] for lang in langs}
        found.append((min(cost(sample, lang) + prior[lang] for lang in langs), name, text))
    return found


def _doubt(first: tuple[str, str], second: tuple[str, str]) -> str:
    """Return what to say of two readings: both, where they first differ."""
    at = next(at for at, (one, other) in enumerate(zip_longest(first[1], second[1])) if one != other)
    excerpts = [" ".join(text[max(at - 15, 0) : at + 25].split()) for _, text in (first, second)]
    return (
        f"its encoding is in doubt: in {first[0]} it reads '{excerpts[0]}', in {second[0]} '{excerpts[1]}'; "
        f"say which, as `encoding: {first[0]}` in the config, or convert the file to UTF-8"
    )
