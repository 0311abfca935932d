"""The pages and requests of operations on many rows: looking at them first, doing them, taking them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from qosmatin.review.editing.bulk import BULK, Batches, Preview
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.undoing import Passed, Step
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.store.queries import Query, ShownRow, names_of, shown, translations
from qosmatin.review.words import N_, Words, words_of

from .freshness import changed_rows
from .people import person_of
from .rendering import render

KINDS = {
    "accept": N_("accept"), "reject": N_("refuse"), "restore": N_("put the original text back"), "flag": N_("flag"),
    "bookmark": N_("bookmark"), "replace": N_("find and replace"), "revert": N_("take back"),
}  # fmt: skip
"""The words for what is done to many rows."""

_WHY = (
    N_("it has changed since"), N_("it is so already"), N_("the regular expression takes too long"),
    N_("this sentence stands alone: there is no pair to refuse"),
)  # fmt: skip


class BulkPages:
    """The handlers of what concerns many rows.

    ``reviewer_of`` says who asks, ``page`` renders a whole page, ``row`` a row of it.
    """

    def __init__(
        self,
        review: Review,
        reviewer_of: Callable[[HttpRequest], str],
        page: Callable[[HttpRequest, str, str, dict[str, Any]], Response],
        row: Callable[[Words, ShownRow], dict[str, str]],
    ) -> None:
        self._review = review
        self._batches = Batches(review)
        self._reviewer_of = reviewer_of
        self._page = page
        self._row = row

    def routes(self) -> list[RoleRoute]:
        """Return what these pages answer to."""
        return [
            RoleRoute("/bulk/preview", self.preview, "reviewer", ["POST"]),
            RoleRoute("/bulk/{batch}", self.run, "reviewer", ["POST"]),
            RoleRoute("/batches", self.listed, "reviewer"),
            RoleRoute("/fresh", self.fresh, "reader"),
        ]

    async def preview(self, request: HttpRequest) -> Response:
        """Say what a batch would do; the body describes it."""
        try:
            bulk = BULK.validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"message": f"no operation: {error.errors()[0]['msg']}"}, 400)
        theirs = self._batches.author_of(bulk.of_batch) if bulk.of_batch else bulk.of_reviewer
        if bulk.kind == "revert" and theirs != self._reviewer_of(request) and not may_revert_others(request):
            message = words_of(request).gettext("what others did is taken back by an adjudicator")
            return JSONResponse({"message": message}, 403)

        def look() -> Response:
            seen = self._batches.preview(bulk, self._reviewer_of(request))
            return JSONResponse({"batch": seen.batch, "count": seen.count, "html": self._seen(request, seen)})

        return await run_in_threadpool(_answered, request, look)

    def run(self, request: HttpRequest) -> Response:
        """Do a moment's part of a batch that was looked at."""
        batch = request.path_params["batch"]

        def work() -> Response:
            return JSONResponse(step_of(words_of(request), self._batches.run(batch, self._reviewer_of(request))))

        return _answered(request, work)

    def listed(self, request: HttpRequest) -> Response:
        """Show the batches: one's own, and those of others to whoever may take them back."""
        me = self._reviewer_of(request)
        with self._review.engine.connect() as connection:
            names = translations(connection)
        rows = self._batches.listed(None if may_revert_others(request) else me)
        query = Query.from_address(request.query_params, names)
        values = {"batches": rows, "kinds": KINDS, "me": me, "others": may_revert_others(request), "query": query}
        return self._page(request, "batches", "batches", values)

    def fresh(self, request: HttpRequest) -> Response:
        """Say which of the rows that a page shows have changed since, and how they are now."""
        me = self._reviewer_of(request)
        with self._review.engine.connect() as connection:
            changed = changed_rows(connection, request.query_params.get("rows", ""))
            rows = shown(connection, [(one.document, one.row) for one in changed if one.row], me)
        words = words_of(request)
        html = {(one.document, one.row.number): self._row(words, one)["html"] for one in rows}
        return JSONResponse(
            [
                {
                    "id": f"{one.document}-{one.number}",
                    "html": html.get((one.document, one.number)),
                    "note": words.gettext("changed by %(reviewer)s", reviewer=one.reviewer),
                }
                for one in changed
                if one.reviewer != me
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


def _answered(request: HttpRequest, work: Callable[[], Response]) -> Response:
    """Do something, or say in the reader's language why it was not done."""
    words = words_of(request)
    try:
        return work()
    except RefusedError as error:
        return JSONResponse({"message": words.gettext(error.message, **error.values)}, 422)
    except ConflictError as error:
        return JSONResponse({"message": words.gettext(error.message, **error.values)}, 409)
    except DBAPIError:
        message = words.gettext("the database does not answer; nothing was written, try again")
        return JSONResponse({"message": message}, 503)
