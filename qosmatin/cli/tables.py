"""Tables on standard output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from .console import open_output

_WIDTH_OF_A_FILE = 400
"""A table that goes into a file or a pipe is not to be folded at the width of some terminal."""


@contextmanager
def output_console() -> Iterator[Console]:
    """Give a console on standard output; rich obeys ``NO_COLOR`` and writes plain text where there is no terminal."""
    with open_output(None) as stream:
        console = Console(file=stream, highlight=False)
        if not console.is_terminal:
            console.width = _WIDTH_OF_A_FILE
        yield console
