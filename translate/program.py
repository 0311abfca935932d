"""A program that answers lines with lines: started, asked, counted, timed out and ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

LONGEST_LINE = 2**20
"""Bytes of a line beyond which a program writes no translation."""

_SETTLED = 0.05
"""Seconds in which a line too many of a program that stays shows."""

_END = None
"""What follows the last line of a program that ended its output."""


class ProgramError(Exception):
    """A program that died, hung, or wrote other than a line for each; says so, with what it told on standard error."""


class Program:
    """A running program with ``timeout`` seconds for each batch; to be used by one thread at a time."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self._name, self._timeout = Path(command[0]).name, timeout
        try:
            # A session of its own, so that what it started ends with it.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(f"cannot be started: {error}") from None
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=10_000)
        self._killed = threading.Event()
        self._told: deque[str] = deque(maxlen=5)
        for read in (self._read_lines, self._read_told):
            threading.Thread(target=read, daemon=True, name=f"reads {self._name}").start()

    def ask_all(self, lines: Sequence[str]) -> list[str]:
        """Write the lines and the end, and return the lines that come until the program ends."""
        deadline = time.monotonic() + self._timeout
        self._write(lines, ends=True)
        written: list[str] = []
        while (line := self._next(deadline)) is not _END:
            written.append(line)
            self._check_count(written, lines)
        try:
            status = self._process.wait(max(0.0, deadline - time.monotonic()) + 1)
        except subprocess.TimeoutExpired:
            raise self._error("wrote all and did not end") from None
        if status:
            raise self._error(f"ended with status {status}")
        if len(written) != len(lines):
            raise self._error(f"wrote {len(written)} lines for {len(lines)} sentences")
        return written

    def ask(self, lines: Sequence[str]) -> list[str]:
        """Write the lines, and return as many of what the program writes then."""
        deadline = time.monotonic() + self._timeout
        self._write(lines, ends=False)
        written: list[str] = []
        while len(written) < len(lines):
            line = self._next(deadline)
            if line is _END:
                raise self._error(f"ended after {len(written)} lines of {len(lines)}")
            written.append(line)
        with contextlib.suppress(queue.Empty):
            if self._lines.get(timeout=_SETTLED) is not _END:
                raise self._error(f"wrote more lines than {len(lines)} for as many sentences")
        return written

    def end(self) -> None:
        """Tell the program that no more comes, and end it where it does not."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self.kill()

    def kill(self) -> None:
        """End the program, and what it started."""
        self._killed.set()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _write(self, lines: Sequence[str], ends: bool) -> None:
        """Have the lines written, while this thread reads: neither side may wait for the other."""

        def write() -> None:
            with contextlib.suppress(OSError, ValueError):  # the program is gone: its output says so
                self._stdin.write("".join(line + "\n" for line in lines).encode())
                self._stdin.close() if ends else self._stdin.flush()

        threading.Thread(target=write, daemon=True, name=f"writes to {self._name}").start()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _next(self, deadline: float) -> str | None:
        try:
            return self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise self._error(f"did not answer in {self._timeout:g} s") from None

    def _check_count(self, written: Sequence[str], lines: Sequence[str]) -> None:
        if len(written) > len(lines):
            raise self._error(f"wrote more lines than {len(lines)} for as many sentences")

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(LONGEST_LINE):
            self._put(line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r"))
        self._put(_END)

    def _put(self, line: str | None) -> None:
        """Hand a line on, when there is room for it; to nobody once the program was killed."""
        while not self._killed.is_set():
            with contextlib.suppress(queue.Full):
                self._lines.put(line, timeout=1)
                return

    def _read_told(self) -> None:
        assert self._process.stderr is not None
        while line := self._process.stderr.readline(LONGEST_LINE):
            self._told.append(line.decode("utf-8", "replace").strip())

    def _error(self, what: str) -> ProgramError:
        time.sleep(0.01)  # its last words are on their way
        told = " ".join(filter(None, self._told))[-200:]
        return ProgramError(f"`{self._name}` {what}" + (f"; it says: {told}" if told else ""))
