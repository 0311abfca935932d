"""What callers of the library get wrong without an error of Python's: told in one sentence, with what is meant.

A string is a sequence of strings, so that one text in the place of a list would be read letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import InputError
from .languages import check_language


def check_text(text: Any, name: str) -> None:
    """Raise ``InputError`` unless an argument is one text; ``name`` is the argument's."""
    if not isinstance(text, str):
        raise InputError(f"{name} is {_kind(text)}, and one text (a string) is meant")


def check_texts(texts: Any, name: str) -> None:
    """Raise ``InputError`` unless an argument is a list (or another sequence) of texts, which may be empty."""
    if isinstance(texts, str | bytes):
        raise InputError(f"{name} is one text, and a list of texts is meant: split it, or write [text]")
    if not isinstance(texts, Iterable) or not hasattr(texts, "__len__"):
        raise InputError(f"{name} is {_kind(texts)}, and a list of texts is meant")
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"{name}[{number}] is {_kind(text)}, and a text (a string) is meant")


def check_some_text(texts: Any, name: str) -> None:
    """Raise ``InputError`` unless an argument is a list of texts of which one at least says something."""
    check_texts(texts, name)
    if not any(text.strip() for text in texts):
        raise InputError(
            f"{name} has no text in it, only {list(texts)!r:.40}; was something read from the wrong place?"
        )


def check_sentences(texts: Any, name: str) -> None:
    """Raise ``InputError`` unless an argument is a list of texts of which none is blank: sentences never are."""
    check_some_text(texts, name)
    for number, text in enumerate(texts):
        if not text.strip():
            raise InputError(f"{name}[{number}] is blank, which no sentence is; leave it out")


def check_code(code: Any, name: str) -> str:
    """Return a language's code in its canonical form; raises ``InputError`` where it is none, as ``kazakh``."""
    if not isinstance(code, str):
        raise InputError(f"{name} is {_kind(code)}, and a language's code is meant, such as 'kk'")
    return check_language(code)


def _kind(value: Any) -> str:
    return "None" if value is None else f"of the type {type(value).__name__}"
