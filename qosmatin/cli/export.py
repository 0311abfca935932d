"""``qosmatin export``: the pairs of a corpus as files for people and CAT tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import Format, suffix_of, write_segments
from qosmatin.corpus.formats.segments import segment_of
from qosmatin.corpus.view import CorpusView
from qosmatin.opened import choose_translations, open_corpus


def export(
    corpus: Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    output_format: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.tmx,
    translation: Annotated[list[str] | None, typer.Option("-t", help="Only this translation. Repeatable.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="Only this source document. Repeatable.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file; default: in CORPUS/exports.")] = None,
    refused: Annotated[bool, typer.Option("--with-refused", help="Also pairs that a filter refused.")] = False,
    source_code: Annotated[str | None, typer.Option(help="Write this language code, as kk-KZ, for the source.")] = None,
    target_code: Annotated[str | None, typer.Option(help="Write this language code, as en-US, for the target.")] = None,
) -> None:
    """Write the pairs of a corpus as TMX, XLIFF, a spreadsheet, or for print; one file for each translation.

    xliff is version 1.2, xliff2 version 2.1. Reviewers are named only if the config lists them under publish.people.

    Example: qosmatin export corpora/ilyashev --format xlsx -t en
    """
    console = Console(soft_wrap=True)
    job = open_corpus(corpus, console)
    names = choose_translations(job, translation or [])
    if output is not None and len(names) > 1:
        raise InputError(f"-o is one file, and there are {len(names)} translations; choose one with -t")
    view = CorpusView(job.folder)
    sources = set(document) if document else None
    for name in names:
        section = job.config.translation(name)
        config = job.config.dataset_of(section)
        path = output or corpus / "exports" / f"{config}{suffix_of(output_format)}"
        pairs = view.pairs(name, sources) if refused else view.kept_pairs(name, sources)
        people = set(job.config.publish.people)
        segments = (segment_of(pair, people) for pair in pairs if pair.source_spans and pair.target_spans)
        title = f"{job.config.corpus.name}: {config}"
        langs = (source_code or job.config.sources[0].lang, target_code or section.lang)
        count = write_segments(output_format, path, segments, title, *langs)
        console.print(f"{path}: {count:,} pairs", markup=False, highlight=False)
