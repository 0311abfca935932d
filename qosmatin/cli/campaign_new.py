"""``qosmatin campaign new``: make a campaign of a config, and invite who judges."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qosmatin.corpus.errors import InputError

from .campaign_store import DATABASE
from .console import say
from .stores import check_extra, opened_store

if TYPE_CHECKING:
    from qosmatin.config.campaign import CampaignConfig


def new(
    config: Annotated[Path, typer.Argument(help="The campaign's config (docs/campaigns.md).", show_default=False)],
    address: Annotated[
        str, typer.Option(metavar="URL", help="The address of the pages, for the links.")
    ] = "http://127.0.0.1:8765",
    database: DATABASE = None,
) -> None:
    """Make a campaign of a config, and print a link for each annotator.

    Run again it changes nothing, and prints new links for those who have not come yet.

    Example: qosmatin campaign new configs/campaigns/engines.yaml
    """
    check_extra("campaigns")
    from qosmatin.config.campaign import CampaignConfig  # noqa: PLC0415
    from qosmatin.config.yaml_models import read_model  # noqa: PLC0415
    from qosmatin.job.campaign_material import read_material  # noqa: PLC0415
    from qosmatin.review.campaigns.building import build  # noqa: PLC0415
    from qosmatin.review.campaigns.keeping import add_campaign  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    wanted = read_model(config, CampaignConfig)
    material = _chosen(wanted, read_material(wanted))
    plan = _plan(wanted)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with opened_store(wanted.folder, database) as engine, writing(engine) as connection:
        links = [_annotator(connection, name, wanted.invite) for name in dict.fromkeys(wanted.annotators)]
        info, documents = build(plan, material, [pseudonym for pseudonym, _ in links])
        _, is_new = add_campaign(
            connection, wanted.campaign, info, documents, {pseudonym: {} for pseudonym, _ in links}
        )
    outputs = {
        (one.owner, one.place): sum(len(item["tgt"]) for item in one.items) for one in documents if one.part == "data"
    }
    say(
        f"campaign '{wanted.campaign}' {'made' if is_new else 'is there already, unchanged'}: "
        f"{len(material)} documents, {len(outputs)} turns, {sum(outputs.values()):,} outputs to judge, "
        f"{len(links)} annotators"
    )
    for (pseudonym, secret), name in zip(links, dict.fromkeys(wanted.annotators), strict=True):
        link = f"{address.rstrip('/')}/invitation/{secret}" if secret else f"{address.rstrip('/')}/campaigns"
        typer.echo(f"{name}\t{pseudonym}\t{link}")
    say(f"serve it: qosmatin campaign serve {wanted.folder}; each link works once, within a week")


def _chosen(config: CampaignConfig, material: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Return the documents that are judged, with the spans that are put in before."""
    from qosmatin.review.campaigns.suggesting import by_checks, by_file, suggest_spans  # noqa: PLC0415

    wanted = None if config.documents is None else config.documents + config.calibration
    if wanted is not None and wanted < len(material):
        chosen = sorted(random.Random(f"{config.seed}/documents").sample(range(len(material)), wanted))
        material = [material[at] for at in chosen]
    material = [items[: config.passages] for items in material]
    if config.suggestions is None:
        return material
    by = config.suggestions.by
    suggest = by_file(by) if isinstance(by, Path) else by_checks((config.source_lang, config.target_lang))
    return suggest_spans(material, suggest, config.suggestions.share, config.seed)


def _plan(config: CampaignConfig) -> Any:
    from qosmatin.corpus.files.text import read_text  # noqa: PLC0415
    from qosmatin.review.campaigns.building import Plan  # noqa: PLC0415

    tutorial: list[Any] = []
    if config.tutorial is not None:
        try:
            tutorial = json.loads(read_text(config.tutorial))
            fits = all(isinstance(item["tgt"], dict) for document in tutorial for item in document)
        except (ValueError, TypeError, KeyError):
            fits = False
        if not fits:
            raise InputError("a tutorial is a JSON list of documents, each a list of items with tgt", config.tutorial)
    checks = config.checks
    return Plan(
        config.protocol,
        (config.source_lang, config.target_lang),
        seed=config.seed,
        assignment=config.assignment,
        side_by_side=config.side_by_side,
        overlap=config.overlap,
        documents_each=config.documents_each,
        checks=checks.count if checks else 0,
        checks_every=checks.every if checks else 5,
        checks_warn=bool(checks and checks.warn),
        calibration=config.calibration,
        tutorial=tutorial,
    )


def _annotator(connection: Any, name: str, invite: bool) -> tuple[str, str | None]:
    """Return the pseudonym of an annotator, and the secret of a new invitation where they have no account."""
    from qosmatin.review.people.accounts import all_accounts, fold_name, open_invitations  # noqa: PLC0415
    from qosmatin.review.people.sessions import invite as make  # noqa: PLC0415

    if not invite:
        return name, None
    login = fold_name(name)
    known = {one.name: one.pseudonym for one in all_accounts(connection)}
    if login in known:
        return known[login], None
    asked = {one: pseudonym for one, pseudonym, _, _ in open_invitations(connection)}
    secret, pseudonym = make(connection, login, "reviewer", asked.get(login, ""))
    return pseudonym, secret
