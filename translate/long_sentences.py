"""Cutting a sentence that is too long for a model, at the best place there is, so that nothing is silently cut off."""

from __future__ import annotations

import re
from collections.abc import Callable

_PLACES = (
    re.compile(r"(?<=[;:])\s+"),
    re.compile(r"(?<=,)\s+|\s+(?=[—–]\s)"),
    re.compile(r"\s+"),
)
"""Where a sentence may be cut, best first: between clauses, at commas and dashes, between words."""


def cut_to_fit(text: str, fits: Callable[[str], bool]) -> list[str] | None:
    """Return ``text`` in pieces that all fit, or None when a single word does not.

    The pieces are as long as can be and as few as the kind of place allows; their words are those of the text.
    """
    if fits(text):
        return [text]
    for places in _PLACES:
        units = places.split(text)
        if len(units) > 1:
            pieces = _pack(units, fits)
            cut = [cut_to_fit(piece, fits) if piece != text else None for piece in pieces]
            if all(part is not None for part in cut):
                return [piece for part in cut if part for piece in part]
    return None


def _pack(units: list[str], fits: Callable[[str], bool]) -> list[str]:
    """Join neighbouring units while they fit."""
    pieces = [units[0]]
    for unit in units[1:]:
        joined = f"{pieces[-1]} {unit}"
        if fits(joined):
            pieces[-1] = joined
        else:
            pieces.append(unit)
    return pieces
