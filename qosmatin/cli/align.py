"""``qosmatin align``: align two texts, or two folders of texts, outside of any corpus."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.align import EVIDENCE, Bead, align, load_lexicon, read_dictionary, settings_without
from qosmatin.align.batch import AlignOutcome, Options, align_files, find_jobs, learn_lexicon, read_texts
from qosmatin.align.embeddings import Embedder, load_vectors
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.formats.alignments import (
    bead_segments,
    write_jsonl,
    write_ladder,
    write_tsv,
    write_vecalign,
)
from qosmatin.corpus.formats.tmx import write_tmx
from qosmatin.corpus.languages import check_languages
from qosmatin.corpus.model import BothTexts
from qosmatin.job.progress import progress

from .console import STANDARD_INPUT, error_console, open_output, read_input


class AlignFormat(StrEnum):
    """What ``qosmatin align`` writes."""

    tsv = "tsv"
    jsonl = "jsonl"
    tmx = "tmx"
    ladder = "ladder"
    vecalign = "vecalign"


_SOURCE = Annotated[str, typer.Argument(metavar="SRC", help="A text (- is standard input), or a folder of texts.")]
_TARGET = Annotated[str, typer.Argument(metavar="TGT", help="Its translation; in folders, by equal file names.")]
_DICTIONARY = Annotated[
    list[Path] | None, typer.Option(help="A dictionary of yours: .tsv, .dic, .dix or .tmx. Repeatable.")
]
_EMBEDDINGS = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODEL|FILE.npy",
        help="Vectors as evidence: e5-small or a sentence-transformers model; or twice, a .npy file, a row a sentence.",
    ),
]
_SENTENCES = Annotated[bool, typer.Option("--sentences", help="The texts have one sentence a line already.")]
SOURCE_LANG = Annotated[str, typer.Option("--source-lang", "-s", help="Language of SRC.")]
TARGET_LANG = Annotated[str, typer.Option("--target-lang", "-t", help="Language of TGT.")]


def align_texts(
    source: _SOURCE,
    target: _TARGET,
    *,
    source_lang: SOURCE_LANG = "kk",
    target_lang: TARGET_LANG = "en",
    output_format: Annotated[AlignFormat, typer.Option("--format", "-f", help="What to write.")] = AlignFormat.tsv,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file; for folders, a folder.")] = None,
    sentences: _SENTENCES = False,
    lexicon: Annotated[Path | None, typer.Option(help="A lexicon that `qosmatin lexicon learn` made.")] = None,
    dictionary: _DICTIONARY = None,
    embeddings: _EMBEDDINGS = None,
    max_bead: Annotated[int, typer.Option(min=2, max=8, help="Sentences of a bead at most, both sides together.")] = 6,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="EVIDENCE", help=f"Do not go by this: {', '.join(EVIDENCE)}. Repeatable."),
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Folders: learn no words from the other documents.")] = False,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Folders: processes.")] = os.cpu_count() or 1,
) -> None:
    """Align a text with its translation, sentence by sentence.

    TSV has source, target, confidence (0 to 1) and shape (1-2: one source sentence, two target ones). For two folders,
    words are learnt from all documents first; a document that cannot be aligned is reported, the rest goes on, and the
    exit status is 1.

    Example: printf 'Сот басталды. Ол келді.' > kk.txt; printf 'The trial began. He came.' | qosmatin align kk.txt -
    """
    source_lang, target_lang = check_languages(source_lang, target_lang)
    options = Options(
        source_lang,
        target_lang,
        sentences=sentences,
        lexicon=load_lexicon(lexicon) if lexicon else None,
        dictionaries=tuple(read_dictionary(path, source_lang, target_lang) for path in dictionary or ()),
        settings=settings_without(without or (), max_bead),
        embedder=_embedder(embeddings or []),
    )
    files = _vector_files(embeddings or [])
    if Path(source).is_dir() or Path(target).is_dir():
        if output is None:
            raise InputError("two folders are aligned into a folder; name it with -o")
        if files:
            raise InputError("vectors in .npy files are those of two texts; for folders name a model")
        _align_folders(
            Path(source),
            Path(target),
            output=output,
            output_format=output_format,
            options=options,
            alone=alone,
            workers=jobs,
        )
        return
    if source == target == STANDARD_INPUT:
        raise InputError("only one of the two texts can be standard input")
    texts = (
        read_texts(read_input(source, source_lang), source_lang, sentences),
        read_texts(read_input(target, target_lang), target_lang, sentences),
    )
    vectors = (load_vectors(files[0]), load_vectors(files[1])) if files else None
    beads = align(
        *texts,
        source_lang,
        target_lang,
        lexicon=options.lexicon,
        dictionaries=options.dictionaries,
        settings=options.settings,
        vectors=options.embedder.encode_sides(*texts) if options.embedder else vectors,
        encode=options.embedder.encode if options.embedder else None,
    )
    _write(beads, texts, output, output_format, options)


def _vector_files(named: Sequence[str]) -> list[str]:
    """Return the two files of vectors, if it is files that were named.

    Raises ``InputError`` unless there are two such files, or one model.
    """
    files = [one for one in named if one.endswith(".npy")]
    if len(named) > 2 or len(files) not in (0, 2) or (not files and len(named) > 1):
        raise InputError("--embeddings takes one model, or two .npy files: the vectors of SRC, then those of TGT")
    return files


def _embedder(named: Sequence[str]) -> Embedder | None:
    """Return what computes vectors, if a model was named."""
    return Embedder(named[0]) if named and not _vector_files(named) else None


def _align_folders(
    source: Path, target: Path, *, output: Path, output_format: AlignFormat, options: Options, alone: bool, workers: int
) -> None:
    """Align the files of two folders; raises ``typer.Exit`` with status 1 when one could not be aligned."""
    console = error_console()
    found, without_partner = find_jobs(source, target)
    for path in without_partner:
        console.print(f"skipped: {path} has no partner of the same name", markup=False, highlight=False)
    if not alone and len(found) > 1:
        learnt = learn_lexicon(found, options)
        options = replace(options, lexicon=learnt or options.lexicon)
    failed: list[AlignOutcome] = []
    with progress(console, "align", len(found)) as advance:

        def done(outcome: AlignOutcome) -> None:
            advance(1)
            if outcome.error is None:
                path = output / f"{outcome.job.id}.{output_format.value}"
                _write(outcome.beads, (outcome.source, outcome.target), path, output_format, options)
            else:
                failed.append(outcome)

        align_files(found, options, workers, done)
    for outcome in failed:
        console.print(f"failed: {outcome.job.id}: {outcome.error}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(found) - len(failed)} of {len(found)} documents aligned into {output}", markup=False)
    if failed or without_partner:
        raise typer.Exit(1)


def _write(
    beads: Sequence[Bead], texts: BothTexts, output: Path | None, output_format: AlignFormat, options: Options
) -> None:
    """Write beads to a file, which is replaced whole, or to standard output."""
    if output_format is AlignFormat.tmx:
        segments = bead_segments(beads, texts)
        if output is None:
            write_tmx(sys.stdout.buffer, segments, options.source_lang, options.target_lang)
            return
        with replacing_file(output) as beside:
            write_tmx(beside, segments, options.source_lang, options.target_lang)
        return
    if output_format is AlignFormat.tsv:
        lines = write_tsv(beads, texts)
    elif output_format is AlignFormat.jsonl:
        lines = write_jsonl(beads, texts)
    else:
        lines = write_ladder(beads) if output_format is AlignFormat.ladder else write_vecalign(beads)
    with open_output(output) as stream:
        for line in lines:
            stream.write(line + "\n")
