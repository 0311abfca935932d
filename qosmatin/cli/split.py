"""``qosmatin split``: cut texts into sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import GUESSED, check_language, check_splitter_language
from qosmatin.corpus.splitting import explain, guess_language, read_abbreviations, split
from qosmatin.corpus.splitting.segmenting import Splitter, segment

from .console import error_console, open_output, read_input


class SplitFormat(StrEnum):
    """What ``qosmatin split`` writes."""

    text = "text"
    jsonl = "jsonl"


def split_files(
    files: Annotated[
        list[str],
        typer.Argument(help="Texts: plain, DOCX, HTML, PDF, EPUB, SRT; - is standard input.", show_default=False),
    ],
    *,
    lang: Annotated[
        str, typer.Option("--lang", "-l", help="Language of the texts: kk, ru or en; auto to guess it by text.")
    ] = "kk",
    output_format: Annotated[
        SplitFormat,
        typer.Option("--format", "-f", help="text: a sentence a line. jsonl: with offsets into the raw text."),
    ] = SplitFormat.text,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write here, not to standard output.")] = None,
    explained: Annotated[bool, typer.Option("--explain", help="Print how each candidate was decided.")] = False,
    abbreviations: Annotated[Path | None, typer.Option(help="A file of further abbreviations.")] = None,
) -> None:
    """Cut texts into sentences, one a line with inner white space collapsed, or as JSONL with offsets.

    Example: echo 'Ол 2020 ж. келді. Сосын кетті.' | qosmatin split -
    """
    if lang != GUESSED:
        check_splitter_language(lang)
        lang = check_language(lang)
    known = read_abbreviations(abbreviations) if abbreviations else None
    splitter = partial(split, abbreviations=known)
    texts = [(name, read_input(name, None if lang == GUESSED else lang)) for name in files]
    with open_output(output) as stream:
        for name, text in texts:
            of_text = _guess(name, text) if lang == GUESSED else lang
            if explained:
                lines = _explain_lines(text, of_text, known)
            elif output_format is SplitFormat.jsonl:
                lines = _json_lines(name, text, of_text, splitter)
            else:
                lines = iter(segment(text, of_text, splitter=splitter).texts)
            for line in lines:
                stream.write(line + "\n")


def _guess(name: str, text: str) -> str:
    """Return the language that a text looks like, and say so; raises ``InputError`` where it looks like none."""
    try:
        lang = guess_language(text)
    except InputError as error:
        raise InputError(str(error), name) from None
    error_console().print(f"{name}: taken for {lang}", markup=False, highlight=False)
    return lang


def _json_lines(name: str, raw: str, lang: str, splitter: Splitter) -> Iterator[str]:
    document = segment(raw, lang, splitter=splitter)
    for sentence, text in zip(document.sentences, document.texts, strict=True):
        yield json.dumps({"file": name, **sentence._asdict(), "text": text}, ensure_ascii=False)


def _explain_lines(raw: str, lang: str, abbreviations: Mapping[str, Iterable[str]] | None) -> Iterator[str]:
    for one in explain(raw, lang, abbreviations=abbreviations):
        context = one.context.replace("\n", "⏎")
        yield f"{one.offset}\t{'cut' if one.boundary else 'join'}\t{one.rule}\t{context}"
