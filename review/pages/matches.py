"""The page of matches: which documents translate which, doubt first, and people's word on it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qosmatin.review.editing.operations import Review
from qosmatin.review.gate.guard import person_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.store.database import writing
from qosmatin.review.store.matches import PAGE, count_matches, judge_match, matched_translations, read_matches
from qosmatin.review.store.queries import Query

from .frame import Frame


class MatchPages:
    """The handlers of this page."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self._engine = review.engine
        self._frame = frame

    def routes(self) -> list[RoleRoute]:
        """Return the routes of this page."""
        return [
            RoleRoute("/matches", self.matches, "reader"),
            RoleRoute("/matches", self.judge, "reviewer", ["POST"]),
        ]

    def matches(self, request: Request) -> Response:
        """Show a page of matches: those that nobody spoke of, or with ``show=all`` everything."""
        everything = request.query_params.get("show") == "all"
        with self._engine.connect() as connection:
            known = matched_translations(connection)
            wanted = request.query_params.get("translation", "")
            translation = wanted if wanted in known else next(iter(known), "")
            count = count_matches(connection, translation, everything=everything)
            pages = max(1, -(-count // PAGE))
            page = min(_number(request.query_params.get("page", "")) or 1, pages)
            found = read_matches(connection, translation, everything=everything, page=page)
        values = {
            "script": "sampling",
            "query": Query(translation),
            "translations": known,
            "everything": everything,
            "found": found,
            "count": count,
            "place": page,
            "pages": pages,
        }
        return self._frame.page(request, "matches", values)

    def judge(self, request: Request) -> Response:
        """Keep what a person says of a match, and show the page again."""
        form: dict[str, str] = request.scope["form"]
        with writing(self._engine) as connection:
            judge_match(
                connection, _number(form.get("match", "")), form.get("verdict", ""), person_of(request).pseudonym
            )
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(address, 303)


def _number(text: str) -> int:
    """Return a number that a form or an address has; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
