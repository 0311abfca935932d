"""What scoring costs beside sacreBLEU's own corpus scores: CPU-seconds, wall time, and that both agree.

    python benchmarks/score.py --segments 100000 --workers 2
    python benchmarks/score.py --segments 2000 --ter

Text is made up from the sentences of the alignment gold (``../shared/data/align``): words are dropped, moved and
replaced by a fixed seed; more of them for TER, whose time goes into shifts. sacreBLEU computes its corpus scores on the
same text in a process of its own; ours also computes 20 domains, length bands, and 1,000 bootstrap samples of the whole
and of every part.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.eval.breakdown import break_down
from qosmatin.eval.scores import score_systems
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.eval.significance import bootstrap_scores

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "align"
DOMAINS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2, help="also measure this many processes")
    parser.add_argument("--ter", action="store_true", help="TER instead of BLEU, chrF and chrF++")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        parser.error(f"no alignment gold in {DATA}")
    texts = make_text(arguments.segments, 0.3 if arguments.ter else 0.1)
    sizes = sum(map(len, texts[0])) / len(texts[0])
    print(f"{arguments.segments} segments, {sizes:.0f} characters each; metrics: {'TER' if arguments.ter else 'three'}")
    peer, cpu, wall = measured(sacrebleu_scores, *texts, arguments.ter)
    print(f"{'sacreBLEU, corpus scores alone':42} {cpu:8.1f} CPU-s {wall:8.1f} s")
    ours, our_cpu, our_wall = measured(our_scores, *texts, arguments.ter, 1)
    print(f"{'ours, with domains and bootstrap':42} {our_cpu:8.1f} CPU-s {our_wall:8.1f} s")
    print(f"{'ratio of CPU-seconds (at most 1.2)':42} {our_cpu / cpu:8.2f}")
    if arguments.workers > 1:
        more, more_cpu, more_wall = measured(our_scores, *texts, arguments.ter, arguments.workers)
        print(f"{f'ours, {arguments.workers} processes':42} {more_cpu:8.1f} CPU-s {more_wall:8.1f} s")
        print(f"{'ratio of wall times to one process':42} {more_wall / our_wall:8.2f}")
        assert more == ours
    assert ours == peer, f"scores differ: {ours} and {peer}"
    print("scores equal to the last digit:", ", ".join(f"{score:.2f}" for score in ours))


def make_text(count: int, rate: float) -> tuple[list[str], list[str]]:
    """Return a system's segments and their references."""
    source = random.Random(1)
    pool = [text for pair in ("kk-en", "kk-ru") for document in gold(pair) for text in document]
    references = [source.choice(pool) for _ in range(count)]
    return [disturbed(text, pool, source, rate) for text in references], references


def gold(pair: str) -> list[list[str]]:
    """Return the target sentences of each document."""
    documents = json.loads((DATA / f"{pair}.natural.json").read_text(encoding="utf-8"))
    return [document["tgt"] for document in documents]


def disturbed(text: str, pool: list[str], source: random.Random, rate: float) -> str:
    """Drop the given share of the words, replace as many, and move a stretch of them now and then."""
    other = source.choice(pool).split()
    kept = [word for word in text.split() if source.random() > rate]
    words = [source.choice(other) if source.random() < rate else word for word in kept]
    if len(words) > 5 and source.random() < 5 * rate:
        at = source.randrange(2, len(words) - 2)
        words = words[at:] + words[:at]
    return " ".join(words) or text


def sacrebleu_scores(system: list[str], reference: list[str], ter: bool) -> list[float]:
    metrics = [TER()] if ter else [BLEU(), CHRF(), CHRF(word_order=2)]
    return [metric.corpus_score(system, [reference]).score for metric in metrics]


def our_scores(system: list[str], reference: list[str], ter: bool, workers: int) -> list[float]:
    keys = ["ter"] if ter else ["bleu:13a", "chrf", "chrf++"]
    scored = score_systems({"system": system}, [reference], keys, workers=workers)
    labels = [f"domain {number % DOMAINS}" for number in range(len(system))]
    ids = [str(number) for number in range(len(system))]
    material = ScoringSet("made up", {"system": system}, [reference], ids, labels={"domain": labels})
    bootstrap_scores(scored, 1000)
    break_down(material, scored, 1000, 12345)
    return [scored.corpus_score("system", metric) for metric in scored.metrics]


def measured(run: Callable[..., list[float]], *arguments: object) -> tuple[list[float], float, float]:
    """Run in a process of its own; returns the scores, and the CPU-seconds and seconds of it and its children."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(clocked, run, *arguments).result()


def clocked(run: Callable[..., list[float]], *arguments: object) -> tuple[list[float], float, float]:
    before, start = cpu_seconds(), time.perf_counter()
    scores = run(*arguments)
    return scores, cpu_seconds() - before, time.perf_counter() - start


def cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
