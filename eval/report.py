"""Reports of evaluations: a folder with a page that stands alone, and the same figures in Markdown, JSON and LaTeX."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from qosmatin.corpus.error_spans import marked
from qosmatin.corpus.files.atomic import write_text

from .breakdown import Part
from .clusters import LEVEL
from .evaluation import Evaluation, sentence_metric
from .examples import Example, Segments, every
from .latex import needs_t2a, tex
from .pairwise import PairedTest
from .plots import histogram, interval_plots
from .shrinkage import SMALL

FORMATS = {"html": "index.html", "markdown": "report.md", "json": "report.json", "latex": "report.tex"}
"""The formats of a report, and the names of its files."""

MOST_SEGMENTS = 300
"""A set of more segments than this is not listed whole on the page; the worst and most different ones always are."""

MOST_ROWS = 200
"""A dimension of more parts than this (documents) is shown by its worst parts; the JSON has all of them."""

SHRUNKEN_NOTE = (
    f"What follows an arrow, in parts of fewer than {SMALL} segments, is drawn towards the mean of the parts "
    "(empirical Bayes), with its own 95 % interval."
)

ERRORS = "errors.jsonl"
"""The file of a report that has the marked errors of all segments, where there are any."""


def write_report(folder: Path, evaluations: Sequence[Evaluation], title: str = "Scores") -> list[Path]:
    """Write every format into a folder, which is made when it is not there; returns the paths of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, file in FORMATS.items():
        path = folder / file
        write_text(path, render(name, evaluations, title))
        paths.append(path)
    rows = [json.dumps(row, ensure_ascii=False) + "\n" for one in evaluations for row in error_rows(one)]
    if rows:
        paths.append(folder / ERRORS)
        write_text(paths[-1], "".join(rows))
    return paths


def error_rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """Yield every marked error as plain data: segment, system, metric, place, severity, category, rater, words."""
    material = evaluation.material
    for system, by_label in evaluation.errors.items():
        for label, of_segments in by_label.items():
            for row, spans in enumerate(of_segments):
                for span in spans:
                    texts = material.systems[system] if span.side == "target" else material.sources
                    words = None if texts is None else texts[row][span.start : span.end]
                    yield {
                        "segment": material.ids[row],
                        "system": system,
                        "metric": label,
                        **asdict(span),
                        "text": words,
                    }


def render(name: str, evaluations: Sequence[Evaluation], title: str = "Scores") -> str:
    """Return a report in one of ``FORMATS``."""
    if name == "json":
        return json.dumps(report_data(evaluations, title), ensure_ascii=False, indent=2) + "\n"
    template = {"html": "report.html.j2", "markdown": "report.md.j2", "latex": "report.tex.j2"}[name]
    return (
        environment(name, _names(evaluations))
        .get_template(template)
        .render(
            title=title,
            evaluations=evaluations,
            histogram=histogram,
            interval_plots=interval_plots,
            dimensions=dimensions,
            parts=_shown_parts,
            parts_note=_parts_note,
            documents=_documents,
            has_small=has_small,
            marked=marked,
            pair_cell=pair_cell,
            shrunken_note=SHRUNKEN_NOTE,
            tested=tested,
            version=version("sacrebleu"),
        )
    )


def environment(name: str, names: Iterable[str]) -> Environment:
    """Return what fills templates of a format, which say how to compile names that are not all Latin."""
    made = Environment(
        loader=PackageLoader("qosmatin.eval"),
        undefined=StrictUndefined,
        autoescape=name == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"p": format_p, "cell": markdown_cell, "tex": tex, "arrow": _arrow, "agreement": format_agreement}
    made.globals["t2a"] = needs_t2a(names)
    return made


def report_data(evaluations: Sequence[Evaluation], title: str = "Scores") -> dict[str, Any]:
    """Return all figures as what JSON can hold."""
    return {"title": title, "sacrebleu": version("sacrebleu"), "sets": [_set_data(one) for one in evaluations]}


