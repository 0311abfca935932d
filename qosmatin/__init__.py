"""Qosmätin: a translation and bilingual-corpus toolkit for Kazakh.

The rooms of the house are ``qosmatin.corpus``, ``qosmatin.align``, ``qosmatin.translate``, ``qosmatin.eval`` and
``qosmatin.review``. What scripts and notebooks call stands in ``qosmatin.library`` and is here by name: ``split``,
``align``, ``align_files``, ``match``, ``score``, ``translate`` and ``open``, each imported when it is first asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .library import align, align_files, match, score, split, translate
    from .library import open_corpus as open  # noqa: A004

__version__ = "0.1.0"

__all__ = ["align", "align_files", "match", "open", "score", "split", "translate"]

_NAMES = {name: name for name in __all__} | {"open": "open_corpus"}
"""What is called here, by its name in ``qosmatin.library``."""


class CallableRoom(ModuleType):
    """A room that has the name of a function: the package ``qosmatin.align`` can be called, and is a package still."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return getattr(import_module("qosmatin.library"), self.__name__.rpartition(".")[2])(*arguments, **named)


class _Face(ModuleType):
    """This module: names come when they are asked for, and rooms that are functions too become callable.

    Whoever imports a room first, Python puts it here as an attribute, over whatever had its name.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _NAMES and type(value) is ModuleType:
            value.__class__ = CallableRoom
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name in ("align", "translate"):
            return import_module(f"{__name__}.{name}")
        if name in _NAMES:
            return getattr(import_module(f"{__name__}.library"), _NAMES[name])
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_NAMES})


sys.modules[__name__].__class__ = _Face
