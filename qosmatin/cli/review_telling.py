"""``qosmatin review qa`` and ``openapi``: what looks wrong as a file, and what scripts may ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.errors import InputError

from .console import say
from .review import CORPUS, DATABASE
from .stores import check_extra


def write_qa(
    corpus: CORPUS,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The report: .html or .xlsx.", show_default=False)
    ],
    *,
    document: Annotated[
        str | None, typer.Option(help="One source document alone, by name or by number.", show_default=False)
    ] = None,
    translation: Annotated[str | None, typer.Option(help="One translation alone.", show_default=False)] = None,
    language: Annotated[str, typer.Option(help="Language of the report: en, ru or kk.")] = "en",
    database: DATABASE = None,
) -> None:
    """Write what looks wrong, pair by pair, and what people flagged: a page that stands alone, or a sheet.

    Example: qosmatin review qa corpora/ilyashev -o qa.html
    """
    check_extra()
    from qosmatin.review.pages.report import find_all, write_report  # noqa: PLC0415
    from qosmatin.review.quality import read_glossaries  # noqa: PLC0415
    from qosmatin.review.server import open_review  # noqa: PLC0415
    from qosmatin.review.store import access  # noqa: PLC0415
    from qosmatin.review.words import LANGUAGES, words_in  # noqa: PLC0415

    if language not in LANGUAGES:
        raise InputError(f"the report speaks {', '.join(LANGUAGES)}, not '{language}'")
    engine, _ = open_review(corpus, database)
    try:
        with engine.connect() as connection:
            numbers = access.find_documents(connection, document, translation)
            found = list(find_all(connection, numbers, read_glossaries(corpus)))
    finally:
        engine.dispose()
    write_report(output, corpus.resolve().name, found, words_in(language))
    rows = sum(len(one.findings) for one in found)
    say(f"{rows:,} pairs with hints, flags or comments in {output}, of {len(found):,} documents")


def show_openapi() -> None:
    """Print the description of the API for scripts (OpenAPI 3.1); a running review gives it at /api/openapi.json.

    Example: qosmatin review openapi
    """
    check_extra()
    from qosmatin.review.api.openapi import openapi  # noqa: PLC0415

    typer.echo(json.dumps(openapi(), ensure_ascii=False, indent=2))
