"""Names and numbers as they can stand in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "_": r"\_\allowbreak{}",  # long names of files may break
    "/": r"/\allowbreak{}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def tex(text: str) -> str:
    """Return text as it can stand in LaTeX."""
    return "".join(_LATEX.get(character, character) for character in text)


def needs_t2a(names: Iterable[str]) -> bool:
    """Whether a name has letters that LaTeX's default font encoding lacks."""
    return any(character > "\u024f" and character.isalpha() for name in names for character in name)
