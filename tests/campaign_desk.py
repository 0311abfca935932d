"""Campaigns of plain texts in a store, made and judged as people do."""

from typing import Any

from campaign_material import SYSTEMS
from sqlalchemy import Engine
from typer.testing import CliRunner

from qosmatin.cli.campaign import app
from qosmatin.review.campaigns import keeping
from qosmatin.review.campaigns.assigning import next_turn
from qosmatin.review.campaigns.building import Plan, build
from qosmatin.review.campaigns.checking import validations
from qosmatin.review.campaigns.model import Campaign, Document, Judgement
from qosmatin.review.campaigns.results import opinions
from qosmatin.review.store.database import writing

AT = "2026-11-29T10:00:00.000Z"


def material(documents: int = 6, passages: int = 2, systems: tuple[str, ...] = SYSTEMS) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "item_id": f"d{number}:{place}",
                "doc_id": f"d{number}",
                "src": f"source {number} {place}",
                "tgt": {system: f"{system} of {number} {place}" for system in systems},
            }
            for place in range(1, passages + 1)
        ]
        for number in range(documents)
    ]


def made(engine: Engine, plan: Plan, names: list[str], **more: Any) -> Campaign:
    info, documents = build(plan, material(**more), names)
    with writing(engine) as connection:
        return keeping.add_campaign(connection, "trial", info, documents, {name: {} for name in names})[0]


def plan(**more: Any) -> Plan:
    return Plan(**{"protocol": "cESA", "languages": ("kk", "en"), **more})


def judge(engine: Engine, campaign: Campaign, annotator: str, score: Any) -> Document | None:
    """Judge what somebody is given next; ``score`` gives a number for a system and an item."""
    with writing(engine) as connection:
        turn = next_turn(connection, campaign, annotator)
        if turn is None:
            return None
        assert next_turn(connection, campaign, annotator) == turn  # until it is judged
        items = turn.document.items
        annotation = [
            {one: {"score": score(one, item), "error_spans": [], "textfield": None} for one in turn.systems}
            for item in items
        ]
        line: dict[str, Any] = {
            "annotation": annotation,
            "item": list(items),
            "actions": [{"time": 1.0}, {"time": 31.0}],
        }
        if any("validation" in item for item in items):
            line["validations"] = validations(items, annotation)
        said = Judgement(annotator, *turn.document.key, AT, 30.0, line)
        keeping.add_judgements(connection, campaign, [said])
    return turn.document


def judge_all(engine: Engine, campaign: Campaign, annotator: str, score: Any) -> list[Document]:
    documents = []
    while (document := judge(engine, campaign, annotator, score)) is not None:
        documents.append(document)
    return documents


def seen(engine: Engine, campaign: Campaign) -> tuple[list[Any], list[Document], list[str], list[Judgement]]:
    with engine.connect() as connection:
        log = keeping.read_log(connection, campaign)
        return (
            opinions(campaign, log),
            keeping.read_documents(connection, campaign),
            list(keeping.annotators_of(connection, campaign)),
            log,
        )


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))
