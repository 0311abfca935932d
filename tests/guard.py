"""Run Python and, when it ends, however it ends, end every process that it left behind.

``python tests/guard.py [--within SECONDS] ARGUMENTS OF PYTHON``. With ``--within`` the run is stopped after so many
seconds as by Ctrl-C, so that pytest still prints its report, and a minute later without mercy.

Processes that lose their parent (a daemon of Ray, a server whose test was killed) become children of the guard, which
the kernel does for a "subreaper"; so none escapes by a session, a fork or a cleaned environment.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

LINUX = sys.platform == "linux"
SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36  # of prctl(2)
LAST_WORDS = 60
"""Seconds in which a run that was stopped may print its report."""


def children(parent: int) -> dict[int, str]:
    """The processes that a process has started or taken over and that are not over, with their command lines."""
    alive = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, above = (path / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            if int(above) == parent and state != "Z":
                alive[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ").strip()
    return alive


def end(process: int) -> None:
    """Kill a process and all below it, the upper ones first, so that none is started again."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGSTOP)  # what it starts now would be missed
    below = children(process)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    for one in below:
        end(one)


def end_all() -> None:
    """Kill all children of this process, and those that become its children by that."""
    deadline = time.monotonic() + 20
    while (left := children(os.getpid())) and time.monotonic() < deadline:
        for process in left:
            end(process)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def run(arguments: list[str], within: int) -> int:
    """Run Python with these arguments; returns its exit status, 128 and more where a signal ended it."""
    libc = ctypes.CDLL(None)
    if LINUX:
        libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def die_with_me() -> None:
        if LINUX:
            libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)

    process = subprocess.Popen([sys.executable, *arguments], preexec_fn=die_with_me)  # noqa: PLW1509 - no threads here
    said = os.dup(2)
    # The pipes are the child's alone: their end must be seen when it ends.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child by itself
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())

    def stop(_signal: int, _frame: FrameType | None) -> None:
        os.write(said, f"\nguard: stopped after {within} seconds\n".encode())
        signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.alarm(LAST_WORDS)
        process.send_signal(signal.SIGINT)

    if within:
        signal.signal(signal.SIGALRM, stop)
        signal.alarm(within)
    status = process.wait()
    signal.alarm(0)
    if LINUX:
        end_all()
    if status < 0:
        os.write(said, f"guard: Python was ended by {signal.Signals(-status).name}\n".encode())
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    if sys.argv[1] == "--within":
        sys.exit(run(sys.argv[3:], int(sys.argv[2])))
    sys.exit(run(sys.argv[1:], 0))
