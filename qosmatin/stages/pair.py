"""Deciding which documents go on as pairs: by the matches that were found, and by what people said of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from qosmatin.config.texts import FilesTranslation
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.matches import opening, place_words, read_match_words, said_matches
from qosmatin.corpus.storage.view import decision_from_row
from qosmatin.job.batches import ROWS_A_BATCH
from qosmatin.job.pairing import DocumentCandidate, DocumentPart, MatchedDocuments, pair_documents
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import by_content, tables


def _run_pair(job: Job, name: str) -> str:
    section = _section(job, name)
    sources, targets = _openings(job, name)
    words = [
        *(read_match_words(section.matches) if section.matches else []),
        *said_matches(decision_from_row(row) for row in job.folder.read("decisions").to_pylist()),
    ]
    placed, lost = place_words(words, sources, targets, name)
    candidates = [
        DocumentCandidate(*(row[column] for column in _CANDIDATE))
        for row in job.folder.read("candidates", name).to_pylist()
    ]
    related = job.folder.read("relations", name).to_pylist()
    parts = [DocumentPart(row["document"], row["of"], row["larger"]) for row in related if row["relation"] == "part"]
    joins = section.parts == "join"
    found = pair_documents(sources, targets, candidates, placed, section.min_match, parts=parts, join=joins)
    copies = {row["document"]: row["of"] for row in related if row["relation"] == "copy"}
    job.folder.write("matches", [[_row(one, sources, targets, copies) for one in found]], name)
    return _summary(found, section.min_match, len(lost))


_CANDIDATE = ("source_document", "target_document", "confidence", "covered", "chosen")


def _section(job: Job, name: str) -> FilesTranslation:
    section = job.config.translation(name)
    assert isinstance(section, FilesTranslation)
    return section


def _openings(job: Job, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return how each source begins, and each document of a translation, by their ids."""
    sides: tuple[dict[str, str], dict[str, str]] = {}, {}
    table = job.folder.open("documents", ["id", "translation", "text"])
    for start in range(0, len(table), ROWS_A_BATCH):
        for row in table.rows(start, start + ROWS_A_BATCH).to_pylist():
            if row["translation"] in (None, name):
                sides[row["translation"] is not None][row["id"]] = opening(row["text"])
    return sides


def _row(
    one: MatchedDocuments, sources: dict[str, str], targets: dict[str, str], copies: dict[str, str]
) -> dict[str, Any]:
    """Return the row of a match; of a document alone, the text of its best candidate stands on the other side.

    ``copies`` are near-duplicates with the document that each repeats.
    """
    told = asdict(one)
    source, target = told.pop("source"), told.pop("target")
    texts = {
        "source_text": sources.get(source or one.nearest or ""),
        "target_text": targets.get(target or one.nearest or ""),
    }
    repeats = {"source_copy_of": copies.get(source or ""), "target_copy_of": copies.get(target or "")}
    return {"source_document": source, "target_document": target, **told, **texts, **repeats}


def _summary(found: list[MatchedDocuments], least: float, lost: int) -> str:
    """Return one line for the user."""
    states = Counter(one.state for one in found)
    alone = Counter(one.source is not None for one in found if one.state == "alone")
    parts = sum(one.part_of is not None for one in found)
    told = [
        f"{states['found']:,} matches found",
        *([f"{states['accepted']:,} set by people"] if states["accepted"] else []),
        *([f"{states['refused']:,} refused by people"] if states["refused"] else []),
        *([f"{states['doubtful']:,} left out below {least:g}"] if states["doubtful"] else []),
        *([f"{parts:,} parts of documents{' joined' if states['joined'] else ''}"] if parts else []),
        *([f"without a partner: {alone[True]:,} sources, {alone[False]:,} translations"] if states["alone"] else []),
        *([f"{lost:,} words of people on documents that are gone"] if lost else []),
    ]
    return "; ".join(told)


def _pair_settings(job: Job, name: str) -> object:
    section = _section(job, name)
    return [section.min_match, hash_path(section.matches) if section.matches else None, section.parts]


STAGE = Stage(
    name="pair",
    parts=by_content,
    reads=lambda _job, name: [
        *tables("documents", "decisions"),
        f"candidates/{name}.parquet",
        f"relations/{name}.parquet",
    ],
    settings=_pair_settings,
    writes=lambda _job, name: [f"matches/{name}.parquet"],
    run=_run_pair,
)
