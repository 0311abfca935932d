"""A server that speaks the chat-completions protocol or the Responses API, as an engine.

Calls are made as ``calling`` makes them. A reply that is not exactly the translations asked for is asked for again,
then in halves (by ``sparing``), and of one sentence as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError

from .calling import LARGEST_ANSWER, Caller, Courtesy, Statuses, key_from
from .engine import Answer, RefusedError, TranslationRequest
from .prompt import FinalReplyError, ReplyError
from .questions import Questions, Reply, Taken
from .server_settings import ServerSettings
from .spending import Spending

NAME = "openai"

WITHOUT_CONTEXT = "without-context"

_LISTED = 20
"""How many models of a server are named."""

_REPLIES = 2
"""How often a call is made anew for its reply alone, before its sentences are asked for in halves."""


class ChatServer:
    """A server; several threads may call, as many as ``parallel`` says."""

    sorts = False
    max_source_tokens = None
    batch_tokens = 10**9

    def __init__(
        self, settings: ServerSettings, source_lang: str, target_lang: str, spending: Spending | None = None
    ) -> None:
        self._caller = caller_of(settings)
        self._spending = spending or Spending(settings.budget)
        self._questions = Questions(settings, source_lang, target_lang)
        # A window is a call by itself: being larger than this it goes alone.
        self.batch_sentences = 1 if settings.windows() is not None else self._questions.sentences
        self.parallel = settings.parallel

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return a rough count of tokens: nothing depends on it but the order of work, which is kept."""
        return [len(text) // 3 + 1 for text in texts]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers to one call's sentences.

        Raises ``RefusedError`` with what the server says where it does not translate them, ``StoppedError`` when the
        budget is spent, ``EngineError`` when the server is of no use to anybody.
        """
        taken = Taken()
        try:
            replies = self._first(requests, taken)
        except (ReplyError, RefusedError) as error:
            reason = _reason(error)
            if len(requests) > 1 or not self._questions.is_house:
                raise self._refused(reason, taken) from None
            replies = [self._plain(requests[0], reason, taken)]
        return self._questions.answers(replies, taken)

    def _first(self, requests: Sequence[TranslationRequest], taken: Taken) -> list[Reply]:
        """Return the translations from a reply in the first form, that of the prompt in use."""
        body, problem = self._questions.body(requests), ReplyError()
        for _ in range(_REPLIES if self._questions.is_house else 1):
            try:
                return self._questions.read(self._ask(body, taken), len(requests))
            except FinalReplyError:
                raise
            except ReplyError as error:
                problem = error
        raise problem

    def _plain(self, request: TranslationRequest, reason: str, taken: Taken) -> Reply:
        """Ask for one sentence in the second way, as plain text; ``reason`` is why the first was of no use."""
        try:
            reply = self._questions.read_plainly(self._ask(self._questions.plain_body(request), taken))
        except (ReplyError, RefusedError) as error:
            also = _reason(error)
            raise self._refused(reason if also == reason else f"{reason}; and asked plainly: {also}", taken) from None
        return replace(reply, flags=(*reply.flags, WITHOUT_CONTEXT)) if request.has_context else reply

    def _ask(self, body: dict[str, Any], taken: Taken) -> Any:
        """Return a reply, and count what it took."""
        reply = self._caller.post(self._questions.path, body, self._spending.check).body
        used = self._questions.usage(reply)
        taken.add(used)
        self._spending.add(self._questions.cost(used))
        return reply

    def _refused(self, reason: str, taken: Taken) -> RefusedError:
        cost = self._questions.cost(taken)
        return RefusedError(NAME, reason, tokens_in=taken.tokens_in, tokens_out=taken.tokens_out, cost=cost)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()


def check_server(settings: ServerSettings) -> None:
    """Ask a server for its models, which costs nothing; one that has no list of them is not asked further.

    Raises ``EngineError`` where it is not there, does not take the key, or has other models.
    """
    caller = caller_of(settings)
    try:
        answer = caller.once("/models")
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


def caller_of(
    settings: ServerSettings,
    courtesy: Courtesy | None = None,
    statuses: Statuses | None = None,
    largest: int = LARGEST_ANSWER,
) -> Caller:
    """Return what calls the server, its keys taken from the environment; more is as for ``Caller``.

    By default it calls as the settings say, and takes what the server chokes on for at fault while its list of models
    is to be had.
    """
    key = key_from(settings.key_variable)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    for name, value in settings.extra_headers.items():
        found = key_from(value[1:]) if value.startswith("$") else value
        if found is None:
            raise InputError(f"extra_headers: the environment variable {value[1:]} of '{name}' is not set")
        headers[name] = found
    if courtesy is not None:
        return Caller(NAME, settings.url, headers, courtesy, statuses=statuses, largest=largest)
    courtesy = Courtesy(settings.retries, settings.timeout, settings.per_minute)
    return Caller(NAME, settings.url, headers, courtesy, alive="/models")


def _reason(error: ReplyError | RefusedError) -> str:
    return error.reason if isinstance(error, RefusedError) else str(error)
