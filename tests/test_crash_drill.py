"""A run of the tests ends by itself, with a report, whatever dies in it; nothing that it started stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("xdist", reason="pip install pytest-xdist")

TESTS = Path(__file__).parent
GUARD = str(TESTS / "guard.py")
RUN = [
    GUARD, "-m", "pytest", "-q", "-p", "surviving", "-p", "xdist", "-p", "pytest_timeout", "-p", "no:cacheprovider",
]  # fmt: skip
# Other plugins than these have no part in it, and take two seconds to import, in each worker too.
ALONE = {"PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
DYING = """
import multiprocessing, os, signal, subprocess, sys, time, pytest

@pytest.mark.parametrize("number", range(6))
def test_one(number):
    if number == 3:
        WAY
"""
DAEMON = (
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', 'MARK'], start_new_session=True, env={})"
)
QUIET = DYING.replace("WAY", "pass")


def suite(folder: Path, way: str) -> str:
    """Write tests of which one does something bad; returns the mark of the process that it leaves."""
    mark = f"left-by-{folder.name}-{os.getpid()}"
    (folder / "conftest.py").touch()
    (folder / "test_a.py").write_text(DYING.replace("WAY", way.replace("DAEMON", DAEMON.replace("MARK", mark))))
    for name in "bcd":
        (folder / f"test_{name}.py").write_text(QUIET)
    for name in "ef":  # files of one test, for which a worker waits until it knows what comes next
        (folder / f"test_{name}.py").write_text("def test_one(): pass\n")
    return mark


def alive(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path.parent.name] if mark.encode() in path.read_bytes().split(b"\0") else []
        except OSError:
            continue
    return found


def run(folder: Path, *arguments: str, command: list[str] = RUN) -> str:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, *command, *arguments], cwd=folder, env=environment | ALONE,
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 1 or "--within" in command, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "way",
    [
        "DAEMON; os.kill(os.getpid(), signal.SIGKILL)",
        "DAEMON; os._exit(0)",
        "DAEMON; os.fork() and time.sleep(600) or (os.kill(os.getppid(), signal.SIGKILL), os._exit(0))",
    ],
)
def test_a_worker_that_dies_costs_one_test(tmp_path: Path, way: str) -> None:
    mark = suite(tmp_path, way)
    told = run(tmp_path, "-n", "2", "--dist", "loadfile")
    assert "crashed while running 'test_a.py::test_one[3]'" in told
    assert "1 failed, 25 passed" in told
    assert not alive(mark)


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadfile")])
def test_a_test_that_hangs_is_stopped(tmp_path: Path, workers: tuple[str, ...]) -> None:
    mark = suite(tmp_path, "DAEMON; time.sleep(600)")
    told = run(tmp_path, *workers, "--timeout", "2", "--timeout-method", "signal")
    assert "Timeout" in told
    assert "1 failed, 25 passed" in told
    assert not alive(mark)


FORKED = "multiprocessing.get_context('forkserver').Process(target=time.sleep, args=(600,)).start()"


@pytest.mark.parametrize("way", ["DAEMON", FORKED])
def test_a_test_that_leaves_a_process_fails(tmp_path: Path, way: str) -> None:
    mark = suite(tmp_path, way)
    told = run(tmp_path)
    assert "processes were left behind" in told
    assert "1 failed, 25 passed" in told
    assert not alive(mark)


def test_a_run_that_takes_too_long_reports_what_it_did(tmp_path: Path) -> None:
    mark = suite(tmp_path, "DAEMON; time.sleep(600)")
    told = run(tmp_path, command=[GUARD, "--within", "8", *RUN[1:]])
    assert "KeyboardInterrupt" in told
    assert "3 passed in" in told
    assert not alive(mark)


def test_a_run_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    mark = suite(tmp_path, "DAEMON; print('worker', os.getpid(), flush=True); time.sleep(600)")
    process = subprocess.Popen(
        [sys.executable, *RUN, "-s"], cwd=tmp_path, env=os.environ | ALONE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    told = next(line for line in process.stdout if "worker " in line)
    assert alive(mark)
    os.kill(int(told.split()[-1]), signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGKILL
    assert not alive(mark)
