"""Translating a corpus by an engine: from its sentences to the table of translations, by way of the cache."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from qosmatin.config.job import MachineTranslation
from qosmatin.corpus.checks.language import find_language_check
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import SplitDocument, collapse
from qosmatin.corpus.storage.stored_table import runs
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job, hash_files, hash_tables
from qosmatin.job.problems import UNANSWERED, Problem, problem_rows, sentence_problem
from qosmatin.job.progress import progress
from qosmatin.job.units import source_ids
from qosmatin.translate.batch_jobs import take_in_batches
from qosmatin.translate.cache import AnswerCache, request_key
from qosmatin.translate.cache_peek import CachePeek
from qosmatin.translate.checks import FLAGS, flag_answer
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.jobs import LazyEngine, translate_requests
from qosmatin.translate.opening import open_engine, open_workers
from qosmatin.translate.post_edit import post_edit
from qosmatin.translate.second_try import Requests, better_answers, checked_answers, try_twice
from qosmatin.translate.sparing import UNREADABLE
from qosmatin.translate.tally import Tally
from qosmatin.translate.weight_hashes import weights_unread
from qosmatin.translate.windows import Known, known_by, next_windows, shard_of

from .outputs import check_outputs, write_outputs
from .requests import documents_of, known_in, requests_of, tells_translations

_DOCUMENTS, _SENTENCES = 100, 20_000
"""How many documents, or sentences, become one group of rows in the table."""


def cache_path(job: Job) -> Path:
    """Return where the answers of a corpus's engines are kept."""
    return job.folder.path / "cache" / "answers.sqlite"


def stage_settings(job: Job, translation: MachineTranslation) -> object:
    """Return what the stage depends on beside its tables: all that the engine's answers and our checks depend on."""
    spec = _engine(job, translation).spec
    by_lingua = find_language_check(job.config.sources[0].lang, translation.lang) is not None
    when = translation.retried()
    second = [asdict(_engine(job, translation.second(0.0)).spec), when] if when else None
    tables = hash_tables(job)
    outputs: list[object] = [[sorted(translation.outputs), hash_files(job)]] if translation.outputs else []
    outputs += ["back-translation"] if translation.back_translation else []
    said = translation.lang, translation.licence, translation.post_edit
    return [asdict(spec), *said, by_lingua, second, tables, *outputs]


def translate_corpus(job: Job, translation: MachineTranslation) -> str:
    """Translate all sources into the table of translations; returns one line for the user."""
    check_outputs(job, translation)
    view = CorpusView(job.folder)
    spec = _engine(job, translation).spec
    flags: Counter[str] = Counter()
    unanswered: list[Problem] = []
    sources = source_ids(job)
    with AnswerCache(cache_path(job)) as cache:
        _take_in_shards(job, cache)
        known = known_in(cache, spec)
        work = _Work(job, translation, cache, lambda: requests_of(job, view, translation, known), _count(job, sources))
        if tells_translations(translation):
            work.take_turns(view, known)

        def rows(answers: Iterator[tuple[Answer, list[str]]]) -> Iterator[dict[str, Any]]:
            for source in sources:
                document = view.document(source)
                sentences = []
                for number, (text, sentence) in enumerate(zip(document.texts, document.sentences, strict=True), 1):
                    answer, found = next(answers)
                    sentences.append(_sentence(text, sentence.paragraph, answer, found, translation))
                    if UNREADABLE in found:
                        unanswered.append(sentence_problem(source, translation.name, number, text, answer.reason))
                flags.update(flag for one in sentences for flag in one["flags"])
                yield _row(translation, document, spec, sentences)

        with closing(work.answers()) as answers:
            job.folder.write("translations", _batches(rows(answers)), translation.name)
    job.folder.write(UNANSWERED, [problem_rows(unanswered)], translation.name)
    return _summary(work, flags) + write_outputs(job, translation, view)


