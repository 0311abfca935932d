"""The pages of campaigns: judging blind what systems translated, and how far everybody has come."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from qosmatin.review.campaigns.assigning import Turn, find_turn, how_far, next_turn, turns_of
from qosmatin.review.campaigns.checking import check_annotation, unmet, validations
from qosmatin.review.campaigns.keeping import (
    add_judgements,
    all_campaigns,
    annotators_of,
    find_campaign,
    read_documents,
    read_log,
)
from qosmatin.review.campaigns.model import (
    CATEGORY_WORDS,
    SEVERITY_WORDS,
    Campaign,
    Item,
    Judgement,
    item_key,
    parse_item_key,
)
from qosmatin.review.campaigns.pearmut import seconds, stamp
from qosmatin.review.campaigns.results import agreement, agreement_with_oneself, annotators, opinions
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import MissingError, RefusedError, UnclearError
from qosmatin.review.gate.clean import parsed
from qosmatin.review.gate.guard import person_of, reviewer_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.store.database import writing
from qosmatin.review.store.queries import Query
from qosmatin.review.words import N_

from .frame import Frame

ODD_WORDS = {
    "checks failed": N_("attention checks failed"),
    "unlike the others": N_("scores go another way than the others'"),
    "one score for all": N_("one score for all"),
    "very fast": N_("much faster than the others"),
}


class CampaignPages:
    """The handlers of these pages."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self._engine = review.engine
        self._frame = frame

    def routes(self) -> list[RoleRoute]:
        """Return the routes of these pages."""
        return [
            RoleRoute("/campaigns", self.campaigns, "reviewer"),
            RoleRoute("/campaign/{number:row}", self.document, "reviewer"),
            RoleRoute("/campaign/{number:row}", self.judge, "reviewer", ["POST"], fetched=True),
            RoleRoute("/campaign/{number:row}/progress", self.progress, "adjudicator"),
        ]

    def campaigns(self, request: Request) -> Response:
        """Show the campaigns that whoever asks takes part in, or looks after, and how far they have come."""
        person = person_of(request)
        with self._engine.connect() as connection:
            known = [
                (one, how_far(connection, one, person.pseudonym) if takes_part else None)
                for one in all_campaigns(connection)
                if (takes_part := person.pseudonym in annotators_of(connection, one)) or person.may("adjudicator")
            ]
        return self._html(request, "campaigns", {"campaigns": known, "script": "aside"})

    def document(self, request: Request) -> Response:
        """Show what whoever asks is to judge now, or a document (``at``) that they judged before."""
        me = reviewer_of(request)
        asked = request.query_params.get("at", "")
        with writing(self._engine) as connection:
            campaign = _campaign_of(connection, request, me)
            turn = _asked(connection, campaign, me, asked) if asked else next_turn(connection, campaign, me)
            given = turns_of(connection, campaign, me)
            said = read_log(connection, campaign, me) if asked else []
            values = {
                "campaign": campaign,
                "turn": turn,
                "far": how_far(connection, campaign, me),
                "before": _before(given, turn),
                "key": "" if turn is None else item_key(*turn.document.key),
                "items": [] if turn is None else _shown(turn, _last(said, turn)),
                "rules": campaign.rules,
                "severity_words": SEVERITY_WORDS,
                "category_words": CATEGORY_WORDS,
                "languages_of": campaign.own.get("languages", ["", ""]),
                "script": "campaign",
            }
        return self._html(request, "campaign", values)

    async def judge(self, request: Request) -> Response:
        """Keep what an annotator says of a document; of what should be looked at again, say so and keep nothing."""
        body = parsed(await request.body())
        if not isinstance(body, dict):
            raise UnclearError("no judgement: a mapping is expected")
        return await run_in_threadpool(self._judge, request, body)

    def _judge(self, request: Request, body: dict[str, Any]) -> Response:
        me = reviewer_of(request)
        with writing(self._engine) as connection:
            campaign = _campaign_of(connection, request, me)
            turn = _asked(connection, campaign, me, body.get("document"))
            items = turn.document.items
            shown = [{**item, "tgt": {one: item["tgt"].get(one, "") for one in turn.systems}} for item in items]
            line: dict[str, Any] = {"item": shown, "actions": _actions(body.get("actions"), turn)}
            if body.get("skip") and all(item.get("skippable") for item in items):
                line["annotation"] = [None] * len(items)
            else:
                annotation = check_annotation(campaign.rules, shown, turn.systems, body.get("annotation"))
                line["annotation"] = annotation
                told = [(place, warning) for place, _, warning in unmet(items, annotation) if warning]
                if told:
                    return JSONResponse({"warnings": [{"item": place, "message": words} for place, words in told]})
                if any("validation" in item for item in items):
                    line["validations"] = validations(items, annotation)
            if isinstance(comment := body.get("comment"), str) and comment.strip():
                line["comment"] = comment.strip()[:2000]
            times = [one["time"] for one in line["actions"]]
            part, place = turn.document.key
            said = Judgement(me, part, place, stamp(time.time()), seconds(times), line)
            add_judgements(connection, campaign, [said])
        return JSONResponse({"next": f"/campaign/{campaign.id}"})

    def progress(self, request: Request) -> Response:
        """Show how far everybody has come, how far they agree, and who looks odd; nothing of any system."""
        with self._engine.connect() as connection:
            campaign = find_campaign(connection, request.path_params["number"])
            log = read_log(connection, campaign)
            documents, names = read_documents(connection, campaign), annotators_of(connection, campaign)
        found = opinions(campaign, log)
        values = {
            "campaign": campaign,
            "states": annotators(campaign, documents, names, log),
            "agreement": agreement(found),
            "twice": agreement_with_oneself(found),
            "odd_words": ODD_WORDS,
            "script": "aside",
        }
        return self._html(request, "campaign_progress", values)

    def _html(self, request: Request, template: str, values: dict[str, Any]) -> Response:
        return self._frame.page(request, template, {"query": Query(""), **values}, here=request.url.path)


