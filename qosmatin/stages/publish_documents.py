"""The config ``documents`` of a dataset: whole documents, with what became of each of their sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.compute as pc

from qosmatin.config.job import TranslationSection
from qosmatin.corpus.dataset import (
    DocumentsSummary,
    Leak,
    PairOfDocument,
    Permission,
    SplitPlan,
    WholeDocument,
    config_name,
    held_back,
    origin,
    write_documents,
)
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.storage.pairs import PairBatch
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job

from .leaks import Leaks
from .publish_said import Said

_SENTENCES = 20_000
"""Of source documents whose pairs are in memory at a time."""


def write_whole_documents(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: Leaks, *, folder: Path, said: Said
) -> list[DocumentsSummary]:
    """Write the documents of all translations below ``folder``, where the config asks for them."""
    if not job.config.publish.documents:
        return []
    permissions = [Permission(tuple(one.documents), one.reason) for one in job.config.publish.permitted]
    documents = _documents(job, view, plan, leaks, said)
    publish = job.config.publish
    return write_documents(folder, documents, job.config.corpus.licence, permissions, canary=publish.card.canary)


def _documents(job: Job, view: CorpusView, plan: SplitPlan, leaks: Leaks, said: Said) -> Iterator[WholeDocument]:
    """Yield each source document with the documents that translate it, in the order of the splits' plan."""
    targets: dict[str, list[str]] = defaultdict(list)
    for translation in job.config.translations:
        for source, target in view.document_pairs(translation.name):
            targets[source].append(target)
    pairs_of = [_Pairs(job, plan, leaks, said, translation) for translation in job.config.translations]
    for names in _groups(view, list(plan.splits)):
        found: dict[str, list[PairOfDocument]] = defaultdict(list)
        for pairs in pairs_of:
            for batch in view.pair_batches(pairs.translation, set(names)):
                pairs.add(batch, found)
        for name in names:
            yield from _with_translations(view, name, targets[name], plan.splits[name], found)


def _groups(view: CorpusView, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield documents whose sentences are some thousand together."""
    some: list[str] = []
    sentences = 0
    for name in names:
        some.append(name)
        sentences += view.sentence_count(name)
        if sentences >= _SENTENCES:
            yield some
            some, sentences = [], 0
    if some:
        yield some


def _with_translations(
    view: CorpusView, source: str, targets: Sequence[str], split: str, pairs: Mapping[str, Sequence[PairOfDocument]]
) -> Iterator[WholeDocument]:
    documents = [(view.document(name), view.provenance(name)) for name in (source, *targets)]
    original = original_language((document.lang, provenance.kind) for document, provenance in documents)
    for number, (document, provenance) in enumerate(documents):
        yield WholeDocument(
            document,
            provenance,
            "target" if number else "source",
            split,
            pairs.get(document.id, ()),
            source_document=source if number else None,
            original_lang=original,
        )


def original_language(texts: Iterable[tuple[str, str]]) -> str | None:
    """Return the language of the original among texts that translate each other, given as language and kind."""
    return next((lang for lang, kind in texts if kind == "original"), None)


class _Pairs:
    """The pairs of one translation, as documents are told of them."""

    def __init__(self, job: Job, plan: SplitPlan, leaks: Leaks, said: Said, translation: TranslationSection) -> None:
        self.translation = translation.name
        self._config = job.config.dataset_of(translation)
        self._usual = origin([Provenance(job.config.sources[0].kind), Provenance(translation.kind)])
        self._filtered = job.folder.read("filtered", translation.name)
        self._flagged = set(said.left_out(translation.name))
        self._split_of = plan.splits.__getitem__
        self._leaks = leaks.of(translation.name)

    def add(self, batch: PairBatch, found: dict[str, list[PairOfDocument]]) -> None:
        """Add the pairs of a batch to the documents that they are of; a side without sentences has no part in one."""
        configs = [config_name(self._config, self._usual, origin(one)) for one in batch.provenances]
        leaks = held_back(batch, self._split_of, self._leaks)
        at = pc.index_in(batch.table["id"], self._filtered["pair_id"].combine_chunks())
        refusals = zip(*(self._filtered[name].take(at).to_pylist() for name in ("filter", "reason")), strict=True)
        columns = ("id", "provenance", *(f"{side}_{name}" for side in ("source", "target") for name in _OF_SIDE))
        rows = zip(*(batch.table[name].to_pylist() for name in columns), leaks, refusals, strict=True)
        for pair, provenance, *sides, leak, by_filter in rows:
            refused_by, reason = self._refusal(pair, by_filter, leak)
            for document, first, end in (sides[:3], sides[3:]):
                if end > first:
                    one = PairOfDocument(
                        configs[provenance], pair, first, end - first, refused_by, reason, leaks=leak is not None
                    )
                    found[document].append(one)

    def _refusal(
        self, pair: str, by_filter: tuple[str | None, str | None], leak: Leak | None
    ) -> tuple[str | None, str | None]:
        """Return what keeps a pair from being published, and what that says of it; of several the first."""
        if by_filter[0] is not None:
            return by_filter
        if pair in self._flagged:
            return "flagged", "a person flagged it"
        return (None, None) if leak is None else (leak.rule, leak.reason)


_OF_SIDE = ("document", "start", "end")
