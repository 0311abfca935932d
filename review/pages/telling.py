"""The history of a pair, in the words of the page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.store.history import MOST, history_of
from qosmatin.review.store.queries import languages_of
from qosmatin.review.words import N_, words_of

from .rendering import render

KINDS = {
    "import": N_("Run of the pipeline"), "accept": N_("Accepted"), "reject": N_("Refused"),
    "allow": N_("Allowed again"), "edit": N_("Edited"), "restore": N_("Original text put back"), "flag": N_("Flagged"),
    "comment": N_("Comment"), "merge": N_("Merged"), "split": N_("Split up"), "split-all": N_("Split up"),
    "unpair": N_("No counterpart"), "mend": N_("Boundaries mended"),
    "source-up": N_("Sentence moved"), "source-down": N_("Sentence moved"), "target-up": N_("Sentence moved"),
    "target-down": N_("Sentence moved"), "shift-up": N_("Shifted"), "shift-down": N_("Shifted"),
    "bookmark": N_("Bookmark"), "undo": N_("Undone"), "redo": N_("Done again"), "revert": N_("Taken back"),
}  # fmt: skip
"""What the log calls what was done, in words."""


class HistoryPages:
    """The handler of what scripts of the page ask for."""

    def __init__(self, review: Review) -> None:
        self._engine = review.engine

    def routes(self) -> list[RoleRoute]:
        """Return what this answers to."""
        return [RoleRoute("/history/{document:row}/{number:row}", self.history, "reader", fetched=True)]

    def history(self, request: Request) -> Response:
        """Give what became of a pair, as HTML."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self._engine.connect() as connection:
            events = history_of(connection, document, number)
            langs = languages_of(connection, document)
        values = {"events": events, "langs": langs, "kinds_done": KINDS, "most": MOST}
        return HTMLResponse(render(words_of(request), "history", **values))
