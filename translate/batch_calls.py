"""Sentences as the lines of a batch's file, and the replies of a batch as answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .batch_api import LARGEST_FILE, BatchApi
from .batch_records import BatchRecord, Place
from .engine import Answer, TranslationRequest
from .prompt import ReplyError
from .protection import mask
from .questions import Questions, Reply
from .settings import Protected
from .windows import in_groups


@dataclass(frozen=True, slots=True)
class CallsFile:
    """A file of calls, a line each, and the sentences that each call has."""

    calls: list[list[Place]]
    lines: bytes


class Calls:
    """Questions as lines of files: so many of them a file, and each for as many sentences as a call has."""

    def __init__(self, questions: Questions, protect: Sequence[Protected], calls: int, price: float) -> None:
        self._questions, self._protect, self._calls, self._price = questions, protect, calls, price

    def files(self, missing: Mapping[bytes, TranslationRequest]) -> Iterator[CallsFile]:
        """Yield the files that ask for some sentences; of these nothing is masked as a whole."""
        calls: list[list[Place]] = []
        lines = bytearray()
        items = list(missing.items())
        for group in in_groups(list(missing.values()), self._questions.sentences):
            asked = [items[index] for index in group]
            places, line = self._call(asked, len(calls))
            if calls and (len(calls) == self._calls or len(lines) + len(line) > LARGEST_FILE):
                yield CallsFile(calls, bytes(lines))
                calls, lines = [], bytearray()
                places, line = self._call(asked, 0)
            calls.append(places)
            lines += line
        if calls:
            yield CallsFile(calls, bytes(lines))

    def is_own_answer(self, request: TranslationRequest) -> bool:
        """Whether all of a sentence is masked, so that nothing is left to ask for."""
        masked = mask(request.text, self._protect)
        return masked is not None and masked.is_all

    def read(self, record: BatchRecord, api: BatchApi, files: Sequence[str]) -> dict[bytes, Answer]:
        """Return the answers in the files that came of a batch; what replies of no use took goes into the record."""
        waiting = {str(number): call for number, call in enumerate(record.calls)}
        answers: dict[bytes, Answer] = {}
        for file in files:
            for name, body in api.replies(file):
                call = waiting.pop(name, None)
                if call is None:
                    continue
                taken = self._questions.usage(body)
                try:
                    replies = self._questions.read(body, len(call))
                except ReplyError:
                    cost = self._questions.cost(taken) * self._price
                    record.wasted[call[0].key] = (taken.tokens_in, taken.tokens_out, cost)
                    continue
                found = zip(call, replies, self._questions.answers(replies, taken, self._price), strict=True)
                for place, reply, answer in found:
                    text = self._unmasked(place, reply)
                    if text is None:
                        record.wasted[place.key] = (answer.tokens_in, answer.tokens_out, answer.cost)
                    else:
                        answers[place.key] = replace(answer, text=text)
        return answers

    def _call(self, items: Sequence[tuple[bytes, TranslationRequest]], number: int) -> tuple[list[Place], bytes]:
        places, requests = [], []
        for key, request in items:
            masked = mask(request.text, self._protect)
            places.append(Place(key, request.text if masked else ""))
            requests.append(replace(request, text=masked.text) if masked else request)
        line = {
            "custom_id": str(number),
            "method": "POST",
            "url": f"/v1{self._questions.path}",
            "body": self._questions.body(requests),
        }
        return places, json.dumps(line, ensure_ascii=False).encode() + b"\n"

    def _unmasked(self, place: Place, reply: Reply) -> str | None:
        """Return a translation with everything in its place, None where a mask was lost."""
        masked = mask(place.text, self._protect) if place.text else None
        if masked is None:
            return reply.text
        return masked.put_back(reply.text) if masked.is_whole(reply.text) else None
