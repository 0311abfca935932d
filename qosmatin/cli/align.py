"""``qosmatin align``: align two texts, or two folders of texts, outside of any corpus."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.align import Bead, Lexicon, align, load_lexicon, read_dictionary
from qosmatin.align.batch import Outcome, align_files, find_jobs
from qosmatin.align.formats import sentence_lines, write_jsonl, write_ladder, write_tmx, write_tsv, write_vecalign
from qosmatin.corpus.errors import EngineError, InputError
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.model import sentence_text
from qosmatin.corpus.splitting import split
from qosmatin.progress import progress

from .console import error_console, open_output, read_input


class AlignFormat(StrEnum):
    """What ``qosmatin align`` writes."""

    tsv = "tsv"
    jsonl = "jsonl"
    tmx = "tmx"
    ladder = "ladder"
    vecalign = "vecalign"


def align_files_or_folders(
    source: Annotated[str, typer.Argument(metavar="SRC", help="A text (- is standard input), or a folder of texts.")],
    target: Annotated[str, typer.Argument(metavar="TGT", help="Its translation; in folders, by equal file names.")],
    source_lang: Annotated[str, typer.Option("--source-lang", "-s", help="Language of SRC.")] = "kk",
    target_lang: Annotated[str, typer.Option("--target-lang", "-t", help="Language of TGT.")] = "en",
    output_format: Annotated[AlignFormat, typer.Option("--format", "-f", help="What to write.")] = AlignFormat.tsv,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file; for folders, a folder.")] = None,
    sentences: Annotated[bool, typer.Option("--sentences", help="The texts have one sentence a line already.")] = False,
    lexicon: Annotated[Path | None, typer.Option(help="A lexicon that `qosmatin lexicon learn` made.")] = None,
    dictionary: Annotated[
        list[Path] | None, typer.Option(help="A dictionary of yours: .tsv, .dic, .dix or .tmx. Repeatable.")
    ] = None,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Processes, for folders.")] = os.cpu_count() or 1,
) -> None:
    """Align a text with its translation, sentence by sentence.

    Example: printf 'Сот басталды. Ол келді.' > a.txt; printf 'The trial began. He came.' | qosmatin align a.txt -
    """
