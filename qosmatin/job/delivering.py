"""Source documents out again, translated: each in the format of its file, or as XLIFF."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qosmatin.config.job import Output
from qosmatin.corpus.delivery import deliver, delivered_format
from qosmatin.corpus.delivery.original import Original
from qosmatin.corpus.delivery.units import UNTRANSLATED, Told, Translated, translated_of
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.placing import TagPlacer
from qosmatin.corpus.formats.projecting import Linker
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.formats.xces import file_name_of
from qosmatin.corpus.model import SplitDocument
from qosmatin.corpus.reading.entries import DocumentEntry
from qosmatin.corpus.storage.view import CorpusView

from .documents import source_entries
from .linking import linker_for
from .pipeline import Job


def sentences_of(document: SplitDocument, translated: Sequence[dict[str, Any]], told: Told) -> list[Translated]:
    """Return what an engine made of the sentences of a document."""
    found = []
    for sentence, source, row in zip(document.sentences, document.texts, translated, strict=True):
        if not row["text"]:
            told.add(UNTRANSLATED, source)
        found.append(Translated(((sentence.start, sentence.end),), row["text"] or ""))
    return found


_SUBTITLES = ("srt", "vtt")


def ending_of(entry: DocumentEntry, output: Output) -> str | None:
    """Return the ending of the file in which a document comes out in a format; None where it cannot."""
    if output == "xliff":
        return ".xlf"
    kind = delivered_format(entry.path) if entry.path is not None and entry.page is None else None
    if kind is None or entry.path is None:
        return None
    if output in _SUBTITLES and kind.name in _SUBTITLES:
        return f".{output}"
    return entry.path.suffix if output in ("original", kind.name) else None


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Writes documents of a corpus into files of their formats."""

    view: CorpusView
    entries: dict[str, DocumentEntry]
    target_lang: str
    linker: Linker

    def write(self, source: str, path: Path, units: Sequence[Translated], told: Told) -> None:
        """Write a document; raises ``InputError`` where its file is gone, or is of a format that cannot be written."""
        entry = self.entries.get(source)
        if entry is None or entry.path is None or entry.page is not None:
            raise InputError(
                f"document '{source}' was read from no file of its own that is there now; xliff holds any document"
            )
        original = Original(
            self.view.document(source),
            units,
            self.target_lang,
            entry.path,
            path.suffix.lower(),
            encoding=entry.encoding,
            settings=entry.extraction,
            tags=self.view.tags(source),
        )
        deliver(original, path, self.linker, told)


def file_of(folder: Path, document: str, ending: str) -> Path:
    """Return where a document is written below a folder: called as the document."""
    return folder / file_name_of(document, ending)


def deliver_originals(
    job: Job, view: CorpusView, names: Sequence[str], sources: Collection[str] | None, output: Path | None
) -> None:
    """Write source documents in the formats of their files, with their translations; tells each on the job's console.

    ``sources`` are all where none is named; of one document of one translation ``output`` is the file, else the folder.
    Raises ``InputError`` where no document can come out so.
    """
    entries = source_entries(job.config)
    for name in names:
        section = job.config.translation(name)
        known = [source for source, _ in view.document_pairs(name)]
        if missing := set(sources or ()) - set(known):
            raise InputError(
                f"translation '{name}' has no document '{min(missing)}'; known are {', '.join(known[:10])}"
            )
        wanted = [one for one in known if sources is None or one in sources]
        endings = {one: ending_of(entries[one], "original") for one in wanted if one in entries}
        able = [one for one in wanted if endings.get(one) is not None]
        deliverer = Deliverer(view, entries, section.lang, linker_for(job.config.sources[0].lang, section.lang))
        folder = output or job.folder.path / "exports" / f"{job.config.dataset_of(section)}-original"
        is_one = output is not None and len(wanted) == len(names) == 1
        for source in able or wanted[:1]:  # where none can come out, the first says why
            path = folder if is_one else file_of(folder, source, endings.get(source) or "")
            path.parent.mkdir(parents=True, exist_ok=True)
            told = Told()
            deliverer.write(source, path, translated_of(view.pairs(name, {source}), told), told)
            for line in [str(path), *(f"  {line}" for line in told.lines())]:
                job.console.print(line, markup=False, highlight=False)
        if len(able) < len(wanted):
            left = len(wanted) - len(able)
            job.console.print(
                f"  {left:,} documents cannot come out in their format; xliff holds them", highlight=False
            )


def machine_segments(
    view: CorpusView, source: str, translated: Sequence[dict[str, Any]], placer: TagPlacer
) -> Iterator[SegmentPair]:
    """Yield what an engine made of each sentence of a document, with the inline tags of its source."""
    document = view.document(source)
    rows = zip(document.sentences, document.texts, translated, strict=True)
    for position, (sentence, text, row) in enumerate(rows):
        said = row["text"] or ""
        tags = placer.tags_for(source, [(sentence.start, sentence.end)], (text, said))
        yield SegmentPair(
            text, said, document=source, position=position, kind="machine", source_tags=tags[0], target_tags=tags[1]
        )
