"""What translation services have in common: limits of size and rate, characters that are counted, and a budget."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, ClassVar

from pydantic import Field

from qosmatin.corpus.errors import EngineError, InputError, StoppedError

from .calling import Courtesy, key_from
from .engine import Answer, EngineSpec, RefusedError, TranslationRequest
from .settings import Idle, MachineSettings


@contextmanager
def meanings(meaning: Callable[[Exception], Exception | None]) -> Iterator[None]:
    """Raise in the place of what a service's own client raises what it means for a job, if it means anything."""
    try:
        yield
    except Exception as error:
        told = meaning(error)
        if told is None:
            raise
        raise told from None


class ServiceSettings(MachineSettings):
    """How a service is reached, asked and paid."""

    key_variable: Annotated[str, Idle()] = Field(description="environment variable that holds the key")
    source_code: str | None = Field(None, description="the service's own code of the source language")
    target_code: str | None = Field(None, description="the service's own code of the target language, as EN-GB")
    parallel: Annotated[int, Idle()] = Field(2, ge=1, description="calls under way at once")
    per_minute: Annotated[int | None, Idle()] = Field(None, ge=1, description="calls a minute, at most")
    retries: Annotated[int, Idle()] = Field(
        6, ge=0, description="further tries of a call that failed, with growing pauses"
    )
    timeout: Annotated[float, Idle()] = Field(60.0, gt=0, description="seconds for a whole answer")
    price: Annotated[float, Idle()] = Field(0.0, ge=0, description="of a million characters, in one currency")
    budget: Annotated[float | None, Idle()] = Field(
        None, gt=0, description="cost at which a run stops cleanly, in the price's currency"
    )

    asks_server: ClassVar[bool] = True
    service: ClassVar[str]
    """The engine's name, and the model's in provenance, since services do not say which they use."""

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec: of the model behind a service nothing is known."""
        langs = {"source_lang": source_lang, "target_lang": target_lang}
        return EngineSpec(self.service, self.service, None, None, self.answering() | langs)

    def check(self, source_lang: str, target_lang: str) -> None:
        """Ask the service for its languages, which is free; raises ``InputError`` where these are none of them."""
        sources, targets = self.languages()
        source, target = self.codes(source_lang, target_lang)
        for code, known in ((source, sources), (target, targets)):
            if known and code.casefold() not in {one.casefold() for one in known}:
                raise InputError(f"{self.service} does not translate '{code}'; its languages are {_listed(known)}")

    @abstractmethod
    def languages(self) -> tuple[Collection[str], Collection[str]]:
        """Return the codes of source and target languages that the service has; raises ``EngineError``."""

    def codes(self, source_lang: str, target_lang: str) -> tuple[str, str]:
        """Return the service's codes of the languages."""
        return self.source_code or source_lang, self.target_code or target_lang

    def key(self) -> str:
        """Return the key; raises ``InputError`` where it is not set."""
        found = key_from(self.key_variable)
        if not found:
            raise InputError(f"engine: {self.service} needs a key: set the environment variable {self.key_variable}")
        return found

    def courtesy(self) -> Courtesy:
        """Return how the service is called."""
        return Courtesy(self.retries, self.timeout, self.per_minute)


class TextService:
    """A service that translates lists of texts; several threads may call, as many as ``parallel`` says.

    Its tokens are characters: ``longest`` bounds those of a call, and ``texts`` how many sentences it has.
    """

    sorts = False

    def __init__(
        self,
        settings: ServiceSettings,
        ask: Callable[[Sequence[TranslationRequest]], list[str]],
        *,
        longest: int,
        texts: int,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._ask, self._close = settings, ask, close
        self.parallel = settings.parallel
        self.batch_tokens, self.batch_sentences, self.max_source_tokens = longest, texts, longest
        self._lock = threading.Lock()
        self._spent = 0.0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the characters of each text: what services bound and charge."""
        return [len(text) for text in texts]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers; raises ``RefusedError``, ``EngineError``, and ``StoppedError`` for a spent budget."""
        budget = self._settings.budget
        if budget is not None and self._spent >= budget:
            raise StoppedError(
                f"the budget of {budget:g} is spent; what was answered is kept: run the same command again to go on "
                "with as much once more, or raise 'budget'"
            )
        # The pieces of a long sentence come together, and may be more than one call takes.
        return [answer for call in self._calls(requests) for answer in self._answers(call)]

    def _calls(self, requests: Sequence[TranslationRequest]) -> Iterator[list[TranslationRequest]]:
        """Yield the requests of each call, within its bounds."""
        call: list[TranslationRequest] = []
        characters = 0
        for request in requests:
            if call and (len(call) == self.batch_sentences or characters + len(request.text) > self.batch_tokens):
                yield call
                call, characters = [], 0
            call.append(request)
            characters += len(request.text)
        yield call

    def _answers(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        texts = self._ask(requests)
        if len(texts) != len(requests):
            raise RefusedError(self._settings.service, f"{len(texts)} translations came for {len(requests)} sentences")
        answers = [
            Answer(text, (), len(one.text), len(text), len(one.text) * self._settings.price / 1e6)
            for one, text in zip(requests, texts, strict=True)
        ]
        with self._lock:
            self._spent += sum(answer.cost for answer in answers)
        return answers

    def close(self) -> None:
        """Close the connections."""
        self._close()


def texts_of(service: str, rows: object, field: str = "text") -> list[str]:
    """Return a field of each row of an answer; raises ``EngineError`` where the answer is of another form."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get(field), str) for row in rows):
        raise EngineError(service, "the answer is none of this protocol; see 'url'")
    return [row[field] for row in rows]


def terms_of(requests: Sequence[TranslationRequest]) -> dict[str, str]:
    """Return the terms that occur in any of some sentences."""
    return {source: target for request in requests for source, target in request.glossary}


def _listed(known: Collection[str]) -> str:
    return ", ".join(sorted(known))
