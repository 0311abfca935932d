"""The same work on many things, some at a time, in the order of the things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def in_threads(work: Callable[..., _Result], *things: Iterable[Any], workers: int) -> Iterator[_Result]:
    """Yield what ``work`` makes of the things, as ``map`` does, by ``workers`` threads.

    This pays where the work lets go of the interpreter, as compiled kernels do. The lists of things are as long as each
    other, and a work that raises ends it all.
    """
    if workers <= 1:
        yield from map(work, *things)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, *things)
