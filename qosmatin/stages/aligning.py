"""Aligning the documents of a translation, a portion at a time: what is not at work is on the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from qosmatin.align import Alignment, Task, align_tasks, load_lexicon, read_dictionary, settings_without
from qosmatin.align.batch import LEARNT_SENTENCES
from qosmatin.align.embeddings import Embedder, FloatArray
from qosmatin.align.recalibration import FEWEST, Recalibration, fit_recalibration, judge
from qosmatin.align.threads import Each
from qosmatin.corpus.model import Bead, SplitDocument
from qosmatin.corpus.storage.reuse import EarlierRows
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job
from qosmatin.job.progress import progress

from .earlier_beads import ROUNDS_BESIDE, Learning, Survey, as_taught, beads_of
from .evidence import translated_by

PORTION = 50_000
"""How many source sentences are aligned, and learnt from, together: what is learnt from them takes 7 KB for each."""

_Vectors = tuple[FloatArray, FloatArray]


def tasks_of(job: Job, view: CorpusView, name: str, ids: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Task]]:
    """Yield the documents of a translation, by source, with what people and other translations say of each."""
    evidence = translated_by(job, name)
    for source_id, target_id in ids:
        source, target = view.document(source_id), view.document(target_id)
        placed, _ = view.placed_decisions(source, target)
        task = Task(
            source.texts,
            target.texts,
            fixed=tuple(one.bead for one in placed if one.decision.confirms),
            forbidden=tuple(one.bead for one in placed if one.decision.operation == "reject"),
            source_paragraphs=_paragraphs(source),
            target_paragraphs=_paragraphs(target),
            translated=None if evidence is None else view.translated(evidence, source.id),
        )
        yield source_id, task


@dataclass(frozen=True, slots=True)
class Texts:
    """The documents of a translation, read when they are to be aligned; ``targets`` by source.

    With an ``embedder`` they have vectors.
    """

    job: Job
    view: CorpusView
    name: str
    targets: dict[str, str]
    earlier: EarlierRows
    embedder: Embedder | None

    def tasks(self, taught: Sequence[str], new: Sequence[str]) -> list[Task]:
        """Return the tasks of documents whose beads stand, and then of those to align, with their vectors."""
        ids = [(source, self.targets[source]) for source in (*taught, *new)]
        tasks = [task for _, task in tasks_of(self.job, self.view, self.name, ids)]
        if self.embedder is not None:
            vectors = _embed(self.embedder, tasks)
            tasks = [replace(task, vectors=of_both) for task, of_both in zip(tasks, vectors, strict=True)]
        said = (as_taught(task, beads_of(self.earlier.rows(source))) for source, task in zip(taught, tasks))  # noqa: B905 - the rest is new
        return [*said, *tasks[len(taught) :]]


class Aligning:
    """The alignment of what does not keep its beads: a portion of some ``PORTION`` sentences at a time.

    Each portion is a corpus by itself, or is aligned beside those that were learnt from. ``learning`` is known before
    the first of the ``portions``.
    """

    def __init__(self, job: Job, name: str, surveyed: Survey, texts: Texts, each: Each | None) -> None:
        self._job, self._name, self._surveyed, self._texts = job, name, surveyed, texts
        encode = texts.embedder.encode if texts.embedder else None
        self._align = partial(aligner_of(job, name), elsewhere=each, encode=encode)
        self._new = [source for source in surveyed.keys if source not in surveyed.kept]
        self._waiting = deque(enumerate(in_portions(self._new, surveyed.sizes, PORTION), start=1))
        self.portions = len(self._waiting)
        self._made: dict[str, list[Bead]] = {}
        learning = None if surveyed.reason else surveyed.learning
        if learning is not None:
            settings = replace(self._align.keywords["settings"], rounds=ROUNDS_BESIDE)
            self._align = partial(self._align, settings=settings)
        else:
            version = Learning.version_of(surveyed.keys.values())
            learning = Learning(version, surveyed.judged, self._recalibration())
        self.learning = learning

    def beads(self, source: str) -> list[Bead]:
        """Return the beads of a document; documents are asked for in their order, each once."""
        if source not in self._made:
            self._made = self._aligned(*self._waiting.popleft())
        return self._made.pop(source)

    def _aligned(self, number: int, new: Sequence[str]) -> dict[str, list[Bead]]:
        teachers = self._surveyed.chosen_teachers()
        tasks = self._texts.tasks(teachers, new)
        title = f"align {self._name}" + (f", portion {number} of {self.portions}" if self.portions > 1 else "")
        with progress(self._job.console, title, None) as advance:
            alignment = self._align(tasks, progress=lambda _step, _done, total: advance(1, total))
        found = {source: alignment.beads(at) for at, source in enumerate(new, start=len(teachers))}
        curve = self.learning.curve
        if curve is None:
            return found
        fixed = dict(zip(new, (task.fixed for task in tasks[len(teachers) :]), strict=True))
        return {source: curve.beads(beads, fixed[source]) for source, beads in found.items()}

    def _recalibration(self) -> Recalibration | None:
        """Fit the confidence to what people said, where they said enough.

        For this the documents are aligned once more as if nobody had said anything: what the aligner makes of beads
        that it was told is no measure of it. Of a large corpus, the reviewed documents and some others will do.
        """
        if not self._job.config.aligner.recalibrate or self._surveyed.judged < FEWEST:
            return None
        chosen: list[str] = []
        sentences = 0
        for source in sorted(self._new, key=lambda one: one not in self._surveyed.reviewed):
            if sentences > LEARNT_SENTENCES:
                break
            chosen.append(source)
            sentences += self._surveyed.sizes[source]
        tasks = self._texts.tasks((), chosen)
        bare = self._align([replace(task, fixed=(), forbidden=()) for task in tasks])
        return fit_recalibration(
            [one for at, task in enumerate(tasks) for one in judge(bare.beads(at), task.fixed, task.forbidden)]
        )


def in_portions(names: Sequence[str], sizes: Mapping[str, int], most: int) -> list[list[str]]:
    """Return names in lists of like size, ``most`` at most in each but for what one name brings along."""
    total = sum(sizes[name] for name in names)
    count = -(-total // most) or 1
    portions: list[list[str]] = [[] for _ in range(count)]
    before = 0
    for name in names:
        portions[min(before * count // max(total, 1), count - 1)].append(name)
        before += sizes[name]
    return [portion for portion in portions if portion]


def aligner_of(job: Job, name: str) -> partial[Alignment]:
    """Return the aligner with the languages of a translation and all that the config says of words and evidence."""
    source_lang, lang, aligner = job.config.sources[0].lang, job.config.translation(name).lang, job.config.aligner
    return partial(
        align_tasks,
        source_lang=source_lang,
        target_lang=lang,
        lexicon=load_lexicon(aligner.lexicon) if aligner.lexicon else None,
        dictionaries=[read_dictionary(path, source_lang, lang) for path in aligner.dictionaries],
        settings=settings_without(aligner.without, aligner.max_bead),
        workers=job.config.workers,
    )


def _paragraphs(document: SplitDocument) -> list[int]:
    return [sentence.paragraph for sentence in document.sentences]


def _embed(embedder: Embedder, tasks: Sequence[Task]) -> list[_Vectors]:
    """Return the vectors of both sides of each document."""
    texts = [side for task in tasks for side in (task.source, task.target)]
    vectors = embedder.encode([text for side in texts for text in side])
    parts = np.split(vectors, np.cumsum([len(side) for side in texts])[:-1])
    return list(zip(parts[::2], parts[1::2], strict=True))
