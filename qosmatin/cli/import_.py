"""``qosmatin import``: files from CAT tools and spreadsheets, as reviewers' decisions, as documents or as a memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import PAIR_FORMATS, Heading, write_segments
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.languages import check_languages, primary_subtag
from qosmatin.corpus.presets import Preset, preset, presets
from qosmatin.job.importing import (
    ImportedDocument,
    merge_memories,
    read_documents,
    read_preset,
    write_columns,
    write_decisions,
    write_manifests,
)

from .import_decisions import import_decisions, tell


class Purpose(StrEnum):
    """What a file is taken for."""

    decisions = "decisions"
    documents = "documents"
    memory = "memory"


_READ = f"Files of pairs: {', '.join(one.name for one in PAIR_FORMATS if one.read)}, or what a package adds."


def import_files(
    files: Annotated[list[Path], typer.Argument(help=_READ, show_default=False)],
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="decisions: a JSONL; documents: a folder; memory: a TMX.")
    ],
    purpose: Annotated[Purpose, typer.Option("--as", help="What the files are taken for.")] = Purpose.decisions,
    corpus: Annotated[Path | None, typer.Option(help="decisions: the corpus that they speak of.")] = None,
    reviewer: Annotated[
        str | None, typer.Option(help="decisions: who made them. documents: who vouches for the files' alignment.")
    ] = None,
    translation: Annotated[
        str | None, typer.Option(help="documents: the translation's name in the config; default: its language.")
    ] = None,
    take_conflicts: Annotated[
        bool, typer.Option("--take-conflicts", help="decisions: the files' words stand where others were said since.")
    ] = False,
    collection: Annotated[
        str | None,
        typer.Option("--preset", metavar="NAME", help=f"A published collection, as documents: {', '.join(presets())}."),
    ] = None,
    source_lang: Annotated[str, typer.Option("--source-lang", "-s", help="Language of the sources.")] = "kk",
    target_lang: Annotated[str, typer.Option("--target-lang", "-t", help="Language of the targets.")] = "en",
) -> None:
    """Take in what people made elsewhere.

    decisions: an exported file that a reviewer worked on; what differs from the corpus is added to the JSONL that the
    config names under `decisions`, and what contradicts it is listed and left out. documents: each document of the
    files becomes one of a new corpus, as manifests that a config can name; with --reviewer the alignment of the files
    becomes decisions that confirm it. memory: the files' pairs as one translation memory, for `engine: memory`.
    --preset takes in a collection as it is published (files, a folder or a ZIP), with what its columns say.

    Example: qosmatin export corpora/ilyashev -f tmx -t en -o reviewed.tmx &&
    qosmatin import reviewed.tmx --corpus corpora/ilyashev --reviewer 'A. B.' -o decisions.jsonl
    """
    console = Console(soft_wrap=True)
    langs = check_languages(source_lang, target_lang)
    vouching = None if reviewer is None else (translation or target_lang, reviewer)
    if collection is not None:
        _import_collection(console, preset(collection), files, output, langs=langs, vouching=vouching)
    elif purpose is Purpose.documents:
        _import_documents(console, files, output, langs, vouching)
    elif purpose is Purpose.memory:
        _import_memory(console, files, output, langs)
    elif corpus is None or reviewer is None:
        raise InputError("decisions need --corpus FOLDER and --reviewer NAME")
    else:
        import_decisions(console, files, output, corpus=corpus, reviewer=reviewer, take_conflicts=take_conflicts)


def _import_documents(
    console: Console, files: Iterable[Path], folder: Path, langs: tuple[str, str], vouching: tuple[str, str] | None
) -> None:
    """Write manifests; with ``vouching`` (translation and reviewer) the files' alignment as decisions too."""
    told = Told()
    documents = read_documents(files, *langs, told)
    write_manifests(folder, documents, *langs)
    _tell_manifests(console, documents, folder, langs)
    tags = sum(len(one.source.tags) + len(one.target.tags) for one in documents.values())
    if tags:
        console.print(f"{tags:,} inline tags are kept beside the texts", highlight=False)
    tell(console, told)
    _vouch(console, documents, folder, vouching)


def _import_collection(
    console: Console,
    wanted: Preset,
    files: Sequence[Path],
    folder: Path,
    *,
    langs: tuple[str, str],
    vouching: tuple[str, str] | None,
) -> None:
    """Write manifests of a published collection, and beside them the columns that no manifest has."""
    left_out: Counter[str] = Counter()
    documents = read_preset(wanted, files, langs, left_out)
    known = {lang: wanted.provenance(primary_subtag(lang), source=lang == langs[0]) for lang in langs}
    write_manifests(folder, documents, *langs, known)
    _tell_manifests(console, documents, folder, langs)
    if count := write_columns(folder / "columns.tsv", documents):
        console.print(f"{folder / 'columns.tsv'}: {count} further columns of each line", markup=False, highlight=False)
    for reason, number in left_out.items():
        console.print(f"  {number:,} rows left out: {reason}", highlight=False)
    _vouch(console, documents, folder, vouching)


def _tell_manifests(
    console: Console, documents: Mapping[str, ImportedDocument], folder: Path, langs: tuple[str, str]
) -> None:
    for lang in langs:
        console.print(f"{folder / lang}.jsonl: {len(documents)} documents", markup=False, highlight=False)


def _vouch(
    console: Console, documents: dict[str, ImportedDocument], folder: Path, vouching: tuple[str, str] | None
) -> None:
    """Write the alignment of documents as decisions, where somebody vouches for it."""
    console.print("name these under 'manifest' in a config, as sources and as a translation", highlight=False)
    if vouching is None:
        return
    path = folder / "decisions.jsonl"
    count = write_decisions(path, documents, *vouching, datetime.now(UTC).isoformat(timespec="seconds"))
    left_out = sum(one.left_out for one in documents.values())
    note = f"; {left_out:,} links left out, whose sentences do not stand side by side" if left_out else ""
    refused = sum(one.refused for one in documents.values())
    note += f"; {refused:,} pairs left out, which a reviewer refused" if refused else ""
    console.print(
        f"{path}: {count:,} confirmed pairs of translation '{vouching[0]}'{note}", markup=False, highlight=False
    )


def _import_memory(console: Console, files: Sequence[Path], path: Path, langs: tuple[str, str]) -> None:
    if path.suffix.lower() != ".tmx":
        raise InputError("a memory is written as TMX; call it something.tmx", path)
    told = Told()
    merged = merge_memories(files, *langs, told)
    write_segments("tmx", path, merged.segments, Heading(path.stem, *langs))
    counts = {"the same again": merged.repeated, "refused by a reviewer": merged.refused, "empty": merged.empty}
    left_out = ", ".join(f"{count:,} {why}" for why, count in counts.items() if count)
    note = f"; left out: {left_out}" if left_out else ""
    console.print(f"{path}: {len(merged.segments):,} units{note}", markup=False, highlight=False)
    tell(console, told)
    console.print("name it under 'memories' of a translation with 'engine: memory'", highlight=False)
