"""Scoring translations against each other, with a report."""

from __future__ import annotations

import json
from functools import partial

from qosmatin import __version__
from qosmatin.align import pair_quality
from qosmatin.corpus.files.atomic import replacing_folder, write_text
from qosmatin.eval.corpus_sets import Comparison, corpus_scoring_set, find_comparisons, score_rows
from qosmatin.eval.estimates import estimate_column, judge_name
from qosmatin.eval.evaluation import Column, Settings, evaluate
from qosmatin.eval.report import write_report
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.job.batches import in_batches
from qosmatin.job.match_lists import match_lines
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.problems import UNANSWERED, problem_rows, read_problems
from qosmatin.job.units import alone, by_content, by_engines, document_tables, parted, tables

from .encoding import encoder_settings, encoding


def _run_score(job: Job, _part: str) -> str:
    scoring = job.config.scoring
    settings = Settings(
        tuple(scoring.metrics), samples=scoring.bootstrap, trials=scoring.trials, resample_by=scoring.resample_by
    )
    comparisons = _comparisons(job)
    evaluations = []
    for comparison in comparisons:
        material = corpus_scoring_set(job.folder, comparison, scoring.min_confidence)
        evaluations.append(evaluate(material, settings, _estimates(job, material)))
    compared = list(zip(evaluations, comparisons, strict=True))
    job.folder.write("scores", in_batches(row for one, of in compared for row in score_rows(one, of.reference)))
    with replacing_folder(job.folder.report) as beside:
        write_report(beside, evaluations, f"{job.config.corpus.name}: scores")
        problems = problem_rows(read_problems(job.folder, by_engines(job)))
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in problems]
        write_text(beside / "problems.jsonl", "".join(lines))
        for name in by_content(job):
            rows = job.folder.read("matches", name).to_pylist()
            write_text(beside / f"matches-{name}.tsv", "".join(match_lines(rows, name)))
    lines = [
        f"{score.system} against {of.reference}: {one.label_of(score.metric)} "
        f"{one.shown(score.metric, score.score)} on {one.material.segments:,} pairs"
        for one, of in compared
        for score in one.scores
        if score.metric == one.metrics[0].key
    ]
    return "; ".join(lines) or "nothing to compare"


def _estimates(job: Job, material: ScoringSet) -> list[Column]:
    """Return the estimate of quality, where the config asks for one."""
    if not job.config.scoring.estimate:
        return []
    with encoding(job) as embedder:
        judge = partial(pair_quality, encoder=None if embedder is None else embedder.encode)
        return [estimate_column(material, judge, judge_name(__version__, job.config.aligner.embeddings))]


def _comparisons(job: Job) -> list[Comparison]:
    """Return the comparisons that the config names, by reference, or else all that the corpus offers."""
    named = job.config.scoring.comparisons
    if not named:
        return find_comparisons(job.folder)
    return [
        Comparison(reference, tuple(one.hypothesis for one in named if one.reference == reference))
        for reference in dict.fromkeys(one.reference for one in named)
    ]


def _score_settings(job: Job, _part: str) -> object:
    kinds = {one.name: one.kind for one in job.config.translations}
    encoder = encoder_settings(job) if job.config.scoring.estimate else None
    return [job.config.scoring.model_dump(mode="json"), kinds, job.config.corpus.name, encoder]


STAGE = Stage(
    name="score",
    parts=alone,
    reads=lambda job, _part: [
        *document_tables(job),
        *tables("problems", "sentences", "decisions"),
        *parted(job, "translations", "beads"),
        *(f"matches/{name}.parquet" for name in by_content(job)),
        *(f"{UNANSWERED}/{name}.parquet" for name in by_engines(job)),
    ],
    settings=_score_settings,
    writes=lambda _job, _part: [*tables("scores"), "report"],
    run=_run_score,
)
