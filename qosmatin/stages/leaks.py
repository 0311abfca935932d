"""What a job keeps from training: by shared words, and where it is asked for by what is said in other words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qosmatin.corpus.dataset import Leak, LeakCheck, ParaphraseCheck, SplitPlan, read_benchmark
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job

from .encoding import encoding, senses_of
from .publish_said import Said


@dataclass(frozen=True, slots=True)
class Leaks:
    """The checks of a job: one by words for all translations, one by meaning for each (see ``publish.paraphrases``)."""

    by_words: LeakCheck
    by_meaning: Mapping[str, ParaphraseCheck] = field(default_factory=dict)

    def of(self, translation: str) -> Callable[[Sequence[str], Sequence[str]], list[Leak | None]]:
        """Return what says of each pair of texts of a translation why it may not be trained on, or None."""
        paraphrases = self.by_meaning.get(translation)
        if paraphrases is None:
            return self.by_words.leaks

        def leaks(sources: Sequence[str], targets: Sequence[str]) -> list[Leak | None]:
            by_words = self.by_words.leaks(sources, targets)
            return [one or other for one, other in zip(by_words, paraphrases.leaks(sources, targets), strict=True)]

        return leaks


def find_leaks(job: Job, view: CorpusView, plan: SplitPlan, said: Said) -> Leaks:
    """Read what may not be in training: the held-out pairs of every config, and the benchmarks of the config."""
    held_out = {name for name, split in plan.splits.items() if split != "train"}
    benchmarks = {one.name: read_benchmark(one.files) for one in job.config.publish.never_in_train}

    def pairs(translation: str) -> Iterator[tuple[str, str, str]]:
        for batch in said.kept_batches(translation, held_out):
            yield from zip(batch.table["id"].to_pylist(), batch.texts("source"), batch.texts("target"), strict=True)

    names = [one.name for one in job.config.translations]
    by_words = LeakCheck((one for name in names for one in pairs(name)) if held_out else (), benchmarks)
    if not job.config.publish.paraphrases:
        return Leaks(by_words)
    by_meaning: dict[str, ParaphraseCheck] = {}
    with encoding(job) as embedder:
        if embedder is None:
            raise InputError("publish.paraphrases needs an encoder: aligner: {embeddings: e5-small}")
        for name in names:
            held = list(pairs(name)) if held_out else []
            by_meaning[name] = ParaphraseCheck(embedder.encode, senses_of(embedder, view, name), held, benchmarks)
    return Leaks(by_words, by_meaning)