def _set_data(evaluation: Evaluation) -> dict[str, Any]:
    material = evaluation.material
    return {
        "name": material.name,
        "command": evaluation.command(),
        "segments": material.segments,
        "references": len(material.references),
        "reference_kind": material.reference_kind,
        "reference_note": material.reference_note,
        "biased": sorted(material.biased),
        "source_lang": material.source_lang,
        "target_lang": material.target_lang,
        "realigned": material.realigned,
        "left_out": None if material.left_out is None else asdict(material.left_out),
        "remarks": [asdict(remark) for remark in evaluation.remarks],
        "scores": [{**asdict(score), "label": evaluation.label_of(score.metric)} for score in evaluation.scores],
        "averaged_sentence_bleu": dict(evaluation.averaged_bleu),
        "resampled_by": evaluation.settings.resample_by or "segment",
        "comparisons": [asdict(comparison) for comparison in evaluation.comparisons],
        "ranks": {key: [asdict(rank) for rank in ranks] for key, ranks in evaluation.ranks.items()},
        "advice": evaluation.advice,
        "parts": [asdict(part) for part in evaluation.parts],
        "examples": [asdict(examples) for examples in evaluation.examples],
        "distributions": [asdict(distribution) for distribution in evaluation.distributions],
    }


def dimensions(evaluation: Evaluation) -> list[str]:
    """Return the dimensions that the set is broken down by, in the order of the tables."""
    return list(dict.fromkeys(part.dimension for part in evaluation.parts))


def _shown_parts(evaluation: Evaluation, dimension: str) -> list[Part]:
    """Return the parts of a dimension, or the worst of them by the baseline's first metric where they are too many."""
    parts = [part for part in evaluation.parts if part.dimension == dimension]
    if len(parts) <= MOST_ROWS:
        return parts
    baseline, metric = next(iter(evaluation.material.systems)), evaluation.metrics[0]
    worst = sorted(parts, key=lambda part: part.scores[baseline][metric.key], reverse=not metric.higher_is_better)
    return worst[:MOST_ROWS]


def _parts_note(evaluation: Evaluation, dimension: str) -> str:
    """Return what to say where not all parts are shown, else nothing."""
    count = sum(part.dimension == dimension for part in evaluation.parts)
    if count <= MOST_ROWS:
        return ""
    label = evaluation.metrics[0].label
    return f"The {MOST_ROWS} worst of {count} by {label} of the first system; {FORMATS['json']} has all of them."


def format_p(value: float) -> str:
    """Return a p-value as it is printed: three decimals, or ``< 0.001``."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def format_agreement(value: float | None) -> str:
    """Return an estimated agreement with people as it is printed."""
    return "-" if value is None else f"{100 * value:.0f} %"


def pair_cell(evaluation: Evaluation, one: PairedTest) -> str:
    """Return a difference with its corrected p and, where it is known, the estimated agreement with people."""
    people = "" if one.agreement is None else f", {format_agreement(one.agreement)}"
    p = format_p(one.holm_p)
    return f"{evaluation.shown(one.metric, one.difference, '+')} (p {p if p.startswith('<') else f'= {p}'}{people})"


def tested(evaluation: Evaluation) -> str:
    """Return how systems were compared, in a sentence or two."""
    settings = evaluation.settings
    drawn = "segments" if settings.resample_by is None else f"whole {settings.resample_by}s"
    text = (
        f"p by paired approximate randomisation ({settings.trials} trials), then by paired bootstrap "
        f"({settings.samples} samples), of {drawn}, seed {settings.seed}."
    )
    if evaluation.pairs:
        text += (
            " Of all pairs p is that of the randomisation, corrected for their number by Holm. Ranks and clusters: "
            f"p < {LEVEL:g}; a line stands where every system above beats every one below."
        )
    return text


def has_small(evaluation: Evaluation, dimension: str) -> bool:
    """Whether parts of a dimension are so small that they borrow from the others."""
    return any(part.shrunken for part in evaluation.parts if part.dimension == dimension)


def _documents(evaluation: Evaluation) -> dict[str, list[Example]]:
    """Return every segment by its document, when there are not too many of them for a page."""
    if evaluation.material.segments > MOST_SEGMENTS:
        return {}
    metric = sentence_metric(evaluation.metrics).key
    scores = {system: by_metric[metric] for system, by_metric in evaluation.sentence_scores.items()}
    labels = evaluation.material.labels.get("document") or ["all"] * evaluation.material.segments
    documents: dict[str, list[Example]] = {}
    segments = Segments(evaluation.material, scores, evaluation.errors)
    for label, example in zip(labels, every(segments), strict=True):
        documents.setdefault(label, []).append(example)
    return documents


def _arrow(higher_is_better: bool) -> str:
    return "↑" if higher_is_better else "↓"


def markdown_cell(text: str) -> str:
    """Return text as it can stand in a cell of a Markdown table."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", " ".join(text.split()))


def _names(evaluations: Sequence[Evaluation]) -> list[str]:
    names = [name for one in evaluations for name in (one.material.name, *one.material.systems)]
    return names + [part.label for one in evaluations for part in one.parts]
