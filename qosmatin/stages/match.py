"""Finding which documents may translate each other, by what their texts say; people's word comes after (``pair``).

This is the long part of ``pairing: content``: it depends on nothing but the texts, so it is done again only when a
document has changed.
"""

from __future__ import annotations

from typing import Any

from qosmatin.align.matching import Hint
from qosmatin.align.matching.hints import day_of
from qosmatin.align.matching.matcher import find_matching, matches_of
from qosmatin.job.batches import ROWS_A_BATCH
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import by_content, tables


def _run_match(job: Job, name: str) -> str:
    (sources, source_texts, said), (targets, target_texts, said_there) = (_side(job, side) for side in (None, name))
    langs = job.config.sources[0].lang, job.config.translation(name).lang
    matching = find_matching(source_texts, target_texts, *langs, hints=(said, said_there))
    chosen = {(one.source, one.target) for one in matches_of(matching)}
    pairs = matching.candidates
    rows: list[dict[str, Any]] = [
        {
            "source_document": sources[i],
            "target_document": targets[j],
            "confidence": float(matching.probabilities[at]),
            "covered": float(matching.covered[at]),
            "chosen": (i, j) in chosen,
        }
        for at, (i, j) in enumerate(zip(pairs.source.tolist(), pairs.target.tolist(), strict=True))
    ]
    job.folder.write("candidates", [rows], name)
    return f"{len(chosen):,} of {len(sources):,} sources and {len(targets):,} translations match"


def _side(job: Job, translation: str | None) -> tuple[list[str], list[str], list[Hint]]:
    """Return the documents of a translation, or the sources (None): their ids, texts, and what else is known."""
    documents = job.folder.open("documents", ["id", "translation", "text", "url", "date", "canonical", "alternates"])
    names: list[str] = []
    texts: list[str] = []
    hints: list[Hint] = []
    for start in range(0, len(documents), ROWS_A_BATCH):
        for row in documents.rows(start, start + ROWS_A_BATCH).to_pylist():
            if row["translation"] == translation:
                names.append(row["id"])
                texts.append(row["text"])
                name = row["id"].removesuffix(f"@{translation}")
                alternates = tuple(row["alternates"] or ())
                hints.append(Hint(name, row["url"], day_of(row["date"]), alternates, row["canonical"]))
    return names, texts, hints


def _outlook(job: Job, name: str) -> str:
    return f"{len(job.documents.sources):,} sources with {len(job.documents.translations[name]):,} translations"


STAGE = Stage(
    name="match",
    parts=by_content,
    reads=lambda _job, _part: tables("documents"),
    settings=lambda job, name: [job.config.sources[0].lang, job.config.translation(name).lang],
    writes=lambda _job, name: [f"candidates/{name}.parquet"],
    run=_run_match,
    outlook=_outlook,
)
