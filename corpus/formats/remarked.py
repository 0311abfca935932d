"""Remarks that come back in a file: what people wrote beside pairs in a spreadsheet's cells or the notes of a CAT file.

A file shows the remarks that there were when it was written (``segments.remarks_of``); what it has beside these is new,
a remark a line. The thread of a pair is only ever added to: words of somebody else that were changed in the file are a
conflict, told and left out, and what is missing in it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace

from qosmatin.corpus.model import Pair
from qosmatin.corpus.remarks import Remark

from .review import anchors_of
from .segments import FLAG_MARK, SegmentPair, xml_text

_STAMP = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d[^\]\n]*\]")
"""What stands before each comment in a file: when it was written and, where that may be told, by whom."""


@dataclass(frozen=True, slots=True)
class Known:
    """A remark that stands beside a pair: a comment with its time (ISO 8601), or the comment of a flag without one."""

    text: str
    at: str | None = None

    @property
    def moment(self) -> str | None:
        """When it was written, as files have it."""
        return None if self.at is None else self.at[:16].replace("T", " ")


@dataclass(frozen=True, slots=True)
class RemarkConflict:
    """A remark that is not taken: the row of the file with the pair's id, why, and the comment that it would be."""

    row: str
    reason: str
    remark: Remark


@dataclass(slots=True)
class FileRemarks:
    """What is new in a file, what contradicts the thread of its pair, and how many known remarks it lacks.

    ``missing`` is 0 where a file has no remark that is known: it was written without them.
    """

    remarks: list[Remark] = field(default_factory=list)
    conflicts: list[RemarkConflict] = field(default_factory=list)
    missing: int = 0


def find_remarks(
    segments: Iterable[SegmentPair],
    pairs: Mapping[str, Pair],
    texts: Mapping[str, str],
    known: MutableMapping[str, list[Known]],
    *,
    reviewer: str,
    at: str,
    file: str,
    first_row: int = 1,
) -> FileRemarks:
    """Return the remarks of the segments of a file that are not among those ``known`` by the ids of pairs.

    They are known from then on, whatever file comes next. ``pairs``, ``texts``, ``at`` and ``first_row`` are as in
    ``review``; rows whose id no pair has are passed over here, since that function tells of them.
    """
    found = FileRemarks()
    seen = missing = 0
    for number, segment in enumerate(segments, start=first_row):
        pair = pairs.get(segment.id or "")
        if pair is None:
            continue
        before = known.setdefault(pair.id, [])
        beside = _Beside(segment, before)
        missing += len(beside.missing)
        seen += len(before) - len(beside.missing)
        for text in beside.lines:
            remark = Remark(pair.id, anchors_of(pair, texts), text, reviewer, at, f"{file}:{number}")
            before.append(Known(text, at))
            reason = beside.contradiction(text)
            if reason is None:
                found.remarks.append(remark)
            else:
                own = replace(remark, text=_STAMP.sub("", text, count=1).strip())
                found.conflicts.append(RemarkConflict(f"row {number} ({pair.id})", reason, own))
    found.missing = missing if seen else 0
    return found


class _Beside:
    """What a row has beside its texts: ``lines`` that are not known, and what is known and ``missing`` in it."""

    def __init__(self, segment: SegmentPair, known: Sequence[Known]) -> None:
        said = xml_text("\n".join(filter(None, (segment.note, segment.comments))))
        self.missing = sorted(known, key=lambda remark: len(remark.text), reverse=True)
        # What stands behind the time of a comment first: other words may follow it on its line.
        for written in (_with_time, _alone):
            for one in tuple(self.missing):
                said, count = written(one).subn("\n", said)
                if count:
                    self.missing.remove(one)
        lines = (" ".join(line.split()) for line in _STAMP.sub(r"\n\g<0>", said).split("\n"))
        self.lines = list(dict.fromkeys(line for line in lines if line and not line.startswith(FLAG_MARK)))

    def contradiction(self, line: str) -> str | None:
        """Return why a line is no new remark: it stands under the time of a comment, which is another or none."""
        stamp = _STAMP.match(line)
        if stamp is None:
            return None
        was = next((one for one in self.missing if one.moment and stamp[0].startswith(f"[{one.moment}")), None)
        text = line[stamp.end() :].strip()
        if was is None:
            return f"no comment of {stamp[0]} stands beside the pair: “{text}”; --take-conflicts adds it as a new one"
        return f"the comment of {stamp[0]} is “{was.text}”, and “{text}” in the file; --take-conflicts adds that below"


def _with_time(one: Known) -> re.Pattern[str]:
    """Return what finds a comment behind its time; what has no time is found alone."""
    if one.moment is None:
        return _alone(one)
    return re.compile(rf"\[{re.escape(one.moment)}[^\]\n]*\]\s*{_words(one.text)}(?!\w)")


def _alone(one: Known) -> re.Pattern[str]:
    """Return what finds the words of a remark on a line of their own."""
    return re.compile(rf"^[^\S\n]*{_words(one.text)}[^\S\n]*$", re.MULTILINE)


def _words(text: str) -> str:
    return r"\s+".join(map(re.escape, xml_text(text).split()))
