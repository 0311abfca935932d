"""Programs in processes of their own that need not import anything first: they are forked from one that has.

A run of ``python -m qosmatin`` imports, loads and compiles for some four seconds of processor time beside its work, and
a test that starts five waits for twenty. What ``Warm`` starts is a process that can be killed and has its own
environment, folder and streams, but it comes from the fork server of ``multiprocessing``, which has run a job before
(``warm_up.py``). Where a fresh interpreter is what is tested (what a command imports, what a shell sees, how packages
are found), tests start Python itself.
"""

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import TextIO

TESTS = Path(__file__).parent
ROOT = TESTS.parent

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["warm_up"])


class Warm:
    """A program that runs; used as ``subprocess.Popen`` with text in two pipes.

    ``program`` is a script, or ``-m qosmatin`` where it is None; ``environment`` is added to that of the tests. With
    ``packages``, a folder where Python finds packages too, all of ours is imported anew, since it looks for them then.
    """

    def __init__(
        self,
        *arguments: object,
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
        program: Path | None = None,
        packages: Path | None = None,
    ) -> None:
        self.args = [str(argument) for argument in arguments]
        _ensure_server()
        (out, said), (err, told) = _server.Pipe(duplex=False), _server.Pipe(duplex=False)
        surroundings = _Surroundings(folder, {**os.environ, **(environment or {})}, packages)
        self._process = _server.Process(target=_become, args=(program, self.args, surroundings, said, told))
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid
        said.close()
        told.close()
        self.stdout, self.stderr = _reading(out), _reading(err)

    def __enter__(self) -> "Warm":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stdout.close()
        self.stderr.close()
        self.wait()

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal, or None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self.returncode

    def communicate(self) -> tuple[str, str]:
        """Wait for the end, and return what it wrote to standard output and to standard error."""
        errors: list[str] = []
        beside = Thread(target=lambda: errors.append(self.stderr.read()))
        beside.start()
        output = self.stdout.read()
        beside.join()
        self.wait()
        return output, errors[0]


def finished(process: Warm) -> subprocess.CompletedProcess[str]:
    """Wait for a program's end, and return what it wrote and its exit status."""
    with process:
        output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.wait(), output, errors)


def run_warm(
    *arguments: object,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    program: Path | None = None,
    packages: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; see ``Warm``."""
    return finished(Warm(*arguments, folder=folder, environment=environment, program=program, packages=packages))


@cache
def _ensure_server() -> None:
    """Start the fork server, which finds the tests' modules by the path of its environment alone."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(TESTS), str(ROOT), before)))
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _reading(pipe: Connection) -> TextIO:
    with pipe:
        return os.fdopen(os.dup(pipe.fileno()), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Surroundings:
    folder: Path
    environment: Mapping[str, str]
    packages: Path | None

    def take(self) -> None:
        """Make them this process's own."""
        if _settings_of_the_hub(os.environ) != _settings_of_the_hub(self.environment):
            _forget("huggingface_hub")  # which reads them when it is imported
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.folder)
        if self.packages:
            sys.path.insert(0, str(self.packages))
            _forget("qosmatin")


def _settings_of_the_hub(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: setting for name, setting in environment.items() if name.startswith("HF_")}


def _forget(*packages: str) -> None:
    """Have packages imported anew by whoever asks for them next."""
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]


def _become(
    program: Path | None, arguments: Sequence[str], surroundings: _Surroundings, said: Connection, told: Connection
) -> None:
    """Make this process, which has just been forked, what the program's own would be, and run the program."""
    surroundings.take()
    for number, pipe in ((1, said), (2, told)):
        os.dup2(pipe.fileno(), number)
        pipe.close()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    sys.argv[1:] = arguments
    try:
        if program is None:
            runpy.run_module("qosmatin", run_name="__main__", alter_sys=True)
        else:
            sys.argv[0] = str(program)
            sys.path.insert(0, str(program.parent))
            runpy.run_path(str(program), run_name="__main__")
    finally:
        atexit._run_exitfuncs()
