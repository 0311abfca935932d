"""The same work on many things, some at a time, in the order of the things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

_Result = TypeVar("_Result")

Each = Callable[..., Iterator[Any]]
"""Yields what a work makes of things, as ``map`` does: called with the work, and one or more lists of things."""


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does the work: ``workers`` threads, or where the documents go (``elsewhere``), to other machines."""

    workers: int = 1
    elsewhere: Each | None = None

    def on_documents(self, work: Callable[..., _Result], *things: Iterable[Any]) -> Iterator[_Result]:
        """Yield what ``work`` makes of each document; it and they are such that they can be pickled."""
        return (self.elsewhere or self.here)(work, *things)

    def here(self, work: Callable[..., _Result], *things: Iterable[Any]) -> Iterator[_Result]:
        """Yield what ``work`` makes of the things, by threads.

        This pays where the work lets go of the interpreter, as compiled kernels do. The lists of things are as long as
        each other, and a work that raises ends it all.
        """
        if self.workers <= 1:
            yield from map(work, *things)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            yield from pool.map(work, *things)


ALONE = Hands()
"""The caller itself."""