class _Work:
    """The passes over a translation's requests, of which there are ``total``: one, or more for a second try.

    ``tally`` counts what the first try asked for, ``again`` what the second did.
    """

    def __init__(
        self, job: Job, translation: MachineTranslation, cache: AnswerCache, requests: Requests, total: int
    ) -> None:
        self.tally, self.again = Tally(), Tally()
        self._job, self._translation, self._cache = job, translation, cache
        self._requests, self._total = requests, total
        self._when = translation.retried()
        self._language = find_language_check(job.config.sources[0].lang, translation.lang)

    def answers(self) -> Generator[tuple[Answer, list[str]]]:
        """Yield each answer with its flags, in order; the better of two where a second try is asked for."""
        if not self._when:
            yield from checked_answers(self._requests(), self._first, self._check)
            return
        flagged = self._try_twice()
        known = partial(self._ask, settings=self._translation, tally=Tally())
        other = partial(self._ask, settings=self._translation.second(0.0), tally=Tally())
        yield from better_answers(self._requests, known, other, flagged, self._check)

    def take_turns(self, view: CorpusView, known: Known) -> None:
        """Ask for the windows of documents one after another: for the first that is not answered, until all are."""
        job, translation = self._job, self._translation
        with (
            progress(job.console, f"translate {translation.name}", self._total, lambda: self.tally.note) as advance,
            _closing(_engine(job, translation)) as engine,
        ):
            is_done = False
            while not is_done:
                documents = documents_of(job, view, translation)
                requests = (one for document in documents for one in next_windows(document, known))
                answered = sum(1 for _ in self._ask_by(engine, requests, translation, self.tally, advance))
                is_done = not answered
        self.tally.done = 0  # they are all gone through once more, from the cache

    def fill_cache(self) -> None:
        """Ask for everything, and keep it in the cache alone."""
        if self._when:
            self._try_twice()
            return
        for _ in self._first(self._requests()):
            pass

    def _try_twice(self) -> bytearray:
        return try_twice(self._requests, self._first, self._second, self._when, self._check)

    def _first(self, requests: Iterable[TranslationRequest]) -> Iterator[Answer]:
        title = f"translate {self._translation.name}"
        with progress(self._job.console, title, self._total, lambda: self.tally.note) as advance:
            yield from self._ask(requests, self._translation, self.tally, advance)

    def _second(self, requests: Iterable[TranslationRequest]) -> Iterator[Answer]:
        settings, title = self._translation.second(self.tally.cost), f"translate {self._translation.name} again"
        with progress(self._job.console, title, None, lambda: self.again.note) as advance:
            yield from self._ask(requests, settings, self.again, advance)

    def _ask(
        self,
        requests: Iterable[TranslationRequest],
        settings: MachineTranslation,
        tally: Tally,
        advance: Callable[[int], None] = lambda _items: None,
    ) -> Iterator[Answer]:
        with _closing(_engine(self._job, settings)) as engine:
            yield from self._ask_by(engine, requests, settings, tally, advance)

    def _ask_by(
        self,
        engine: LazyEngine,
        requests: Iterable[TranslationRequest],
        settings: MachineTranslation,
        tally: Tally,
        advance: Callable[[int], None],
    ) -> Iterator[Answer]:
        config = self._job.config
        langs = (config.sources[0].lang, self._translation.lang)
        workers = open_workers(
            config.executor, settings, langs, engine.spec, cache=self._cache, on_error=config.on_error
        )
        # A second try asks for what failed before: that it fails again says nothing of the engine.
        bearable = self._translation.bearable if tally is self.tally else 1.0
        yield from translate_requests(
            requests, engine, self._cache, tally, advance=advance, workers=workers, bearable=bearable
        )

    def _check(self, request: TranslationRequest, answer: Answer) -> list[str]:
        langs = (self._job.config.sources[0].lang, self._translation.lang)
        found = {*answer.flags, *flag_answer(request.text, collapse(answer.text), *langs, self._language)}
        return [flag for flag in FLAGS if flag in found]


@dataclass(frozen=True, slots=True)
class JobEstimate:
    """What a translation has before it, in sentences: all, different ones, and those that are not in the cache.

    ``seconds`` and ``cost`` go by earlier work of the same engine with the same settings; None where there was none.
    """

    sentences: int
    different: int
    missing: int
    seconds: float | None
    cost: float | None


def caches_of(job: Job) -> list[Path]:
    """Return the caches of a corpus that may be there: the whole job's, and those of its shards."""
    main = cache_path(job)
    return [main, *sorted(main.parent.glob("shard-*.sqlite"))]


def estimate(job: Job, translation: MachineTranslation, caches: Sequence[Path]) -> JobEstimate:
    """Count what is to be done, shards' answers known; reads no weights, asks and writes nothing.

    The sentences are those of the job's folder, the answers those in ``caches``.
    """
    sources = source_ids(job)
    with weights_unread():
        spec = _engine(job, translation).spec
    peek = CachePeek(caches)
    key = peek.known_key(spec)
    requests = requests_of(job, CorpusView(job.folder), translation, known_by(peek.texts, key))
    seen, keys = 0, set()
    for one in requests:
        seen += 1
        if one.text.strip():
            keys.add(request_key(key, one))
    total = _count(job, sources)
    # Windows that cannot be told yet what was translated before them.
    later = total - seen
    missing = len(keys) - peek.count(keys) + later
    rate = peek.rate(key)
    share = missing / rate.asked if rate and rate.asked else None
    return JobEstimate(
        total,
        len(keys) + later,
        missing,
        None if share is None or rate is None else share * rate.seconds,
        None if share is None or rate is None else share * rate.cost,
    )


