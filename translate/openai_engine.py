"""The engine ``openai``: any server that speaks the chat-completions protocol.

Calls are tried again when the server is slow, busy or broken, with growing random pauses or as long as ``Retry-After``
says; a reply that is not exactly the translations asked for is asked for again, then in halves.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from qosmatin.corpus.errors import EngineError, InputError, MissingExtraError, StoppedError

from .engine import Answer, Engine, EngineSpec, TranslationRequest
from .prompt import SCHEMA, VERSION, ReplyError, messages, read_reply
from .settings import RETRIED, Idle, PromptedSettings, Retried, Settings

NAME = "openai"

_LONGEST_PAUSE = 60.0
_REPLIES = 2
"""How often a call is made anew for its reply alone, before its sentences are asked for in halves."""


class ServerRetry(Settings):
    """A second try, at another temperature, for sentences whose translation has one of these flags."""

    when: list[Retried] = Field(RETRIED, min_length=1, description="flags; see docs/translation.md")
    temperature: float = Field(0.7, ge=0, description="of the second try")


class Prices(Settings):
    """What a server charges for a million tokens, in one currency."""

    per_million_in: float = Field(0.0, ge=0)
    per_million_out: float = Field(0.0, ge=0)


class OpenAISettings(PromptedSettings):
    """A server that speaks the chat-completions protocol: vLLM, Ollama, llama.cpp, or a provider."""

    engine: Annotated[Literal["openai"], Idle()]
    model: Annotated[str, Idle()] = Field(description="the server's name of the model")
    url: Annotated[str, Idle()] = Field("http://localhost:8000/v1", description="address of the API, up to /v1")
    key_variable: Annotated[str, Idle()] = Field(
        "OPENAI_API_KEY", description="environment variable that holds the key, if one is needed"
    )
    temperature: float = Field(0.0, ge=0)
    retry: Annotated[ServerRetry | None, Idle()] = Field(
        None, description="a second try for flagged translations; the better one stands"
    )
    max_tokens: int = Field(4096, ge=1, description="bound of one reply")
    structured: bool = Field(True, description="ask for JSON by schema; false for servers that refuse response_format")
    sentences: Annotated[int, Idle()] = Field(8, ge=1, le=100, description="sentences in one call")
    parallel: Annotated[int, Idle()] = Field(4, ge=1, description="calls under way at once")
    per_minute: Annotated[int | None, Idle()] = Field(None, ge=1, description="calls a minute, at most")
    retries: Annotated[int, Idle()] = Field(
        6, ge=0, description="further tries of a call that failed, with growing pauses"
    )
    timeout: Annotated[float, Idle()] = Field(120.0, gt=0, description="seconds to wait for a reply")
    prices: Annotated[Prices, Idle()] = Prices()
    budget: Annotated[float | None, Idle()] = Field(
        None, gt=0, description="cost at which a run stops cleanly, in the prices' currency"
    )

    asks_server: ClassVar[bool] = True

    @model_validator(mode="after")
    def _retries_otherwise(self) -> Self:
        if self.retry is not None and self.retry.temperature == self.temperature:
            raise ValueError("retry.temperature is that of the first try")
        return self

    def retried(self) -> list[Retried]:
        """Return the flags that call for a second try; none where none is asked for."""
        return self.retry.when if self.retry else []

    def second(self, spent: float) -> Self:
        """Return the settings with the temperature of the second try, and what is left of the budget."""
        if self.retry is None:
            return self
        left = None if self.budget is None else max(self.budget - spent, 0.0)
        return self.model_copy(update={"temperature": self.retry.temperature, "budget": left})

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec: of the weights behind a server nothing is known but its name of them."""
        answering = self.answering() | {"source_lang": source_lang, "target_lang": target_lang, "prompt": VERSION}
        return EngineSpec(NAME, self.model, None, None, answering)

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine; the server is not asked yet."""
        return OpenAIEngine(self, source_lang, target_lang)


class OpenAIEngine:
    """A server; several threads may call, as many as ``parallel`` says."""

    sorts = False
    max_source_tokens = None
    batch_tokens = 10**9

    def __init__(self, settings: OpenAISettings, source_lang: str, target_lang: str) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingExtraError("engine: openai", "llm") from None
        key = os.environ.get(settings.key_variable)
        if any(not 32 < ord(character) < 127 for character in key or ""):
            raise InputError(f"{settings.key_variable} holds characters that no key has; set it again")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._httpx = httpx
        self._client = httpx.Client(base_url=settings.url, headers=headers, timeout=settings.timeout)
        self._settings = settings
        self._langs = source_lang, target_lang
        self._gate = _Gate(settings.per_minute)
        self._spent = 0.0
        self._lock = threading.Lock()
        self.batch_sentences = settings.sentences
        self.parallel = settings.parallel

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return a rough count of tokens: nothing depends on it but the order of work, which is kept."""
        return [len(text) // 3 + 1 for text in texts]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers to one call's sentences.

        Raises ``StoppedError`` when the budget is spent, ``EngineError`` when the server refuses or all tries failed.
        """
        return self._translate(requests, [0, 0])

    def _translate(self, requests: Sequence[TranslationRequest], paid: list[int]) -> list[Answer]:
        """Return the answers; ``paid`` are the tokens of replies to these sentences that were of no use."""
        problem = ""
        for _ in range(_REPLIES):
            reply = self._call(requests)
            usage = reply.get("usage") or {}
            paid[0] += usage.get("prompt_tokens") or 0
            paid[1] += usage.get("completion_tokens") or 0
            try:
                choice = reply["choices"][0]
                texts = read_reply(choice["message"]["content"] or "", len(requests))
            except ReplyError as error:
                problem = str(error)
            except (KeyError, IndexError, TypeError):
                problem = "the reply is no chat completion"
            else:
                return self._answers(texts, paid)
        if len(requests) > 1:
            middle = len(requests) // 2
            return self._translate(requests[:middle], paid) + self._translate(requests[middle:], [0, 0])
        raise EngineError(NAME, problem, item=requests[0].text[:60], attempt=_REPLIES)

    def _answers(self, texts: list[str], paid: list[int]) -> list[Answer]:
        """Share what a call took evenly among its sentences, the remainder to the first."""
        answers = []
        for index, text in enumerate(texts):
            counts = [total // len(texts) + (total % len(texts) if index == 0 else 0) for total in paid]
            answers.append(Answer(text, (), counts[0], counts[1], self._cost(*counts)))
        return answers

    def _cost(self, tokens_in: int, tokens_out: int) -> float:
        prices = self._settings.prices
        return (tokens_in * prices.per_million_in + tokens_out * prices.per_million_out) / 1e6

    def _call(self, requests: Sequence[TranslationRequest]) -> dict[str, Any]:
        """Return the server's reply to one call, after as many tries as it takes."""
        settings = self._settings
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": messages(requests, *self._langs, settings.style),
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
        }
        if settings.structured:
            schema = {"name": "translations", "schema": SCHEMA, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        problem = ""
        for attempt in range(settings.retries + 1):
            self._check_budget()
            self._gate.wait()
            problem, pause, reply = self._try(body)
            if reply is not None:
                self._pay(reply)
                return reply
            if attempt < settings.retries:
                time.sleep(min(_LONGEST_PAUSE, 0.5 * 2**attempt) * random.uniform(0.5, 1.0) if pause is None else pause)
        raise EngineError(NAME, problem, item=requests[0].text[:60], attempt=settings.retries + 1)

    def _try(self, body: dict[str, Any]) -> tuple[str, float | None, dict[str, Any] | None]:
        """Make one call: return what went wrong, how long the server bids to wait, and the reply if there is one."""
        try:
            response = self._client.post("/chat/completions", json=body)
            if response.is_success:
                reply = response.json()
                return ("", None, reply) if isinstance(reply, dict) else ("the reply is no JSON object", None, None)
        except self._httpx.TransportError as error:
            return f"{type(error).__name__} at {self._settings.url}: {error}", None, None
        except ValueError:
            return "the reply is no JSON", None, None
        problem = f"the server says {response.status_code}: {response.text[:200]}"
        if response.status_code not in (408, 409, 425, 429) and response.status_code < 500:
            raise EngineError(NAME, problem)
        return problem, _retry_after(response.headers.get("Retry-After")), None

    def _pay(self, reply: dict[str, Any]) -> None:
        usage = reply.get("usage") or {}
        with self._lock:
            self._spent += self._cost(usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0)

    def _check_budget(self) -> None:
        budget = self._settings.budget
        if budget is not None and self._spent >= budget:
            raise StoppedError(
                f"the budget of {budget:g} is spent; what was answered is kept: run the same command again to go on "
                "with as much once more, or raise 'budget'"
            )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class _Gate:
    """Lets so many calls a minute through, evenly; None lets all through."""

    def __init__(self, per_minute: int | None) -> None:
        self._interval = 60 / per_minute if per_minute else 0.0
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._interval
        time.sleep(max(0.0, start - now))


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a server bids to wait; a date, or nonsense, counts as nothing said."""
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None
