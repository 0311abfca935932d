"""No sentence stops a job: what an engine fails on is found by halves, flagged, and told with the engine's own reason.

Any engine may refuse sentences (``RefusedError``). Where the job says ``on_error: skip``, an engine that runs here may
fail in any way: a model that raises at one sentence goes on with the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from qosmatin.corpus.errors import EngineError, QosmatinError

from .engine import Answer, BatchTooLargeError, Engine, RefusedError, TranslationRequest

UNREADABLE = "unreadable"

_LONGEST_REASON = 300


class SparingEngine:
    """An engine that answers every request, if by saying why there is no answer.

    With ``skips`` every failure is taken for that of a sentence, not refusals alone.
    """

    def __init__(self, engine: Engine, skips: bool) -> None:
        self._engine, self._skips = engine, skips
        self.batch_tokens, self.batch_sentences = engine.batch_tokens, engine.batch_sentences
        self.parallel, self.sorts = engine.parallel, engine.sorts
        self.max_source_tokens = engine.max_source_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has for the engine."""
        return self._engine.count_tokens(texts)

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers; of a sentence that the engine fails on alone, one that says so."""
        try:
            return self._engine.translate(requests)
        except BatchTooLargeError as error:
            if len(requests) > 1 or not self._skips:
                raise  # the caller has its own halves
            return [_unreadable(str(error))]
        except RefusedError as error:
            return self._answer_halves(requests, error.reason, error.spent)
        except QosmatinError as error:
            if not (self._skips and isinstance(error, EngineError)):
                raise
            return self._answer_halves(requests, str(error))
        except Exception as error:
            if not self._skips:
                raise
            return self._answer_halves(requests, f"{type(error).__name__}: {error}")

    def _answer_halves(
        self, requests: Sequence[TranslationRequest], reason: str, spent: tuple[int, int, float] = (0, 0, 0.0)
    ) -> list[Answer]:
        if len(requests) == 1:
            return [_unreadable(reason).with_spent(*spent)]
        middle = len(requests) // 2
        first, *others = self.translate(requests[:middle])
        return [first.with_spent(*spent), *others, *self.translate(requests[middle:])]

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


def _unreadable(reason: str) -> Answer:
    return Answer("", (UNREADABLE,), reason=" ".join(reason.split())[:_LONGEST_REASON] or "the engine said nothing")
