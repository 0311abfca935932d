"""A document as it was read, beside the file that it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS, ExtractSettings
from qosmatin.corpus.model import SplitDocument, Tag

from .units import Translated


@dataclass(frozen=True, slots=True)
class Original:
    """A document, its file, how that is read, and what stands for its sentences in ``target_lang``.

    ``tags`` are those of the document: in them are the times of subtitles. ``ending`` is that of the file to write.
    """

    document: SplitDocument
    units: Sequence[Translated]
    target_lang: str
    path: Path
    ending: str
    encoding: str | None = None
    settings: ExtractSettings = EXTRACT_DEFAULTS
    tags: tuple[Tag, ...] = ()
