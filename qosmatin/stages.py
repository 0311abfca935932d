"""The stages of a job: read, decisions, split, translate, align, filter, score, publish.

Each is a function from tables to tables; the work itself is done by the rooms below. Decisions come before splitting,
because a boundary that a confirmed bead needs is forced there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from qosmatin.corpus.decisions import STORE_NAME, read_decisions, said_boundaries
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.files.atomic import replacing_folder
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.filters import filter_pairs
from qosmatin.corpus.hygiene import FAULTS, count_faults, find_faults
from qosmatin.corpus.model import Decision
from qosmatin.corpus.reading.entries import DocumentEntry
from qosmatin.corpus.reading.table_documents import read_documents
from qosmatin.corpus.splitting import SatSplitter, read_abbreviations, split, split_lines
from qosmatin.corpus.splitting.segmenting import Splitter, segment
from qosmatin.corpus.storage.view import CorpusView, decision_from_row
from qosmatin.eval.corpus_sets import Comparison, corpus_scoring_set, find_comparisons, score_rows
from qosmatin.eval.evaluation import Settings, evaluate
from qosmatin.eval.report import write_report

from .aligning import align_reads, align_settings, run_align
from .batches import ROWS_A_BATCH, in_batches
from .config import BoundariesSection, FilesTranslation, MemoryTranslation, SplitterSection
from .pipeline import Job, Stage, hash_files, hash_tables
from .progress import progress
from .publishing import publish_settings, run_publish
from .remembering import memory_settings, recall_corpus
from .table_outputs import OUTPUTS
from .translating import stage_settings, translate_corpus


def _alone(_job: Job) -> list[str]:
    return [""]


def _translations(job: Job) -> list[str]:
    return [translation.name for translation in job.config.translations]


def _entries(job: Job) -> list[tuple[str | None, DocumentEntry]]:
    """Return every document with the translation that it belongs to (None for a source)."""
    translated = [(name, entry) for name, entries in job.documents.translations.items() for entry in entries]
    return [*((None, entry) for entry in job.documents.sources), *translated]


# read


def _run_read(job: Job, _part: str) -> str:
    entries = _entries(job)
    faults: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, "read", len(entries)) as advance:
            documents = read_documents(entry for _, entry in entries)
            for (translation, _), document in zip(entries, documents, strict=True):
                found = count_faults(find_faults(document.text))
                faults.update(found)
                provenance = asdict(document.provenance)
                yield {
                    "id": document.id,
                    "lang": document.lang,
                    "translation": translation,
                    "text": document.text,
                    **provenance,
                    "faults": list(found.items()),
                    "tags": [asdict(tag) for tag in document.tags],
                }
                advance(1)

    job.folder.write("documents", in_batches(rows()))
    mended = set(job.config.text.mend)
    words = [
        f"{faults[fault]} {fault}{'' if fault in mended else ' (not mended)'}" for fault in FAULTS if faults[fault]
    ]
    note = f"; faults: {', '.join(words)}" if words else ""
    return f"{len(job.documents.sources)} sources, {len(entries) - len(job.documents.sources)} translations{note}"


def _read_settings(job: Job, _part: str) -> object:
    entries = [(translation, asdict(entry)) for translation, entry in _entries(job) if entry.rows is None]
    tables = [
        [one.model_dump(mode="json"), asdict(one.provenance), one.lang] for one in job.config.sources if one.table
    ]
    return [entries, hash_files(job), tables, hash_tables(job)]


# decisions


def _run_decisions(job: Job, _part: str) -> str:
    """Read what people said: in the config's file, then in the folder's own store, which has the last word."""
    decisions = read_decisions(job.config.decisions) if job.config.decisions else []
    reviewed = _store_decisions(job)
    job.folder.write("decisions", [[asdict(decision) for decision in (*decisions, *reviewed)]])
    here = f", {len(reviewed)} of them from the review of this folder" if reviewed else ""
    return f"{len(decisions) + len(reviewed)} decisions of reviewers{here}"


def _store_decisions(job: Job) -> list[Decision]:
    """Return what people said in the folder's review store; only a folder that has one needs the review's packages."""
    if not (job.folder.path / STORE_NAME).exists():
        return []
    try:
        from qosmatin.review.exchange.exporting import folder_decisions  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("this corpus was reviewed; obeying the review", "review") from None
    return folder_decisions(job.folder.path)


def _decisions_settings(job: Job, _part: str) -> object:
    said = [asdict(decision) for decision in _store_decisions(job)]
    return [hash_path(job.config.decisions) if job.config.decisions else None, said]


# split


def _run_split(job: Job, _part: str) -> str:
    decisions = [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()]
    documents = job.folder.read("documents")
    splitter = _splitter(job.config.splitter)
    ready = {entry.id for entry in job.documents.sources if entry.rows and entry.rows.are_sentences}

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, "split", len(documents)) as advance:
            for batch in documents.select(["id", "lang", "text"]).to_batches(max_chunksize=ROWS_A_BATCH):
                for row in batch.to_pylist():
                    yield from _sentences(job, row, decisions, split_lines if row["id"] in ready else splitter)
                    advance(1)

    sentences = job.folder.write("sentences", in_batches(rows()))
    return f"{sentences:,} sentences"


def _splitter(section: SplitterSection) -> Splitter:
    """Return the splitter that the config asks for."""
    if section.sat is not None:
        return SatSplitter(section.sat)
    known = read_abbreviations(section.abbreviations) if section.abbreviations else None
    return partial(split, abbreviations=known)


def _sentences(
    job: Job, row: dict[str, Any], decisions: list[Decision], splitter: Splitter
) -> Iterator[dict[str, Any]]:
    """Yield the sentences of one document: found in the mended text, stored as offsets into the raw one.

    A boundary that a confirmed bead needs, or that a reviewer made, stands even where the config joins.
    """
    raw = row["text"]
    set_by_hand = job.config.splitter.boundaries.get(row["id"], BoundariesSection())
    forced, joined = said_boundaries(decisions, row["id"], raw)
    segments = segment(
        raw,
        row["lang"],
        faults=job.config.text.mend,
        splitter=splitter,
        forced={*forced, *set_by_hand.forced},
        joined={*joined, *set_by_hand.joined},
    )
    for index, one in enumerate(segments):
        yield {
            "document": row["id"],
            "index": index,
            "start": one.sentence.start,
            "end": one.sentence.end,
            "paragraph": one.sentence.paragraph,
            "text": one.text,
        }


def _split_settings(job: Job, _part: str) -> object:
    splitter = job.config.splitter
    abbreviations = hash_path(splitter.abbreviations) if splitter.abbreviations else None
    boundaries = {name: one.model_dump() for name, one in splitter.boundaries.items()}
    return [job.config.text.model_dump(mode="json"), splitter.sat, abbreviations, boundaries]


# translate


def _run_translate(job: Job, name: str) -> str:
    translation = job.config.translation(name)
    if isinstance(translation, MemoryTranslation):
        return recall_corpus(job, translation)
    if not isinstance(translation, FilesTranslation):
        return translate_corpus(job, translation)
    entries = job.documents.translations[name]
    rows = [
        {
            "translation": name,
            "source_document": entry.provenance.of,
            "target_document": entry.id,
            "lang": entry.lang,
            "engine": translation.engine,
        }
        for entry in entries
    ]
    job.folder.write("translations", [rows], name)
    return f"{len(rows)} of {len(job.documents.sources)} documents, ready-made ({translation.kind})"


def _translate_reads(job: Job, name: str) -> list[str]:
    """An engine translates sentences; ready-made translations need the documents alone."""
    ready_made = isinstance(job.config.translation(name), FilesTranslation)
    return _tables("documents") if ready_made else _tables("documents", "sentences")


def _translate_writes(job: Job, name: str) -> list[str]:
    """What was read from tables comes out as tables too."""
    by_engine = not isinstance(job.config.translation(name), FilesTranslation | MemoryTranslation)
    as_tables = by_engine and job.documents.tables()
    return [f"translations/{name}.parquet", *([f"{OUTPUTS}/{name}"] if as_tables else [])]


def _translate_settings(job: Job, name: str) -> object:
    translation = job.config.translation(name)
    if isinstance(translation, MemoryTranslation):
        return memory_settings(job, translation)
    return translation.engine if isinstance(translation, FilesTranslation) else stage_settings(job, translation)


# filter


def _run_filter(job: Job, name: str) -> str:
    view = CorpusView(job.folder)
    langs = (job.config.sources[0].lang, job.config.translation(name).lang)
    refused: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, f"filter {name}", None) as advance:
            for pair, filter_name, reason in filter_pairs(view.pairs(name), job.config.filters, *langs):
                refused[filter_name] += 1
                yield {"pair_id": pair.id, "filter": filter_name, "reason": reason}
                advance(1)

    job.folder.write("filtered", in_batches(rows()), name)
    total = job.folder.read("beads", name).num_rows
    reasons = ", ".join(f"{count:,} {filter_name}" for filter_name, count in refused.most_common())
    return f"{total - refused.total():,} of {total:,} beads kept" + (f"; refused: {reasons}" if reasons else "")


# score


def _run_score(job: Job, _part: str) -> str:
    scoring = job.config.scoring
    settings = Settings(tuple(scoring.metrics), samples=scoring.bootstrap, trials=scoring.trials)
    comparisons = _comparisons(job)
    evaluations = [
        evaluate(corpus_scoring_set(job.folder, comparison, scoring.min_confidence), settings)
        for comparison in comparisons
    ]
    compared = list(zip(evaluations, comparisons, strict=True))
    job.folder.write("scores", in_batches(row for one, of in compared for row in score_rows(one, of.reference)))
    with replacing_folder(job.folder.report) as beside:
        write_report(beside, evaluations, f"{job.config.corpus.name}: scores")
    lines = [
        f"{score.system} against {of.reference}: {one.label_of(score.metric)} {score.score:.1f} on "
        f"{one.material.segments:,} pairs"
        for one, of in compared
        for score in one.scores
        if score.metric == one.metrics[0].key
    ]
    return "; ".join(lines) or "nothing to compare"


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
    return [job.config.scoring.model_dump(mode="json"), kinds, job.config.corpus.name]


def _tables(*names: str) -> list[str]:
    return [f"{name}.parquet" for name in names]


def _parted(job: Job, *names: str) -> list[str]:
    return [f"{name}/{part}.parquet" for name in names for part in _translations(job)]


STAGES: tuple[Stage, ...] = (
    Stage(
        name="read",
        parts=_alone,
        reads=lambda _job, _part: [],
        settings=_read_settings,
        writes=lambda _job, _part: _tables("documents"),
        run=_run_read,
    ),
    Stage(
        name="decisions",
        parts=_alone,
        reads=lambda _job, _part: [],
        settings=_decisions_settings,
        writes=lambda _job, _part: _tables("decisions"),
        run=_run_decisions,
    ),
    Stage(
        name="split",
        parts=_alone,
        reads=lambda _job, _part: _tables("documents", "decisions"),
        settings=_split_settings,
        writes=lambda _job, _part: _tables("sentences"),
        run=_run_split,
    ),
    Stage(
        name="translate",
        parts=_translations,
        reads=_translate_reads,
        settings=_translate_settings,
        writes=_translate_writes,
        run=_run_translate,
    ),
    Stage(
        name="align",
        parts=_translations,
        reads=align_reads,
        settings=align_settings,
        writes=lambda _job, part: [f"beads/{part}.parquet"],
        run=run_align,
    ),
    Stage(
        name="filter",
        parts=_translations,
        reads=lambda _job, part: [
            *_tables("documents", "sentences", "decisions"),
            f"translations/{part}.parquet",
            f"beads/{part}.parquet",
        ],
        settings=lambda job, part: [
            [one.model_dump(mode="json") for one in job.config.filters],
            job.config.sources[0].lang,
            job.config.translation(part).lang,
        ],
        writes=lambda _job, part: [f"filtered/{part}.parquet"],
        run=_run_filter,
    ),
    Stage(
        name="score",
        parts=_alone,
        reads=lambda job, _part: [
            *_tables("documents", "sentences", "decisions"),
            *_parted(job, "translations", "beads"),
        ],
        settings=_score_settings,
        writes=lambda _job, _part: [*_tables("scores"), "report"],
        run=_run_score,
    ),
    Stage(
        name="publish",
        parts=_alone,
        reads=lambda job, _part: [
            *_tables("documents", "sentences", "decisions", "scores"),
            *_parted(job, "translations", "beads", "filtered"),
        ],
        settings=publish_settings,
        writes=lambda _job, _part: ["dataset", *_tables("splits", "withheld")],
        run=run_publish,
    ),
)
"""The stages in the order in which they run."""
