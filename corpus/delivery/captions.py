"""Subtitles with their translation in the cues of their source."""

from __future__ import annotations

from pathlib import Path

from qosmatin.corpus.formats.captions import Cue, captions_of, is_cue, write_srt, write_vtt
from qosmatin.corpus.formats.projecting import Linker

from .original import Original
from .units import Told, Translated


def write(original: Original, path: Path, linker: Linker, told: Told) -> None:  # noqa: ARG001
    """Write the cues of a document, as SRT or WebVTT; where nothing is translated the source stands."""
    cues = cues_of(original, told)
    (write_vtt if original.ending == ".vtt" else write_srt)(path, cues)


def cues_of(original: Original, told: Told) -> list[Cue]:
    """Return the cues of a document with its translation."""
    text = original.document.text
    units = [one if one.target_text else _as_is(one, text) for one in original.units]
    cues = captions_of(text, original.tags, units)
    whole = len({tag.id for tag in original.tags if is_cue(tag)})
    if len(cues) < whole:
        told.add("cues say nothing in the translation, and are left out", count=whole - len(cues))
    return cues


def _as_is(unit: Translated, text: str) -> Translated:
    return Translated(unit.source_spans, " ".join(text[start:end] for start, end in unit.source_spans))
