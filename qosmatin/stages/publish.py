"""The publish stage: the dataset folder from the tables, with its card, changelog and metadata."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qosmatin import __version__
from qosmatin.config.job import TranslationSection
from qosmatin.corpus.dataset import (
    SPLITS,
    CardFacts,
    ConfigSummary,
    LeakCheck,
    ParallelRow,
    ParallelSummary,
    Permission,
    Remarks,
    SegmentScores,
    Source,
    SplitPlan,
    SplitShares,
    TranslationFacts,
    compare_rows,
    content_hash,
    find_flags,
    flags_from_table,
    next_version,
    origin,
    parallel_rows,
    plan_splits,
    read_benchmark,
    read_version,
    write_card,
    write_changelog,
    write_croissant,
    write_parallel,
    write_translation,
)
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_folder
from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.model import Decision, Provenance
from qosmatin.corpus.storage.pairs import PairBatch
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.units import alone, parted, tables


def run_publish(job: Job, _part: str) -> str:
    """Write the dataset folder of a job; returns one line for the user."""
    view = CorpusView(job.folder)
    plan = _plan_splits(job, view)
    said = _Said(job, view)
    leaks = _leak_check(job, plan, said)
    with replacing_folder(job.folder.dataset) as beside:
        written = [
            summary
            for translation in job.config.translations
            for summary in _write_translation(job, plan, leaks, said, folder=beside, translation=translation)
        ]
        summaries = [summary for summary in written if summary.rows]
        parallel = (
            _write_parallel(job, view, plan, leaks, folder=beside, said=said) if job.config.publish.parallel else []
        )
        content = content_hash(beside)
        earlier = _published(job)
        version = next_version(job.config.corpus.version, content, earlier)
        facts = _card_facts(job, view, plan, said, version=version, summaries=summaries)
        write_card(beside, written, parallel, facts)
        _write_metadata(beside, [*summaries, *parallel], facts)
        remarks = [f"`{move.document}` moved from {move.old} to {move.new}" for move in plan.moves]
        remarks += _retractions(job)
        same = content == earlier.get("content") and job.folder.dataset.exists()
        try:
            changes = [] if same else compare_rows(job.folder.dataset, beside)
        except InputError:
            # A shard of the dataset before is damaged: it is made anew, and the changelog says what it cannot say.
            changes = []
            remarks.append("The version before was damaged; its rows are not compared.")
        write_changelog(job.folder.dataset, beside, version=version, date=_today(), changes=changes, remarks=remarks)
    _write_tables(job, plan, written)
    job.manifest.published = {"version": version, "content": content, "splits": _split_settings(job)}
    return _describe(job, version, plan, written)


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


class _Said:
    """What people flagged, and what filters have against what people confirmed."""

    def __init__(self, job: Job, view: CorpusView) -> None:
        self._job, self._view = job, view
        self._drop = job.config.publish.flagged == "drop"
        flags = flags_from_table(job.folder.read("flags"))
        found = {one.name: find_flags(view, one.name, flags) for one in job.config.translations}
        self.flags = {name: of_pair for name, (of_pair, _) in found.items()}
        self.lost = sum(lost for _, lost in found.values())

    def remarks(self, translation: str) -> Remarks:
        """Return what adds the remarks on pairs as columns."""
        return Remarks(self._job.folder.read("overruled", translation).to_pylist(), self.flags[translation])

    def left_out(self, translation: str) -> list[str]:
        """Return the pairs of a translation that are left out because they are flagged."""
        return list(self.flags[translation]) if self._drop else []

    def kept_batches(self, translation: str, sources: Collection[str] | None = None) -> Iterator[PairBatch]:
        """Yield the pairs that are published, some thousand at a time."""
        left_out = pa.array(self.left_out(translation), pa.string())
        for batch in self._view.kept_batches(translation, sources):
            yield batch.where(pc.invert(pc.is_in(batch.table["id"], left_out)))


def _leak_check(job: Job, plan: SplitPlan, said: _Said) -> LeakCheck:
    """Read what may not be in training: the held-out pairs of every config, and the benchmarks of the config."""
    held_out = {name for name, split in plan.splits.items() if split != "train"}

    def pairs() -> Iterator[tuple[str, str, str]]:
        for translation in job.config.translations:
            for batch in said.kept_batches(translation.name, held_out):
                yield from zip(batch.table["id"].to_pylist(), batch.texts("source"), batch.texts("target"), strict=True)

    benchmarks = {one.name: read_benchmark(one.files) for one in job.config.publish.never_in_train}
    return LeakCheck(pairs() if held_out else (), benchmarks)


def _write_translation(
    job: Job, plan: SplitPlan, leaks: LeakCheck, said: _Said, *, folder: Path, translation: TranslationSection
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
        leaks=leaks.leaks,
        people=set(job.config.publish.people),
        score=scores.add,
        remark=said.remarks(translation.name).add,
    )
    with progress(job.console, f"publish {name}", None) as advance:
        return write_translation(folder, texts, said.kept_batches(translation.name), advance)


def _write_parallel(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: LeakCheck, *, folder: Path, said: _Said
) -> list[ParallelSummary]:
    """Write the multi-parallel config of the translations that the config names, if it names any."""
    if not job.config.publish.parallel:
        return []
    sections = [job.config.translation(name) for name in job.config.publish.parallel]
    source = job.config.sources[0]
    usual = origin([Provenance(one.kind) for one in (source, *sections)])
    languages = (source.lang, *(section.lang for section in sections))
    flags = {pair: flag for section in sections for pair, flag in said.flags[section.name].items()}
    return write_parallel(folder, languages, usual, _parallel_rows(job, view, plan, leaks, said), flags)


def _parallel_rows(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: LeakCheck, said: _Said
) -> Iterator[tuple[str, list[ParallelRow]]]:
    """Yield the rows of some documents at a time, with their split; what may not be in training is left out."""
    sections = [job.config.translation(name) for name in job.config.publish.parallel]
    refused = {
        one.lang: {*map(str, job.folder.read("filtered", one.name)["pair_id"].to_pylist()), *said.left_out(one.name)}
        for one in sections
    }
    names = [{source for source, _ in view.document_pairs(one.name)} for one in sections]
    for split in SPLITS:
        common = sorted(
            name for name, found in plan.splits.items() if found == split and all(name in of_one for of_one in names)
        )
        for start in range(0, len(common), _DOCUMENTS):
            some = common[start : start + _DOCUMENTS]
            beads = {one.lang: view.beads_by_document(one.name, set(some)) for one in sections}
            rows = [
                row
                for document in some
                for row in parallel_rows({lang: found.get(document, []) for lang, found in beads.items()}, refused)
            ]
            yield split, _without_leaks(rows, leaks) if split == "train" else rows


def _without_leaks(rows: list[ParallelRow], leaks: LeakCheck) -> list[ParallelRow]:
    pairs = [pair for row in rows for of_lang in row.pairs.values() for pair in of_lang]
    found = leaks.leaks([pair.source_text for pair in pairs], [pair.target_text for pair in pairs])
    leaky = {pair.id for pair, leak in zip(pairs, found, strict=True) if leak is not None}
    return [row for row in rows if not any(pair.id in leaky for of_lang in row.pairs.values() for pair in of_lang)]


_DOCUMENTS = 500
"""Documents whose pairs in all languages are held in memory at a time."""


def _write_metadata(folder: Path, configs: Sequence[ConfigSummary | ParallelSummary], facts: CardFacts) -> None:
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
        citation=facts.bibtex,
        date=_today(),
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
    notes = [
        f"version {version}: {rows:,} pairs in {', '.join(one.name for one in summaries if one.rows) or 'no config'}"
    ]
    if withheld:
        notes.append(f"{withheld:,} kept from training")
    if plan.moves:
        notes.append(f"{len(plan.moves)} documents moved to a stricter split (see CHANGELOG.md)")
    if job.config.corpus.licence == "unknown":
        notes.append("licence unknown: keep it local")
    return "; ".join(notes)


def _card_facts(
    job: Job, view: CorpusView, plan: SplitPlan, said: _Said, *, version: str, summaries: Sequence[ConfigSummary]
) -> CardFacts:
    config = job.config
    aligners = sorted({str(name) for one in summaries for name in _aligners(job, one.translation)})
    scores = job.folder.read("scores")
    return CardFacts(
        name=config.corpus.name,
        version=version,
        description=config.corpus.description,
        licence=config.corpus.licence,
        tool=f"Qosmätin {__version__}",
        config_hash=fingerprint(publish_settings(job, "")),
        aligners=aligners,
        filters=[one.model_dump(mode="json") for one in config.filters],
        translations=[_translation_facts(job, view, said, translation) for translation in config.translations],
        scores=scores.filter(pc.equal(scores["group"], pa.scalar("corpus"))).to_pylist(),
        documents=published_documents(job),
        permissions=[Permission(tuple(one.documents), one.reason) for one in config.publish.permitted],
        unplaced=_unplaced(view, [one.name for one in config.translations]),
        lost_flags=said.lost,
        clusters=len(plan.clusters),
        benchmarks=[one.name for one in config.publish.never_in_train],
        citation=config.publish.citation,
        year=_today()[:4],
    )


def _aligners(job: Job, translation: str) -> list[Any]:
    return list(job.folder.read("beads", translation, ["aligner"])["aligner"].unique().to_pylist())


def _unplaced(view: CorpusView, translations: Sequence[str]) -> int:
    """Count the decisions whose place in the documents is gone."""
    decided = {tuple(anchor.document for anchor in decision.anchors) for decision in view.decisions}
    return sum(
        len(view.placed_decisions(view.document(source), view.document(target))[1])
        for name in translations
        for source, target in view.document_pairs(name)
        if (source, target) in decided or (target, source) in decided
    )


def _translation_facts(job: Job, view: CorpusView, said: _Said, translation: TranslationSection) -> TranslationFacts:
    """Count what filters refused, and what people decided: the last word of each person on each pair."""
    filtered = job.folder.read("filtered", translation.name)
    refused = Counter(map(str, filtered["filter"].to_pylist()))
    refused_pairs = set(map(str, filtered["pair_id"].to_pylist()))
    targets = {target for _, target in view.document_pairs(translation.name)}
    if left_out := set(said.left_out(translation.name)) - refused_pairs:
        refused["flagged"] = len(left_out)
    words: dict[str, dict[str, Decision]] = defaultdict(dict)
    for decision in view.decisions:
        if (decision.confirms or decision.operation == "reject") and any(
            anchor.document in targets for anchor in decision.anchors
        ):
            words[decision.pair_id].pop(decision.reviewer, None)
            words[decision.pair_id][decision.reviewer] = decision
    last = Counter(list(of_pair.values())[-1].operation == "reject" for of_pair in words.values())
    several = [{_word(one) for one in of_pair.values()} for of_pair in words.values() if len(of_pair) > 1]
    return TranslationFacts(
        translation.name,
        job.config.dataset_of(translation),
        translation.kind,
        refused,
        confirmed=last[False],
        rejected=last[True],
        several=len(several),
        agreed=sum(len(said_of_pair) == 1 for said_of_pair in several),
    )


def _word(decision: Decision) -> tuple[str, str | None, str | None]:
    """Return what a decision says, whoever made it."""
    return decision.operation, decision.value, decision.source_value


def published_documents(job: Job) -> list[dict[str, Any]]:
    """Return id, language, kind, maker, licence and address of all documents, of what engines wrote too."""
    documents = job.folder.read("documents", columns=["id", "lang", "kind", "by", "licence", "url"]).to_pylist()
    for translation in job.config.translations:
        table = job.folder.read("translations", translation.name)
        made = table.filter(table["sentences"].is_valid()).select(["target_document", "lang", "kind", "by", "licence"])
        rows = made.rename_columns(["id", "lang", "kind", "by", "licence"]).to_pylist()
        documents += [{**row, "kind": row["kind"] or "machine", "url": None} for row in rows]
    return documents


STAGE = Stage(
    name="publish",
    parts=alone,
    reads=lambda job, _part: [
        *tables("documents", "sentences", "decisions", "flags", "scores"),
        *parted(job, "translations", "beads", "filtered", "overruled"),
    ],
    settings=publish_settings,
    writes=lambda _job, _part: ["dataset", *tables("splits", "withheld")],
    run=run_publish,
)
