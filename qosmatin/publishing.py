"""The publish stage: the dataset folder from the tables, with its card, changelog and metadata."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from qosmatin.corpus.atomic import replacing_folder
from qosmatin.corpus.dataset import (
    CardFacts,
    ConfigSummary,
    LeakCheck,
    ParallelSummary,
    Permission,
    Review,
    ShardWriter,
    SplitPlan,
    SplitShares,
    compare_rows,
    content_hash,
    next_version,
    parallel_features,
    parallel_rows,
    parallel_table,
    plan_splits,
    read_benchmark,
    read_version,
    write_card,
    write_changelog,
    write_config,
    write_croissant,
)
from qosmatin.corpus.folder import fingerprint, hash_path
from qosmatin.corpus.model import Pair
from qosmatin.corpus.view import CorpusView, pairs_of

from . import __version__
from .config import TranslationSection
from .pipeline import Job
from .progress import progress


def run_publish(job: Job, _part: str) -> str:
    """Write the dataset folder of a job; returns one line for the user."""
    view = CorpusView(job.folder)
    plan = _plan_splits(job, view)
    leaks = _leak_check(job, view, plan)
    with replacing_folder(job.folder.dataset) as beside:
        summaries = [
            summary
            for translation in job.config.translations
            if (summary := _write_translation(job, view, plan, leaks, beside, translation)).rows
        ]
        parallel = _write_parallel(job, view, plan, leaks, beside) if job.config.publish.parallel else []
        content = content_hash(beside)
        version = next_version(job.config.corpus.version, content, _published(job))
        facts = _card_facts(job, view, plan, version, summaries)
        write_card(beside, summaries, parallel, facts)
        _write_metadata(job, beside, [*summaries, *parallel], facts)
        remarks = [f"`{move.document}` moved from {move.old} to {move.new}" for move in plan.moves]
        remarks += _retractions(job)
        changes = compare_rows(job.folder.dataset, beside)
        write_changelog(job.folder.dataset, beside, version, _today(), changes, remarks)
    _write_tables(job, plan, summaries)
    job.manifest.published = {"version": version, "content": content, "splits": _split_settings(job)}
    return _describe(job, version, plan, summaries)


def publish_settings(job: Job, _part: str) -> object:
    """Return what publishing depends on: all of the config but where things are on this machine."""
    config = job.config.model_dump(mode="json", exclude={"decisions": True, "corpus": {"folder"}})
    for section in (*config["sources"], *config["translations"]):
        section.pop("files", None), section.pop("manifest", None), section.pop("model", None)
    for benchmark, named in zip(config["publish"]["never_in_train"], job.config.publish.never_in_train, strict=True):
        benchmark["files"] = [hash_path(path) for path in named.files if path.is_file()]
    return config


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
    return fingerprint([publish.validation, publish.test, publish.split_key or job.config.corpus.name])


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
    return plan_splits(documents, shares, publish.split_key or job.config.corpus.name, earlier)


def _leak_check(job: Job, view: CorpusView, plan: SplitPlan) -> LeakCheck:
    """Read what may not be in training: the held-out pairs of every config, and the benchmarks of the config."""
    held_out = {name for name, split in plan.splits.items() if split != "train"}

    def pairs() -> Iterator[Pair]:
        for translation in job.config.translations:
            yield from view.kept_pairs(translation.name, held_out)

    benchmarks = {one.name: read_benchmark(one.files) for one in job.config.publish.never_in_train}
    return LeakCheck(pairs() if held_out else (), benchmarks)


def _write_translation(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: LeakCheck, folder: Path, translation: TranslationSection
) -> ConfigSummary:
    name = job.config.dataset_of(translation)
    summary = ConfigSummary(name, translation.name, job.config.sources[0].lang, translation.lang)
    with progress(job.console, f"publish {name}", None) as advance:
        write_config(
            folder,
            summary,
            view.kept_pairs(translation.name),
            plan.splits.__getitem__,
            leaks.leaks,
            set(job.config.publish.people),
            advance,
        )
    return summary


def _write_parallel(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: LeakCheck, folder: Path
) -> list[ParallelSummary]:
    """Write the multi-parallel config of the translations that the config names."""
    sections = [job.config.translation(name) for name in job.config.publish.parallel]
    source_lang = job.config.sources[0].lang
    languages = (source_lang, *(section.lang for section in sections))
    features = parallel_features(source_lang, languages[1:])
    schema: pa.Schema = features.arrow_schema
    summary = ParallelSummary("-".join(languages), languages, features, {})
    kept = {one.lang: {pair.id for pair in view.kept_pairs(one.name)} for one in sections}
    names = [{source for source, _ in view.document_pairs(one.name)} for one in sections]
    common = [name for name in plan.splits if all(name in of_one for of_one in names)]
    by_split: dict[str, list[str]] = defaultdict(list)
    for name in common:
        by_split[plan.splits[name]].append(name)
    for split in [one for one in ("train", "validation", "test") if one in by_split]:
        writer = ShardWriter(folder / summary.name, split, schema)
        for start in range(0, len(by_split[split]), _DOCUMENTS):
            rows = []
            some = set(by_split[split][start : start + _DOCUMENTS])
            beads = {one.lang: _beads_by_document(view, one.name, some) for one in sections}
            for document in sorted(some):
                rows += parallel_rows({lang: found[document] for lang, found in beads.items()}, kept)
            if split == "train":
                of_pairs = [pair for row in rows for pairs in row.pairs.values() for pair in pairs]
                leaky = {p.id for p, leak in zip(of_pairs, leaks.leaks(of_pairs), strict=True) if leak is not None}
                rows = [row for row in rows if not any(p.id in leaky for pairs in row.pairs.values() for p in pairs)]
            if rows:
                writer.write(parallel_table(rows, schema, source_lang), {row.document for row in rows})
        if writer.rows:
            summary.splits[split] = writer.close()
    return [summary] if summary.splits else []


_DOCUMENTS = 500
"""Documents whose pairs in all languages are held in memory at a time."""


def _beads_by_document(view: CorpusView, translation: str, sources: set[str]) -> dict[str, list[Any]]:
    return {
        aligned.source.document.id: [
            (bead.source, pair) for bead, pair in zip(aligned.beads, pairs_of(aligned), strict=True)
        ]
        for aligned in view.aligned_documents(translation, sources)
    }


def _write_metadata(
    job: Job, folder: Path, configs: Sequence[ConfigSummary | ParallelSummary], facts: CardFacts
) -> None:
    if not configs:
        return
    write_croissant(
        folder,
        [one.name for one in configs],
        name=facts.name,
        version=facts.version,
        description=" ".join(facts.description.split()),
        licence=facts.licence,
        languages=list(dict.fromkeys(lang for one in configs for lang in one.languages)),
        citation=job.config.publish.citation,
    )


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
    notes = [f"version {version}: {rows:,} pairs in {', '.join(one.name for one in summaries) or 'no config'}"]
    if withheld:
        notes.append(f"{withheld:,} kept from training")
    if plan.moves:
        notes.append(f"{len(plan.moves)} documents moved to a stricter split (see CHANGELOG.md)")
    if job.config.corpus.licence == "unknown":
        notes.append("licence unknown: keep it local")
    return "; ".join(notes)


def _card_facts(
    job: Job, view: CorpusView, plan: SplitPlan, version: str, summaries: Sequence[ConfigSummary]
) -> CardFacts:
    config = job.config
    unplaced = 0
    if view.decisions:
        for translation in config.translations:
            for source, target in view.document_pairs(translation.name):
                unplaced += len(view.placed_decisions(view.document(source), view.document(target))[1])
    documents = job.folder.read("documents", columns=["id", "lang", "kind", "by", "licence", "url"]).to_pylist()
    documents += [one for translation in config.translations for one in _machine_documents(job, translation.name)]
    aligners = sorted({str(name) for one in summaries for name in _aligners(job, one.translation)})
    return CardFacts(
        name=config.corpus.name,
        version=version,
        description=config.corpus.description,
        licence=config.corpus.licence,
        tool=f"Qosmätin {__version__}",
        config_hash=fingerprint(publish_settings(job, "")),
        aligners=aligners,
        filters=[one.model_dump(mode="json") for one in config.filters],
        refused={
            one.name: Counter(map(str, job.folder.read("filtered", one.translation, ["filter"])["filter"].to_pylist()))
            for one in summaries
        },
        scores=[row for row in job.folder.read("scores").to_pylist() if row["group"] == "corpus"],
        documents=documents,
        permissions=[Permission(tuple(one.documents), one.reason) for one in config.publish.permitted],
        review={one.name: _agreement(view, one.translation) for one in summaries},
        unplaced=unplaced,
        clusters=len(plan.clusters),
        benchmarks=[one.name for one in config.publish.never_in_train],
        citation=config.publish.citation,
        year=_today()[:4],
    )


def _aligners(job: Job, translation: str) -> list[Any]:
    return list(job.folder.read("beads", translation, ["aligner"])["aligner"].unique().to_pylist())


def _agreement(view: CorpusView, translation: str) -> Review:
    """Count the pairs of a translation that several reviewers decided on, and those on which all decided the same."""
    targets = {target for _, target in view.document_pairs(translation)}
    said: dict[str, dict[str, tuple[str, str | None]]] = defaultdict(dict)
    for decision in view.decisions:
        if not decision.is_boundary and any(anchor.document in targets for anchor in decision.anchors):
            said[decision.pair_id][decision.reviewer] = (decision.operation, decision.value)
    several = [set(of_pair.values()) for of_pair in said.values() if len(of_pair) > 1]
    return Review(len(several), sum(len(words) == 1 for words in several))


def _machine_documents(job: Job, name: str) -> list[dict[str, Any]]:
    """Return what the card lists of an engine's documents."""
    table = job.folder.read("translations", name)
    made = table.filter(table["sentences"].is_valid()).select(["target_document", "lang", "by", "licence"])
    return [{"id": row.pop("target_document"), "kind": "machine", "url": None, **row} for row in made.to_pylist()]
