"""A server that speaks the chat-completions protocol, as an engine.

Calls are made as ``calling`` makes them. A reply that is not exactly the translations asked for is asked for again,
then in halves (by ``sparing``), and of one sentence as plain text.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError, StoppedError

from .calling import Caller, Courtesy, key_from
from .completions import Completion, read_completion, read_usage
from .engine import Answer, RefusedError, TranslationRequest
from .own_prompts import own_messages, read_own
from .prompt import SCHEMA, FinalReplyError, ReplyError, messages, plain_messages, read_plain, read_reply
from .server_settings import ServerSettings

NAME = "openai"

_LISTED = 20
"""How many models of a server are named."""

_REPLIES = 2
"""How often a call is made anew for its reply alone, before its sentences are asked for in halves."""


@dataclass(slots=True)
class _Taken:
    """The tokens that replies to some sentences took."""

    tokens_in: int = 0
    tokens_out: int = 0


class ChatServer:
    """A server; several threads may call, as many as ``parallel`` says."""

    sorts = False
    max_source_tokens = None
    batch_tokens = 10**9

    def __init__(self, settings: ServerSettings, source_lang: str, target_lang: str) -> None:
        self._settings = settings
        self._langs = source_lang, target_lang
        self._caller = _caller_of(settings)
        self._spent = 0.0
        self._lock = threading.Lock()
        self._asks = settings.chosen().profile.asks
        self.batch_sentences = settings.sentences if self._asks.form == "house" else 1
        self.parallel = settings.parallel

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return a rough count of tokens: nothing depends on it but the order of work, which is kept."""
        return [len(text) // 3 + 1 for text in texts]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers to one call's sentences.

        Raises ``RefusedError`` with what the server says where it does not translate them, ``StoppedError`` when the
        budget is spent, ``EngineError`` when the server is of no use to anybody.
        """
        taken = _Taken()
        if self._asks.form != "house":
            return [self._own(requests[0], taken)]
        try:
            texts = self._numbered(requests, taken)
        except (ReplyError, RefusedError) as error:
            reason = _reason(error)
            if len(requests) > 1:
                raise self._refused(reason, taken) from None
            return [self._plain(requests[0], reason, taken)]
        return self._answers(texts, taken)

    def _numbered(self, requests: Sequence[TranslationRequest], taken: _Taken) -> list[str]:
        """Return the translations from a reply in JSON."""
        chat = messages(requests, *self._langs, self._settings.style)
        problem = ReplyError()
        for _ in range(_REPLIES):
            try:
                completion = self._ask(chat, taken, structured=self._settings.structured)
                return read_reply(completion.text, len(requests))
            except FinalReplyError:
                raise
            except ReplyError as error:
                problem = error
        raise problem

    def _plain(self, request: TranslationRequest, reason: str, taken: _Taken) -> Answer:
        """Ask for one sentence in the second way, as plain text; ``reason`` is why the first was of no use."""
        try:
            completion = self._ask(plain_messages(request, *self._langs, self._settings.style), taken)
            text = read_plain(completion.text)
        except (ReplyError, RefusedError) as error:
            also = _reason(error)
            raise self._refused(reason if also == reason else f"{reason}; and asked plainly: {also}", taken) from None
        flags = ("truncated",) if completion.cut else ()
        return Answer(text, flags, taken.tokens_in, taken.tokens_out, self._cost(taken))

    def _own(self, request: TranslationRequest, taken: _Taken) -> Answer:
        """Ask for a sentence in the model's own form, by its profile."""
        try:
            completion = self._ask(own_messages(request, *self._langs, self._asks), taken)
            text = read_own(completion.text, self._asks)
        except (ReplyError, RefusedError) as error:
            raise self._refused(_reason(error), taken) from None
        flags = ("truncated",) if completion.cut else ()
        return Answer(text, flags, taken.tokens_in, taken.tokens_out, self._cost(taken))

    def _ask(self, chat: Sequence[Mapping[str, Any]], taken: _Taken, structured: bool = False) -> Completion:
        settings = self._settings
        body: dict[str, Any] = {"model": settings.model, "messages": list(chat)}
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.max_completion_tokens is None:
            body["max_tokens"] = settings.max_tokens
        else:
            body["max_completion_tokens"] = settings.max_completion_tokens
        if settings.reasoning_effort is not None:
            body["reasoning_effort"] = settings.reasoning_effort
        if structured:
            schema = {"name": "translations", "schema": SCHEMA, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        answer = self._caller.post("/chat/completions", body | settings.extra_body, self._check_budget)
        used = _Taken(*read_usage(answer.body))
        taken.tokens_in += used.tokens_in
        taken.tokens_out += used.tokens_out
        with self._lock:
            self._spent += self._cost(used)
        try:
            completion = read_completion(answer.body)
        except FinalReplyError:
            raise
        except ReplyError as error:
            raise ReplyError(answer.error or str(error)) from None
        return completion

    def _answers(self, texts: list[str], taken: _Taken) -> list[Answer]:
        """Share what the replies took evenly among the sentences, the remainder to the first."""
        answers = []
        for index, text in enumerate(texts):
            counts = [
                total // len(texts) + (total % len(texts) if index == 0 else 0)
                for total in (taken.tokens_in, taken.tokens_out)
            ]
            answers.append(Answer(text, (), counts[0], counts[1], self._cost(_Taken(*counts))))
        return answers

    def _refused(self, reason: str, taken: _Taken) -> RefusedError:
        return RefusedError(
            NAME, reason, tokens_in=taken.tokens_in, tokens_out=taken.tokens_out, cost=self._cost(taken)
        )

    def _cost(self, taken: _Taken) -> float:
        prices = self._settings.prices
        return (taken.tokens_in * prices.per_million_in + taken.tokens_out * prices.per_million_out) / 1e6

    def _check_budget(self) -> None:
        budget = self._settings.budget
        if budget is not None and self._spent >= budget:
            raise StoppedError(
                f"the budget of {budget:g} is spent; what was answered is kept: run the same command again to go on "
                "with as much once more, or raise 'budget'"
            )

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()


def check_server(settings: ServerSettings) -> None:
    """Ask a server for its models, which costs nothing; one that has no list of them is not asked further.

    Raises ``EngineError`` where it is not there, does not take the key, or has other models.
    """
    caller = _caller_of(settings)
    try:
        answer = caller.get("/models")
    finally:
        caller.close()
    if answer.status in (401, 403) or answer.status >= 500:
        raise EngineError(NAME, f"{answer.reason}; see 'url' and {settings.key_variable}")
    rows = answer.body.get("data") if isinstance(answer.body, dict) else None
    names = [str(row.get("id")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    # Some servers know a model by more names than they list: with or without its maker, with a tag.
    if names and not any(settings.model in name or name in settings.model for name in names):
        shown = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
        raise EngineError(NAME, f"{settings.url} has no model '{settings.model}'; it has {shown}")


def _caller_of(settings: ServerSettings) -> Caller:
    """Return what calls the server, its keys taken from the environment."""
    key = key_from(settings.key_variable)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    for name, value in settings.extra_headers.items():
        found = key_from(value[1:]) if value.startswith("$") else value
        if found is None:
            raise InputError(f"extra_headers: the environment variable {value[1:]} of '{name}' is not set")
        headers[name] = found
    courtesy = Courtesy(settings.retries, settings.timeout, settings.per_minute)
    return Caller(NAME, settings.url, headers, courtesy, alive="/models")


def _reason(error: ReplyError | RefusedError) -> str:
    return error.reason if isinstance(error, RefusedError) else str(error)
