"""Drafts of manifests: the documents of two folders, and which of them translates which, as a config can name them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import document_suffixes
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.reading.entries import TEXT_SUFFIXES
from qosmatin.corpus.reading.finding import find_files

SOURCES, TRANSLATIONS = "sources.tsv", "translations.tsv"
"""The names of the two manifests in the folder of a draft."""

_COLUMNS = ("path", "id", "of")


def documents_below(folder: Path) -> list[Path]:
    """Return the documents below a folder, relative to it, in order; raises ``InputError`` where there are none."""
    if not folder.is_dir():
        raise InputError("is no folder; name the folder of the documents", folder)
    known = (*TEXT_SUFFIXES, *document_suffixes())
    files = find_files([str(folder)], Path()).files
    paths = [path.relative_to(folder) for _, path in files if path.suffix.lower() in known]
    if not paths:
        raise InputError(f"holds no document; known are {', '.join(filter(None, known))}", folder)
    return paths


def write_drafts(output: Path, source: Path, target: Path, pairs: Sequence[tuple[Path, Path]]) -> None:
    """Write both manifests into a folder; ``pairs`` are relative to the folders of sources and of translations.

    Raises ``InputError`` for a name that TSV cannot hold.
    """
    ids = _ids([path for path, _ in pairs])
    _write(output / SOURCES, [(source / path, ids[path], "") for path, _ in pairs])
    _write(output / TRANSLATIONS, [(target / path, ids[of], ids[of]) for of, path in pairs])


def _ids(paths: Sequence[Path]) -> dict[Path, str]:
    """Return an id for each path: without its suffix, unless two would have the same."""
    counts = Counter(path.with_suffix("") for path in paths)
    return {path: (path.with_suffix("") if counts[path.with_suffix("")] == 1 else path).as_posix() for path in paths}


def _write(path: Path, rows: Sequence[tuple[Path, str, str]]) -> None:
    """Write a manifest, the paths relative to it."""
    lines = ["\t".join(_COLUMNS)]
    for document, name, of in rows:
        cells = (os.path.relpath(document, path.parent), name, of)
        if any(char in cell for cell in cells for char in "\t\n\r"):
            raise InputError("the name holds a tab or a line end; rename the file", str(document))
        lines.append("\t".join(cells))
    write_text(path, "\n".join(lines) + "\n")
