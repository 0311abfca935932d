"""``qosmatin score`` and ``qosmatin diff``: scores of systems, with intervals and significance."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from qosmatin import __version__
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.model import Bead, Kind
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.eval.compare_runs import corpus_run_sets
from qosmatin.eval.corpus_sets import Comparison, corpus_scoring_set, find_comparisons
from qosmatin.eval.estimates import estimate_column, judge_name
from qosmatin.eval.evaluation import Column, Evaluation, Settings, choose_baseline, evaluate
from qosmatin.eval.file_sets import file_scoring_set
from qosmatin.eval.imported_scores import read_columns
from qosmatin.eval.learned import run_metric
from qosmatin.eval.pooling import Aligner
from qosmatin.eval.report import render, write_report
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.eval.terminal import show_evaluation, show_examples

from .console import error_console
from .tables import output_console

ReportFormat = Literal["table", "json", "markdown", "latex", "html"]

_FILES = Annotated[
    list[str],
    typer.Argument(
        metavar="HYP... REF | CORPUS",
        help="Systems' outputs and, last, the reference, a segment a line (- is standard input); or a corpus folder.",
        show_default=False,
    ),
]
_REFS = Annotated[
    list[str] | None,
    typer.Option("--ref", "-r", metavar="FILE", help="A reference; with it, all arguments are systems. Repeatable."),
]
_SRC = Annotated[str | None, typer.Option("--src", "-s", metavar="FILE", help="The source.")]
_METRICS = Annotated[
    list[str] | None,
    typer.Option("--metric", "-m", help="bleu, bleu:TOKENIZER, chrf, chrf++ or ter; repeatable, or commas between."),
]
_TARGET = Annotated[
    str | None, typer.Option("--target-lang", "-t", help="Language of the outputs; chooses metrics and tokenizers.")
]
_SOURCE = Annotated[str | None, typer.Option("--source-lang", help="Language of the source; to check it.")]
_REALIGN = Annotated[
    bool,
    typer.Option("--realign", help="Align systems that have other sentences than the reference to it, by words."),
]
_LOWER = Annotated[bool, typer.Option("--lowercase", help="Compare without regard to case.")]
_SAMPLES = Annotated[int, typer.Option("--bootstrap", min=0, help="Bootstrap samples; 0 for no intervals, no tests.")]
_TRIALS = Annotated[int, typer.Option("--trials", min=0, help="Trials of approximate randomisation; 0 for no tests.")]
_SEED = Annotated[int, typer.Option("--seed", min=0, help="Seed of the random numbers.")]
_WORKERS = Annotated[int, typer.Option("--workers", "-j", min=1, help="Processes that work at a time.")]
_BY = Annotated[
    list[str] | None, typer.Option(help="Print the breakdown by document, domain, origin or length. Repeatable.")
]
_IMPORT = Annotated[
    list[Path] | None,
    typer.Option("--import", metavar="FILE", help="Scores of a learned metric, or what people judged. Repeatable."),
]
_RESAMPLE_BY = Annotated[
    str | None,
    typer.Option(metavar="LABEL", help="Draw whole groups of segments, such as document, in intervals and tests."),
]
_FORMAT = Annotated[ReportFormat, typer.Option("--format", "-f", help="What to print.")]
_REPORT = Annotated[Path | None, typer.Option("--report", metavar="FOLDER", help="Write the report here as well.")]


def score(
    files: _FILES,
    *,
    ref: _REFS = None,
    src: _SRC = None,
    metric: _METRICS = None,
    target_lang: _TARGET = None,
    source_lang: _SOURCE = None,
    lowercase: _LOWER = False,
    labels: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE", help="Labels to break down by, one a line. Repeatable.")
    ] = None,
    by: _BY = None,
    only: Annotated[str | None, typer.Option(metavar="NAME=LABEL", help="Score these segments only.")] = None,
    baseline: Annotated[str | None, typer.Option(help="The system that others are compared with (the first).")] = None,
    reference: Annotated[
        str | None, typer.Option(help="Corpus: the translation to score against (every human one).")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option(help="Corpus: a translation to score (every machine one). Repeatable.")
    ] = None,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Corpus: leave out segments aligned with less confidence.")
    ] = 0.0,
    reference_kind: Annotated[
        str | None, typer.Option(help="Who made the reference: human, post-edited, machine or original.")
    ] = None,
    post_edit_of: Annotated[
        list[str] | None, typer.Option(metavar="SYSTEM", help="The reference is a post-edit of this system.")
    ] = None,
    realign: _REALIGN = False,
    bootstrap: _SAMPLES = 1000,
    trials: _TRIALS = 10000,
    seed: _SEED = 12345,
    resample_by: _RESAMPLE_BY = None,
    workers: _WORKERS = 1,
    examples: Annotated[int, typer.Option(min=0, help="Worst and most different sentences a list in reports.")] = 10,
    show_examples_: Annotated[
        bool, typer.Option("--show-examples", help="Print the worst and most different sentences.")
    ] = False,
    average_sentence_bleu: Annotated[
        bool, typer.Option("--average-sentence-bleu", help="Also average sentence BLEU, as KazParC's tables do.")
    ] = False,
    import_: _IMPORT = None,
    with_: Annotated[
        str | None, typer.Option("--with", metavar="NAME", help="A learned metric: comet, bleurt, or a module.")
    ] = None,
    python: Annotated[str, typer.Option(metavar="PATH", help="The Python that has the learned metric.")] = "python",
    model: Annotated[str | None, typer.Option(help="The learned metric's model, also of imported scores.")] = None,
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Also a quality estimate: how likely each output says what its source says."),
    ] = False,
    embeddings: Annotated[
        str | None, typer.Option(metavar="ENCODER", help="An encoder for that estimate: e5-small, a folder, a name.")
    ] = None,
    format_: _FORMAT = "table",
    report: _REPORT = None,
) -> None:
    """Score systems against references by BLEU, chrF, chrF++ and TER, with intervals and significance.

    The first system is the baseline of the others. For a corpus folder, every machine translation is scored against
    every human or post-edited one.

    Example: printf 'A cat sat.\\n' > ref.txt; printf 'A cat sits.\\n' > hyp.txt; qosmatin score hyp.txt ref.txt
    """
    source_lang, target_lang = _checked(source_lang), _checked(target_lang)
    folder = Path(files[0]) if len(files) == 1 and Path(files[0]).is_dir() else None
    if folder is not None:
        chosen = _Choice(reference, tuple(system or ()), min_confidence)
        sets = _corpus_sets(CorpusFolder(folder), chosen)
    else:
        systems, refs = (files, ref) if ref else (files[:-1], files[-1:])
        words = [*systems, *(refs if not ref else [])]
        words += _words("--ref", ref) + _words("--src", [src] if src else None) + _words("--labels", labels)
        words += _words("--target-lang", [target_lang] if target_lang else None)
        words += _words("--source-lang", [source_lang] if source_lang else None)
        words += _words("--reference-kind", [reference_kind] if reference_kind else None)
        words += _words("--post-edit-of", post_edit_of) + (["--realign"] if realign else [])
        sets = [
            file_scoring_set(
                systems,
                refs,
                source=src,
                labels=labels or (),
                source_lang=source_lang,
                target_lang=target_lang,
                reference_kind=_kind(reference_kind),
                post_edit_of=post_edit_of or (),
                align=_aligner(target_lang) if realign else None,
                inputs=words,
            )
        ]
    sets = [_prepare(material, baseline, only) for material in sets]
    settings = Settings(
        tuple(metric or ()),
        lowercase=lowercase,
        samples=bootstrap,
        trials=trials,
        seed=seed,
        workers=workers,
        examples=examples,
        average_sentence_bleu=average_sentence_bleu,
        resample_by=resample_by,
    )
    evaluations = []
    for material in sets:
        columns: list[Column] = read_columns(import_ or (), material, model)
        words = _words("--import", [str(path) for path in import_ or ()])
        if with_ is not None:
            columns.append(run_metric(with_, python, material, model))
            words += ["--with", with_, "--python", python]
        words += ["--model", model] if model else []
        if estimate:
            from qosmatin.align import pair_quality  # noqa: PLC0415 - brings numba, which takes a second to load

            judge = partial(pair_quality, encoder=embeddings)
            columns.append(estimate_column(material, judge, judge_name(__version__, embeddings)))
            words += ["--estimate", *(["--embeddings", embeddings] if embeddings else [])]
        named = replace(material, inputs=(*material.inputs, *words))
        evaluations.append(_evaluate(named, settings, columns))
    _show(evaluations, format_, report, by or (), ("worst", "better", "worse") if show_examples_ else ())


def _aligner(lang: str | None) -> Aligner:
    """Return what aligns a reference with an output in the same language: to it, the reference is a translation."""

    from qosmatin.align import align  # noqa: PLC0415 - brings numba, which takes a second to load

    def aligned(reference: Sequence[str], output: Sequence[str]) -> list[Bead]:
        known = lang or "und"
        return align(reference, output, known, known, translated=reference)

    return aligned


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which translations of a corpus to score; nothing chosen means all there are."""

    reference: str | None
    systems: tuple[str, ...]
    min_confidence: float