def try_out(job: Job, translation: MachineTranslation, limit: int) -> list[tuple[str, str, list[str]]]:
    """Translate the first sentences and return them as (source, translation, flags); the cache keeps them."""
    requests = list(islice(requests_of(job, CorpusView(job.folder), translation), limit))
    with AnswerCache(cache_path(job)) as cache:
        answers = list(_Work(job, translation.at_once(), cache, lambda: requests, len(requests)).answers())
    found = []
    for request, answer in zip(requests, answers, strict=True):
        one = _sentence(request.text, 0, *answer, translation)
        found.append((request.text, one["text"], one["flags"]))
    return found


def ask_again(job: Job) -> None:
    """Forget what engines failed on, so that the next run asks for it."""
    with AnswerCache(cache_path(job)) as cache:
        _take_in_shards(job, cache)
        cache.forget_failures()


def translate_shard(job: Job, translation: MachineTranslation, shard: int, shards: int) -> str:
    """Fill the cache of one shard (from 1) of so many, for a whole run to take in; returns one line for the user.

    A sentence's shard is decided by its hash: the same sentence is never in two, and each has its share of long ones.
    Several shards may be at work at once, on one machine or on many that share the corpus folder.
    """
    if tells_translations(translation):
        raise InputError("context.translations: windows that follow each other cannot be shared out; leave out --shard")
    main = cache_path(job)
    key = _engine(job, translation).spec.key
    requests = [
        one for one in requests_of(job, CorpusView(job.folder), translation) if shard_of(key, one, shards) == shard - 1
    ]
    with AnswerCache(main.with_name(f"shard-{shard}-of-{shards}.sqlite"), also=main) as cache:
        work = _Work(job, translation, cache, lambda: requests, len(requests))
        work.fill_cache()
    return f"shard {shard} of {shards}: {_summary(work, Counter())}"


def _take_in_shards(job: Job, cache: AnswerCache) -> None:
    cache.take_in(sorted(cache_path(job).parent.glob("shard-*.sqlite")))
    take_in_batches(cache_path(job))


def _count(job: Job, sources: list[str]) -> int:
    """Return how many sentences the sources have."""
    stored = job.folder.open("sentences", ["document"]).column("document")
    ranges, wanted = runs(stored), set(sources)
    return sum(end - start for document, (start, end) in ranges.items() if document in wanted)


def _engine(job: Job, translation: MachineTranslation) -> LazyEngine:
    return open_engine(translation, job.config.sources[0].lang, translation.lang, job.config.on_error)


@contextmanager
def _closing(engine: LazyEngine) -> Iterator[LazyEngine]:
    try:
        yield engine
    finally:
        engine.close()


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


def _sentence(
    source: str, paragraph: int, answer: Answer, flags: list[str], translation: MachineTranslation
) -> dict[str, Any]:
    """Return what the table has of one sentence; a translation never holds a line end, which would end it."""
    raw = collapse(answer.text)
    text = post_edit(source, raw, translation.lang, translation.post_edit)
    return {"text": text, "raw": raw if text != raw else None, "paragraph": paragraph, "flags": flags}


def _row(
    translation: MachineTranslation, document: SplitDocument, spec: EngineSpec, sentences: list[dict[str, Any]]
) -> dict[str, Any]:
    settings = {"engine": spec.engine, "weights": spec.weights, **spec.settings, "post_edit": translation.post_edit}
    if translation.retried():
        settings["retry"] = translation.model_dump(mode="json")["retry"]
    if translation.back_translation:
        settings["purpose"] = "back-translation"
    return {
        "translation": translation.name,
        "source_document": document.id,
        "target_document": f"{document.id}@{translation.name}",
        "lang": translation.lang,
        "engine": translation.engine,
        "by": spec.model,
        "revision": spec.revision,
        "settings": json.dumps(settings, ensure_ascii=False, sort_keys=True),
        "licence": translation.licence,
        "sentences": sentences,
    }


def _summary(work: _Work, flags: Counter[str]) -> str:
    tally, again = work.tally, work.again
    flagged = ", ".join(f"{count:,} {flag}" for flag, count in flags.most_common())
    twice = f", {again.done:,} tried twice" if again.done else ""
    cost = f", cost {tally.cost + again.cost:.4f}" if tally.cost + again.cost else ""
    return f"{tally.done:,} sentences, {tally.done - tally.asked:,} of them known before{twice}{cost}" + (
        f"; flags: {flagged}" if flagged else ""
    )
