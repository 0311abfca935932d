"""The pages and requests of operations on many rows: looking at them first, doing them, taking them back."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from qosmatin.review.editing.bulk import Batches
from qosmatin.review.editing.catalogue import BULK, IN_BULK
from qosmatin.review.editing.in_bulk import Preview
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.reverting import Revert
from qosmatin.review.editing.undoing import Passed, Step
from qosmatin.review.errors import UnclearError
from qosmatin.review.gate.guard import person_of, reviewer_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.store.access import ForbiddenError
from qosmatin.review.store.queries import Query, names_of, shown, translations
from qosmatin.review.words import N_, Words, words_of

from .frame import Frame
from .freshness import changed_rows
from .rendering import render
from .rows import row_of


class BulkPages:
    """The handlers of what concerns many rows."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self._review = review
        self._batches = Batches(review)
        self._frame = frame

    def routes(self) -> list[RoleRoute]:
        """Return what these pages answer to."""
        return [
            RoleRoute("/bulk/preview", self.preview, "reviewer", ["POST"], fetched=True),
            RoleRoute("/bulk/{batch}", self.run, "reviewer", ["POST"], fetched=True),
            RoleRoute("/batches", self.listed, "reviewer"),
            RoleRoute("/fresh", self.fresh, "reader", fetched=True),
        ]

    async def preview(self, request: HttpRequest) -> Response:
        """Say what a batch would do; the body describes it."""
        try:
            bulk = BULK.validate_json(await request.body())
        except ValidationError as error:
            raise UnclearError(f"no operation: {error.errors()[0]['msg']}") from None
        if isinstance(bulk, Revert) and not may_revert_others(request):
            theirs = self._batches.author_of(bulk.of_batch) if bulk.of_batch else bulk.of_reviewer
            if theirs != reviewer_of(request):
                raise ForbiddenError(N_("what others did is taken back by an adjudicator"))

        def look() -> Response:
            seen = self._batches.preview(bulk, reviewer_of(request))
            return JSONResponse({"batch": seen.batch, "count": seen.count, "html": self._seen(request, seen)})

        return await run_in_threadpool(look)

    def run(self, request: HttpRequest) -> Response:
        """Do a moment's part of a batch that was looked at."""
        step = self._batches.run(request.path_params["batch"], reviewer_of(request))
        return JSONResponse(step_of(words_of(request), step))

    def listed(self, request: HttpRequest) -> Response:
        """Show the batches: one's own, and those of others to whoever may take them back."""
        me = reviewer_of(request)
        with self._review.engine.connect() as connection:
            names = translations(connection)
        rows = self._batches.listed(None if may_revert_others(request) else me)
        query = Query.from_address(request.query_params, names)
        values = {"batches": rows, "in_bulk": IN_BULK, "me": me, "others": may_revert_others(request), "query": query}
        return self._frame.page(request, "batches", {"script": "batches", **values})

    def fresh(self, request: HttpRequest) -> Response:
        """Say which of the rows that a page shows have changed since, and how they are now."""
        me = reviewer_of(request)
        with self._review.engine.connect() as connection:
            changed = changed_rows(connection, request.query_params.get("rows", ""))
            rows = shown(connection, [(change.document, change.row) for change in changed if change.row], me)
        words = words_of(request)
        html = {(row.document, row.row.number): row_of(self._review, words, row)["html"] for row in rows}
        return JSONResponse(
            [
                {
                    "id": f"{change.document}-{change.number}",
                    "html": html.get((change.document, change.number)),
                    "note": words.gettext("changed by %(reviewer)s", reviewer=words.who(change.reviewer)),
                }
                for change in changed
                if change.reviewer != me
            ]
        )

    def _seen(self, request: HttpRequest, seen: Preview) -> str:
        documents = {one for one, *_ in seen.rows} | {one.document for one in seen.passed}
        with self._review.engine.connect() as connection:
            names = names_of(connection, documents)
        return render(words_of(request), "preview", seen=seen, names=names)


def may_revert_others(request: HttpRequest) -> bool:
    """Whether whoever asks may take back what others did: adjudicators may, and whoever is alone with the store."""
    return person_of(request).may("adjudicator")


def step_of(words: Words, step: Step) -> dict[str, Any]:
    """Return what a step of a batch did, as the page takes it."""
    return {
        "message": words.ngettext("Saved: %(num)s row.", "Saved: %(num)s rows.", step.done),
        "batch": step.batch,
        "done": step.done,
        "passed": [_passed(words, one) for one in step.passed],
        "more": step.more,
    }


def _passed(words: Words, one: Passed) -> str:
    place = f"{one.document}" if one.number is None else f"{one.document}-{one.number}"
    return f"{place}: {words.gettext(one.why)}"