def _corpus_sets(folder: CorpusFolder, choice: _Choice) -> list[ScoringSet]:
    comparisons = find_comparisons(folder)
    if choice.reference is not None or choice.systems:
        chosen = [comparison for comparison in comparisons if choice.reference in (None, comparison.reference)]
        references = [choice.reference] if choice.reference else [comparison.reference for comparison in chosen]
        comparisons = [
            Comparison(
                name,
                choice.systems
                or next((comparison.systems for comparison in chosen if comparison.reference == name), ()),
            )
            for name in references
        ]
        comparisons = [comparison for comparison in comparisons if comparison.systems]
    if not comparisons:
        raise InputError(
            "no machine translation beside another translation into the same language; name them with --reference and "
            "--system",
            folder.path,
        )
    return [corpus_scoring_set(folder, comparison, choice.min_confidence) for comparison in comparisons]


def _prepare(material: ScoringSet, baseline: str | None, only: str | None) -> ScoringSet:
    """Put the baseline first, and keep the segments that are asked for."""
    words = list(material.inputs)
    if baseline is not None:
        material = replace(material, systems=choose_baseline(material.systems, baseline))
        words += ["--baseline", baseline]
    if only is not None:
        dimension, equals, label = only.partition("=")
        if not equals:
            raise InputError(f"'{only}' is not of the form NAME=LABEL, such as domain=law")
        material = material.where(dimension, label)
        words += ["--only", only]
    return replace(material, inputs=tuple(words))


