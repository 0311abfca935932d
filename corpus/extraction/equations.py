"""Equations of Word (OMML) and of HTML (MathML), written in one line: ``(a+b)/c``, ``x²``, ``√(2)``."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from .marks import high, lowered

_SILENT = {"annotation", "annotation-xml"}


def linear(element: etree._Element) -> str:
    """Return an equation as one line of text."""
    name = _name(element)
    if name in ("t", "mi", "mn", "mo", "mtext", "ms"):
        return (element.text or "").strip() if name != "t" else element.text or ""
    parts = [linear(child) for child in element if _is_content(child)]
    return _put(name, parts, element)


def _put(name: str, parts: list[str], element: etree._Element) -> str:
    """Return the parts of an element of an equation as they stand in one line."""
    if name == "d":
        opening, closing = _brackets(element)
        return f"{opening}{', '.join(parts)}{closing}"
    if name == "nary" and len(parts) == 3:
        return f"{_operator(element)}{_index(parts[0])}{_exponent(parts[1])} {parts[2]}"
    write = _WRITTEN.get((name, len(parts)))
    return write(*parts) if write else _BETWEEN.get(name, "").join(parts)


def _exponent(text: str) -> str:
    up = high(text)
    return up if up != text or not text else f"^{_grouped(text)}"


def _index(text: str) -> str:
    low = lowered(text)
    return low if low != text or not text else f"_{_grouped(text)}"


def _grouped(text: str) -> str:
    """Return what stands above or below a line in brackets, unless it is one number or one name."""
    return text if text.isalnum() else f"({text})"


def _brackets(element: etree._Element) -> tuple[str, str]:
    opening, closing = _property(element, "begChr"), _property(element, "endChr")
    return "(" if opening is None else opening, ")" if closing is None else closing


def _operator(element: etree._Element) -> str:
    return _property(element, "chr") or "∫"


def _property(element: etree._Element, name: str) -> str | None:
    """Return the value of a property of an OMML element, None where it says nothing."""
    for properties in element:
        if _name(properties) in ("dPr", "naryPr"):
            for one in properties:
                if _name(one) == name:
                    return next((str(value) for key, value in one.attrib.items() if str(key).endswith("val")), "")
    return None


def _is_content(element: etree._Element) -> bool:
    name = _name(element)
    return bool(name) and name not in _SILENT and not name.endswith("Pr")


def _name(element: etree._Element) -> str:
    # Between the tags of HTML a prefix is a part of the name.
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


_WRITTEN: dict[tuple[str, int], Callable[..., str]] = {
    **dict.fromkeys([("sSup", 2), ("msup", 2), ("mover", 2)], lambda base, up: base + _exponent(up)),
    **dict.fromkeys([("sSub", 2), ("msub", 2), ("munder", 2)], lambda base, low: base + _index(low)),
    **dict.fromkeys(
        [("sSubSup", 3), ("msubsup", 3), ("munderover", 3)], lambda base, low, up: base + _index(low) + _exponent(up)
    ),
    **dict.fromkeys([("f", 2), ("mfrac", 2)], lambda above, below: f"{_grouped(above)}/{_grouped(below)}"),
    ("rad", 2): lambda degree, base: f"{high(degree)}√({base})",
    ("rad", 1): lambda base: f"√({base})",
    ("mroot", 2): lambda base, degree: f"{high(degree)}√({base})",
    ("msqrt", 1): lambda base: f"√({base})",
}
"""How an element with so many parts is written."""

_BETWEEN = {"mr": ", ", "mtr": ", ", "m": "; ", "mtable": "; ", "eqArr": "; "}
"""What stands between the parts of rows, and between rows."""
