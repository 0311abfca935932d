"""Translating by batches of a server: sentences are submitted, and waited for over runs and deaths.

What a batch does not answer, be it that it ran out of time, or that a line is no translation, is asked in the ordinary
way. Answers have the keys that they have otherwise, so that a job may change its way whenever it likes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Lock

from qosmatin.corpus.errors import StoppedError

from .answering import Answers, Missing, Worker
from .batch_api import BatchApi
from .batch_calls import Calls, CallsFile
from .batch_records import BatchRecord, new_record, records_in
from .chat_server import ChatServer
from .protection import ProtectingEngine
from .server_settings import BatchSettings, ServerSettings
from .spending import Spending

log = logging.getLogger(__name__)

_REFUSALS = 3
"""How often a batch is submitted again while the server has too much that waits, though none of it is this run's."""


class BatchWorker:
    """A worker that has sentences answered by batches, several of them under way at once.

    ``folder`` has the records of earlier runs, those of the engine whose spec has the key ``spec``.
    """

    name = "batches"

    def __init__(
        self, settings: ServerSettings, langs: tuple[str, str], *, spec: str, folder: Path, api: BatchApi, calls: Calls
    ) -> None:
        self._settings, self._spec, self._folder = settings, spec, folder
        self._batch = settings.batching or BatchSettings()
        self._api, self._calls = api, calls
        self._earlier = records_in(folder, spec, settings.url)
        self._spending = Spending(settings.budget)
        self._stopped = Event()
        server = ChatServer(settings, *langs, self._spending)
        self._engine = ProtectingEngine(server, settings.protect) if settings.protect else server
        self._ordinary = Worker(self._engine, self._stopped)
        self._running: set[Path] = set()
        self._lock = Lock()

    def start(self) -> None:
        """Nothing is to be started."""

    def answer(self, missing: Missing) -> Iterator[Answers]:
        """Yield answers as ``answering.Worker.answer`` does: those of a batch when it has ended.

        Raises ``StoppedError`` when batches took longer than a run is to wait, ``EngineError`` where they are refused.
        """
        left = dict(missing)
        waiting = [record for record in self._earlier if not left.keys().isdisjoint(record.keys)]
        claimed = {key for record in waiting for key in record.keys}
        fresh = {key: request for key, request in left.items() if key not in claimed}
        own = {key: request for key, request in fresh.items() if self._calls.is_own_answer(request)}
        for file in self._calls.files({key: request for key, request in fresh.items() if key not in own}):
            if self._stopped.is_set():
                return
            waiting.append(self._submit(file))
        yield from self._ordinary.answer(own)
        patience = None if self._batch.wait is None else time.monotonic() + 3600 * self._batch.wait
        while waiting and not self._stopped.is_set():
            ended = [record for record in waiting if self._has_ended(record)]
            for record in ended:
                waiting.remove(record)
                for answers in self._answers(record, left):
                    for key in answers:
                        left.pop(key, None)
                    yield answers
            if not ended:
                self._pause(patience)

    def _answers(self, record: BatchRecord, left: Missing) -> Iterator[Answers]:
        """Yield what a batch that ended has of the sentences that are left, and the rest in the ordinary way."""
        found = {key: answer for key, answer in (record.answers or {}).items() if key in left}
        if found:
            yield found
        rest = {key: left[key] for key in record.keys if key in left and key not in found}
        if rest:
            log.info("%d sentences of a batch were not answered; they are asked in the ordinary way", len(rest))
        for answers in self._ordinary.answer(rest):
            yield {key: answer.with_spent(*record.wasted.pop(key, (0, 0, 0.0))) for key, answer in answers.items()}

    def _submit(self, file: CallsFile) -> BatchRecord:
        """Submit a batch; its record is on the disk before the server knows of it."""
        self._spending.check()
        record = new_record(self._folder, self._spec, self._settings.url, file.calls)
        record.file = self._api.upload(file.lines)
        record.save()
        self._create(record, is_resumed=False)
        log.info("batch %s was submitted: %d sentences", record.batch, len(record.keys))
        return record

    def _create(self, record: BatchRecord, *, is_resumed: bool) -> None:
        record.batch = self._api.create(record.file, is_resumed)
        record.save()
        with self._lock:
            self._running.add(record.path)

    def _has_ended(self, record: BatchRecord) -> bool:
        """Look whether a batch has ended, and read it if so; one whose submission was cut short is submitted."""
        with record.lock:
            if record.has_ended:
                return True
            if not record.batch:
                self._create(record, is_resumed=True)
            state = self._api.look(record.batch)
            if state is not None and not state.ended:
                return False
            with self._lock:
                self._running.discard(record.path)
            if state is not None and state.is_full:
                self._take_back(record, state.problem)
                return False
            if state is not None and state.problem:
                record.delete()
                raise self._api.no_use(state.problem)
            if state is None:
                log.warning("the server knows nothing of batch %s any more", record.batch)
            record.answers = self._calls.read(record, self._api, state.files if state is not None else ())
            spent = [answer.cost for answer in record.answers.values()] + [cost for *_, cost in record.wasted.values()]
            self._spending.add(sum(spent))
            return True

    def _take_back(self, record: BatchRecord, problem: str) -> None:
        """Leave a batch, for which the server has too much that waits, to be submitted again at the next look.

        Raises ``StoppedError`` where none of ours waits that could make room.
        """
        record.batch = ""
        record.save()
        record.refusals = 0 if self._running else record.refusals + 1
        if record.refusals > _REFUSALS:
            raise StoppedError(
                f"the server takes no more batches: {problem}. Run the same command again later, with fewer 'calls' in "
                "'batch' if they are too many for it"
            )

    def _pause(self, patience: float | None) -> None:
        """Wait for the next look; raises ``StoppedError`` when the run has waited for as long as it is to."""
        if patience is not None and time.monotonic() >= patience:
            raise StoppedError(
                "batches are under way at the server; run the same command again later: it takes in what they answered"
            )
        self._stopped.wait(self._batch.poll)

    def stop(self) -> None:
        """Submit and ask nothing more; what is under way is for the next run."""
        self._stopped.set()

    def close(self) -> None:
        """Give up the connections of the ordinary way."""
        self._ordinary.close()
        self._engine.close()
