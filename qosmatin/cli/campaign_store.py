"""What the commands of campaigns share: their options, and reading what people said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .stores import check_extra, opened_store

if TYPE_CHECKING:
    from qosmatin.review.campaigns.model import Campaign
    from qosmatin.review.campaigns.results import AnnotatorState, Opinion

FOLDER = Annotated[Path, typer.Argument(help="The folder that has the campaign's store.", show_default=False)]
NAME = Annotated[str | None, typer.Option("--campaign", help="Which campaign, where there are several.")]
DATABASE = Annotated[
    str | None, typer.Option(metavar="URL", help="PostgreSQL: postgresql://...; default: review.db in the folder.")
]


@contextmanager
def read_opinions(
    folder: Path, name: str | None, database: str | None
) -> Iterator[tuple[list[Opinion], list[AnnotatorState], Campaign, list[Any]]]:
    """Give what people said in a campaign, how they do, the campaign, and its documents."""
    check_extra("campaigns")
    from qosmatin.review.campaigns import keeping, results  # noqa: PLC0415

    with opened_store(folder, database) as engine:
        with engine.connect() as connection:
            campaign = keeping.choose_campaign(connection, name)
            log = keeping.read_log(connection, campaign)
            documents = keeping.read_documents(connection, campaign)
            names = keeping.annotators_of(connection, campaign)
        found = results.opinions(campaign, log)
        yield found, results.annotators(campaign, documents, names, log), campaign, documents
