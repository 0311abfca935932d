"""What a job has done so far, and when so much failed that it stops."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from qosmatin.corpus.errors import StoppedError

from .engine import Answer

_A_GOOD_NUMBER = 100
"""Of how many sentences, at least, failures are a share: fewer tell nothing of the engine."""


class UnbearableError(StoppedError):
    """A stop because the engine failed on too many sentences."""


@dataclass(slots=True)
class Tally:
    """What a job has done so far; ``asked`` counts requests that went to the engine, ``failed`` those it failed on.

    ``reason`` is what it said the last time; ``has_answers`` says that not all failed.
    """

    done: int = 0
    asked: int = 0
    failed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    reason: str = ""
    has_answers: bool = False
    started: float = field(default_factory=time.monotonic)

    def add(self, answers: Iterable[Answer]) -> None:
        """Count what the engine answered."""
        for answer in answers:
            self.asked += "over-long" not in answer.flags  # which the engine never saw
            self.failed += bool(answer.reason)
            self.tokens_in += answer.tokens_in
            self.tokens_out += answer.tokens_out
            self.cost += answer.cost
            self.recall([answer])

    def recall(self, answers: Iterable[Answer]) -> None:
        """Note whether there are answers, of the engine or from the cache, that are no failures."""
        for answer in answers:
            self.reason = answer.reason or self.reason
            self.has_answers = self.has_answers or not answer.reason

    def check(self, bearable: float, at_end: bool = False) -> None:
        """Raise ``UnbearableError`` where too much failed: that share of a good number, or, in the end, everything."""
        too_many = self.failed > bearable * max(self.asked, _A_GOOD_NUMBER)
        all_of_it = at_end and self.failed > 1 and not self.has_answers and bearable < 1
        if too_many or all_of_it:
            raise UnbearableError(
                f"the engine failed on {self.failed:,} of {self.asked:,} sentences, more than the job bears "
                f"(bearable: {bearable:g}); the last time it said: {self.reason}. What was answered is kept: mend that "
                "and run the same command again"
            )

    @property
    def note(self) -> str:
        """One phrase for the progress line."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        cost = f", cost {self.cost:.4f}" if self.cost else ""
        return f"{self.tokens_out / seconds:,.0f} tokens/s, {self.done - self.asked:,} from the cache{cost}"
