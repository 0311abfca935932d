"""What an engine is: the requests that it is given, the answers that it returns, and what it says of itself.

An engine translates one sentence at a time from and into the languages that it was opened for, many in one call. It
knows nothing of files, caches or order: ``jobs`` sees to these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from qosmatin.corpus.errors import EngineError
from qosmatin.corpus.files.hashing import fingerprint


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """One sentence to translate, and all that the engine is told with it; equal requests have equal answers.

    ``before`` are the sentences that precede it in its document, nearest last; ``glossary`` the terms to obey that
    occur in it, as (source, target). Both are empty for an engine that cannot use them. Where documents are asked for
    as a whole, ``window`` has the sentences of the part that this one is in, at ``place``, and ``before`` are those
    that precede that part; ``said`` is how they were translated, where that is told.
    """

    text: str
    before: tuple[str, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()
    window: tuple[str, ...] = ()
    place: int = 0
    said: tuple[str, ...] = ()

    @property
    def has_context(self) -> bool:
        """Whether more of its document is told than the sentence."""
        return bool(self.before) or len(self.window) > 1


@dataclass(frozen=True, slots=True)
class Answer:
    """The translation of one request.

    ``flags`` are what the engine alone can know (see ``checks.FLAGS``); ``tokens_in`` and ``tokens_out`` count the
    engine's own tokens; ``cost`` is in the currency of the prices in the config, 0 without them. ``reason`` is set
    where the engine failed on this sentence, and says why, in its own or its server's words.
    """

    text: str
    flags: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    reason: str = ""

    def with_spent(self, tokens_in: int, tokens_out: int, cost: float) -> Answer:
        """Return the answer with what replies of no use took beside it."""
        return replace(
            self,
            tokens_in=self.tokens_in + tokens_in,
            tokens_out=self.tokens_out + tokens_out,
            cost=self.cost + cost,
        )


@dataclass(frozen=True)
class EngineSpec:
    """Everything that an engine's answers depend on beside the request; it goes into cache key, provenance and card.

    ``model`` is a hub id or the name of a folder; ``revision`` the hub's commit; ``weights`` a hash of the model's
    files, both None where nobody can know them (a server). ``settings`` are languages and decoding, as plain data.
    """

    engine: str
    model: str
    revision: str | None
    weights: str | None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """A hash of the whole spec."""
        return fingerprint(asdict(self))


class Engine(Protocol):
    """A model that is ready to work.

    ``batch_tokens`` and ``batch_sentences`` bound a call (tokens with padding: sentences times the longest);
    ``parallel`` is how many calls may be under way at once, from several threads; ``max_source_tokens`` the longest
    source that it takes whole, None for no bound; ``sorts`` says whether sentences of like length go together.
    """

    @property
    def batch_tokens(self) -> int: ...  # noqa: D102

    @property
    def batch_sentences(self) -> int: ...  # noqa: D102

    @property
    def parallel(self) -> int: ...  # noqa: D102

    @property
    def max_source_tokens(self) -> int | None: ...  # noqa: D102

    @property
    def sorts(self) -> bool: ...  # noqa: D102

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has for this engine."""

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return one answer for each request, in order.

        Raises ``BatchTooLargeError`` when memory ran out and ``RefusedError`` when these sentences are at fault (the
        caller tries halves of both), ``EngineError`` for anything that trying again will not mend, ``StoppedError``
        when the engine was told to stop.
        """

    def close(self) -> None:
        """Give back memory and connections."""


class BatchTooLargeError(EngineError):
    """A batch that did not fit into memory."""


class RefusedError(EngineError):
    """Sentences that an engine does not answer: some of them are at fault, the engine is not.

    ``reason`` is what it said; the rest is what its replies of no use took.
    """

    def __init__(self, engine: str, reason: str, *, tokens_in: int = 0, tokens_out: int = 0, cost: float = 0.0) -> None:
        super().__init__(engine, reason)
        self.reason = reason
        self.spent = (tokens_in, tokens_out, cost)
