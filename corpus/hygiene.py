"""Text hygiene that keeps offsets honest: faults of encoding and typing are found, counted, and mended on request.

The raw text of a document is never changed. ``mend`` derives a mended text beside it, with a map that takes each
offset of the mended text back to the raw one, so that sentences found in the mended text are stored as raw offsets.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .mojibake import find_broken

Fault = Literal["bom", "line-ends", "control", "zero-width", "nfc", "mixed-script", "mojibake"]

FAULTS: tuple[Fault, ...] = ("bom", "line-ends", "control", "zero-width", "nfc", "mixed-script", "mojibake")

INVISIBLE_FAULTS: tuple[Fault, ...] = ("bom", "line-ends", "control", "zero-width", "nfc")
"""The faults whose mending changes nothing that a reader sees; the default of the config."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``raw[start:end]`` by ``replacement`` because of ``fault``."""

    start: int
    end: int
    replacement: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class MendedText:
    """A mended text and the way back to the raw one.

    ``mended_starts[i]`` and ``raw_starts[i]`` are where the i-th unchanged stretch begins in the mended and in the raw
    text; ``raw_ends[i]`` is where it ends in the raw text.
    """

    text: str
    mended_starts: tuple[int, ...]
    raw_starts: tuple[int, ...]
    raw_ends: tuple[int, ...]

    def raw_start(self, offset: int) -> int:
        """Return the raw offset of the character that stands at ``offset`` of the mended text."""
        stretch = bisect_right(self.mended_starts, offset) - 1
        return min(self.raw_starts[stretch] + offset - self.mended_starts[stretch], self.raw_ends[stretch])

    def raw_end(self, offset: int) -> int:
        """Return the raw offset just after the character that stands before ``offset`` of the mended text."""
        if offset == 0:
            return self.raw_start(0)
        stretch = bisect_right(self.mended_starts, offset - 1) - 1
        inside = self.raw_starts[stretch] + offset - self.mended_starts[stretch]
        if inside <= self.raw_ends[stretch]:
            return inside
        # The character before is part of a replacement: its raw text ends where the next stretch begins.
        return self.raw_starts[stretch + 1]

    def mended_offset(self, raw: int) -> int:
        """Return the first offset of the mended text whose character stands at or after raw offset ``raw``."""
        stretch = max(bisect_right(self.raw_starts, raw) - 1, 0)
        if raw < self.raw_ends[stretch] or stretch + 1 == len(self.raw_starts):
            inside = max(raw, self.raw_starts[stretch]) - self.raw_starts[stretch]
            return min(self.mended_starts[stretch] + inside, len(self.text))
        if raw == self.raw_ends[stretch]:
            return self.mended_starts[stretch] + raw - self.raw_starts[stretch]
        return self.mended_starts[stretch + 1]


def find_faults(text: str, lang: str | None = None) -> list[Edit]:
    """Return every fault of ``text`` with its mending, in order; words (mixed, mojibake) may overlap another fault.

    What was decoded wrongly before it came here is found by the letters of ``lang``; without it, it is not looked for.
    """
    edits = [edit for find in _FINDERS for edit in find(text)]
    edits += (Edit(*broken, "mojibake") for broken in find_broken(text, lang or ""))
    # Of a word that was decoded wrongly, a control character is a part: the word goes first.
    return sorted(edits, key=lambda edit: (edit.start, edit.fault != "mojibake", edit.end))


def count_faults(edits: Iterable[Edit]) -> dict[Fault, int]:
    """Count the faults by kind, in the order of ``FAULTS``, leaving out those that do not occur."""
    edits = list(edits)
    counts = {fault: sum(edit.fault == fault for edit in edits) for fault in FAULTS}
    return {fault: count for fault, count in counts.items() if count}