def _campaign_of(connection: Connection, request: Request, annotator: str) -> Campaign:
    """Return the campaign that an address names, to one of its annotators; raises ``MissingError``."""
    campaign = find_campaign(connection, request.path_params["number"])
    if annotator not in annotators_of(connection, campaign):
        raise MissingError(N_("you do not take part in this campaign"))
    return campaign


def _asked(connection: Connection, campaign: Campaign, annotator: str, key: object) -> Turn:
    """Return a document that an annotator was given; raises ``MissingError``."""
    try:
        turn = find_turn(connection, campaign, annotator, *parse_item_key(key))
    except ValueError:
        turn = None
    if turn is None:
        raise MissingError(N_("there is no such document in this campaign"))
    return turn


def _before(given: list[Any], turn: Turn | None) -> str:
    """Return the document that was given before the one that is shown; empty for none."""
    at = len(given) if turn is None else given.index(turn.document.key)
    return str(item_key(*given[at - 1])) if at else ""


def _last(said: list[Judgement], turn: Turn) -> Judgement | None:
    mine = [one for one in said if (one.part, one.place) == turn.document.key and any(one.line.get("annotation") or ())]
    return mine[-1] if mine else None


def _shown(turn: Turn, last: Judgement | None) -> list[dict[str, Any]]:
    """Return the items of a document as the page shows them: without a name of any system."""
    return [
        {
            "source": item.get("src", ""),
            "reference": item.get("ref"),
            "instructions": item.get("instructions", "") if turn.document.part != "random" else "",
            "prefilled": bool(item.get("error_spans")) and last is None,
            "outputs": [
                {"text": item["tgt"].get(system, ""), **_opinion(item, place, system, last)} for system in turn.systems
            ],
        }
        for place, item in enumerate(turn.document.items)
    ]


def _opinion(item: Item, place: int, system: str, last: Judgement | None) -> dict[str, Any]:
    """Return spans and score that an output begins with: as they were said last, or as they were put in before."""
    said = (last.line["annotation"][place] or {}).get(system) if last is not None else None
    spans = said["error_spans"] if said is not None else item.get("error_spans", {}).get(system, [])
    kept = [
        {
            "start": span["start_i"],
            "end": span["end_i"],
            "severity": str(span.get("severity") or "minor").lower(),
            "category": span.get("category"),
            "suggested": said is None,
        }
        for span in spans
    ]
    return {"spans": kept, "score": None if said is None else said.get("score")}


def _actions(given: object, turn: Turn) -> list[dict[str, Any]]:
    """Return what an annotator did, as Pearmut notes it: with the names of systems, which the page does not know."""
    if not isinstance(given, list) or len(given) > 5000:
        raise RefusedError("this annotation is not of this document: reload the page")
    kept = []
    for one in given:
        if not isinstance(one, dict) or type(one.get("time")) not in (int, float) or not 0 <= one["time"] < 1e11:
            raise RefusedError("this annotation is not of this document: reload the page")
        action: dict[str, Any] = {"time": one["time"], "action": str(one.get("action", ""))[:40]}
        column = one.get("column")
        if type(one.get("index")) is int:
            action["index"] = one["index"]
        if type(column) is int and 0 <= column < len(turn.systems):
            action["model"] = turn.systems[column]
        action |= {key: one[key] for key in ("value", "start_i", "end_i") if type(one.get(key)) is int}
        kept.append(action)
    return kept
