"""What a run has spent of its budget; several threads may count."""

from __future__ import annotations

import threading

from qosmatin.corpus.errors import StoppedError


class Spending:
    """Costs, in the currency of the config's prices; ``budget`` is None where they have no bound."""

    def __init__(self, budget: float | None) -> None:
        self._budget, self._spent = budget, 0.0
        self._lock = threading.Lock()

    def add(self, cost: float) -> None:
        """Count a cost."""
        with self._lock:
            self._spent += cost

    def check(self) -> None:
        """Raise ``StoppedError`` where the budget is spent."""
        if self._budget is not None and self._spent >= self._budget:
            raise StoppedError(
                f"the budget of {self._budget:g} is spent; what was answered is kept: run the same command again to go "
                "on with as much once more, or raise 'budget'"
            )
