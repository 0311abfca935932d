"""Where the aligner's time goes on the dev sets: seconds of the processor by step, without the steps inside it.

python benchmarks/align_steps.py     all six sets, each as one corpus and each document alone
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from gold import DATA, GoldDocument, read_gold

from qosmatin.align import align, align_corpus

STEPS = {
    "sentences read, tokenised": ("tasks", "read_texts"),
    "links: equal, seed lexicon": ("aligner", "find_links"),
    "links: cognates": ("links", "cognate_links"),
    "score of beads": ("evidence", "score_beads"),
    "best path": ("search", "best_path"),
    "posterior": ("posterior", "posteriors"),
    "the rest of the search": ("learning", "search_in"),
    "words learnt": ("lexicon", "learn_table"),
    "all else learnt": ("learning", "learn"),
    "moves": ("moves", "follow_moves"),
    "confidences": ("calibration", "confidences"),
    "all else": ("aligner", "align_tasks"),
}
"""What is timed, by what the table calls it: module of ``qosmatin.align``, and function."""


class Clock:
    """Times functions that call each other: what is inside one that is timed too counts there alone."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside: list[float] = []

    def timed(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same work and is timed."""

        @wraps(work)
        def run(*args: Any, **named: Any) -> Any:
            began = time.process_time()
            self._inside.append(0.0)
            try:
                return work(*args, **named)
            finally:
                took = time.process_time() - began
                self.seconds[step] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return run


def main() -> None:
    """Print the table; all is aligned once before, so that what is compiled and read once does not count."""
    clock = Clock()
    for step, (module, name) in STEPS.items():
        _put(getattr(import_module(f"qosmatin.align.{module}"), name), partial(clock.timed, step))
    paths = [
        DATA / "align" / f"{pair}.{kind}.json" for pair in ("kk-en", "kk-ru") for kind in ("easy", "hard", "vhard")
    ]
    sets = [(path.name[:2], path.name[3:5], read_gold(path)) for path in paths]
    columns = []
    for work in (_as_corpora, _alone):
        work(sets)
        clock.seconds.clear()
        work(sets)
        columns.append(clock.seconds.copy())
    print("| seconds of the processor | as corpora | alone |\n|---|---:|---:|")
    for step in STEPS:
        print(f"| {step} | {' | '.join(f'{column[step]:.2f}' for column in columns)} |")
    print(f"| all | {' | '.join(f'{column.total():.2f}' for column in columns)} |")


def _as_corpora(sets: list[tuple[str, str, list[GoldDocument]]]) -> None:
    """Align each set as a corpus."""
    for a, b, documents in sets:
        align_corpus([(one.source, one.target) for one in documents], a, b)


def _alone(sets: list[tuple[str, str, list[GoldDocument]]]) -> None:
    """Align each document by itself."""
    for a, b, documents in sets:
        for one in documents:
            align(one.source, one.target, a, b)


def _put(work: Callable[..., Any], timed: Callable[..., Any]) -> None:
    """Put the timed function where any module of the aligner has the function."""
    instead = timed(work)
    for name, module in list(sys.modules.items()):
        if name.startswith("qosmatin.align"):
            for key, value in list(vars(module).items()):
                if value is work:
                    setattr(module, key, instead)


if __name__ == "__main__":
    main()
