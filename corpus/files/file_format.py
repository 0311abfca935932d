"""What every file format is, and those that other packages add.

A package adds one by an entry point of the group ``qosmatin.formats`` that is a ``PairFormat`` (``corpus.formats``) or
a ``DocumentFormat`` (``corpus.extraction``), under the name that the format has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from qosmatin.corpus.plugins import Plugins, load_plugins

GROUP = "qosmatin.formats"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format's name, and the endings (in lower case, with the dot) of the files that are read as it."""

    name: str
    suffixes: tuple[str, ...]


_Format = TypeVar("_Format", bound=FileFormat)


def added_formats(kind: type[_Format], built_in: Iterable[_Format]) -> Plugins[_Format]:
    """Return the formats of a kind that packages add; none may have the name or an ending of one that is there."""
    names: set[str] = set()
    suffixes: set[str] = set()
    for known in built_in:
        names.add(known.name)
        suffixes.update(known.suffixes)

    def fault(name: str, thing: Any) -> str | None:
        if not isinstance(thing, FileFormat):
            return "is no PairFormat or DocumentFormat"
        if thing.name != name:
            return f"must have the name of its entry point, and is called '{thing.name}'"
        if not isinstance(thing, kind):
            return None
        if name in names:
            return "takes the name of a built-in one"
        clashes = sorted(suffixes.intersection(thing.suffixes))
        if clashes:
            return f"takes endings that another format has ({', '.join(clashes)})"
        suffixes.update(thing.suffixes)
        return None

    added = load_plugins(GROUP, fault, taken=())
    things = {name: thing for name, thing in added.things.items() if isinstance(thing, kind)}
    return Plugins(GROUP, things, added.faults)


def told_faults(plugins: Plugins[Any]) -> str:
    """Return what is wrong with packages, for the end of a message that says that a format is not known."""
    return "".join(f"; {fault}" for fault in plugins.faults.values())
