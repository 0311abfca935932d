"""The publish stage: the dataset folder from the tables, with its card, changelog and metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qosmatin.config.job import TranslationSection
from qosmatin.corpus.dataset import (
    ConfigSummary,
    JudgedSummary,
    PublishedConfig,
    SegmentScores,
    Source,
    SplitPlan,
    SplitShares,
    add_context,
    compare_rows,
    content_hash,
    held_back,
    next_version,
    origin,
    plan_splits,
    read_judgements,
    read_version,
    write_card,
    write_changelog,
    write_croissant,
    write_judged,
    write_translation,
)
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_folder
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.storage.pairs import PairBatch
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.units import alone, document_tables, parted, tables

from .leaks import Leaks, find_leaks
from .publish_documents import write_whole_documents
from .publish_facts import card_facts, croissant_facts, publish_settings
from .publish_parallel import write_parallel_rows
from .publish_said import Said


def run_publish(job: Job, _part: str) -> str:
    """Write the dataset folder of a job; returns one line for the user."""
    view = CorpusView(job.folder)
    plan = _plan_splits(job, view)
    said = Said(job, view)
    leaks = find_leaks(job, view, plan, said)
    with replacing_folder(job.folder.dataset) as beside:
        written = [
            summary
            for translation in job.config.translations
            for summary in _write_translation(job, plan, leaks, said, folder=beside, translation=translation)
        ]
        summaries = [summary for summary in written if summary.rows]
        parallel = write_parallel_rows(job, view, plan, leaks, folder=beside, said=said)
        documents = write_whole_documents(job, view, plan, leaks, folder=beside, said=said)
        judged = _write_judged(job, plan, beside)
        content = content_hash(beside)
        earlier = _published(job)
        version = next_version(job.config.corpus.version, content, earlier)
        facts = card_facts(job, view, plan, said, version=version, date=_today(), summaries=summaries)
        same = content == earlier.get("content") and job.folder.dataset.exists()
        changes = _write_changelog(job, plan, beside, version, same)
        facts = replace(facts, drift=_drift(job, plan, summaries), changes=changes)
        write_card(beside, written, parallel, facts, judged=judged, documents=documents)
        if summaries or parallel or documents:
            published: list[PublishedConfig] = [*summaries, *parallel, *documents, *judged]
            write_croissant(beside, [one.name for one in published], croissant_facts(facts, published))
    _write_tables(job, plan, written)
    job.manifest.published = {"version": version, "content": content, "splits": _split_settings(job)}
    return _describe(job, version, plan, written)


def _write_changelog(job: Job, plan: SplitPlan, beside: Path, version: str, same: bool) -> str:
    """Write the changelog of the new dataset, whose rows are the ``same`` or not; returns the entry of this version."""
    remarks = [f"`{move.document}` moved from {move.old} to {move.new}" for move in plan.moves]
    remarks += _retractions(job)
    try:
        changes = None if same else compare_rows(job.folder.dataset, beside)
    except InputError:
        # A shard of the dataset before is damaged: it is made anew, and the changelog says what it cannot say.
        changes = []
        remarks.append("The version before was damaged; its rows are not compared.")
    return write_changelog(job.folder.dataset, beside, version=version, date=_today(), changes=changes, remarks=remarks)


def _retractions(job: Job) -> list[str]:
    """Return a line for each retracted document that the changelog does not name yet."""
    changelog = job.folder.dataset / "CHANGELOG.md"
    said = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    lines = [f"`{name}` was retracted on {date}" for name, date in job.folder.retracted().items()]
    return [line for line in lines if line not in said]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _split_settings(job: Job) -> str:
    publish = job.config.publish
    asked: list[object] = [publish.validation, publish.test, publish.split_key or job.config.corpus.name]
    # What was published before splits could be asked for otherwise keeps its splits.
    return fingerprint(asked if publish.split_by == "hash" else [*asked, publish.split_by])


def _published(job: Job) -> dict[str, str]:
    """Return version and content of the dataset that is there, or as the manifest remembers it."""
    version = read_version(job.folder.dataset)
    if version is None:
        return job.manifest.published
    return {"version": version, "content": content_hash(job.folder.dataset)}


def _plan_splits(job: Job, view: CorpusView) -> SplitPlan:
    """Assign the source documents to splits; those that were published with the same shares keep theirs."""
    publish = job.config.publish
    names = dict.fromkeys(
        source for translation in job.config.translations for source, _ in view.document_pairs(translation.name)
    )
    shares = SplitShares(publish.validation, publish.test)
    documents = ((name, view.text(name) if shares.held_out else "") for name in names)
    earlier: dict[str, str] = {}
    if job.manifest.published.get("splits") == _split_settings(job) and job.folder.table_path("splits").exists():
        rows = job.folder.read("splits").to_pylist()
        earlier = {row["document"]: row["split"] for row in rows}
    weights = _weights(job, names) if publish.split_by != "hash" and shares.held_out else None
    return plan_splits(documents, shares, publish.split_key or job.config.corpus.name, earlier, weights)


def _weights(job: Job, names: Iterable[str]) -> dict[str, int]:
    """Return what each document counts for the shares of the splits."""
    if job.config.publish.split_by == "documents":
        return dict.fromkeys(names, 1)
    counts = Counter(map(str, job.folder.read("sentences", columns=["document"])["document"].to_pylist()))
    return {name: counts[name] for name in names}


def _drift(job: Job, plan: SplitPlan, summaries: Sequence[ConfigSummary]) -> list[str]:
    """Say of each split that was asked for what share it got, of documents and of pairs."""
    publish = job.config.publish
    rows: Counter[str] = Counter()
    for one in summaries:
        rows.update({split: counts.rows for split, counts in one.splits.items()})
    documents = Counter(plan.splits.values())
    return [
        f"{split}: {asked:.1%} asked, {documents[split]:,} of {documents.total():,} documents "
        f"({documents[split] / max(documents.total(), 1):.1%}) and {rows[split] / max(rows.total(), 1):.1%} of pairs"
        for split, asked in (("validation", publish.validation), ("test", publish.test))
        if asked
    ]


def _write_translation(
    job: Job, plan: SplitPlan, leaks: Leaks, said: Said, *, folder: Path, translation: TranslationSection
) -> list[ConfigSummary]:
    kinds = {one.name: one.kind for one in job.config.translations}
    scores = SegmentScores(job.folder.read("scores"), translation.name, kinds)
    source = job.config.sources[0]
    name = job.config.dataset_of(translation)
    texts = Source(
        name,
        translation.name,
        source_lang=source.lang,
        target_lang=translation.lang,
        origin=origin([Provenance(source.kind), Provenance(translation.kind)]),
        split_of=plan.splits.__getitem__,
        leaks=leaks.of(translation.name),
        context=job.config.publish.context,
        canary=job.config.publish.card.canary,
        people=set(job.config.publish.people),
        score=scores.add,
        remark=said.remarks(translation.name).add,
    )

    def with_context(batch: PairBatch) -> PairBatch:
        barred = held_back(batch, texts.split_of, texts.leaks)
        return add_context(batch, texts.context, [one is not None for one in barred])

    beside: Callable[[PairBatch], PairBatch] = with_context if texts.context else lambda batch: batch
    with progress(job.console, f"publish {name}", None) as advance:
        return write_translation(folder, texts, said.kept_batches(translation.name, beside=beside), advance)


def _write_judged(job: Job, plan: SplitPlan, folder: Path) -> list[JudgedSummary]:
    """Write what people said of systems, a config for each two languages; those that rows do not name are the job's."""
    usual = job.config.sources[0].lang, job.config.translations[0].lang
    by_languages: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in read_judgements(job.config.publish.judgements):
        languages = row.get("source_lang") or usual[0], row.get("target_lang") or usual[1]
        by_languages.setdefault(languages, []).append(row)
    people = set(job.config.publish.people)
    return [
        summary
        for languages, rows in by_languages.items()
        for summary in write_judged(
            folder, languages, rows, plan.splits.get, people, canary=job.config.publish.card.canary
        )
    ]


