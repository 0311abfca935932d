"""``qosmatin memory``: ask translation memories, and reckon what they know of texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.sheets import write_sheet
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.languages import check_languages
from qosmatin.corpus.memory import BANDS, DocumentLeverage, Memory, analyse, open_memory
from qosmatin.job.memories import sentences_of

from .align import SOURCE_LANG, TARGET_LANG
from .console import error_console, open_output
from .tables import output_console

app = typer.Typer(
    help="Ask translation memories: what is like a sentence, where words stand, what they know of texts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_MEMORIES = Annotated[
    list[Path], typer.Argument(help="Files of pairs: TMX, XLIFF, XLSX, CSV ...; each gets an index beside it.")
]


@app.command("analyse")
def analyse_texts(
    texts: Annotated[
        Path, typer.Argument(help="A corpus folder that `qosmatin run` made, a text, or a folder of texts.")
    ],
    memories: _MEMORIES,
    *,
    source_lang: SOURCE_LANG = "kk",
    target_lang: TARGET_LANG = "en",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write a sheet (.xlsx) instead of a table.")
    ] = None,
) -> None:
    """Reckon what memories know of texts: exact, nearly, repeated or new; in sentences, words and characters.

    Example: qosmatin export corpora/ilyashev -f tmx -t en -o memory.tmx &&
    qosmatin memory analyse corpora/ilyashev memory.tmx -o leverage.xlsx
    """
    langs = check_languages(source_lang, target_lang)
    if output is not None and output.suffix.lower() != ".xlsx":
        raise InputError("the analysis is written as a sheet; call it something.xlsx", output)
    memory = _open(memories, langs)
    found = analyse(sentences_of(texts, langs[0]), memory)
    rows = _rows(found)
    if output is None:
        with output_console() as console:
            table = Table(*map(str, rows[0]))
            for row in rows[1:]:
                table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
            console.print(table)
    else:
        with replacing_file(output) as beside:
            write_sheet(beside, "leverage", rows)


def _rows(found: Sequence[DocumentLeverage]) -> list[list[str | float]]:
    """Return the table: a line for each document and band that has something, and the total of each document."""
    rows: list[list[str | float]] = [["document", "match", "sentences", "words", "characters"]]
    for one in found:
        name = one.name or "all"
        for band in (*BANDS, "total"):
            tally = one.total if band == "total" else one.bands[band]
            if tally.segments or band == "total":
                rows.append([name, band, tally.segments, tally.words, tally.characters])
    return rows


@app.command("find")
def find(
    sentence: Annotated[str, typer.Argument(help="The sentence to be translated.", show_default=False)],
    memories: _MEMORIES,
    *,
    source_lang: SOURCE_LANG = "kk",
    target_lang: TARGET_LANG = "en",
    min_match: Annotated[int, typer.Option(min=1, max=100, help="How alike a match must be, in percent.")] = 75,
    limit: Annotated[int, typer.Option(min=1, help="Matches at most.")] = 5,
) -> None:
    """Print what memories have that is like a sentence: percentage, source, translation, memory; with tabs between.

    Example: qosmatin export corpora/ilyashev -f tmx -t en -o memory.tmx &&
    qosmatin memory find 'Ол сотқа келді.' memory.tmx --min-match 50
    """
    memory = _open(memories, check_languages(source_lang, target_lang))
    with open_output(None) as stream:
        for one in memory.find(sentence, min_match, limit=limit):
            stream.write(f"{one.percent}\t{_line(one.source)}\t{_line(one.target)}\t{one.origin}\n")


@app.command("concordance")
def concordance(
    words: Annotated[str, typer.Argument(help="Words, in any form.", show_default=False)],
    memories: _MEMORIES,
    *,
    source_lang: SOURCE_LANG = "kk",
    target_lang: TARGET_LANG = "en",
    in_target: Annotated[bool, typer.Option("--target", help="Look in the translations, not in the sources.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Lines at most.")] = 20,
) -> None:
    """Print the pairs of memories that have all of some words, in any form and order; with a tab between the sides.

    Example: qosmatin export corpora/ilyashev -f tmx -t en -o memory.tmx && qosmatin memory concordance 'сот' memory.tmx
    """
    memory = _open(memories, check_languages(source_lang, target_lang))
    with open_output(None) as stream:
        for one in memory.concordance(words, "target" if in_target else "source", limit):
            stream.write(f"{_line(one.source)}\t{_line(one.target)}\t{one.origin}\n")


def _line(text: str) -> str:
    return " ".join(text.split())


def _open(memories: Sequence[Path], langs: tuple[str, str]) -> Memory:
    told = Told()
    memory = open_memory(memories, *langs, told)
    for line in told.lines():
        error_console().print(line, markup=False, highlight=False)
    return memory
