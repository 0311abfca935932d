"""Matches of documents come into the store, and what people said of them goes out as decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine

from qosmatin.corpus.decisions import said_at
from qosmatin.corpus.model import Decision
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.review.store.database import lock_imports, writing
from qosmatin.review.store.matches import replace_matches, said_of_matches


def import_matches(engine: Engine, folder: CorpusFolder) -> None:
    """Bring in what the last run of a corpus folder found; two documents that stand alone as each other's come once."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    names = folder.parts("matches")
    langs = _languages(folder) if names else {}
    for translation in names:
        for row in folder.read("matches", translation).to_pylist():
            source = row["source_document"] or (row["nearest"] if row["target_document"] else None) or ""
            target = row["target_document"] or (row["nearest"] if row["source_document"] else None) or ""
            one = {
                "translation": translation,
                "source_document": source,
                "target_document": target,
                "source_lang": langs.get(source, ""),
                "target_lang": langs.get(target, ""),
                "state": row["state"],
                "confidence": row["confidence"],
                "doubt": 1.0 if row["confidence"] is None else abs(row["confidence"] - 0.5),
                "by": row["by"],
                "source_text": row["source_text"] or "",
                "target_text": row["target_text"] or "",
            }
            rows.setdefault((translation, source, target), one)
    with writing(engine) as connection:
        lock_imports(connection)
        replace_matches(connection, list(rows.values()))


def _languages(folder: CorpusFolder) -> dict[str, str]:
    return {row["id"]: row["lang"] for row in folder.read("documents", columns=["id", "lang"]).to_pylist()}


def match_decisions(connection: Connection) -> list[Decision]:
    """Return what people said of matches in the store, as it stands now."""
    return [word.decision(at) for word, at, stands in said_of_matches(connection) if stands]


def counting_matches(connection: Connection, from_files: Iterable[Decision]) -> list[Decision]:
    """Return the decisions on matches that count beside a store's: where nobody there said anything newer.

    What was taken back there does not return by being read again.
    """
    newest = {_documents(one): one for one in (word.decision(at) for word, at, _ in said_of_matches(connection))}
    return [one for one in from_files if (ours := newest.get(_documents(one))) is None or said_at(one) > said_at(ours)]


def _documents(decision: Decision) -> tuple[str, str]:
    sides = {anchor.side: anchor.document for anchor in decision.anchors}
    return sides["source"], sides["target"]
