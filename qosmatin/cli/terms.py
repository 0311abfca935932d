"""``qosmatin terms``: learn term candidates, convert glossaries, check translations by them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qosmatin.align.term_candidates import term_candidates
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.languages import check_languages
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.corpus.terms import TermCheck, glossary_of, read_terms, write_terms
from qosmatin.job.opened import choose_translations, open_corpus

from .align import SOURCE_LANG, TARGET_LANG
from .console import error_console, open_output

app = typer.Typer(
    help="Terms: learn candidates from a corpus, convert glossaries, check translations by them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("extract")
def extract(
    corpus: Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="What to write: .csv, .tsv, .xlsx or .tbx.", show_default=False)
    ],
    *,
    translation: Annotated[str | None, typer.Option(help="Which one, where the corpus has several.")] = None,
    least: Annotated[int, typer.Option(min=2, help="Pairs that must have both words.")] = 3,
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="How sure a candidate must be.")] = 0.3,
    general: Annotated[bool, typer.Option("--general", help="Words of everyday too.")] = False,
) -> None:
    """Learn term candidates from the pairs of a corpus, with how many pairs have both words, and how sure that is.

    Example: qosmatin terms extract corpora/ilyashev --translation en -o terms.csv
    """
    job = open_corpus(corpus, error_console())
    names = choose_translations(job, [translation] if translation else [])
    if len(names) > 1:
        raise InputError(f"say which translation with --translation: {', '.join(names)}", corpus)
    pairs = (
        (source, target)
        for batch in CorpusView(job.folder).kept_batches(names[0])
        for source, target in zip(batch.texts("source"), batch.texts("target"), strict=True)
        if source and target
    )
    langs = job.config.sources[0].lang, job.config.translation(names[0]).lang
    found = term_candidates(pairs, *langs, least=least, min_confidence=min_confidence, general=general)
    count = write_terms(output, found)
    error_console().print(f"{count:,} candidates in {output}; a person decides which are terms", highlight=False)


@app.command("convert")
def convert(
    glossary: Annotated[Path, typer.Argument(help="A glossary: .tbx, .csv or .tsv.", show_default=False)],
    output: Annotated[Path, typer.Argument(help="What to write: .tbx, .csv, .tsv or .xlsx.", show_default=False)],
) -> None:
    """Convert a glossary from one format into another.

    Example: qosmatin terms extract corpora/ilyashev --translation en -o terms.csv &&
    qosmatin terms convert terms.csv terms.tbx
    """
    count = write_terms(output, read_terms(glossary))
    error_console().print(f"{count:,} concepts in {output}", highlight=False)


@app.command("check")
def check(
    pairs: Annotated[Path, typer.Argument(help="A file of pairs: TMX, XLIFF, XLSX, CSV ...", show_default=False)],
    glossary: Annotated[Path, typer.Argument(help="A glossary: .tbx, .csv or .tsv.", show_default=False)],
    *,
    source_lang: SOURCE_LANG = "kk",
    target_lang: TARGET_LANG = "en",
) -> None:
    """Print the pairs whose translation lacks a term: number, term, what is wanted, source, translation.

    Example: qosmatin terms extract corpora/ilyashev --translation en -o terms.csv &&
    qosmatin export corpora/ilyashev -f tmx -t en -o memory.tmx && qosmatin terms check memory.tmx terms.csv
    """
    langs = check_languages(source_lang, target_lang)
    terms = glossary_of(read_terms(glossary), *langs)
    if not terms:
        raise InputError(f"it has no term in both {langs[0]} and {langs[1]}", glossary)
    known = TermCheck(terms, *langs)
    count = 0
    with open_output(None) as stream:
        for number, one in enumerate(read_segments(pairs, *langs, None), start=1):
            for missing in known.missing(one.source, one.target) if one.source and one.target else ():
                count += 1
                cells = (str(number), missing.term, " | ".join(missing.wanted), one.source, one.target)
                stream.write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")
    error_console().print(f"{count:,} terms are missing", highlight=False)
