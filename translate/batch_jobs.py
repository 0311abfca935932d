"""A job's batches: what ended since its last run is taken into the cache, and what is answered is forgotten."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from qosmatin.corpus.files.private import make_private_folder

from .batch_api import LARGEST_RESULT, STATUSES, BatchApi
from .batch_calls import Calls
from .batch_records import BatchRecord, records_in
from .batches import BatchWorker
from .cache import AnswerCache
from .calling import Caller, Courtesy
from .chat_server import NAME, caller_of
from .engine import EngineSpec
from .jobs import Workers
from .pool import Pool
from .questions import Questions
from .server_settings import BatchSettings, ServerSettings

_TRANSFER = 600.0
"""Seconds that a file may take on its way, at least."""


def batch_workers(
    settings: ServerSettings, batch: BatchSettings, langs: tuple[str, str], spec: EngineSpec, cache: AnswerCache
) -> Workers:
    """Return the workers that have a server's batches answer, when what ended since the last run is in the cache.

    Raises ``EngineError`` where the server is gone and something of ours may be there.
    """
    job = _Batches(settings, batch, langs, spec, cache)
    job.collect()
    questions = Questions(settings, *langs)
    return Workers(job.open, batch.calls * settings.parallel * questions.sentences)


def batches_beside(cache: Path) -> Path:
    """Return the folder of the records of batches whose answers come into a cache."""
    return cache.with_name(f"{cache.stem}.batches")


def take_in_batches(cache: Path) -> None:
    """Move the records of the batches of a cache's shards to its own; none of these may be at work."""
    for path in cache.parent.glob("shard-*.batches/*.json"):
        folder = batches_beside(cache)
        make_private_folder(folder)
        path.replace(folder / path.name)


class _Batches:
    """The batches of one engine whose answers come into one cache."""

    def __init__(
        self,
        settings: ServerSettings,
        batch: BatchSettings,
        langs: tuple[str, str],
        spec: EngineSpec,
        cache: AnswerCache,
    ) -> None:
        self._settings, self._langs, self._spec, self._cache = settings, langs, spec, cache
        self._key = cache.known_key(spec)
        self._folder = batches_beside(cache.path)
        questions = Questions(settings, *langs)
        self._calls = Calls(questions, settings.protect, batch.calls, batch.price)
        self._batch = batch
        self._path = questions.path

    def collect(self) -> None:
        """Put the answers of batches that have ended into the cache."""
        records = self._records()
        if not records:
            return
        with closing(self._caller()) as caller:
            api = self._api(caller)
            for record in records:
                self._take_in(record, api)
            self._settle(api)

    def open(self) -> Pool:
        """Return the pool of a run; when it ends, batches that are answered are forgotten."""
        caller = self._caller()
        api = self._api(caller)
        worker = BatchWorker(
            self._settings, self._langs, spec=self._key, folder=self._folder, api=api, calls=self._calls
        )

        def close() -> None:
            with closing(caller):
                self._settle(api)

        return Pool([worker], on_close=close)

    def _take_in(self, record: BatchRecord, api: BatchApi) -> None:
        """Put what a batch answered into the cache, where it has ended well; with others the worker deals."""
        known = self._cache.find(record.keys)
        if record.has_ended or not record.batch or len(known) == len(set(record.keys)):
            return
        state = api.look(record.batch)
        if state is not None and (not state.ended or state.problem):
            return
        answers = self._calls.read(record, api, state.files if state is not None else ())
        self._cache.add(self._spec, {key: one for key, one in answers.items() if key not in known}, 0.0)
        record.failed = [key for key in record.keys if key not in answers and key not in known]
        record.save()

    def _settle(self, api: BatchApi) -> None:
        """Forget the batches of which all is answered, here and at the server."""
        for record in self._records():
            if len(self._cache.find(record.keys)) == len(set(record.keys)):
                api.delete(record.file)
                record.delete()

    def _records(self) -> list[BatchRecord]:
        return records_in(self._folder, self._key, self._settings.url)

    def _caller(self) -> Caller:
        settings = self._settings
        courtesy = Courtesy(settings.retries, max(settings.timeout, _TRANSFER), settings.per_minute)
        return caller_of(settings, courtesy, STATUSES, LARGEST_RESULT)

    def _api(self, caller: Caller) -> BatchApi:
        return BatchApi(caller, NAME, self._batch.poll, self._path)
