"""Which document translates which, where their texts say it: what became of each document, and what people said of it.

A person's word names two documents. It holds in later runs, under other names too: it carries how both begin, and a
document that begins so is the same one, whatever its file is called now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from .errors import InputError
from .files.rows import read_rows
from .model import Anchor, Decision

MatchState = Literal["found", "accepted", "doubtful", "refused", "joined", "alone"]
"""What became of a match: found by content or set by a person, both of which go on; too doubtful to go on; refused by a
person. A document that is ``joined`` goes on with the larger part of the same document, one that is ``alone`` found
nobody."""

GOES_ON: tuple[MatchState, ...] = ("found", "accepted")
"""The states of matches whose documents are aligned."""

LIKELIEST = 0.5
"""The confidence below which two documents are likelier strangers than not."""

ACCEPT, REFUSE = "accept", "refuse"
"""What a person writes into the column ``verdict`` of a list of matches."""

_OPENING = 400


def opening(text: str) -> str:
    """Return how a document begins: as much of it as people need to see, and as tells it from others."""
    return text.strip()[:_OPENING].replace("\0", "\ufffd")  # NUL is no text to PostgreSQL


@dataclass(frozen=True, slots=True)
class MatchWord:
    """What a person said of two documents: that they translate each other (``accepted``), or that they do not.

    ``source_text`` and ``target_text`` are how the documents began then; empty where that is not known.
    """

    source: str
    target: str
    accepted: bool
    by: str
    source_text: str = ""
    target_text: str = ""

    def decision(self, at: str) -> Decision:
        """Return the word as a decision, for files of decisions."""
        anchors = (
            Anchor("source", self.source, 0, len(self.source_text), self.source_text),
            Anchor("target", self.target, 0, len(self.target_text), self.target_text),
        )
        return Decision("", anchors, "match" if self.accepted else "mismatch", None, self.by, at)


def said_matches(decisions: Iterable[Decision]) -> list[MatchWord]:
    """Return what decisions say of matches, in their order."""
    words = []
    for decision in decisions:
        if decision.is_match:
            sides = {anchor.side: anchor for anchor in decision.anchors}
            source, target = sides["source"], sides["target"]
            accepted = decision.operation == "match"
            words.append(
                MatchWord(source.document, target.document, accepted, decision.reviewer, source.text, target.text)
            )
    return words


def read_match_words(path: Path) -> list[MatchWord]:
    """Read what a person wrote into a list of matches (CSV, TSV or JSONL).

    Columns: ``source``, ``target`` and ``verdict``, which is ``accept``, ``refuse`` or empty for a row of which nothing
    is said; others are passed over. Raises ``InputError`` with the line.
    """
    words = []
    for line, row in read_rows(path):
        if not {"source", "target", "verdict"} <= row.keys():
            raise InputError("a list of matches has the columns source, target and verdict", path, line)
        verdict = row["verdict"].strip().lower()
        if not verdict:
            continue
        if verdict not in (ACCEPT, REFUSE):
            raise InputError(f"'{row['verdict']}' is no verdict; write {ACCEPT}, {REFUSE}, or nothing", path, line)
        if not row["source"] or not row["target"]:
            raise InputError(f"'{verdict}' needs a source and a target; write both documents", path, line)
        words.append(MatchWord(row["source"], row["target"], verdict == ACCEPT, path.name))
    return words


def place_words(
    words: Sequence[MatchWord], sources: Mapping[str, str], targets: Mapping[str, str], translation: str
) -> tuple[list[MatchWord], list[MatchWord]]:
    """Find today's documents of what people said; both sides map ids to how the documents begin.

    Returns the words with today's ids, in their order, and those of which a document is gone.
    """
    known = _by_opening(sources), _by_opening(targets)
    placed: list[MatchWord] = []
    lost: list[MatchWord] = []
    for word in words:
        source = _find(word.source, word.source_text, sources, known[0], "")
        target = _find(word.target, word.target_text, targets, known[1], f"@{translation}")
        if source is None or target is None:
            lost.append(word)
        else:
            texts = sources[source], targets[target]
            placed.append(MatchWord(source, target, word.accepted, word.by, *texts))
    return placed, lost


def _by_opening(documents: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in documents.items():
        found.setdefault(text, []).append(name)
    return found


def _find(
    name: str, text: str, documents: Mapping[str, str], by_opening: Mapping[str, Sequence[str]], suffix: str
) -> str | None:
    """Return the document that is meant: the one that begins so, else the one of that name.

    A list may name a file, with its ending, or a translation without ``@`` and its name.
    """
    stem = PurePosixPath(name).with_suffix("").as_posix() if name else name
    named = next((one for one in (name, name + suffix, stem + suffix) if one in documents), None)
    alike = by_opening.get(text, ()) if text else ()
    if named is None or (alike and named not in alike):
        return alike[0] if len(alike) == 1 else named
    return named
