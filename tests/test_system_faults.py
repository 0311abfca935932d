"""A full disk, a folder that nobody may write, a disk that fails: one line, nothing lost, and the next run goes on."""

import errno
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_corpus import copy_job, qosmatin
from sqlalchemy.exc import OperationalError

from qosmatin.cli.system_faults import explain
from qosmatin.corpus.files.atomic import replacing_file, replacing_folder


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("something")
    error.sqlite_errorcode = code
    return error


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left", "/nowhere/a/b.parquet"), "no room is left for /nowhere/a/b.parquet ("),
        (OSError(errno.ENOSPC, "No space left on device"), "no room is left for what is written ("),
        (OSError(errno.EDQUOT, "Quota exceeded"), "no room is left"),
        (sqlite_error(sqlite3.SQLITE_FULL), "no room is left"),
        (OperationalError("INSERT", {}, sqlite_error(sqlite3.SQLITE_IOERR | 3 << 8)), "the disk reports an error"),
        (caused(RuntimeError("a library"), OSError(errno.ENOSPC, "full")), "no room is left"),
        (PermissionError(errno.EACCES, "Permission denied", "/etc/x"), "/etc/x: may not be written or read"),
        (OSError(errno.EROFS, "Read-only", "/mnt/x"), "/mnt/x: is on a disk that is mounted read-only"),
        (OSError(errno.EIO, "I/O error", b"/mnt/x"), "/mnt/x: cannot be read or written"),
        (OSError(errno.ESTALE, "Stale", "/net/x"), "/net/x: is gone"),
        (OSError("no number"), None),
        (ValueError("a fault of ours"), None),
        (sqlite_error(sqlite3.SQLITE_ERROR), None),
    ],
)  # fmt: skip
def test_what_the_system_refused_is_told_in_a_line(error: Exception, told: str | None) -> None:
    found = explain(error)
    assert (found is None) == (told is None)
    assert (told or "") in (found or "")
    assert "\n" not in (found or "")


@pytest.mark.parametrize("replacing", [replacing_file, replacing_folder])
def test_an_output_that_fails_leaves_nothing_beside_the_old_one(tmp_path: Path, replacing: object) -> None:
    path = tmp_path / "out"
    with pytest.raises(OSError, match="full") as failed, replacing(path) as beside:  # type: ignore[operator]
        (beside / "a" if beside.is_dir() else beside).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "full")
    assert failed.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with a little room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1500000", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs to mount a small tmpfs: run the tests as root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


COMMANDS = [
    ("run", "job.yaml"),
    ("publish", "out"),
    ("export", "out", "--format", "tmx"),
    ("export", "out", "--format", "xlsx", "-o", "pairs.xlsx"),
    ("review", "out", "--export", "said.jsonl"),
    ("lexicon", "from-corpus", "out", "-o", "words.lexicon"),
    ("split", "kk/one.txt", "--lang", "kk", "-o", "one.sentences"),
]


def check_told(command: tuple[str, ...], done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr, (command, done.stderr)
    assert done.returncode in (0, 2), (command, done.stderr)
    if done.returncode:
        assert done.stderr.strip().splitlines()[-1].startswith("error: "), (command, done.stderr)


def test_a_full_disk_loses_nothing_and_the_next_run_goes_on(small_job: Path, small_disk: Path, tmp_path: Path) -> None:
    copy_job(small_job, tmp_path / "whole")
    for name in ("kk", "en"):
        shutil.copytree(tmp_path / "whole" / name, small_disk / name)
    shutil.copy(tmp_path / "whole" / "job.yaml", small_disk)
    filling = small_disk / "filling"
    # The room grows step by step, and with it what each command can still write.
    failed = 0
    for room in (0, 20_000, 200_000):
        filling.write_bytes(b"\0" * max(0, shutil.disk_usage(small_disk).free - room))
        for command in COMMANDS:
            done = qosmatin(small_disk, *command)
            check_told(command, done)
            failed += "no room is left for" in done.stderr
        filling.unlink()
    assert failed >= 3
    # Nothing half-written stands anywhere, and with room the job is what it would have been.
    assert not list(small_disk.rglob(".*.new"))
    done = qosmatin(small_disk, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    here, whole = (work / "out" / "dataset" for work in (small_disk, tmp_path / "whole"))
    assert {path.name for path in here.rglob("*")} == {path.name for path in whole.rglob("*")}


def test_a_disk_that_may_not_be_written_is_told(small_job: Path, small_disk: Path) -> None:
    copy_job(small_job, small_disk)
    (small_disk / "kk" / "four.txt").write_text("Жаңа құжат.", encoding="utf-8")
    (small_disk / "en" / "four.txt").write_text("A new document.", encoding="utf-8")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = qosmatin(small_disk, "run", "job.yaml")
    check_told(("run",), done)
    assert "is on a disk that is mounted read-only" in done.stderr
