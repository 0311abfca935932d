"""``qosmatin manifest``: draft the lists of which documents of two folders translate each other, by their names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import document_suffixes
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.languages import check_language, primary_subtag
from qosmatin.corpus.reading.entries import TEXT_SUFFIXES
from qosmatin.corpus.reading.finding import find_files
from qosmatin.corpus.reading.pairing import marked_language, pair_names

from .console import error_console

_COLUMNS = ("path", "id", "of")


def draft_manifest(
    source: Annotated[Path, typer.Argument(metavar="SRC_DIR", help="The folder of the sources.", show_default=False)],
    target: Annotated[
        Path, typer.Argument(metavar="TGT_DIR", help="That of their translations; may be the same.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="A folder for sources.tsv and translations.tsv.")],
    source_lang: Annotated[
        str | None, typer.Option("--source-lang", "-s", help="Leave out what is marked as another language.")
    ] = None,
    target_lang: Annotated[str | None, typer.Option("--target-lang", "-t", help="The same of translations.")] = None,
) -> None:
    """Draft manifests of sources and translations: documents are paired by their names, one to one.

    Numbers, marks of languages (kaz, каз, kk, рус, en ...) and either alphabet are understood; what could be paired in
    two ways is left to you. A config names both files as they are, under `manifest`. What has no partner is listed.

    Example: qosmatin manifest examples/ilyashev/kk examples/ilyashev/en -o manifests
    """
    langs = [None if lang is None else check_language(lang) for lang in (source_lang, target_lang)]
    sources, targets = _documents(source), _documents(target)
    if source.resolve() == target.resolve():
        if None in langs:
            raise InputError("one folder of both languages needs --source-lang and --target-lang", source)
        targets = [path for path in targets if marked_language(path) == primary_subtag(str(langs[1]))]
        sources = [path for path in sources if path not in targets]
    found = pair_names(sources, targets, *langs)
    ids = _ids(sources)
    _write(output / "sources.tsv", [(source / one, ids[one], "") for one in sources if one not in found.lone_sources])
    _write(output / "translations.tsv", [(target / two, ids[one], ids[one]) for one, two in found.pairs])
    said = [f"{len(found.pairs):,} pairs, in {output / 'sources.tsv'} and {output / 'translations.tsv'}"]
    for what, paths in (
        ("sources without a translation, or with several that it could be", found.lone_sources),
        ("translations without a source, or with several that it could be", found.lone_targets),
    ):
        if paths:
            said += [f"{len(paths):,} {what}:", *(f"  {path}" for path in paths)]
    error_console().print("\n".join(said), markup=False, highlight=False, soft_wrap=True)


def _documents(folder: Path) -> list[Path]:
    """Return the documents below a folder, relative to it; raises ``InputError`` where there are none."""
    if not folder.is_dir():
        raise InputError("is no folder; name the folder of the documents", folder)
    known = (*TEXT_SUFFIXES, *document_suffixes())
    found = find_files([str(folder)], Path())
    paths = [path.relative_to(folder) for _, path in found.files if path.suffix.lower() in known]
    if not paths:
        raise InputError(f"holds no document; known are {', '.join(filter(None, known))}", folder)
    return paths


def _ids(paths: Sequence[Path]) -> dict[Path, str]:
    """Return an id for each path: without its suffix, unless two would have the same."""
    counts = Counter(path.with_suffix("") for path in paths)
    return {path: (path.with_suffix("") if counts[path.with_suffix("")] == 1 else path).as_posix() for path in paths}


def _write(path: Path, rows: Sequence[tuple[Path, str, str]]) -> None:
    """Write a manifest, the paths relative to it; raises ``InputError`` for a name that TSV cannot hold."""
    lines = ["\t".join(_COLUMNS)]
    for document, name, of in rows:
        cells = (os.path.relpath(document, path.parent), name, of)
        if any(char in cell for cell in cells for char in "\t\n\r"):
            raise InputError("the name holds a tab or a line end; rename the file", str(document))
        lines.append("\t".join(cells))
    write_text(path, "\n".join(lines) + "\n")
