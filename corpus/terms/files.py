"""Glossaries as files: TBX, and tables with a column for each language."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.rows import read_rows
from qosmatin.corpus.files.sheets import write_sheet
from qosmatin.corpus.languages import check_language

from .concepts import Concept
from .tbx import read_tbx, write_tbx

_TABLES = (".csv", ".tsv")
_NOTES = ("note", "definition", "comment")
_BETWEEN = "|"
"""What stands between several words of a cell; a word with a minus before it is deprecated."""


def read_terms(path: Path) -> list[Concept]:
    """Return the concepts of a glossary: ``.tbx``, or ``.csv`` and ``.tsv`` with a column for each language.

    Columns are called by language code (``kk``, ``ru``); ``note``, ``id``, ``confidence`` and ``count`` are known, and
    others are left alone. Raises ``InputError`` for a file that is none of these, or has fewer than two languages.
    """
    if not path.is_file():
        raise InputError("there is no such glossary", path)
    if path.suffix.lower() in (".tbx", ".xml"):
        found = list(read_tbx(path))
    elif path.suffix.lower() in _TABLES:
        found = _read_table(path)
    else:
        raise InputError("a glossary is a .tbx, or a .csv or .tsv with a column for each language", path)
    langs = {lang for one in found for lang in one.words}
    if len(langs) < 2:
        known = ", ".join(sorted(langs)) or "none"
        raise InputError(f"a glossary needs words in two languages; languages here: {known}", path)
    return found


def _read_table(path: Path) -> list[Concept]:
    concepts: list[Concept] = []
    for line, row in read_rows(path):
        langs = {name: code for name in row if (code := _language(name)) is not None}
        if len(langs) < 2:
            raise InputError(
                f"its columns are {', '.join(row)}; two of them must be languages, as kk and ru", path, line
            )
        words: dict[str, tuple[str, ...]] = {}
        deprecated: dict[str, tuple[str, ...]] = {}
        for name, code in langs.items():
            cells = [" ".join(word.split()) for word in (row[name] or "").split(_BETWEEN)]
            if used := tuple(word for word in cells if word and not word.startswith("-")):
                words[code] = used
            if left := tuple(word[1:].strip() for word in cells if word.startswith("-") and len(word) > 1):
                deprecated[code] = left
        if words:
            note = next((row[name] for name in _NOTES if row.get(name)), None)
            confidence, count = row.get("confidence") or None, row.get("count") or None
            try:
                learnt = None if confidence is None else float(confidence), None if count is None else int(count)
            except ValueError:
                raise InputError("confidence is a number from 0 to 1, count a whole number", path, line) from None
            concepts.append(Concept(words, deprecated, row.get("id") or None, note, *learnt))
    return concepts


def _language(name: str) -> str | None:
    """Return the code of a column of words; None for another column."""
    if name.lower() in (*_NOTES, "id", "confidence", "count", "subject"):
        return None
    try:
        return check_language(name)
    except InputError:
        return None


def write_terms(path: Path, concepts: Sequence[Concept]) -> int:
    """Write concepts by the ending of the file: ``.tbx``, ``.csv``, ``.tsv`` or ``.xlsx``; returns how many."""
    ending = path.suffix.lower()
    if ending not in (".tbx", *_TABLES, ".xlsx"):
        raise InputError("terms are written as .tbx, .csv, .tsv or .xlsx", path)
    with replacing_file(path) as beside:
        if ending == ".tbx":
            return write_tbx(beside, concepts)
        table = _table(concepts)
        if ending == ".xlsx":
            write_sheet(beside, "terms", table)
        else:
            _write_table(beside, table, "\t" if ending == ".tsv" else ",")
    return len(concepts)


def _table(concepts: Sequence[Concept]) -> list[list[str | float]]:
    langs = list(dict.fromkeys(lang for one in concepts for lang in (*one.words, *one.deprecated)))
    is_learnt = any(one.confidence is not None for one in concepts)
    head: list[str | float] = [*langs, *(("confidence", "count") if is_learnt else ()), "note"]
    rows: list[list[str | float]] = [head]
    for one in concepts:
        cells: list[str | float] = []
        for lang in langs:
            left = [f"-{word}" for word in one.deprecated.get(lang, ())]
            cells.append(_BETWEEN.join([*one.words.get(lang, ()), *left]))
        learnt = [round(one.confidence or 0, 3), one.count or 0] if is_learnt else []
        rows.append([*cells, *learnt, one.note or ""])
    return rows


def _write_table(path: Path, rows: Iterable[Sequence[str | float]], separator: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        if separator == "\t":
            for row in rows:
                stream.write("\t".join(" ".join(str(cell).split()) for cell in row) + "\n")
        else:
            csv.writer(stream, lineterminator="\n").writerows(rows)
