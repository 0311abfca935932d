"""``qosmatin campaign results`` and ``metrics``: the ranking of people, and how far metrics agree with it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from .campaign_store import DATABASE, FOLDER, NAME, read_opinions
from .console import open_output, say
from .tables import output_console

if TYPE_CHECKING:
    from qosmatin.job.campaign_results import Results

_OUTPUT = Annotated[Path | None, typer.Option("--output", "-o", help="Default: standard output.")]
_TEST = Annotated[Literal["wilcoxon", "t"], typer.Option(help="Of two systems: signed ranks, or the paired t-test.")]


def show_results(
    folder: FOLDER,
    *,
    campaign: NAME = None,
    format_: Annotated[
        Literal["table", "json", "markdown", "latex", "html"], typer.Option("--format", "-f", help="What to print.")
    ] = "table",
    test: _TEST = "wilcoxon",
    standardise: Annotated[bool, typer.Option(help="Take each annotator's mean and spread away first.")] = False,
    leave_out: Annotated[list[str] | None, typer.Option(help="An annotator who does not count. Repeatable.")] = None,
    output: _OUTPUT = None,
    database: DATABASE = None,
) -> None:
    """Print the systems as people rank them, with intervals and clusters, and how the annotators do.

    Example: qosmatin campaign new configs/campaigns/engines.yaml && qosmatin campaign results corpora/ilyashev
    """
    from qosmatin.job.campaign_results import results_of  # noqa: PLC0415

    with read_opinions(folder, campaign, database) as (found, states, known, _):
        results = results_of(known, found, states, test=test, standard=standardise, leave_out=leave_out or ())
    if format_ == "json":
        with open_output(output) as stream:
            stream.write(json.dumps(results.as_json(), ensure_ascii=False, indent=2) + "\n")
    elif format_ != "table" or output is not None:
        from qosmatin.eval.ranking_report import render_ranking  # noqa: PLC0415

        words = ["qosmatin", "campaign", "results", str(folder), "--campaign", results.campaign.name]
        words += [] if test == "wilcoxon" else ["--test", test]
        words += ["--standardise"] if standardise else []
        words += [word for name in leave_out or () for word in ("--leave-out", name)]
        made = "markdown" if format_ == "table" else format_
        text = render_ranking(made, results.campaign.name, shlex.join(words), results.rankings, list(_told(results)))
        with open_output(output) as stream:
            stream.write(text)
    else:
        _print(results)


def show_metrics(
    folder: FOLDER,
    *,
    campaign: NAME = None,
    metric: Annotated[list[str] | None, typer.Option(help="As in `qosmatin score`. Repeatable.")] = None,
    scores: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Scores of other metrics, as TSV: metric, system, item, score. Repeatable."),
    ] = None,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="What to print.")] = "table",
    database: DATABASE = None,
) -> None:
    """Print how far metrics agree with the people of a campaign: on systems, and on single translations.

    Example: qosmatin campaign new configs/campaigns/engines.yaml && printf 'length\\ten\\ta\\t1\\n' > scores.tsv &&
    qosmatin campaign metrics corpora/ilyashev --scores scores.tsv
    """
    from dataclasses import asdict  # noqa: PLC0415

    from qosmatin.job.campaign_results import (  # noqa: PLC0415
        beside_people,
        judged_of,
        read_scores,
        sacrebleu_scores,
    )

    with read_opinions(folder, campaign, database) as (found, _, known, documents):
        judged = judged_of(found)
        by_metric: dict[str, tuple[dict[tuple[str, str], float], dict[str, float]]] = {}
        if metric or not scores:
            by_metric |= sacrebleu_scores(documents, metric or (), known.own.get("languages", [None, None])[1])
        for path in scores or ():
            by_metric |= read_scores(path)
    if not judged:
        say(f"nothing was judged yet in campaign '{known.name}'")
    rows = [beside_people(judged, name, *both) for name, both in by_metric.items()]
    with output_console() as console:
        if format_ == "json":
            console.file.write(json.dumps([asdict(one) for one in rows], ensure_ascii=False, indent=2) + "\n")
            return
        table = Table(
            "Metric", "Systems", "Accuracy", "Pearson", "Kendall", "Translations", "Pearson", "Accuracy (ties)"
        )
        for one in rows:
            ours, theirs = one.systems, one.segments
            figures = (ours.accuracy, ours.pearson, ours.kendall)
            table.add_row(
                one.metric, str(ours.systems), *map(_figure, figures), str(theirs.scores), _figure(theirs.pearson),
                _figure(theirs.accuracy),
            )  # fmt: skip
        console.print(table)


def _print(results: Results) -> None:
    from qosmatin.eval.ranking_report import cells  # noqa: PLC0415

    with output_console() as console:
        for name, ranking in results.rankings.items():
            table = Table("Rank", "System", "Score", "95 %", "Passages", title=name or results.campaign.name)
            for at, one in enumerate(ranking):
                last = at + 1 < len(ranking) and ranking[at + 1].cluster != one.cluster
                table.add_row(*cells(one), end_section=last)
            console.print(table)
        for line in _told(results):
            console.print(line, markup=False, soft_wrap=True)


def _told(results: Results) -> Iterator[str]:
    named = {"wilcoxon": "Wilcoxon's signed ranks", "t": "the paired t-test"}[results.test]
    yield f"A line stands where all above are better than all below ({named}, p < 0.05); ranks and intervals likewise."
    found = results.agreement
    yield (
        f"{found.shared} outputs were judged by two or more: Krippendorff's alpha {_figure(found.alpha)}; "
        f"the same order of two systems in {_figure(found.ordered)} of {found.pairs}"
    )
    for one in results.states:
        own = results.twice.get(one.annotator)
        told = f"{one.annotator}: {one.done} of {one.total} documents, {one.minutes:.1f} minutes, "
        told += f"{one.failed} of {one.checks} checks failed, like the others {_figure(one.like_others)}"
        told += f", like themselves {_figure(own.alpha)}" if own else ""
        yield told + (f"; look at: {', '.join(one.odd)}" if one.odd else "")
    if results.suggested is not None:
        with_, alone = results.suggested
        yield f"Mean score with suggested spans {with_:.2f}, without {alone:.2f}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
