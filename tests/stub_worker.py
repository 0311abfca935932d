"""An engine for workers in other processes: it upper-cases, and notes in a file what it was asked, as (pid, text).

With ``holds_at`` a worker that was asked for so many texts waits in the middle of a batch until the test lets it go on
(``let_go``), so that what a test does in the middle of a job does not depend on speed.
"""

import os
import signal
import time
from pathlib import Path

from qosmatin.corpus.errors import EngineError
from qosmatin.translate.engine import Answer, EngineSpec
from qosmatin.translate.jobs import LazyEngine

SPEC = EngineSpec("stub", "upper", None, None, {"target_lang": "en"})


class NotingStub:
    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 10**6, 10, 1, None, True

    def __init__(self, notes: Path, seconds: float, dies_of: str | None, dies_once: bool, holds_at: int | None) -> None:
        self._notes, self._seconds, self._dies_of, self._dies_once = notes, seconds, dies_of, dies_once
        self._holds_at, self._asked = holds_at, 0

    def count_tokens(self, texts):
        return [len(text) for text in texts]

    def translate(self, requests):
        mark = self._notes.with_suffix(".died")
        if self._dies_of in [one.text for one in requests] and not (self._dies_once and mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if any(one.text == "broken" for one in requests):
            raise EngineError("stub", "broken")
        if any(one.text == "bug" for one in requests):
            raise ZeroDivisionError("a bug")
        with self._notes.open("a", encoding="utf-8") as file:
            file.write("".join(f"{os.getpid()}\t{one.text}\n" for one in requests))  # one write: processes take turns
        time.sleep(self._seconds)
        self._asked += len(requests)
        while self._holds_at is not None and self._asked >= self._holds_at and not _go(self._notes).exists():
            time.sleep(0.01)
        return [Answer(one.text.upper(), (), 1, 2) for one in requests]

    def close(self):
        pass


def open_stub(notes, seconds=0.0, dies_of=None, dies_once=False, spec=SPEC, holds_at=None):
    return LazyEngine(spec, lambda: NotingStub(Path(notes), seconds, dies_of, dies_once, holds_at))


def missing_package():
    raise ModuleNotFoundError("No module named 'no_such_package'")


def let_go(notes: Path) -> None:
    """Have workers that hold go on."""
    _go(notes).touch()


def _go(notes: Path) -> Path:
    return notes.with_suffix(".go")


def noted(notes: Path) -> list[tuple[int, str]]:
    """What was asked, and by which process."""
    pairs = (line.split("\t") for line in notes.read_text(encoding="utf-8").splitlines())
    return [(int(process), text) for process, text in pairs]
