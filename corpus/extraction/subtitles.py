"""Subtitles (SRT, WebVTT): cues joined to what the speakers say, timing and markup left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.model import collapse

from .extracted import Extracted, joined

_PAUSE = 5_000
"""Milliseconds of silence after which no sentence goes on."""

# What ends a sentence, with what may close after it. Dots may trail off: the next cue says whether they do.
_ENDED = re.compile(r"""[.!?…:♪][)\]»”’"'♪]*\Z""")
_TRAILING = re.compile(r"""(?:\.{2,}|…)[)\]»”’"']*\Z""")
_GOES_ON = re.compile(r"""[(\[«“"']*(?:\.{2,}|…|[^\W\d_])""")
_TURN = re.compile(r"[-–—]\s*(?=\S)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,100}>|\{\\[^{}]{0,100}\}")

Cue = tuple[int, int, str]
"""Start and end in milliseconds, and the text with its new lines."""


def read(path: Path, encoding: str | None) -> Extracted:
    """Read what is said, a paragraph for each stretch of cues that ends where a sentence does."""
    try:
        import pysubs2  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("reading subtitles", "formats") from None
    text = read_text(path, encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        events = pysubs2.SSAFile.from_string(text, format_=path.suffix.lower()[1:]).events
    except (pysubs2.Pysubs2Error, ValueError, IndexError) as error:
        raise InputError(f"cannot be read as subtitles: {error}", path) from None
    if not events:
        raise InputError("there is no cue in it; subtitles have times such as 00:00:01,000 --> 00:00:02,500", path)
    return Extracted(joined(join_cues((one.start, one.end, one.plaintext) for one in events)))


def join_cues(cues: Iterable[Cue]) -> Iterator[str]:
    """Yield what the cues say, cut only where a sentence ends, another speaker begins, or there is a long silence.

    A line that begins with a dash is the turn of another speaker.
    """
    said = ""
    last = 0
    for start, end, text in cues:
        turn = ""
        for number, line in enumerate(_turns(text)):
            turn = collapse(line)
            silent = number == 0 and start - last > _PAUSE
            if said and (silent or _TURN.match(turn) or not _continues(said, turn)):
                yield said
                said = ""
            said = f"{said} {turn}".strip()
        last = max(last, end)
    yield said


def _turns(text: str) -> list[str]:
    """Return the lines of a cue that begin a speaker's turn, each with the lines that go on with it."""
    turns: list[str] = []
    for line in filter(None, map(collapse, _TAG.sub("", text).split("\n"))):
        if turns and not _TURN.match(line):
            turns[-1] += f" {line}"
        else:
            turns.append(line)
    return turns


def _continues(said: str, line: str) -> bool:
    """Whether a line goes on with the sentence that was being said."""
    if not _ENDED.search(said):
        return True
    match = _GOES_ON.match(line)
    return bool(_TRAILING.search(said)) and match is not None and (match[0][-1] in ".…" or match[0][-1].islower())
