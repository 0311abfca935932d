"""What is known of batches that were submitted: a file for each, beside the cache, until all that it asked is answered.

A record is written before its batch is submitted, and goes when its answers are in the cache, so that whenever a run
dies the next one finds what is under way. What a record lacks of the server's ids, the server knows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.corpus.files.private import make_private_folder

from .engine import Answer


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence's place in a batch: the key of its request, and its text where something in it was masked."""

    key: bytes
    text: str = ""


@dataclass(slots=True)
class BatchRecord:
    """A batch: the sentences of each of its calls, and the server's ids of its file and itself, as far as known.

    ``failed`` are those without an answer, once an earlier run has read the batch, and None before. ``answers`` are
    what this run has read of it, ``wasted`` what its replies of no use took, by sentence, ``refusals`` how often the
    server had too much that waits; they are not in the file.
    """

    path: Path
    spec: str
    url: str
    calls: list[list[Place]]
    file: str = ""
    batch: str = ""
    failed: list[bytes] | None = None
    answers: dict[bytes, Answer] | None = None
    wasted: dict[bytes, tuple[int, int, float]] = field(default_factory=dict)
    refusals: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def has_ended(self) -> bool:
        """Whether a run has read the batch."""
        return self.failed is not None or self.answers is not None

    @property
    def keys(self) -> list[bytes]:
        """The keys of all its sentences; of those without an answer where it has ended."""
        return [place.key for call in self.calls for place in call] if self.failed is None else self.failed

    def save(self) -> None:
        """Write the record; on return it is on the disk."""
        plain = {
            "spec": self.spec,
            "url": self.url,
            "file": self.file,
            "batch": self.batch,
            "calls": [[[place.key.hex(), place.text] for place in call] for call in self.calls],
            "failed": None if self.failed is None else [key.hex() for key in self.failed],
        }
        write_text(self.path, json.dumps(plain, ensure_ascii=False))

    def delete(self) -> None:
        """Forget the batch."""
        self.path.unlink(missing_ok=True)


def new_record(folder: Path, spec: str, url: str, calls: Sequence[Sequence[Place]]) -> BatchRecord:
    """Return the record of a batch that is not submitted yet, on the disk."""
    make_private_folder(folder)  # as the cache is
    name = fingerprint([spec, url, [[place.key.hex() for place in call] for call in calls]])
    record = BatchRecord(folder / f"{name}.json", spec, url, [list(call) for call in calls])
    record.save()
    return record


def records_in(folder: Path, spec: str, url: str) -> list[BatchRecord]:
    """Return the records of an engine's batches at a server; those whose file never came there are forgotten.

    Raises ``InputError`` for a file that is no record.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        record = _read(path)
        if (record.spec, record.url) != (spec, url):
            continue
        if record.file:
            found.append(record)
        else:
            record.delete()
    return found


def _read(path: Path) -> BatchRecord:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        calls = [[Place(bytes.fromhex(key), text) for key, text in call] for call in plain["calls"]]
        failed = plain["failed"] and [bytes.fromhex(key) for key in plain["failed"]]
        return BatchRecord(path, plain["spec"], plain["url"], calls, plain["file"], plain["batch"], failed)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"this is no record of a batch ({error}); move it away, and its sentences are asked anew", path
        ) from None
