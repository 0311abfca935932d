"""Subtitles (SRT, WebVTT): cues joined to what the speakers say; their times stand beside the text, as tags.

WebVTT is read by its grammar (W3C) through webvtt-py. SRT has none: a cue is what follows a line with two times, up to
the next, less the number before that one where the file numbers its cues. pysubs2 takes lines of speech that are
numbers for such numbers, and reads WebVTT's notes as speech; webvtt-py refuses SRT without numbers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.formats.captions import Cue, cue_tag
from qosmatin.corpus.model import LeftOut, Tag, collapse

from .extracted import Extracted
from .subtitle_marks import blocks_beside_cues, markup_of, ruby_of

_PAUSE = 5_000
"""Milliseconds of silence after which no sentence goes on."""

_FLASH = 100
"""Milliseconds that no caption is read in: a cue so short that repeats what was shown is a step of its rolling."""

# What ends a sentence, with what may close after it. Dots may trail off: the next cue says whether they do.
_ENDED = re.compile(r"""[.!?…:♪][)\]»”’"'♪]*\Z""")
_TRAILING = re.compile(r"""(?:\.{2,}|…)[)\]»”’"']*\Z""")
_GOES_ON = re.compile(r"""[(\[«“"']*(?:\.{2,}|…|[^\W\d_])""")
_TURN = re.compile(r"[-–—]\s*(?=\S)")

_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s(.*))?")
# Markup: WebVTT's tags and times, SRT's of HTML, and the overrides of other subtitle formats that stand in SRT.
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|</?>|<\d[\d:.]*>|\{\\[^{}]{0,100}\}")
_RUBY = re.compile(r"<rt(?:\.[^<>]*)?>.*?(?:</rt>|(?=</ruby>)|\Z)", re.DOTALL)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)*(?:\s+([^<>]*))?>")
_MARK = "\ue000"
"""Stands around the name of a voice before its words."""
_NAMED = re.compile(f"{_MARK}([^{_MARK}]*){_MARK}")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][\da-fA-F]+|\w+);")


def read(path: Path, encoding: str | None, lang: str | None) -> Extracted:
    """Read what is said, a paragraph for each stretch of cues that ends where a sentence does.

    A tag stands where the text of each cue begins, with its times. What is no speech is told (``subtitle_marks``).
    """
    text = read_text(path, encoding, lang).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    cues, left_out = _read_vtt(text, path) if path.suffix.lower() == ".vtt" else _read_srt(text)
    if not cues:
        raise InputError("there is no cue in it; subtitles have times such as 00:00:01,000 --> 00:00:02,500", path)
    left_out += [one for _, _, said in cues for one in ruby_of(said)]
    settings = [match[9] or "" for match in map(_TIMES.fullmatch, text.split("\n")) if match is not None]
    left_out += markup_of((said for _, _, said in cues), settings)
    cues = unroll([(start, end, _speech(said)) for start, end, said in cues])
    paragraphs: list[str] = []
    tags: list[Tag] = []
    at = 0
    for stretch in _stretches(cues):
        for number, turn in stretch:
            tags.append(cue_tag(at, number, cues[number]))
            at += len(turn) + 1
        paragraphs.append(" ".join(turn for _, turn in stretch))
        at += 1  # two new lines stand after a paragraph where a space stands after a turn
    return Extracted("\n\n".join(paragraphs), tags=tuple(tags), left_out=tuple(left_out))


def _read_vtt(text: str, path: Path) -> tuple[list[Cue], list[LeftOut]]:
    try:
        import webvtt  # noqa: PLC0415 - an extra
        from webvtt.errors import MalformedFileError  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("reading WebVTT", "formats") from None
    try:
        captions = webvtt.WebVTT.from_string(text).captions
    except MalformedFileError:
        raise InputError("this is no WebVTT: its first line is not WEBVTT; name SRT files .srt", path) from None
    cues = []
    for one in captions:
        times = _TIMES.fullmatch(f"{one.start} --> {one.end}")
        if times is not None:
            cues.append((*_milliseconds(times), one.raw_text))
    left_out = list(blocks_beside_cues(text, _TIMES))
    names = (one.identifier or "" for one in captions)
    return cues, [*left_out, *(LeftOut("identifier", name) for name in names if name and not name.isdecimal())]


def _read_srt(text: str) -> tuple[list[Cue], list[LeftOut]]:
    lines = text.split("\n")
    times = [(number, match) for number, line in enumerate(lines) if (match := _TIMES.fullmatch(line)) is not None]
    if not times:
        return [], []
    first = times[0][0]
    is_numbered = first > 0 and lines[first - 1].strip().isdecimal()
    before = collapse("\n".join(lines[: first - is_numbered]))
    left_out = [LeftOut("without times", before)] if before else []
    ends = [number - (is_numbered and _is_number_of_cue(lines, number)) for number, _ in times[1:]]
    return [
        (*_milliseconds(match), "\n".join(lines[start + 1 : end]).replace("\\N", "\n").strip())
        for (start, match), end in zip(times, [*ends, len(lines)], strict=True)
    ], left_out


def _is_number_of_cue(lines: Sequence[str], times: int) -> bool:
    """Whether the line before the times of a cue is its number, in a file that numbers its cues."""
    return lines[times - 1].strip().isdecimal()


