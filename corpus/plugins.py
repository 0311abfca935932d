"""Plugins: what packages outside add to qosmatin by entry points, as engines, filters and file formats.

A package that cannot be loaded, or that takes a name which is there already, spoils nothing until somebody asks for
that name: then the fault is told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Plugins(Generic[_Thing]):
    """What the installed packages add to a group: the sound things by name, and what is wrong with the others."""

    group: str
    things: dict[str, _Thing] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def load_plugins(group: str, check: Callable[[str, Any], str | None], taken: Collection[str]) -> Plugins[Any]:
    """Load the entry points of a group; ``check`` says why a thing of that name cannot be used, None where it can.

    Names that are ``taken`` by what is built in, or that two packages want, are refused.
    """
    plugins: Plugins[Any] = Plugins(group)
    for point in sorted(entry_points(group=group), key=lambda one: (one.name, _package(one))):
        who = f"the package '{_package(point)}', which adds '{point.name}' to {group},"
        if point.name in taken:
            plugins.faults[point.name] = f"{who} takes the name of a built-in one; uninstall it, or rename what it adds"
        elif point.name in plugins.things or point.name in plugins.faults:
            plugins.things.pop(point.name, None)
            plugins.faults[point.name] = f"{who} takes a name that another package adds too; uninstall one of them"
        else:
            try:
                thing = point.load()
            except Exception as error:  # whatever a strange module does when it is imported
                told = f"cannot be loaded: {type(error).__name__}: {error}; mend or uninstall it"
                plugins.faults[point.name] = f"{who} {told}"
                continue
            fault = check(point.name, thing)
            if fault is None:
                plugins.things[point.name] = thing
            else:
                plugins.faults[point.name] = f"{who} {fault}; mend or uninstall it"
    return plugins


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "?"
