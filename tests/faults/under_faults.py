"""What happens on a disk that fails and under a clock that jumps: ``under_faults.py SMALL_JOB FOLDER``.

Runs with ``faulty_system.c`` preloaded, all scenes in one process (importing takes longer than most), and prints
a line of JSON for each: its name, and what ``test_faulty_system.py`` looks at.
"""

import ctypes
import errno
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from review_desk import Desk
from small_corpus import qosmatin_here

from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store.database import open_database, sqlite_url

SYSTEM = ctypes.CDLL(None)
SYSTEM.qosmatin_fail.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_long]
SYSTEM.qosmatin_shift.argtypes = [ctypes.c_long]
READ, WRITE, OPEN = 1, 2, 4
DAY = 86_400

SMALL_JOB, FOLDER = (Path(one).resolve() for one in sys.argv[1:3])


@contextmanager
def failing(path: Path, number: int, kinds: int, after: int = 0):
    """A disk whose files below a path fail from one call on; gives a function that counts the calls that failed."""
    SYSTEM.qosmatin_fail(os.fsencode(path), number, kinds, after)
    try:
        yield SYSTEM.qosmatin_failed
    finally:
        SYSTEM.qosmatin_fail(b"/", 0, 0, 0)


def fresh(name: str) -> Path:
    """The inputs of the small job, which has not run."""
    folder = FOLDER / name
    shutil.copytree(SMALL_JOB, folder)
    shutil.rmtree(folder / "out")
    return folder


def made(folder: Path) -> dict[str, bytes]:
    """What a run made, but for times and what is remembered to save work."""
    out = folder / "out"
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and "cache" not in path.parts and path.name not in ("manifest.json", ".lock")
    }  # fmt: skip


def run_through(name: str, number: int, kinds: int, steps: tuple[int, ...], below: str = "") -> dict[str, Any]:
    """Run a job on a disk that fails ever later, and then on one that was mended."""
    folder = fresh(name)
    ended, failures = [], 0
    for after in steps:
        with failing(folder / below, number, kinds, after) as failed:
            done = qosmatin_here(folder, "run", "job.yaml")
            failures += failed()
        ended.append([done.returncode, done.stderr])
    left = [str(path.relative_to(folder)) for path in folder.rglob(".*.new")]
    done = qosmatin_here(folder, "run", "job.yaml")
    return {"ended": ended, "failed": failures, "left": left, "status": done.returncode, "same": made(folder) == WHOLE}


def export_on_a_failing_disk() -> dict[str, Any]:
    """An export that fails leaves the older one as it was."""
    folder = FOLDER / "export"
    shutil.copytree(SMALL_JOB, folder)
    (folder / "made").mkdir()
    arguments = ("export", "out", "-f", "tmx", "-t", "en", "-o", "made/pairs.tmx")
    qosmatin_here(folder, *arguments)
    before = (folder / "made" / "pairs.tmx").read_bytes()
    with failing(folder / "made", errno.EIO, WRITE, 0) as failed:
        done = qosmatin_here(folder, *arguments)
        failures = failed()
    return {
        "ended": [[done.returncode, done.stderr]],
        "failed": failures,
        "left": [str(path) for path in (folder / "made").iterdir() if path.name != "pairs.tmx"],
        "status": qosmatin_here(folder, *arguments).returncode,
        "same": (folder / "made" / "pairs.tmx").stat().st_size == len(before),
    }


def opened(name: str) -> tuple[Path, Desk]:
    """A copy of the small corpus, and its review."""
    folder = FOLDER / name
    shutil.copytree(SMALL_JOB, folder)
    engine = open_database(sqlite_url(folder / "out"))
    import_corpus(engine, folder / "out")
    return folder, Desk(engine)


