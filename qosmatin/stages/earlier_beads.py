"""Which documents keep the beads that they have, and whether words are learnt anew for the others.

The documents that were aligned when words were last learnt teach the aligner again what they taught it then: their
beads stand, and are its lexicon, its lengths and its shapes. What is new or changed is aligned beside that frozen
lexicon, until so much is new that all is aligned together again (``aligner: {relearn: ...}``).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from qosmatin import __version__
from qosmatin.align import Task
from qosmatin.align.recalibration import FEWEST, Recalibration
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.corpus.model import Bead
from qosmatin.corpus.storage.reuse import EarlierRows
from qosmatin.job.pipeline import Job

_BESIDE = ", beside lexicon "
"""What the column ``aligner`` says of a document that did not teach the lexicon it was aligned by, with its version."""

TAUGHT_SENTENCES = 2_000
"""How many source sentences teach the lexicon again, the first ones: of what they know of words, that is most."""

ROUNDS_BESIDE = 1
"""How often is learnt beside beads that stand: they teach all there is at once (see ``AlignSettings``)."""


@dataclass(frozen=True, slots=True)
class Learning:
    """The last time that words were learnt: its version, the beads that people had judged, and what that made of the
    confidence."""

    version: str
    judged: int
    curve: Recalibration | None = None

    def note(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_note(cls, note: str) -> Learning | None:
        """Return what ``note`` wrote; None where there is none."""
        if not note:
            return None
        said = json.loads(note)
        return cls(said["version"], said["judged"], said["curve"] and Recalibration(**said["curve"]))

    @staticmethod
    def version_of(keys: Collection[str]) -> str:
        """Return the version of a lexicon that was learnt from the documents with these keys."""
        return fingerprint(sorted(keys))[:8]


@dataclass(slots=True)
class Survey:
    """What is known of every pair of documents before any is aligned; pairs go by the id of the source.

    ``kept`` have the beads that they had; those of them that are also ``teachers`` were aligned when ``learning`` was
    done. In the ``reviewed`` ones people said something. ``reason`` says why words are learnt anew; it is empty where
    they are not.
    """

    job: Job
    learning: Learning | None
    keys: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    teachers: list[str] = field(default_factory=list)
    judged: int = 0
    reviewed: set[str] = field(default_factory=set)
    reason: str = ""

    @property
    def mean_size(self) -> float:
        """How many sentences a document has."""
        return sum(self.sizes.values()) / max(1, len(self.sizes))

    @property
    def new_share(self) -> float:
        """The share of sentences in documents that did not teach the lexicon."""
        taught = sum(self.sizes[name] for name in self.teachers)
        return 1.0 - taught / max(1, sum(self.sizes.values()))

    def decide(self) -> None:
        """Say whether words are to be learnt anew, and why."""
        aligner = self.job.config.aligner
        share = f"{aligner.relearn_share:.0%}"
        if self.learning is None or not self.teachers:
            self.reason = "nothing was learnt before"
        elif self.job.forced:
            self.reason = "forced"
        elif aligner.relearn == "always":
            self.reason = "relearn: always"
        elif aligner.relearn == "never":
            self.reason = ""
        elif self.new_share > aligner.relearn_share:
            self.reason = f"{self.new_share:.0%} of the sentences are new since, more than {share}"
        elif aligner.recalibrate and self._is_judged_anew():
            self.reason = f"{self.judged:,} beads judged by people, {self.learning.judged:,} when it was learnt"

    def _is_judged_anew(self) -> bool:
        """Whether the confidence would be fitted to much more, or much else, than it was."""
        before = 0 if self.learning is None else self.learning.judged
        moved = abs(self.judged - before) > self.job.config.aligner.relearn_share * max(before, 1)
        return max(self.judged, before) >= FEWEST and moved

    def chosen_teachers(self) -> list[str]:
        """Return the teachers of which some thousand sentences are enough to learn from, in order."""
        chosen: list[str] = []
        sentences = 0
        for name in self.teachers:
            if sentences >= TAUGHT_SENTENCES:
                break
            chosen.append(name)
            sentences += self.sizes[name]
        return chosen

    def describe(self, version: str) -> str:
        """Return how many documents were aligned, and by what version of the lexicon."""
        total, kept = len(self.keys), len(self.kept)
        if self.reason:
            return f"all {total} documents aligned, lexicon {version} learnt ({self.reason})"
        return f"{total - kept} of {total} documents aligned beside lexicon {version}, {kept} unchanged"

    def outlook(self, total: int) -> str:
        """Return what is to be done with ``total`` pairs, as far as can be told before the stages that come first."""
        if self.reason:
            return f"all {total} documents to align, a lexicon to learn ({self.reason})"
        new, version = total - len(self.kept), self.learning.version if self.learning else ""
        return f"{new} of {total} documents to align at most, beside lexicon {version}; {len(self.kept)} unchanged"


def survey(
    job: Job,
    name: str,
    tasks: Iterator[tuple[str, Task]],
    settings: object,
    *,
    stale: Collection[str] = (),
    unread: int = 0,
) -> tuple[Survey, EarlierRows]:
    """Look at every pair of documents (id of the source, task) and at the beads that it had.

    ``settings`` is what else the beads depend on. Before the stages that come first, ``stale`` are sources that will be
    others, and ``unread`` pairs that are not there yet.
    """
    earlier = EarlierRows(job.folder, "beads", "source_document", name)
    found = Survey(job, Learning.from_note(earlier.note))
    for source, task in tasks:
        key = fingerprint([__version__, settings, _said(task)])
        found.keys[source] = key
        found.sizes[source] = len(task.source)
        found.judged += len(task.fixed) + len(task.forbidden)
        if task.fixed or task.forbidden:
            found.reviewed.add(source)
        if earlier.has(source, key) and source not in stale:
            found.kept.add(source)
            if not any(_BESIDE in row["aligner"] for row in earlier.rows(source)[:1]):
                found.teachers.append(source)
    found.sizes |= {f"?{number}": round(found.mean_size) for number in range(unread)}
    found.decide()
    if found.reason:
        found.kept, found.teachers = set(), []
    return found, earlier


def beside(aligner: str, learning: Learning) -> str:
    """Return the aligner of a document that is aligned beside a frozen lexicon."""
    return f"{aligner}{_BESIDE}{learning.version}"


def beads_of(rows: Sequence[dict[str, Any]]) -> list[Bead]:
    """Return the beads of a document from its rows."""
    return [
        Bead((row["source_start"], row["source_end"]), (row["target_start"], row["target_end"]), row["confidence"])
        for row in rows
    ]


def as_taught(task: Task, beads: Sequence[Bead]) -> Task:
    """Return a task whose beads stand as they are, to be learnt from."""
    ends = 0, 0
    fixed = []
    for bead in beads:
        # What stands elsewhere in the other text would cross.
        if bead.source[0] >= ends[0] and bead.target[0] >= ends[1]:
            fixed.append(bead)
            ends = bead.source[1], bead.target[1]
    return Task(
        task.source,
        task.target,
        fixed=tuple(fixed),
        source_paragraphs=task.source_paragraphs,
        target_paragraphs=task.target_paragraphs,
        translated=task.translated,
        vectors=task.vectors,
    )


def _said(task: Task) -> list[object]:
    """Return all that a document's beads are made from, as plain data; vectors are those of its texts."""
    beads = [sorted((bead.source, bead.target) for bead in said) for said in (task.fixed, task.forbidden)]
    sides = [task.source, task.target, task.source_paragraphs, task.target_paragraphs, task.translated]
    return [*(None if one is None else list(one) for one in sides), *beads]
