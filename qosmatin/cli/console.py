"""Reading and writing as commands do it: UTF-8 on standard streams, messages on standard error, ``NO_COLOR`` obeyed."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.text import LARGEST, decode
from qosmatin.corpus.reading.documents import read_file

STANDARD_INPUT = "-"


def error_console() -> Console:
    """Return the console for messages and progress: standard error; rich obeys ``NO_COLOR`` and plain outputs."""
    return Console(stderr=True)


def say(words: str) -> None:
    """Print a message on standard error as it is: no markup in it, and no line broken."""
    error_console().print(words, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def logged(path: Path | None, verbose: bool) -> Iterator[None]:
    """Add what is logged to a file while the block runs, faults too; ``verbose`` shows more of it on standard error."""
    log = logging.getLogger("qosmatin")
    before = log.level
    shown = [(handler, handler.level) for handler in logging.getLogger().handlers]
    if path is None:
        log.setLevel(logging.DEBUG if verbose else before)
        try:
            yield
        finally:
            log.setLevel(before)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}; name another file for the log", path) from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for other, _ in shown:
        other.setLevel(logging.DEBUG if verbose else before)
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    except Exception as error:
        log.debug("error: %s", error)
        raise
    finally:
        log.removeHandler(handler)
        handler.close()
        log.setLevel(before)
        for other, level in shown:
            other.setLevel(level)


def read_input(name: str, lang: str | None = None) -> str:
    """Read the text of a document in ``lang``, or standard input for ``-``; raises ``InputError`` when it cannot be."""
    if name == STANDARD_INPUT:
        data = sys.stdin.buffer.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InputError(f"has more than {LARGEST:,} bytes; divide it", "standard input")
        return decode(data, "standard input", lang=lang)
    return read_file(Path(name), lang=lang).text


@contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """Give a stream that writes UTF-8 with ``\\n`` line ends: standard output, or a file that is replaced whole."""
    if path is not None:
        with replacing_file(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    try:
        yield stream
        stream.flush()
        stream.detach()
    except BrokenPipeError:
        # Who read our output has enough, as `head` does. What is still buffered goes nowhere, so that Python does not
        # complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
