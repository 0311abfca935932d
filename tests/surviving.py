"""A pytest plugin by which a run ends by itself, with a report, whatever dies in it, and leaves no process behind.

* A worker of pytest-xdist runs under ``guard.py``: what it started ends with it, also when it is killed.
* A test that leaves a process behind fails, and the process ends.
* Work goes to workers file by file, as by ``--dist loadfile``, but a worker that dies stops nobody (see ``ByFile``).
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import guard
import pytest

if TYPE_CHECKING:
    from execnet import XSpec
    from xdist.scheduler import Scheduling

STAY = ("resource_tracker", "semaphore_tracker", "forkserver")
"""Processes of Python's own, which it starts once and ends itself."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Sequence[XSpec]) -> None:
    for spec in specs:
        spec.python = shlex.join([sys.executable, str(Path(guard.__file__))])


KERNEL_LISTS = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists()


def children(parent: int) -> dict[int, str]:
    """As ``guard.children``, which looks at all processes there are: too slow for before and after each test.

    The kernel's own list may lack one while another ends, so it is read twice.
    """
    if not KERNEL_LISTS:
        return guard.children(parent)
    listed: set[str] = set()
    for path in [*Path(f"/proc/{parent}/task").glob("*/children")] * 2:
        with suppress(OSError):
            listed.update(path.read_text().split())
    alive = {}
    for process in listed:
        with suppress(OSError):
            path = Path("/proc", process)
            if (path / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                alive[int(process)] = (path / "cmdline").read_text().replace("\0", " ").strip()
    return alive


def started() -> dict[int, str]:
    """The processes that this one has started, itself or by a fork server (``warm.py``), with their command lines.

    What a fork server starts has the server's command line.
    """
    own = children(os.getpid())
    servers = [process for process, command in own.items() if "forkserver" in command]
    forked = {process: command for server in servers for process, command in children(server).items()}
    return {process: command for process, command in own.items() if not any(name in command for name in STAY)} | forked


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    before = started()
    left: dict[int, str] = {}
    try:
        result = yield
    finally:
        for process, command in started().items():
            if process not in before:
                guard.end(process)
                left[process] = command
    if left:
        pytest.fail(f"processes were left behind: {left}")
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        """What a dead worker had goes to others, but for the test that it was at, which has failed.

        The library's own gives others the finished files of the dead one too. They are never done with nothing, and
        so get no more: the run waits for ever.
        """

        def remove_node(self, node: Any) -> str | None:
            work = self.assigned_work.pop(node)
            crashed = None
            for file, tests in work.items():
                left = [test for test, done in tests.items() if not done]
                if left and crashed is None:
                    crashed = left.pop(0)
                    tests[crashed] = True
                if left:
                    self.workqueue[file] = tests
            for other in self.nodes:
                self._reschedule(other)
            return crashed

        def _reschedule(self, node: Any) -> None:
            super()._reschedule(node)
            # A worker begins its last test only when it knows the next, or that there is none.
            while self.workqueue and not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
                self._assign_work_unit(node)

    config.option.loadscopereorder = False  # the order of files is that of conftest.py
    return ByFile(config, log)
