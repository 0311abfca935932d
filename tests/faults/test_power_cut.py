"""A power cut: a name never leads to content that was not synced, whatever the moment.

What a kernel keeps in memory is lost with the power. So a file is whole after a cut if it was synced after its last
write and before it got its name, and its name stays if the folder was synced after that. ``strace`` records in which
order a command asks for these.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_corpus import copy_job

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed: apt-get install strace"
)

_CALL = re.compile(r"^(?P<pid>\d+)\s+(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)(?:<(?P<path>[^>]*)>)?")
_FILE = re.compile(r"\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Recorder:
    """What is on the disk for sure, after each call of a recorded process."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.unsynced: set[str] = set()
        self.folders_to_sync: set[str] = set()
        self.renamed = 0
        self.faults: list[str] = []

    def see(self, name: str, arguments: str) -> None:
        """Take one call, whose descriptors are shown with their paths."""
        paths = [path for path in _FILE.findall(arguments) if path.startswith(self.folder)]
        if name in ("write", "pwrite64", "writev", "ftruncate") and paths:
            self.unsynced.add(paths[0])
        elif name in ("fsync", "fdatasync") and paths:
            self.unsynced.discard(paths[0])
            self.folders_to_sync.discard(paths[0])
        elif name.startswith("rename"):
            old, new = (os.path.normpath(Path(self.folder, path)) for path in _TEXT.findall(arguments)[:2])
            if not new.startswith(self.folder):
                return
            self.renamed += 1
            moved = {path for path in self.unsynced if path == old or path.startswith(f"{old}/")}
            self.unsynced = (self.unsynced - moved) | {new + path.removeprefix(old) for path in moved}
            # What is written beside has a name that begins with a dot, and nobody looks for it after a cut.
            is_final = not any(part.startswith(".") for part in Path(new).relative_to(self.folder).parts)
            if is_final and moved:
                self.faults.append(f"{new} got its name before {sorted(moved)} was synced")
            self.folders_to_sync.add(str(Path(new).parent))


def record(folder: Path, *arguments: str) -> Recorder:
    trace = folder.parent / "trace"
    calls = "trace=write,pwrite64,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        # Stopped at these calls alone, not at each of the hundred thousand by which Python imports.
        ["strace", "-f", "--seccomp-bpf", "-y", "-s", "4096", "-e", calls, "-o", trace,
         sys.executable, "-m", "qosmatin", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    recorder = Recorder(folder)
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        call = _CALL.match(line)
        if call and int(call["result"]) >= 0:
            recorder.see(call["name"], call["arguments"])
    return recorder


def test_no_name_leads_to_what_was_not_synced(small_job: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    copy_job(small_job, folder)
    shutil.rmtree(folder / "out")
    for arguments in (
        ("run", "job.yaml"),
        ("export", "out", "-f", "tmx", "-t", "en", "-o", "made.tmx"),
        ("publish", "out", "--to", "copy"),
    ):
        seen = record(folder, *arguments)
        assert seen.renamed, arguments
        assert seen.faults == []
        # The keys of reused rows are looked for under the name before, too.
        lost = seen.folders_to_sync - {str(folder / "out" / "cache")}
        assert lost == set(), "names that a power cut may take back"
