"""Evaluations as tables in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qosmatin.corpus.diff import DiffPart
from qosmatin.corpus.error_spans import MarkedPart, marked

from .breakdown import Part
from .evaluation import Evaluation, SystemScore
from .examples import ExampleList
from .report import SHRUNKEN_NOTE, dimensions, format_agreement, format_p, has_small, pair_cell, tested
from .significance import Interval


def show_evaluation(console: Console, evaluation: Evaluation, by: Sequence[str] = ()) -> None:
    """Print scores, signatures, comparisons with the baseline, and the breakdowns ``by`` some dimensions."""
    material = evaluation.material
    _line(console, material.name, "bold")
    _line(console, f"{material.segments} segments; {material.reference_note}")
    if material.left_out is not None:
        out = material.left_out
        reasons = ", ".join(f"{count} for {reason}" for reason, count in out.groups_by_reason.items())
        kept = (
            f"{out.scored} of {out.groups} groups ({out.scored_beads} of {out.beads} beads of the reference) are scored"
        )
        _line(console, f"{kept}; left out: {reasons or 'none'}")
    for remark in evaluation.remarks:
        _line(console, f"warning: {remark}", "yellow")
    console.print(_score_table(evaluation))
    for metric in evaluation.metrics:
        signature = evaluation.score_of(next(iter(material.systems)), metric.key).signature
        _line(console, f"{metric.label}: {metric.name}|{signature}", "dim")
    if evaluation.averaged_bleu:
        _line(
            console, "averaged sentence BLEU is the mean over segments, as in KazParC's tables; it is not BLEU", "dim"
        )
    _show_comparisons(console, evaluation)
    for sentence in evaluation.advice:
        _line(console, sentence, "dim")
    _show_parts(console, evaluation, by)
    _line(console, f"again: {evaluation.command()}", "dim")


def _show_comparisons(console: Console, evaluation: Evaluation) -> None:
    if not evaluation.comparisons:
        return
    console.print(_comparison_table(evaluation))
    if evaluation.pairs:
        console.print(_pair_table(evaluation))
        console.print(_rank_table(evaluation))
    _line(console, tested(evaluation), "dim")


def _show_parts(console: Console, evaluation: Evaluation, by: Sequence[str]) -> None:
    for dimension in by:
        if dimension in dimensions(evaluation):
            console.print(_part_table(evaluation, dimension))
            if has_small(evaluation, dimension):
                _line(console, SHRUNKEN_NOTE, "dim")
        else:
            alike = next(iter(evaluation.material.labels_of(dimension)))
            _line(console, f"{dimension}: all segments are alike ({alike})")


def show_examples(console: Console, evaluation: Evaluation, lists: Sequence[ExampleList]) -> None:
    """Print lists of sentences; what only an output has is green, what only the reference has is red in brackets."""
    for found in lists:
        _line(console, f"\n{found.heading} (sentence {found.metric})", "bold")
        for one in found.examples:
            change = "" if one.difference is None else f", difference {evaluation.shown_sentence(one.difference, '+')}"
            _line(console, f"{one.id}{change}", "bold")
            if one.source is not None:
                _line(console, f"  source     {one.source}")
            _line(console, f"  reference  {one.reference}")
            for system, parts in one.diffs.items():
                head = Text(f"  {system} ({evaluation.shown_sentence(one.scores[system])})  ")
                console.print(head.append_text(_diff_text(parts)), soft_wrap=True)
                for label, spans in one.errors.get(system, {}).items():
                    own = marked(one.hypotheses[system], [span for span in spans if span.side == "target"])
                    console.print(_marked_text(f"    {label} marks  ", own), soft_wrap=True)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def _diff_text(parts: Sequence[DiffPart]) -> Text:
    text = Text()
    for part in parts:
        if part.operation == "equal":
            text.append(part.new)
        else:
            text.append(f"[-{part.old}-]" if part.old else "", "red")
            text.append(f"{{+{part.new}+}}" if part.new else "", "green")
    return text


def _marked_text(head: str, parts: Sequence[MarkedPart]) -> Text:
    text = Text(head)
    for part in parts:
        text.append(part.text if part.severity is None else f"[{part.text or 'missing'}: {part.note}]")
    return text


def _table(evaluation: Evaluation, *heads: str) -> Table:
    table = Table()
    for head in heads:
        table.add_column(Text(head), overflow="fold")
    for metric in evaluation.metrics:
        table.add_column(Text(f"{metric.label} {'↑' if metric.higher_is_better else '↓'}"), justify="right")
    return table


def _cell(evaluation: Evaluation, metric: str, score: float, interval: Interval | None) -> str:
    width = f" ± {evaluation.shown(metric, interval.half_width)}" if interval else ""
    return evaluation.shown(metric, score) + width


def _score_cell(evaluation: Evaluation, score: SystemScore) -> str:
    return _cell(evaluation, score.metric, score.score, score.interval)


def _score_table(evaluation: Evaluation) -> Table:
    table = _table(evaluation, "System")
    if evaluation.averaged_bleu:
        table.add_column("averaged sentence BLEU", justify="right")
    for system in evaluation.material.systems:
        name = f"{system} (biased: its own post-edit)" if system in evaluation.material.biased else system
        cells = [_score_cell(evaluation, evaluation.score_of(system, metric.key)) for metric in evaluation.metrics]
        cells += [f"{evaluation.averaged_bleu[system]:.2f}"] if evaluation.averaged_bleu else []
        table.add_row(Text(name), *cells)
    return table


def _comparison_table(evaluation: Evaluation) -> Table:
    table = Table()
    table.add_column(Text(f"Against {evaluation.comparisons[0].baseline}"), overflow="fold")
    for head in ("Metric", "Difference", "p (randomisation)", "p (bootstrap)", "People agree"):
        table.add_column(head, justify="left" if head == "Metric" else "right")
    for one in evaluation.against_baseline:
        difference, low, high = (
            evaluation.shown(one.metric, value, "+") for value in (one.difference, one.interval.low, one.interval.high)
        )
        interval = f"{difference} ({low} to {high})"
        label = evaluation.label_of(one.metric)
        ps = format_p(one.randomisation_p), format_p(one.bootstrap_p)
        table.add_row(Text(one.system), label, interval, *ps, format_agreement(one.agreement))
    return table


def _pair_table(evaluation: Evaluation) -> Table:
    """Lay out all pairs: the first named minus the second on each metric, p corrected by Holm."""
    table = _table(evaluation, "Pair")
    for (baseline, system), by_metric in evaluation.pairs.items():
        cells = [pair_cell(evaluation, by_metric[metric.key]) for metric in evaluation.metrics]
        table.add_row(Text(f"{system} - {baseline}"), *cells)
    return table


def _rank_table(evaluation: Evaluation) -> Table:
    """Lay out the ranks on each metric, a line between clusters."""
    table = Table("Metric")
    for head in ("Rank", "System", "Score"):
        table.add_column(head, justify="right" if head == "Score" else "left", overflow="fold")
    for key, ranks in evaluation.ranks.items():
        for number, rank in enumerate(ranks):
            score = evaluation.shown(key, evaluation.score_of(rank.system, key).score)
            last = number + 1 == len(ranks) or ranks[number + 1].cluster != rank.cluster
            label = evaluation.label_of(key) if number == 0 else ""
            table.add_row(label, str(rank), Text(rank.system), score, end_section=last)
    return table


def _part_table(evaluation: Evaluation, dimension: str) -> Table:
    table = _table(evaluation, dimension.capitalize(), "Segments", "System")
    for part in evaluation.parts:
        if part.dimension == dimension:
            for system in evaluation.material.systems:
                table.add_row(
                    Text(part.label), str(part.segments), Text(system), *_part_cells(evaluation, part, system)
                )
    return table


def _part_cells(evaluation: Evaluation, part: Part, system: str) -> list[str]:
    intervals, small = part.intervals.get(system, {}), part.shrunken.get(system, {})
    scores = part.scores[system]
    cells = []
    for metric in evaluation.metrics:
        key = metric.key
        shrunken = f" -> {_cell(evaluation, key, small[key].mean, small[key])}" if key in small else ""
        cells.append(_cell(evaluation, key, scores[key], intervals.get(key)) + shrunken)
    return cells
