"""``qosmatin evaluate``: sentence boundaries and alignments against gold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qosmatin.corpus.formats.alignments import read_alignments
from qosmatin.corpus.languages import check_language
from qosmatin.eval.alignment import AlignmentReport, LinkCounts, evaluate_alignments
from qosmatin.eval.boundaries import BoundaryReport, Counts, evaluate_boundaries
from qosmatin.eval.boundary_files import read_split_texts
from qosmatin.eval.calibration import Calibration, calibrate
from qosmatin.eval.estimates import DOUBTFUL, LABEL, estimate_systems
from qosmatin.eval.segment_files import check_lengths, read_segments

from .tables import output_console

app = typer.Typer(help="Measure splitting and alignment against gold.", no_args_is_help=True, rich_markup_mode=None)

_FORMAT = Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="What to print.")]


@app.command("split")
def evaluate_split(
    gold: Annotated[str, typer.Argument(help="The gold: JSON, JSONL, or a sentence a line.", show_default=False)],
    auto: Annotated[str, typer.Argument(help="What a splitter made; - is standard input.", show_default=False)],
    errors: Annotated[int, typer.Option(min=0, help="How many wrong boundaries to list.")] = 0,
    format_: _FORMAT = "table",
) -> None:
    """Measure sentence boundaries: precision, recall and F1 of the internal ones, white space not counted.

    Example: printf 'One.\\nTwo.\\n' > gold.txt; printf 'One. Two.\\n' | qosmatin evaluate split gold.txt -
    """
    report = evaluate_boundaries(read_split_texts(gold), read_split_texts(auto))
    with output_console() as console:
        if format_ == "json":
            data = {"total": _numbers(report.total), "by_category": _by(report.by_category), **_texts(report, errors)}
            console.file.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            return
        rows = [("all", report.total), *report.by_category.items()]
        console.print(_table("Category", ("Boundaries", "Found"), [(name, [c.gold, c.found], c) for name, c in rows]))
        console.print(f"{report.texts_right} of {report.texts} texts are wholly right")
        for error in report.errors[:errors]:
            text = Text(f"{error.text_id}:{error.offset}: {error.kind}: {error.before}")
            console.print(text.append("|", "red").append(error.after), soft_wrap=True)


@app.command("align")
def evaluate_align(
    gold: Annotated[Path, typer.Argument(help="The gold, a file or a folder of files.", show_default=False)],
    auto: Annotated[Path, typer.Argument(help="What an aligner made.", show_default=False)],
    format_: _FORMAT = "table",
) -> None:
    """Measure an alignment: strict and lax precision, recall and F1, by kind of bead, and calibration.

    Reads JSON, JSONL, vecalign and the hunalign ladder.

    Example: printf '[0]:[0]\\n[1]:[1]\\n' > a.gold; cp a.gold a.auto; qosmatin evaluate align a.gold a.auto
    """
    report = evaluate_alignments(read_alignments(gold), read_alignments(auto))
    calibration = calibrate(report.confidences, report.hits)
    with output_console() as console:
        if format_ == "json":
            console.file.write(json.dumps(_alignment_data(report, calibration), ensure_ascii=False, indent=2) + "\n")
            return
        _show_alignment(console, report, calibration)


@app.command("estimate")
def evaluate_estimate(
    source: Annotated[str, typer.Argument(help="The sources, a segment a line.", show_default=False)],
    systems: Annotated[list[str], typer.Argument(help="Systems' outputs, line by line.", show_default=False)],
    *,
    source_lang: Annotated[str, typer.Option("--source-lang", "-s", help="Language of the sources.")],
    target_lang: Annotated[str, typer.Option("--target-lang", "-t", help="Language of the outputs.")],
    embeddings: Annotated[
        str | None, typer.Option(metavar="ENCODER", help="An encoder that helps to judge: e5-small, a folder, a name.")
    ] = None,
    format_: _FORMAT = "table",
) -> None:
    """Estimate systems without a reference: how likely each output says what its source says, all of it, no more.

    It is an estimate, no score: it sees what is left out or added, not style, tone or negation.

    Example: printf 'Ол.\\n' > kk.txt; printf 'He.\\n' > en.txt; qosmatin evaluate estimate kk.txt en.txt -s kk -t en
    """
    from qosmatin.align import pair_quality  # noqa: PLC0415 - brings numba, which takes a second to load

    langs = check_language(source_lang), check_language(target_lang)
    read = {path: read_segments(path) for path in dict.fromkeys((source, *systems))}
    check_lengths(read)
    outputs = {path: read[path] for path in systems}
    found = estimate_systems(read[source], outputs, langs, partial(pair_quality, encoder=embeddings))
    with output_console() as console:
        if format_ == "json":
            console.file.write(json.dumps({LABEL: [asdict(one) for one in found]}, ensure_ascii=False, indent=2) + "\n")
            return
        table = Table()
        table.add_column("System")
        for head in (f"{LABEL.capitalize()} (no reference)", "95 % interval", f"Below {100 * DOUBTFUL:.0f}"):
            table.add_column(head, justify="right")
        for one in found:
            interval = f"{one.interval.low:.1f} to {one.interval.high:.1f}"
            table.add_row(Text(one.system), f"{one.mean:.1f}", interval, f"{one.doubtful:.1%}")
        console.print(table)


def _show_alignment(console: Console, report: AlignmentReport, calibration: Calibration | None) -> None:
    rows = [("strict", report.strict), ("lax", report.lax), *((f"  {kind}", c) for kind, c in report.by_kind.items())]
    table = _table("Beads", ("Gold", "Predicted"), [(name, [c.gold, c.predicted], c) for name, c in rows])
    console.print(table)
    console.print(f"{report.documents} documents; kinds are counted strictly", markup=False)
    if calibration is None:
        return
    line = (
        f"confidence of {calibration.count} beads: calibration error {calibration.expected_error:.4f} (10 equal-width"
    )
    console.print(f"{line} bins), Brier score {calibration.brier:.4f}", soft_wrap=True)
    for cut in calibration.cuts:
        console.print(f"  from {cut.threshold:.2f}: {cut.kept:.1%} of them, {cut.precision:.2%} right")


def _table(first: str, counts: tuple[str, str], rows: list[tuple[str, list[int], Counts | LinkCounts]]) -> Table:
    table = Table()
    table.add_column(first)
    for head in (*counts, "Precision", "Recall", "F1"):
        table.add_column(head, justify="right")
    for name, numbers, found in rows:
        measures = (found.precision, found.recall, found.f1)
        table.add_row(Text(name), *map(str, numbers), *(f"{100 * value:.2f}" for value in measures))
    return table


def _numbers(counts: Counts | LinkCounts) -> dict[str, float]:
    return {**asdict(counts), "precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _by(counts: Mapping[str, Counts] | Mapping[str, LinkCounts]) -> dict[str, dict[str, float]]:
    return {name: _numbers(found) for name, found in counts.items()}


def _texts(report: BoundaryReport, errors: int) -> dict[str, object]:
    listed = [asdict(error) for error in report.errors[:errors]]
    return {"texts": report.texts, "texts_right": report.texts_right, "errors": listed}


def _alignment_data(report: AlignmentReport, calibration: Calibration | None) -> dict[str, object]:
    return {
        "documents": report.documents,
        "strict": _numbers(report.strict),
        "lax": _numbers(report.lax),
        "by_kind": _by(report.by_kind),
        "calibration": None if calibration is None else asdict(calibration),
    }