def _milliseconds(times: re.Match[str]) -> tuple[int, int]:
    """Return the start and the end of a cue."""
    found = []
    for hours, minutes, seconds, rest in (times.groups()[:4], times.groups()[4:8]):
        whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
        found.append(whole * 1000 + int((rest or "").ljust(3, "0")))
    return found[0], found[1]


def _speech(text: str) -> str:
    """Return what is said in a cue: without markup, and the name of a voice between marks of ours before its words."""
    plain = _RUBY.sub("", text.replace(_MARK, ""))
    named = _VOICE.sub(lambda match: f"\n{_MARK}{collapse(match[1] or '')}{_MARK}", plain)
    return _ENTITY.sub(lambda match: html.unescape(match[0]), _TAG.sub("", named))


def unroll(cues: Sequence[Cue]) -> list[Cue]:
    """Return captions that roll with each line said once, in the cue that first shows it.

    Captions roll where at least half of the cues that follow another without a pause begin with what that one ended
    with: its last lines, or its last line with more words. A cue that says nothing else lengthens the one before.
    """
    shown = [(start, end, [line for line in map(collapse, text.split("\n")) if line]) for start, end, text in cues]
    shown = [cue for cue in shown if cue[2]]
    if not shown:
        return []
    repeats = [_repeated(before, cue) for before, cue in pairwise(shown)]
    steps = [
        bool(lines) and (lines < len(cue[2]) or cue[1] - cue[0] <= _FLASH or bool(rest))
        for (lines, rest), (_, cue) in zip(repeats, pairwise(shown), strict=True)
    ]
    more = any(
        rest or 0 < lines < len(cue[2]) for (lines, rest), (_, cue) in zip(repeats, pairwise(shown), strict=True)
    )
    together = sum(cue[0] - before[1] <= _FLASH for before, cue in pairwise(shown))
    rolls = more and 2 * sum(steps) >= together
    found: list[Cue] = []
    for (start, end, lines), (count, rest), is_step in zip(shown, [(0, ""), *repeats], [False, *steps], strict=True):
        new = lines
        if count and (rolls or (is_step and count == len(lines) and not rest)):
            new = [rest, *lines[count:]] if rest else lines[count:]
        if new:
            found.append((start, end, "\n".join(new)))
        else:
            found[-1] = (found[-1][0], max(end, found[-1][1]), found[-1][2])
    return found


def _repeated(before: tuple[int, int, list[str]], cue: tuple[int, int, list[str]]) -> tuple[int, str]:
    """Return how many lines of a cue the one before ended with; of a line that only went on, the words that are new."""
    if cue[0] - before[1] > _FLASH:
        return 0, ""
    earlier, lines = before[2], cue[2]
    same = next(
        (count for count in range(min(len(earlier), len(lines)), 0, -1) if earlier[-count:] == lines[:count]), 0
    )
    if same:
        return same, ""
    if len(earlier) <= len(lines) and earlier[:-1] == lines[: len(earlier) - 1]:
        last, now = earlier[-1], lines[len(earlier) - 1]
        if now.startswith(f"{last} "):
            return len(earlier), now[len(last) + 1 :]
    return 0, ""


def join_cues(cues: Iterable[Cue]) -> Iterator[str]:
    """Yield what the cues say, cut only where a sentence ends, another speaker begins, or there is a long silence.

    A line that begins with a dash is the turn of another speaker, and so is one with another voice.
    """
    for stretch in _stretches(cues):
        yield " ".join(turn for _, turn in stretch)


def _stretches(cues: Iterable[Cue]) -> Iterator[list[tuple[int, str]]]:
    """Yield the turns of each stretch, each with the number of its cue."""
    stretch: list[tuple[int, str]] = []
    last, speaker = 0, ""
    for cue, (start, end, text) in enumerate(cues):
        for number, (voice, turn) in enumerate(_turns(text)):
            is_silent = number == 0 and start - last > _PAUSE
            is_other = bool(voice and speaker and voice != speaker)
            if stretch and (is_silent or is_other or _TURN.match(turn) or not _continues(stretch[-1][1], turn)):
                yield stretch
                stretch = []
            speaker = voice or speaker
            stretch.append((cue, turn))
        last = max(last, end)
    if stretch:
        yield stretch


def _turns(text: str) -> list[tuple[str, str]]:
    """Return the lines of a cue that begin a speaker's turn, each with the lines that go on with it, and the voice."""
    turns: list[tuple[str, str]] = []
    voice = ""
    for line in text.split("\n"):
        named = _NAMED.match(line)
        voice = named[1] if named else voice
        said = collapse(_NAMED.sub("", line))
        if not said:
            continue
        if turns and not _TURN.match(said) and turns[-1][0] == voice:
            turns[-1] = (voice, f"{turns[-1][1]} {said}")
        else:
            turns.append((voice, said))
    return turns


def _continues(said: str, line: str) -> bool:
    """Whether a line goes on with the sentence that was being said."""
    if not _ENDED.search(said):
        return True
    match = _GOES_ON.match(line)
    return bool(_TRAILING.search(said)) and match is not None and (match[0][-1] in ".…" or match[0][-1].islower())
