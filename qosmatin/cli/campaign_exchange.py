"""``qosmatin campaign export`` and ``import``: what people said for other programs, and campaigns of Pearmut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from qosmatin.corpus.formats.lines import line_text

from .campaign_store import DATABASE, FOLDER, NAME, read_opinions
from .console import open_output, say
from .stores import check_extra, opened_store

if TYPE_CHECKING:
    from qosmatin.review.campaigns.results import Opinion


def export_campaign(
    folder: FOLDER,
    output: Annotated[Path, typer.Option("--output", "-o", help="A file; for pearmut a folder.", show_default=False)],
    *,
    format_: Annotated[
        Literal["jsonl", "tsv", "mqm", "pearmut"],
        typer.Option("--format", "-f", help="A row for each output; WMT's MQM table; Pearmut's three files."),
    ] = "jsonl",
    campaign: NAME = None,
    database: DATABASE = None,
) -> None:
    """Write what people said: as rows, as WMT's table of errors, or for Pearmut (`pearmut add-existing`).

    Example: qosmatin campaign new configs/campaigns/engines.yaml &&
    qosmatin campaign export corpora/ilyashev -o judged.jsonl
    """
    check_extra("campaigns")
    from qosmatin.review.campaigns import keeping, pearmut, tables  # noqa: PLC0415

    if format_ == "pearmut":
        with opened_store(folder, database) as engine, engine.connect() as connection:
            known = keeping.choose_campaign(connection, campaign)
            documents, names = keeping.read_documents(connection, known), keeping.annotators_of(connection, known)
            log = keeping.read_log(connection, known)
        pearmut.write_pearmut(output, known, documents, names, log)
        say(f"{len(log)} judgements in {output}: campaigns.json, annotations.json, progress.json")
        return
    with read_opinions(folder, campaign, database) as (found, _, known, _documents), open_output(output) as stream:
        if format_ == "jsonl":
            source, target = known.own.get("languages", (None, None))
            named = {"campaign": known.name, "protocol": known.protocol, "source_lang": source, "target_lang": target}
            rows = [{**named, **row} for row in tables.rows(found)]
            stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            return
        lines = _tsv(found) if format_ == "tsv" else [tables.MQM_COLUMNS, *tables.mqm_rows(found)]
        stream.writelines("\t".join(line_text(str(cell)) for cell in line) + "\n" for line in lines)


def _tsv(found: list[Opinion]) -> Iterator[tuple[str, ...]]:
    from qosmatin.review.campaigns.tables import COLUMNS, rows  # noqa: PLC0415

    yield COLUMNS
    for row in rows(found):
        cells = [json.dumps(row[name], ensure_ascii=False) if name == "spans" else row[name] for name in COLUMNS]
        yield tuple("" if cell is None else str(cell) for cell in cells)


def import_campaign(
    folder: FOLDER,
    campaigns: Annotated[Path, typer.Argument(help="campaigns.json of Pearmut.", show_default=False)],
    *,
    annotations: Annotated[
        Path | None, typer.Option(metavar="FILE", help="annotations.json, or a log (.jsonl).")
    ] = None,
    progress: Annotated[Path | None, typer.Option(metavar="FILE", help="progress.json.")] = None,
    database: DATABASE = None,
) -> None:
    """Bring a campaign of Pearmut in, with what was judged; all of it or nothing. Run again, it changes nothing.

    Example: qosmatin campaign new configs/campaigns/engines.yaml && qosmatin campaign export corpora/ilyashev -o out
    -f pearmut && qosmatin campaign import campaigns/copy out/campaigns.json --annotations out/annotations.json
    """
    check_extra("campaigns")
    from qosmatin.review.campaigns import keeping  # noqa: PLC0415
    from qosmatin.review.campaigns.pearmut import read_pearmut  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    foreign = read_pearmut(campaigns, annotations, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with opened_store(folder, database) as engine, writing(engine) as connection:
        for one in foreign:
            known, is_new = keeping.add_campaign(
                connection, one.name, one.info, one.documents, one.annotators, rest=one.rest
            )
            if is_new:
                keeping.add_judgements(connection, known, one.judgements)
            told = f"{len(one.documents)} documents, {len(one.judgements)} judgements"
            say(f"campaign '{one.name}': {told if is_new else 'is there already'}")