def review_on_a_failing_disk() -> dict[str, Any]:
    """What was told as saved stays, what failed was told so, and the same server goes on when the disk is mended."""
    folder, desk = opened("review")
    saved = desk.edit(0, "Saved before.").status_code
    with failing(folder / "out", errno.EIO, WRITE):
        answers = [desk.edit(1, f"Never saved {number}.") for number in range(3)]
        pages = [desk.client.get(path).status_code for path in ("/", "/documents", "/api/pairs")]
    with failing(folder / "out", errno.EIO, READ | OPEN):
        desk.engine.dispose()  # what is in the memory of open connections is read no more
        unread = [desk.client.get(path) for path in ("/", "/api/pairs")]
    after = desk.edit(2, "Saved after.").status_code
    return {
        "saved": [saved, after],
        "refused": [(one.status_code, one.text) for one in answers],
        "pages": pages,
        "unread": [(one.status_code, one.text) for one in unread],
        "texts": list(desk.texts().values()),
    }


def words_under_a_jumping_clock() -> dict[str, Any]:
    """The word that was said last stands, though its time is earlier."""
    folder, desk = opened("words")
    statuses = []
    for days, text in ((0, "Said today."), (3650, "Said in ten years."), (-1, "Said last, yesterday.")):
        SYSTEM.qosmatin_shift(days * DAY)
        statuses.append(desk.edit(0, text).status_code)
        statuses.append(desk.client.get("/").status_code)
    SYSTEM.qosmatin_shift(0)
    told = qosmatin_here(folder, "run", "job.yaml")
    qosmatin_here(folder, "export", "out", "-f", "jsonl", "-t", "en", "-o", "pairs.jsonl")
    exported = [json.loads(line)["target"] for line in (folder / "pairs.jsonl").read_text("utf-8").splitlines()]
    return {
        "statuses": statuses,
        "status": told.returncode,
        "first": desk.texts()[0],
        "exported": [one for one in ("Said today.", "Said in ten years.", "Said last, yesterday.") if one in exported],
    }


def run_under_a_jumping_clock() -> dict[str, Any]:
    """A run while the clock jumps to and fro makes the tables of one under a steady clock."""
    folder = fresh("clock")
    over = threading.Event()

    def jump() -> None:
        days = 400
        while not over.wait(0.02):
            SYSTEM.qosmatin_shift(days * DAY)
            days = -days

    jumping = threading.Thread(target=jump)
    jumping.start()
    try:
        done = qosmatin_here(folder, "run", "job.yaml")
    finally:
        over.set()
        jumping.join()
        SYSTEM.qosmatin_shift(0)

    def tables(files: dict[str, bytes]) -> dict[str, bytes]:
        return {name: content for name, content in files.items() if name.endswith(".parquet")}

    return {"status": done.returncode, "told": done.stderr, "same": tables(made(folder)) == tables(WHOLE)}


def shifted() -> dict[str, Any]:
    """The clock of Python is that of the shim, and runs on."""
    SYSTEM.qosmatin_shift(400 * DAY)
    ahead = datetime.now(UTC)
    SYSTEM.qosmatin_shift(0)
    return {"days": (ahead - datetime.now(UTC)).days}


EVERYTHING = READ | WRITE | OPEN
SCENES: dict[str, Callable[[], dict[str, Any]]] = {
    "shifted": shifted,
    "writing": lambda: run_through("writing", errno.EIO, WRITE, (0, 12, 30), "out"),
    "reading texts": lambda: run_through("texts", errno.EIO, READ, (0, 2), "kk"),
    "reading tables": lambda: run_through("tables", errno.EIO, READ, (0, 20), "out"),
    "quota": lambda: run_through("quota", errno.EDQUOT, WRITE, (3, 25), "out"),
    "lost network folder": lambda: run_through("lost", errno.ESTALE, EVERYTHING, (0, 10, 60)),
    "export": export_on_a_failing_disk,
    "review": review_on_a_failing_disk,
    "words": words_under_a_jumping_clock,
    "run under a jumping clock": run_under_a_jumping_clock,
}

WHOLE: dict[str, bytes] = {}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    whole = fresh("whole")
    assert qosmatin_here(whole, "run", "job.yaml").returncode == 0
    WHOLE.update(made(whole))
    for name, scene in SCENES.items():
        if not sys.argv[3:] or name in sys.argv[3:]:
            print(json.dumps({"scene": name, **scene()}), flush=True)  # noqa: T201
    with suppress(BrokenPipeError):
        sys.stdout.flush()