def mend(text: str, edits: Iterable[Edit], faults: Iterable[Fault] = INVISIBLE_FAULTS) -> MendedText:
    """Apply those of ``edits`` (see ``find_faults``) that mend one of ``faults``; the first of two that overlap."""
    wanted = set(faults)
    parts: list[str] = []
    mended_starts, raw_starts, raw_ends = [0], [0], []
    length = 0
    for edit in edits:
        if edit.fault not in wanted or edit.start < raw_starts[-1]:
            continue
        parts += [text[raw_starts[-1] : edit.start], edit.replacement]
        length += edit.start - raw_starts[-1] + len(edit.replacement)
        raw_ends.append(edit.start)
        if edit.replacement:
            # A replacement is a stretch of its own: all its characters lead back to the start of the raw fault.
            mended_starts.append(length - len(edit.replacement))
            raw_starts.append(edit.start)
            raw_ends.append(edit.start)
        mended_starts.append(length)
        raw_starts.append(edit.end)
    parts.append(text[raw_starts[-1] :])
    raw_ends.append(len(text))
    return MendedText("".join(parts), tuple(mended_starts), tuple(raw_starts), tuple(raw_ends))


def _find_bom(text: str) -> Iterator[Edit]:
    if text.startswith("\ufeff"):
        yield Edit(0, 1, "", "bom")


_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029\v\f]")


def _find_line_ends(text: str) -> Iterator[Edit]:
    for match in _LINE_END.finditer(text):
        yield Edit(match.start(), match.end(), "\n", "line-ends")


# C0 and C1 controls other than tab and the line ends above; NUL and the XML-illegal ones are among them.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


def _find_control(text: str) -> Iterator[Edit]:
    for match in _CONTROL.finditer(text):
        yield Edit(match.start(), match.end(), "", "control")


# The joiners U+200C and U+200D belong to Arabic script and to emoji: there they stay.
_ZERO_WIDTH = re.compile(
    "[\u00ad\u200b\u2060\ufeff]|(?<![\u0600-\u06ff\u200d\ufe0f\u2600-\u27bf\U0001f000-\U0001faff])[\u200c\u200d]"
)


def _find_zero_width(text: str) -> Iterator[Edit]:
    for match in _ZERO_WIDTH.finditer(text):
        if match.group() != "\ufeff" or match.start() > 0:
            yield Edit(match.start(), match.end(), "", "zero-width")


def _find_denormal(text: str) -> Iterator[Edit]:
    """Find the stretches that are not in Unicode normalization form C (UAX 15): a starter and what combines with it."""
    if unicodedata.is_normalized("NFC", text):
        return
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and unicodedata.combining(text[at]):
            continue
        cluster = text[start:at]
        normal = unicodedata.normalize("NFC", cluster)
        if normal != cluster:
            yield Edit(start, at, normal, "nfc")
        start = at


_LATIN_TO_CYRILLIC = str.maketrans("aceopxyihəüAECOPXIHKMTBYƏ", "асеорхуіһәүАЕСОРХІНКМТВУӘ")
_CYRILLIC_TO_LATIN = str.maketrans("асеорхуіһАЕСОРХІНКМТВ", "aceopxyihAECOPXIHKMTB")
_CYRILLIC_LETTERS = "\u0400-\u052f"
_LATIN_LETTERS = "A-Za-z\u00c0-\u024f\u0259"
_CYRILLIC = re.compile(f"[{_CYRILLIC_LETTERS}]")
_LATIN = re.compile(f"[{_LATIN_LETTERS}]")
# It begins where a word does: else each letter of a long run would be tried as a beginning.
_MIXED_WORD = re.compile(
    rf"(?<![^\W\d_])[^\W\d_]*(?:[{_LATIN_LETTERS}][{_CYRILLIC_LETTERS}]|[{_CYRILLIC_LETTERS}][{_LATIN_LETTERS}])[^\W\d_]*[\u0300-\u036f]*"
)


def _find_mixed_script(text: str) -> Iterator[Edit]:
    """Find words that mix Cyrillic and Latin letters where the rarer script consists of look-alikes alone."""
    for match in _MIXED_WORD.finditer(text):
        word = match.group()
        cyrillic, latin = len(_CYRILLIC.findall(word)), len(_LATIN.findall(word))
        letters = word.translate(_LATIN_TO_CYRILLIC if cyrillic > latin else _CYRILLIC_TO_LATIN)
        mended = unicodedata.normalize("NFC", letters)
        rarer_script = _LATIN if cyrillic > latin else _CYRILLIC
        if cyrillic != latin and not rarer_script.search(letters):
            yield Edit(match.start(), match.end(), mended, "mixed-script")


_FINDERS: tuple[Callable[[str], Iterator[Edit]], ...] = (
    _find_bom,
    _find_line_ends,
    _find_control,
    _find_zero_width,
    _find_denormal,
    _find_mixed_script,
)
