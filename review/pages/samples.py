"""The pages of samples: judging blind, and deciding where judges differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qosmatin.corpus.errors import InputError
from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.answers import status_of
from qosmatin.review.gate.guard import person_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.samples.drawing import (
    MOST,
    VERDICT_WORDS,
    Item,
    Sample,
    adjudicate,
    all_samples,
    choose_translation,
    count_judged,
    draw,
    find_sample,
    judge,
    order_of,
    read_items,
)
from qosmatin.review.samples.estimating import estimate, sentences
from qosmatin.review.store.database import writing
from qosmatin.review.store.queries import Query, translations
from qosmatin.review.words import words_of

from .frame import Frame


class SamplePages:
    """The handlers of these pages."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self._engine = review.engine
        self._frame = frame

    def routes(self) -> list[RoleRoute]:
        """Return the routes of these pages."""
        return [
            RoleRoute("/samples", self.samples, "reviewer"),
            RoleRoute("/samples", self.draw, "adjudicator", ["POST"]),
            RoleRoute("/sample/{number:row}", self.item, "reviewer"),
            RoleRoute("/sample/{number:row}", self.judge, "reviewer", ["POST"]),
            RoleRoute("/sample/{number:row}/decide", self.disputed, "adjudicator"),
            RoleRoute("/sample/{number:row}/decide", self.decide, "adjudicator", ["POST"]),
        ]

    def samples(self, request: Request) -> Response:
        """Show the samples, and how far whoever asks has come in each."""
        return self._samples(request)

    def draw(self, request: Request) -> Response:
        """Draw a sample of the translation, the size and the seed that a form says."""
        form: dict[str, str] = request.scope["form"]
        size, seed = (_whole(form.get(name, "")) for name in ("size", "seed"))
        try:
            with writing(self._engine) as connection:
                translation = choose_translation(connection, form.get("translation") or None)
                draw(connection, translation, size, seed)
        except InputError as error:
            return self._samples(request, error)
        return RedirectResponse("/samples", 303)

    def _samples(self, request: Request, error: InputError | None = None) -> Response:
        me = person_of(request).pseudonym
        with self._engine.connect() as connection:
            judged = count_judged(connection, me)
            known = [(one, judged.get(one.id, 0)) for one in all_samples(connection)]
            names = translations(connection)
        translation = known[0][0].translation if known else ""
        values = {"samples": known, "translations": names, "most": MOST, "trouble": "" if error is None else str(error)}
        status = 200 if error is None else status_of(error)
        return self._html(request, "samples", translation, values, status)

    def item(self, request: Request) -> Response:
        """Show the next pair that who asks has not judged, or one at a place (1, 2 ...) of their own order.

        Neither confidence and status nor what others said is on this page.
        """

        def show(connection: Connection, sample: Sample) -> Response:
            me = person_of(request).pseudonym
            items = {item.number: item for item in read_items(connection, sample.id)}
            order = order_of(sample, me)
            judged = sum(me in item.words for item in items.values())
            place = _place(request.query_params.get("at", ""), order, items, me)
            item = items[order[place - 1]] if place <= sample.size else None
            mine = item.words.get(me) if item is not None else None
            values = {"sample": sample, "place": place, "item": item, "judged": judged, "mine": mine}
            return self._html(request, "sample", sample.translation, values)

        return self._about(request, self._engine.connect, show)

    def judge(self, request: Request) -> Response:
        """Keep what a judge says, and go on to the next pair."""

        def keep(connection: Connection, sample: Sample) -> Response:
            judge(connection, sample, *_said(request))
            return RedirectResponse(f"/sample/{sample.id}", 303)

        return self._about(request, lambda: writing(self._engine), keep)

    def disputed(self, request: Request) -> Response:
        """Show what a sample comes to, and the pairs on which judges differ, with what each said."""

        def show(connection: Connection, sample: Sample) -> Response:
            items = read_items(connection, sample.id)
            values = {
                "sample": sample,
                "said": sentences(words_of(request), sample, estimate(items)),
                "disputed": sorted(
                    (item for item in items if item.is_disputed), key=lambda item: item.decision is not None
                ),
            }
            return self._html(request, "sample_decide", sample.translation, values)

        return self._about(request, self._engine.connect, show)

    def decide(self, request: Request) -> Response:
        """Keep what settles a pair."""

        def keep(connection: Connection, sample: Sample) -> Response:
            adjudicate(connection, sample, *_said(request))
            return RedirectResponse(f"/sample/{sample.id}/decide", 303)

        return self._about(request, lambda: writing(self._engine), keep)

    def _about(
        self, request: Request, connect: Callable[[], Any], answer: Callable[[Connection, Sample], Response]
    ) -> Response:
        """Answer about the sample that the address names."""
        with connect() as connection:
            return answer(connection, find_sample(connection, request.path_params["number"]))

    def _html(
        self, request: Request, template: str, translation: str, values: dict[str, Any], status: int = 200
    ) -> Response:
        common = {"script": "sampling", "query": Query(translation), "verdicts": VERDICT_WORDS}
        return self._frame.page(request, template, {**common, **values}, here=request.url.path, status=status)


def _said(request: Request) -> tuple[int, str, str]:
    """Return what a form says: of which item, by whom, and what."""
    form: dict[str, str] = request.scope["form"]
    item = form.get("item", "")
    number = int(item) if item.isascii() and item.isdigit() and len(item) < 10 else 0
    return number, person_of(request).pseudonym, form.get("verdict", "")


def _whole(asked: str) -> int:
    """Return a whole number that a form says; what is none is -1, which makes no sense anywhere."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 11 else -1


def _place(asked: str, order: list[int], items: dict[int, Item], reviewer: str) -> int:
    """Return the place in a judge's order that is asked for, or else the first not judged; one after the last: none."""
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and 1 <= int(asked) <= len(order):
        return int(asked)
    return next((at for at, number in enumerate(order, 1) if reviewer not in items[number].words), len(order) + 1)
