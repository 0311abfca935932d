"""What a server is asked for some sentences, and what its reply says: the same in a call and in a line of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import completions, responses
from .calling import error_in
from .completions import Completion
from .engine import Answer, TranslationRequest
from .own_prompts import own_messages, read_own
from .prompt import FinalReplyError, ReplyError, messages, plain_messages, read_plain, read_reply
from .server_settings import ServerSettings


@dataclass(slots=True)
class Taken:
    """The tokens that replies took."""

    tokens_in: int = 0
    tokens_out: int = 0

    def add(self, other: Taken) -> None:
        """Count others too."""
        self.tokens_in += other.tokens_in
        self.tokens_out += other.tokens_out


@dataclass(frozen=True, slots=True)
class Reply:
    """The translation of one sentence, and what the reply says of it."""

    text: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Api:
    path: str
    body: Callable[[ServerSettings, Sequence[Any], bool], dict[str, Any]]
    read: Callable[[Any], Completion]
    usage: Callable[[Any], tuple[int, int]]


_APIS = {
    "chat": _Api(completions.PATH, completions.completion_body, completions.read_completion, completions.read_usage),
    "responses": _Api(responses.PATH, responses.response_body, responses.read_response, responses.read_response_usage),
}


class Questions:
    """Questions to a server for translations, by the settings and the model's profile.

    ``path`` is where they go, ``sentences`` how many one has at most, ``is_house`` whether the house prompt puts them.
    """

    def __init__(self, settings: ServerSettings, source_lang: str, target_lang: str) -> None:
        self._settings, self._langs = settings, (source_lang, target_lang)
        self._api = _APIS[settings.api]
        self._asks = settings.chosen().profile.asks
        self.path = self._api.path
        self.is_house = self._asks.form == "house"
        self.sentences = settings.sentences if self.is_house else 1

    def body(self, requests: Sequence[TranslationRequest]) -> dict[str, Any]:
        """Return what is posted for some sentences: of one alone where the model has a prompt of its own."""
        if self.is_house:
            return self._body(messages(requests, *self._langs, self._settings.style), self._settings.structured)
        return self._body(own_messages(requests[0], *self._langs, self._asks))

    def plain_body(self, request: TranslationRequest) -> dict[str, Any]:
        """Return what is posted for one sentence whose reply is to be plain text."""
        return self._body(plain_messages(request, *self._langs, self._settings.style))

    def read(self, body: Any, count: int) -> list[Reply]:
        """Return the translations of so many sentences; raises ``ReplyError`` unless all are there."""
        completion = self._said(body)
        if self.is_house:
            return [Reply(text) for text in read_reply(completion.text, count)]
        return [_reply(read_own(completion.text, self._asks), completion)]

    def read_plainly(self, body: Any) -> Reply:
        """Return the translation in the reply to ``plain_body``; raises ``ReplyError`` where there is none."""
        completion = self._said(body)
        return _reply(read_plain(completion.text), completion)

    def usage(self, body: Any) -> Taken:
        """Return the tokens that a reply took."""
        return Taken(*self._api.usage(body))

    def cost(self, taken: Taken) -> float:
        """Return what tokens cost."""
        prices = self._settings.prices
        return (taken.tokens_in * prices.per_million_in + taken.tokens_out * prices.per_million_out) / 1e6

    def answers(self, replies: Sequence[Reply], taken: Taken, price: float = 1.0) -> list[Answer]:
        """Share what the replies took evenly among the sentences, the remainder to the first.

        ``price`` is the share of the prices that was paid.
        """
        answers = []
        for index, reply in enumerate(replies):
            counts = [
                total // len(replies) + (total % len(replies) if index == 0 else 0)
                for total in (taken.tokens_in, taken.tokens_out)
            ]
            cost = self.cost(Taken(*counts)) * price
            answers.append(Answer(reply.text, reply.flags, counts[0], counts[1], cost))
        return answers

    def _body(self, chat: Sequence[Any], structured: bool = False) -> dict[str, Any]:
        return self._api.body(self._settings, chat, structured) | self._settings.extra_body

    def _said(self, body: Any) -> Completion:
        """Return what the model said; where it said nothing, the server's own words of it are raised."""
        try:
            return self._api.read(body)
        except FinalReplyError:
            raise
        except ReplyError as error:
            raise ReplyError(error_in(body) or str(error)) from None


def _reply(text: str, completion: Completion) -> Reply:
    return Reply(text, ("truncated",) if completion.cut else ())
