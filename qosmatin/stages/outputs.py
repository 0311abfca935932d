"""What a job writes beside the corpus: its tables and documents as they came, with the translation of an engine."""

from __future__ import annotations

from pathlib import Path

from qosmatin.config.job import MachineTranslation
from qosmatin.corpus.delivery.units import Told
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_folder, write_text
from qosmatin.corpus.formats.files import Heading, write_segments
from qosmatin.corpus.formats.placing import TagPlacer
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.delivering import Deliverer, ending_of, file_of, machine_segments, sentences_of
from qosmatin.job.linking import linker_for
from qosmatin.job.pipeline import Job

from .table_outputs import check_tables, write_tables

OUTPUTS = "translated"
"""The folder in the corpus folder; in it is a folder for each translation."""

REMARKS = "remarks.txt"
"""In that folder: what a person should know of the documents that were written."""


def writes_outputs(job: Job, translation: MachineTranslation) -> bool:
    """Whether a translation is written as tables or documents."""
    return bool(job.documents.tables() or translation.outputs)


def check_outputs(job: Job, translation: MachineTranslation) -> None:
    """Raise ``InputError`` where the tables cannot be written, or no document can come out in a wanted format."""
    check_tables(job, translation.name)
    for output in translation.outputs:
        if not any(ending_of(one, output) for one in job.documents.sources):
            raise InputError(
                f"translation '{translation.name}': outputs: no source can come out as {output}; 'original' is each in "
                "its own format, and xliff holds any"
            )


def write_outputs(job: Job, translation: MachineTranslation, view: CorpusView) -> str:
    """Write the tables of the sources, and documents in the formats that are wanted; returns words for the user."""
    if not writes_outputs(job, translation):
        return ""
    remarks: list[str] = []
    with replacing_folder(job.folder.path / OUTPUTS / translation.name) as beside:
        write_tables(beside, job, translation.name, view)
        count = _write_documents(beside, job, translation, view, remarks)
        if remarks:
            write_text(beside / REMARKS, "".join(f"{line}\n" for line in remarks))
    where = f"{OUTPUTS}/{translation.name}"
    made = ["the rows"] if job.documents.tables() else []
    made += [f"{count:,} files"] if translation.outputs else []
    return f"; {' and '.join(made)} are in {where}" + (f", with {REMARKS}" if remarks else "")


def _write_documents(
    folder: Path, job: Job, translation: MachineTranslation, view: CorpusView, remarks: list[str]
) -> int:
    entries = {one.id: one for one in job.documents.sources}
    read = [source for source, _ in view.document_pairs(translation.name) if source in entries]
    count = 0
    if not translation.outputs:
        return count
    linker = linker_for(job.config.sources[0].lang, translation.lang)
    deliverer = Deliverer(view, entries, translation.lang, linker)
    placer = TagPlacer(view, job.config.text.mend, linker)
    for source in read:
        for output in translation.outputs:
            ending = ending_of(entries[source], output)
            if ending is None:
                continue
            count += 1
            path = file_of(folder, source, ending)
            translated = view.translated_sentences(translation.name, source)
            if output == "xliff":
                about = Heading(source, job.config.sources[0].lang, translation.lang)
                write_segments(output, path, machine_segments(view, source, translated, placer), about)
                continue
            told = Told()
            deliverer.write(source, path, sentences_of(view.document(source), translated, told), told)
            remarks += [f"{path.relative_to(folder)}: {line}" for line in told.lines()]
    return count
