"""What scoring costs beside sacreBLEU's own corpus scores: CPU-seconds, wall time, memory, and that both agree.

    python benchmarks/score.py --segments 100000 --workers 2
    python benchmarks/score.py --segments 2000 --ter
    python benchmarks/score.py --segments 100000 --systems 6

Text is made up from the sentences of the alignment gold (``../shared/data/align``): words are dropped, moved and
replaced by a fixed seed; more of them for TER, whose time goes into shifts. sacreBLEU computes its corpus scores on the
same text in a process of its own; ours also computes 20 domains, length bands, and 1,000 bootstrap samples of the whole
and of every part. With ``--systems`` a whole evaluation of so many systems is measured (warnings, sentence scores,
examples, tests of all pairs), and what tests against the baseline alone would have taken in the place of all pairs.
Peaks are of the process and, beside it, of its largest child.
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

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.eval.breakdown import break_down
from qosmatin.eval.evaluation import Settings, evaluate
from qosmatin.eval.pairwise import compare_pairs
from qosmatin.eval.scores import ScoredSystems, score_systems
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.eval.significance import bootstrap_scores

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "align"
DOMAINS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument(
        "--workers", type=int, help="also measure this many processes (2); of --systems, work with as many (1)"
    )
    parser.add_argument("--ter", action="store_true", help="TER instead of BLEU, chrF and chrF++")
    parser.add_argument("--systems", type=int, default=0, help="measure an evaluation of this many systems instead")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        parser.error(f"no alignment gold in {DATA}")
    if arguments.systems:
        measure_systems(arguments.segments, arguments.systems, arguments.workers or 1)
        return
    texts = make_text(arguments.segments, 0.3 if arguments.ter else 0.1)
    sizes = sum(map(len, texts[0])) / len(texts[0])
    print(f"{arguments.segments} segments, {sizes:.0f} characters each; metrics: {'TER' if arguments.ter else 'three'}")
    peer, cpu, _ = measured("sacreBLEU, corpus scores alone", sacrebleu_scores, *texts, arguments.ter)
    ours, our_cpu, our_wall = measured("ours, with domains and bootstrap", our_scores, *texts, arguments.ter, 1)
    print(f"{'ratio of CPU-seconds (at most 1.2)':42} {our_cpu / cpu:8.2f}")
    workers = arguments.workers or 2
    if workers > 1:
        label = f"ours, {workers} processes"
        more, _, more_wall = measured(label, our_scores, *texts, arguments.ter, workers)
        print(f"{'ratio of wall times to one process':42} {more_wall / our_wall:8.2f}")
        assert more == ours
    assert ours == peer, f"scores differ: {ours} and {peer}"
    print("scores equal to the last digit:", ", ".join(f"{score:.2f}" for score in ours))


def measure_systems(segments: int, systems: int, workers: int) -> None:
    label = f"{segments} segments, {systems} systems"
    (whole, pairs, baseline), _, _ = measured(label, evaluation_times, segments, systems, workers)
    print(f"{'the same, against the baseline alone':42} {whole - pairs + baseline:8.1f} CPU-s")
    print(f"{'ratio of CPU-seconds (at most 1.5)':42} {whole / (whole - pairs + baseline):8.2f}")


def evaluation_times(segments: int, systems: int, workers: int) -> list[float]:
    """Return CPU-seconds: of a whole evaluation, of its tests of all pairs, and of tests with the baseline alone."""
    source = random.Random(2)
    system, references = make_text(segments, 0.1)
    outputs = {"0": system}
    for number in range(1, systems):
        outputs[str(number)] = [disturbed(text, references, source, 0.02 * number) for text in references]
    ids = [str(number) for number in range(segments)]
    labels = {"domain": [f"domain {number % DOMAINS}" for number in range(segments)]}
    material = ScoringSet("made up", outputs, [references], ids, labels=labels, target_lang="kk")
    settings = Settings(("bleu:13a", "chrf", "chrf++"), workers=workers)
    start = cpu_seconds()
    evaluate(material, settings)
    whole = cpu_seconds() - start
    # Tests cost by the number of segments, not by what is in them: counts at random stand for a system's.
    scored = score_systems({"0": references[:500]}, [references[:500]], settings.metrics)
    rows = [np.random.default_rng(number).integers(500, size=segments) for number in range(systems)]
    many = ScoredSystems(
        scored.metrics,
        {str(n): {key: array[rows[n]] for key, array in scored.statistics["0"].items()} for n in range(systems)},
    )
    sampled = bootstrap_scores(many, settings.samples)
    start = cpu_seconds()
    compare_pairs(many, many, sampled)
    pairs = cpu_seconds() - start
    start = cpu_seconds()
    for other in list(many.systems)[1:]:
        two = ScoredSystems(many.metrics, {name: many.statistics[name] for name in ("0", other)})
        compare_pairs(two, two, sampled)
    return [whole, pairs, cpu_seconds() - start]


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


def measured(label: str, run: Callable[..., list[float]], *arguments: object) -> tuple[list[float], float, float]:
    """Run in a process of its own, and print; returns the result, and the CPU-seconds and seconds of all its work."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        result, cpu, wall, peaks = pool.submit(clocked, run, *arguments).result()
    print(f"{label:42} {cpu:8.1f} CPU-s {wall:8.1f} s {peaks} MB at its peak", flush=True)
    return result, cpu, wall


def clocked(run: Callable[..., list[float]], *arguments: object) -> tuple[list[float], float, float, str]:
    before, start = cpu_seconds(), time.perf_counter()
    result = run(*arguments)
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return result, cpu_seconds() - before, time.perf_counter() - start, " + ".join(str(peak) for peak in peaks if peak)


def cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
