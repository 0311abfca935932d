"""Opening memories: each file of pairs has its index in a folder beside it, made when it is first asked for."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from qosmatin.corpus.checks.scripts import is_kazakh_for_russian, is_other_script
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import recover_folder, replacing_folder
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.told import Told

from .building import build_index
from .finding import Memory
from .index import Index

_VERSION = 1
_SAID = "index.json"

_LOOKED_AT, _FEW = 500, 5
"""Units whose letters are looked at, and how many must be wrong at least to say so."""

_LOG = logging.getLogger(__name__)


def open_memory(files: Sequence[Path], source_lang: str, target_lang: str, told: Told | None = None) -> Memory:
    """Open files of pairs as one memory. The index of ``x.tmx`` is the folder ``x.tmx.index``, with one for each
    pair of languages; it is made anew when the file has changed.

    ``told`` is told what was left out of a file that is read. Raises ``InputError`` for a file that is damaged or has
    not both languages, and where no index can be written beside it.
    """
    return Memory([_open(path, source_lang, target_lang, told) for path in files], source_lang, target_lang)


def open_memories(files: Sequence[Path], source_lang: str, target_langs: Iterable[str]) -> dict[str, Memory]:
    """Open files of pairs as a memory for each target language, of those that have it.

    Raises ``InputError`` for a file that is damaged, or that has none of the languages.
    """
    found: dict[str, list[Index]] = {lang: [] for lang in target_langs}
    for path in files:
        faults = []
        for lang, indexes in found.items():
            try:
                indexes.append(_open(path, source_lang, lang, None))
            except InputError as error:
                faults.append(error)
        if faults and len(faults) == len(found):
            raise faults[0]
    return {lang: Memory(indexes, source_lang, lang) for lang, indexes in found.items()}


def _open(path: Path, source_lang: str, target_lang: str, told: Told | None) -> Index:
    if not path.is_file():
        raise InputError("there is no such memory", path)
    folder = path.with_name(f"{path.name}.index") / f"{source_lang}-{target_lang}"
    wanted = {"version": _VERSION, "content": hash_path(path)}
    recover_folder(folder)
    if _said(folder) != wanted:
        index = build_index(read_segments(path, source_lang, target_lang, told))
        if not len(index):
            raise InputError(f"no pair of {source_lang} and {target_lang} in it can serve as a memory", path)
        _check_languages(index, path, source_lang, target_lang)
        _save(index, path, folder, wanted)
    return Index.open(folder, path.name)


def _check_languages(index: Index, path: Path, source_lang: str, target_lang: str) -> None:
    """Raise ``InputError`` where most of the first units are, by their letters, in another language than they say."""
    units = [index.unit(at) for at in range(min(len(index), _LOOKED_AT))]
    for side, lang in (("source", source_lang), ("target", target_lang)):
        texts = [getattr(unit, side) for unit in units]
        wrong = sum(is_other_script(text, lang) or is_kazakh_for_russian(text, lang) for text in texts)
        if wrong >= _FEW and wrong > len(texts) / 2:
            raise InputError(
                f"{wrong} of the first {len(texts)} {side}s are not written in '{lang}'; are its languages exchanged, "
                "or its letters decoded wrongly?",
                path,
            )


def _save(index: Index, path: Path, folder: Path, wanted: dict[str, object]) -> None:
    try:
        with replacing_folder(folder) as beside:
            index.save(beside)
            (beside / _SAID).write_text(json.dumps(wanted), encoding="utf-8")
            # Nobody reads an index who may not read its memory: it has all the texts.
            readers = path.stat().st_mode & 0o444
            for one in beside.iterdir():
                one.chmod(readers | 0o600)
        folder.chmod(readers | readers >> 2 | 0o700)
    except OSError as error:
        remedy = "copy the memory to a folder where you may write"
        raise InputError(f"its index cannot be written beside it: {error.strerror}; {remedy}", path) from None
    _LOG.info("%s: an index of %s units was made beside it", path.name, f"{len(index):,}")


def _said(folder: Path) -> object:
    try:
        said: object = json.loads((folder / _SAID).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said