def _write_tables(job: Job, plan: SplitPlan, summaries: Sequence[ConfigSummary]) -> None:
    """Write the tables of this stage: which document is in which split, and which pairs were kept from training."""
    clusters = {name: cluster[0] for cluster in plan.clusters for name in cluster}
    splits = [
        {"document": name, "cluster": clusters.get(name, name), "split": split} for name, split in plan.splits.items()
    ]
    withheld = [
        {"pair_id": pair, "config": one.name, "filter": leak.rule, "reason": leak.reason}
        for one in summaries
        for pair, leak in one.withheld
    ]
    job.folder.write("splits", [splits])
    job.folder.write("withheld", [withheld])


def _describe(job: Job, version: str, plan: SplitPlan, summaries: Sequence[ConfigSummary]) -> str:
    rows = sum(summary.rows for summary in summaries)
    withheld = sum(len(summary.withheld) for summary in summaries)
    notes = [
        f"version {version}: {rows:,} pairs in {', '.join(one.name for one in summaries if one.rows) or 'no config'}"
    ]
    if withheld:
        notes.append(f"{withheld:,} kept from training")
    notes += _drift(job, plan, summaries)
    if plan.moves:
        notes.append(f"{len(plan.moves)} documents moved to a stricter split (see CHANGELOG.md)")
    if job.config.corpus.licence == "unknown":
        notes.append("licence unknown: keep it local")
    return "; ".join(notes)


STAGE = Stage(
    name="publish",
    parts=alone,
    reads=lambda job, _part: [
        *document_tables(job),
        *tables("sentences", "decisions", "flags", "scores"),
        *parted(job, "translations", "beads", "filtered", "overruled"),
    ],
    settings=publish_settings,
    writes=lambda _job, _part: ["dataset", *tables("splits", "withheld")],
    run=run_publish,
)
