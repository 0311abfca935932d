"""``qosmatin filter``: what the filters refused, and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.filters import explain_pair, is_overruled
from qosmatin.corpus.model import Pair
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.opened import choose_translations, open_corpus
from qosmatin.job.pipeline import Job
from qosmatin.stages.filter import filter_senses

from .console import open_output


def show_filters(
    corpus: Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    translation: Annotated[list[str] | None, typer.Option("-t", help="Only this translation. Repeatable.")] = None,
    explain: Annotated[str | None, typer.Option(metavar="ID", help="Say what each filter thinks of a pair.")] = None,
    rejected: Annotated[Path | None, typer.Option(help="Write the refused pairs here, as JSONL with reasons.")] = None,
) -> None:
    """Count what the filters refused, explain one pair, or write the refused pairs to a file.

    Example: qosmatin filter corpora/ilyashev --rejected rejected.jsonl
    """
    console = Console(soft_wrap=True)
    job = open_corpus(corpus, console)
    names = choose_translations(job, translation or [])
    if explain is not None:
        _explain(console, job, names, explain)
        return
    if rejected is not None:
        with open_output(rejected) as stream:
            for row in _refused_rows(job, names):
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    for name in names:
        beads = job.folder.read("beads", name).num_rows
        counts = Counter(map(str, job.folder.read("filtered", name)["filter"].to_pylist()))
        console.print(f"{name}: {beads - counts.total():,} of {beads:,} beads kept", markup=False, highlight=False)
        for reason, count in counts.most_common():
            console.print(f"  {count:>8,}  {reason}", markup=False, highlight=False)
        _tell_overruled(console, job, name)


def _tell_overruled(console: Console, job: Job, name: str) -> None:
    made = job.folder.table_path("overruled", name).exists()
    pairs = set(job.folder.read("overruled", name)["pair_id"].to_pylist()) if made else set()
    if pairs:
        console.print(f"  {len(pairs):,} pairs stand against a filter by a person's word", highlight=False)


def _explain(console: Console, job: Job, names: list[str], wanted: str) -> None:
    view = CorpusView(job.folder)
    source_lang = job.config.sources[0].lang
    for name in names:
        # Filters are slow and most pairs are not asked for: look for the pair first.
        if not any(pair.id == wanted for pair in view.pairs(name)):
            continue
        langs = source_lang, job.config.translation(name).lang
        senses = filter_senses(job, view, name)
        explained = explain_pair(view.pairs(name), wanted, job.config.filters, *langs, senses=senses)
        assert explained is not None
        pair, verdicts = explained
        confidence = "none" if pair.confidence is None else f"{pair.confidence:.3f}"
        place = f"{pair.id} in {name}, {pair.source_document} at {pair.position}"
        lines = [f"{place}; {pair.shape}, confidence {confidence}", f"  {pair.source_text}", f"  {pair.target_text}"]
        lines += [f"{one:<16} {_verdict(pair, one, reason)}" for one, reason in verdicts]
        lines += [f"kept from training: {row['reason']}" for row in _withheld(job) if row["pair_id"] == wanted]
        for line in lines:
            console.print(line, markup=False, highlight=False)
        return
    raise InputError(f"there is no pair '{wanted}' in {', '.join(names)}", job.folder.path)


def _verdict(pair: Pair, name: str, reason: str | None) -> str:
    if reason is None:
        return "passes"
    if is_overruled(pair, name):
        return f"would refuse: {reason}; overruled by {pair.reviewer}, who said that the pair is right ({pair.status})"
    return f"REFUSES: {reason}"


def _withheld(job: Job) -> list[dict[str, Any]]:
    made = job.folder.table_path("withheld").exists()
    return job.folder.read("withheld").to_pylist() if made else []


def _refused_rows(job: Job, names: list[str]) -> Iterator[dict[str, Any]]:
    view = CorpusView(job.folder)
    for name in names:
        reasons = {row["pair_id"]: row for row in [*job.folder.read("filtered", name).to_pylist(), *_withheld(job)]}
        for pair in view.pairs(name):
            if pair.id in reasons:
                yield {
                    "id": pair.id,
                    "translation": name,
                    "document": pair.source_document,
                    "position": pair.position,
                    "source": pair.source_text,
                    "target": pair.target_text,
                    "confidence": pair.confidence,
                    "filter": reasons[pair.id]["filter"],
                    "reason": reasons[pair.id]["reason"],
                }