def _evaluate(material: ScoringSet, settings: Settings, columns: list[Column]) -> Evaluation:
    """Evaluate, with progress on standard error when that is a terminal."""
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bars, console=error_console(), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("segments", total=material.segments)
        return evaluate(material, settings, columns, lambda done: progress.update(task, advance=done))


def _show(
    evaluations: list[Evaluation],
    format_: ReportFormat,
    report: Path | None,
    by: Sequence[str],
    examples: Sequence[str],
) -> None:
    """Write the report that is asked for, and print; ``examples`` are the kinds of lists of sentences to print."""
    if report is not None:
        write_report(report, evaluations)
        error_console().print(f"report: {report / 'index.html'}", markup=False, highlight=False, soft_wrap=True)
    with output_console() as console:
        if format_ != "table":
            console.file.write(render(format_, evaluations))
            return
        for evaluation in evaluations:
            show_evaluation(console, evaluation, by)
            show_examples(console, evaluation, [found for found in evaluation.examples if found.kind in examples])


def _words(option: str, values: list[str] | None) -> list[str]:
    return [word for value in values or () for word in (option, value)]


def _checked(lang: str | None) -> str | None:
    return None if lang is None else check_language(lang)


def _kind(value: str | None) -> Kind | None:
    if value is not None and value not in get_args(Kind):
        raise InputError(f"'{value}' is not one of {', '.join(get_args(Kind))}")
    return cast("Kind | None", value)


def diff(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A system's output or a corpus folder.", show_default=False)
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one, to compare with it.", show_default=False)],
    *,
    ref: _REFS = None,
    src: _SRC = None,
    metric: _METRICS = None,
    target_lang: _TARGET = None,
    lowercase: _LOWER = False,
    realign: _REALIGN = False,
    import_: _IMPORT = None,
    bootstrap: _SAMPLES = 1000,
    trials: _TRIALS = 10000,
    seed: _SEED = 12345,
    resample_by: _RESAMPLE_BY = None,
    workers: _WORKERS = 1,
    by: _BY = None,
    examples: Annotated[int, typer.Option(min=0, help="How many sentences to list.")] = 10,
    format_: _FORMAT = "table",
    report: _REPORT = None,
) -> None:
    """Show what got better and what worse from A to B: two systems, or two runs of a job.

    Two files need a reference; two corpus folders are compared on the segments that both have.

    Example: printf 'A cat.\\n' > a.txt; printf 'A dog.\\n' > b.txt; qosmatin diff a.txt b.txt --ref b.txt
    """
    target_lang = _checked(target_lang)
    if Path(first).is_dir() != Path(second).is_dir():
        raise InputError("a corpus folder can be compared with a corpus folder only", second)
    if Path(first).is_dir():
        sets = corpus_run_sets(CorpusFolder(Path(first)), CorpusFolder(Path(second)))
    else:
        words = [first, second, *_words("--ref", ref), *_words("--src", [src] if src else None)]
        words += _words("--target-lang", [target_lang] if target_lang else None) + (["--realign"] if realign else [])
        aligner = _aligner(target_lang) if realign else None
        sets = [
            file_scoring_set(
                [first, second], ref or (), source=src, target_lang=target_lang, align=aligner, inputs=words
            )
        ]
    settings = Settings(
        tuple(metric or ()),
        lowercase=lowercase,
        samples=bootstrap,
        trials=trials,
        seed=seed,
        workers=workers,
        examples=examples,
        resample_by=resample_by,
    )
    words = _words("--import", [str(path) for path in import_ or ()])
    evaluations = []
    for one in sets:
        named = replace(one, inputs=(*one.inputs, *words))
        evaluations.append(replace(_evaluate(named, settings, read_columns(import_ or (), one)), subcommand="diff"))
    _show(evaluations, format_, report, by or (), ("better", "worse"))
