"""``qosmatin manifest``: draft the lists of which documents of two folders translate each other, by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import check_language, check_languages, primary_subtag
from qosmatin.corpus.reading.pairing import marked_language, pair_names
from qosmatin.job.drafting import SOURCES, TRANSLATIONS, documents_below, write_drafts

from .console import error_console


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
    if langs[0] is not None and langs[1] is not None:
        check_languages(langs[0], langs[1])
    sources, targets = documents_below(source), documents_below(target)
    if source.resolve() == target.resolve():
        if None in langs:
            raise InputError("one folder of both languages needs --source-lang and --target-lang", source)
        targets = [path for path in targets if marked_language(path) == primary_subtag(str(langs[1]))]
        sources = [path for path in sources if path not in targets]
    found = pair_names(sources, targets, *langs)
    write_drafts(output, source, target, found.pairs)
    said = [f"{len(found.pairs):,} pairs, in {output / SOURCES} and {output / TRANSLATIONS}"]
    for what, paths in (
        ("sources without a translation, or with several that it could be", found.lone_sources),
        ("translations without a source, or with several that it could be", found.lone_targets),
    ):
        if paths:
            said += [f"{len(paths):,} {what}:", *(f"  {path}" for path in paths)]
    error_console().print("\n".join(said), markup=False, highlight=False, soft_wrap=True)
