"""Translating a corpus by an engine: from its sentences to the table of translations, by way of the cache."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qosmatin.corpus.model import collapse
from qosmatin.corpus.view import CorpusView, SplitDocument
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.checks import FLAGS, flag_answer
from qosmatin.translate.engine import Answer, EngineSpec, Request
from qosmatin.translate.jobs import LazyEngine, Tally, translate_requests
from qosmatin.translate.opening import open_engine
from qosmatin.translate.post_edit import post_edit

from .config import MachineTranslation
from .pipeline import Job
from .progress import progress

_DOCUMENTS, _SENTENCES = 100, 20_000
"""How many documents, or sentences, become one group of rows in the table."""


def cache_path(job: Job) -> Path:
    """Return where the answers of a corpus's engines are kept."""
    return job.folder.path / "cache" / "answers.sqlite"


def stage_settings(job: Job, translation: MachineTranslation) -> object:
    """Return what the stage depends on beside its tables: all that the engine's answers and our checks depend on."""
    spec = _engine(job, translation).spec
    return [asdict(spec), translation.lang, translation.licence, translation.post_edit]


def translate_corpus(job: Job, translation: MachineTranslation) -> str:
    """Translate all sources into the table of translations; returns one line for the user."""
    view = CorpusView(job.folder)
    engine = _engine(job, translation)
    flags: Counter[str] = Counter()
    tally = Tally()
    total = job.folder.read("sentences")["document"].to_pylist()
    sources = [entry.id for entry in job.documents.sources]
    wanted = set(sources)
    with (
        _closing(engine),
        AnswerCache(cache_path(job)) as cache,
        progress(job.console, f"translate {translation.name}", sum(one in wanted for one in total)) as advance,
    ):
        answers = translate_requests(_requests(view, sources), engine, cache, tally, advance)

        def rows() -> Iterator[dict[str, Any]]:
            for source in sources:
                document = view.document(source)
                sentences = [
                    _sentence(text, sentence.paragraph, next(answers), job, translation)
                    for text, sentence in zip(document.texts, document.sentences, strict=True)
                ]
                flags.update(flag for one in sentences for flag in one["flags"])
                yield _row(translation, document, engine.spec, sentences)

        job.folder.write("translations", _batches(rows()), translation.name)
    return _summary(tally, flags)


def _engine(job: Job, translation: MachineTranslation) -> LazyEngine:
    return open_engine(translation, job.config.sources[0].lang, translation.lang)


@contextmanager
def _closing(engine: LazyEngine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.close()


def _requests(view: CorpusView, sources: list[str]) -> Iterator[Request]:
    for source in sources:
        for text in view.document(source).texts:
            yield Request(text)


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of documents by the hundred, fewer where they are long."""
    batch: list[dict[str, Any]] = []
    sentences = 0
    for row in rows:
        batch.append(row)
        sentences += len(row["sentences"])
        if len(batch) == _DOCUMENTS or sentences > _SENTENCES:
            yield batch
            batch, sentences = [], 0
    yield batch


def _sentence(source: str, paragraph: int, answer: Answer, job: Job, translation: MachineTranslation) -> dict[str, Any]:
    """Return what the table has of one sentence; a translation never holds a line end, which would end it."""
    raw = collapse(answer.text)
    text = post_edit(source, raw, translation.lang, translation.post_edit)
    found = {*answer.flags, *flag_answer(source, raw, job.config.sources[0].lang, translation.lang)}
    return {
        "text": text,
        "raw": raw if text != raw else None,
        "paragraph": paragraph,
        "flags": [flag for flag in FLAGS if flag in found],
    }


def _row(
    translation: MachineTranslation, document: SplitDocument, spec: EngineSpec, sentences: list[dict[str, Any]]
) -> dict[str, Any]:
    settings = {"engine": spec.engine, "weights": spec.weights, **spec.settings, "post_edit": translation.post_edit}
    return {
        "translation": translation.name,
        "source_document": document.document.id,
        "target_document": f"{document.document.id}@{translation.name}",
        "lang": translation.lang,
        "engine": translation.engine,
        "by": spec.model,
        "revision": spec.revision,
        "settings": json.dumps(settings, ensure_ascii=False, sort_keys=True),
        "licence": translation.licence,
        "sentences": sentences,
    }


def _summary(tally: Tally, flags: Counter[str]) -> str:
    flagged = ", ".join(f"{count:,} {flag}" for flag, count in flags.most_common())
    cost = f", cost {tally.cost:.4f}" if tally.cost else ""
    return f"{tally.done:,} sentences, {tally.done - tally.asked:,} of them known before{cost}" + (
        f"; flags: {flagged}" if flagged else ""
    )
