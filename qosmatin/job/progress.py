"""Progress of long work: a bar with rate and time left on a terminal, plain lines where the output is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text


class Advance(Protocol):
    """Tells that so many more items are done, and how many there are if that is known only now."""

    def __call__(self, items: int, total: int | None = None) -> None:
        """Show it."""
        ...


PLAIN_INTERVAL = 10.0
"""Seconds between two plain lines."""

_ENOUGH = 0.02
"""The share of the work that has to be done before it says how long the rest will take."""


class _RateColumn(TextColumn):
    """Items a second."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: object) -> Text:
        speed = getattr(task, "finished_speed", None) or getattr(task, "speed", None)
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


@contextmanager
def progress(console: Console, description: str, total: int | None, note: Callable[[], str] = str) -> Iterator[Advance]:
    """Show the progress of ``total`` items (None where it is not known) while the block runs.

    ``note`` says what else there is to say at the moment, as one phrase.
    """
    if not console.is_terminal:
        with _plain_lines(console, description, total, note) as advance:
            yield advance
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=total, note=note())

        def advance(items: int, total: int | None = None) -> None:
            bar.update(task, advance=items, total=total, note=note())

        yield advance


@contextmanager
def _plain_lines(
    console: Console, description: str, expected: int | None, note: Callable[[], str]
) -> Iterator[Advance]:
    """Print a line every ``PLAIN_INTERVAL`` seconds; short work prints none.

    Where the first items come late, something was prepared before: the rate counts from then on.
    """
    started = last = time.monotonic()
    done = before = 0

    def advance(items: int, total: int | None = None) -> None:
        nonlocal done, before, started, last, expected
        now = time.monotonic()
        if done == 0 and now - started >= PLAIN_INTERVAL:
            started, before = now, items
        done += items
        expected = total or expected
        if now - last < PLAIN_INTERVAL:
            return
        last = now
        rate = (done - before) / (now - started) if now > started else 0.0
        known = expected is not None and rate > 0 and done >= _ENOUGH * expected
        left = f", {max((expected or 0) - done, 0) / rate:.0f} s left" if known else ""
        of = "" if expected is None else f" of {expected:,}"
        speed = f", {rate:,.0f}/s" if rate > 0 else ""
        console.print(f"{description}: {done:,}{of}{speed}{left}{_after_comma(note())}", highlight=False)

    yield advance


def _after_comma(note: str) -> str:
    return f", {note}" if note else ""
