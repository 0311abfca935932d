"""``qosmatin split``: cut texts into sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.languages import check_splitter_language
from qosmatin.corpus.segmenting import Splitter, segment
from qosmatin.corpus.splitting import explain, read_abbreviations, split

from .console import open_output, read_input


class SplitFormat(StrEnum):
    """What ``qosmatin split`` writes."""

    text = "text"
    jsonl = "jsonl"


def split_files(
    files: Annotated[
        list[str],
        typer.Argument(help="Texts: plain, DOCX, HTML, PDF, EPUB, SRT; - is standard input.", show_default=False),
    ],
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language of the texts: kk, ru or en.")] = "kk",
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
    check_splitter_language(lang)
    known = read_abbreviations(abbreviations) if abbreviations else None
    splitter = partial(split, abbreviations=known)
    texts = [(name, read_input(name)) for name in files]
    with open_output(output) as stream:
        for name, text in texts:
            if explained:
                lines = _explain_lines(text, lang, known)
            elif output_format is SplitFormat.jsonl:
                lines = _json_lines(name, text, lang, splitter)
            else:
                lines = (one.text for one in segment(text, lang, splitter=splitter))
            for line in lines:
                stream.write(line + "\n")


def _json_lines(name: str, raw: str, lang: str, splitter: Splitter) -> Iterator[str]:
    for one in segment(raw, lang, splitter=splitter):
        yield json.dumps({"file": name, **one.sentence._asdict(), "text": one.text}, ensure_ascii=False)


def _explain_lines(raw: str, lang: str, abbreviations: Mapping[str, Iterable[str]] | None) -> Iterator[str]:
    for one in explain(raw, lang, abbreviations=abbreviations):
        context = one.context.replace("\n", "⏎")
        yield f"{one.offset}\t{'cut' if one.boundary else 'join'}\t{one.rule}\t{context}"
