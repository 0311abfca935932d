"""The align stage: from the sentences of a translation and all that is known of them to the table of beads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qosmatin.align import align_corpus, load_lexicon, read_dictionary, settings_without
from qosmatin.align.embeddings import Embedder
from qosmatin.corpus.folder import hash_path
from qosmatin.corpus.model import Bead
from qosmatin.corpus.view import CorpusView, SplitDocument

from . import __version__
from .batches import in_batches
from .config import FilesTranslation, MemoryTranslation
from .pipeline import Job
from .progress import progress

ALIGNER = f"qosmatin {__version__}"

BY_SENTENCE = "sentence by sentence"
"""The aligner of a translation that an engine made one sentence at a time: there was nothing to align."""

_Vectors = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
_Documents = Sequence[tuple[SplitDocument, SplitDocument]]


def run_align(job: Job, name: str) -> str:
    """Align all documents of a translation; returns one line for the user."""
    view = CorpusView(job.folder)
    ids = view.document_pairs(name)
    if view.is_machine_made(name):
        return _write_beads(job, name, ids, [view.one_to_one(name, source) for source, _ in ids], BY_SENTENCE)
    source_lang, lang, aligner = job.config.sources[0].lang, job.config.translation(name).lang, job.config.aligner
    pairs = [(view.document(source), view.document(target)) for source, target in ids]
    placed = [view.placed_decisions(source, target)[0] for source, target in pairs]
    evidence = translated_by(job, name)
    with progress(job.console, f"align {name}", None) as advance:
        alignments = align_corpus(
            [(source.texts, target.texts) for source, target in pairs],
            source_lang,
            lang,
            lexicon=load_lexicon(aligner.lexicon) if aligner.lexicon else None,
            dictionaries=[read_dictionary(path, source_lang, lang) for path in aligner.dictionaries],
            fixed=[[one.bead for one in places if one.decision.operation != "reject"] for places in placed],
            forbidden=[[one.bead for one in places if one.decision.operation == "reject"] for places in placed],
            source_paragraphs=[_paragraphs(source) for source, _ in pairs],
            target_paragraphs=[_paragraphs(target) for _, target in pairs],
            translated=None if evidence is None else [view.translated(evidence, source) for source, _ in ids],
            vectors=_embed(job, pairs),
            settings=settings_without(aligner.without, aligner.max_bead),
            progress=lambda _step, _done, total: advance(1, total),
        )
    return _write_beads(job, name, ids, alignments, ALIGNER)


def translated_by(job: Job, name: str) -> str | None:
    """Return the translation by an engine into the same language, whose sentences are evidence; None without one."""
    lang = job.config.translation(name).lang
    made = [one for one in job.config.translations if not isinstance(one, FilesTranslation) and one.lang == lang]
    # A memory is evidence for the sentences that it has; an engine's translation, for all.
    made.sort(key=lambda one: isinstance(one, MemoryTranslation))
    return next((one.name for one in made if one.name != name), None)


def align_reads(job: Job, name: str) -> list[str]:
    """Return the tables that an alignment depends on."""
    evidence = translated_by(job, name)
    names = [name] if evidence is None else [name, evidence]
    return ["sentences.parquet", "decisions.parquet", *(f"translations/{one}.parquet" for one in names)]


def align_settings(job: Job, name: str) -> object:
    """Return what else an alignment depends on: languages, what is known of words, and the embedding model."""
    aligner = job.config.aligner
    words = [hash_path(path) for path in (aligner.lexicon, *aligner.dictionaries) if path is not None]
    model = aligner.embeddings and [aligner.embeddings, aligner.embeddings_revision]
    switches = [aligner.max_bead, sorted(aligner.without)]
    return [job.config.sources[0].lang, job.config.translation(name).lang, words, model, switches]


def _embed(job: Job, pairs: _Documents) -> list[_Vectors] | None:
    """Return the vectors of both sides of each document by the model that the config names; None without one."""
    aligner = job.config.aligner
    if aligner.embeddings is None:
        return None
    embedder = Embedder(aligner.embeddings, aligner.embeddings_revision, job.folder.path / "cache")
    texts = [side.texts for pair in pairs for side in pair]
    vectors = embedder.encode([text for side in texts for text in side])
    parts = np.split(vectors, np.cumsum([len(side) for side in texts])[:-1])
    return list(zip(parts[::2], parts[1::2], strict=True))


def _write_beads(job: Job, name: str, ids: list[tuple[str, str]], alignments: list[list[Bead]], aligner: str) -> str:
    rows = (
        _bead_row(name, ids_of_pair, index, bead, aligner)
        for ids_of_pair, beads in zip(ids, alignments, strict=True)
        for index, bead in enumerate(beads)
    )
    job.folder.write("beads", in_batches(rows), name)
    return _describe_beads([bead for beads in alignments for bead in beads])


def _paragraphs(document: SplitDocument) -> list[int]:
    return [sentence.paragraph for sentence in document.sentences]


def _bead_row(translation: str, ids: tuple[str, str], index: int, bead: Bead, aligner: str) -> dict[str, Any]:
    return {
        "translation": translation,
        "source_document": ids[0],
        "target_document": ids[1],
        "index": index,
        "source_start": bead.source[0],
        "source_end": bead.source[1],
        "target_start": bead.target[0],
        "target_end": bead.target[1],
        "confidence": bead.confidence,
        "aligner": aligner,
    }


def _describe_beads(beads: list[Bead]) -> str:
    pairs = [bead for bead in beads if not bead.is_null]
    if not pairs:
        return "no pairs"
    other = sum(bead.shape != "1-1" for bead in pairs)
    sure = [bead.confidence for bead in pairs if bead.confidence is not None]
    mean = f", mean confidence {sum(sure) / len(sure):.2f}" if sure else ""
    return f"{len(pairs):,} pairs ({other:,} not 1-1), {len(beads) - len(pairs):,} unpaired sentences{mean}"
