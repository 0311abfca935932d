"""The API for scripts: the operations of the page, as JSON. The first line of each handler's docstring describes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Engine, select
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from qosmatin.review.editing.catalogue import FIELDS, REQUEST, AnyRequest
from qosmatin.review.editing.operation import Request
from qosmatin.review.editing.operations import Outcome, Review
from qosmatin.review.errors import ConflictError, MissingError, RefusedError, UnclearError
from qosmatin.review.exchange.exporting import export_lines
from qosmatin.review.gate.guard import person_of, reviewer_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.people.accounts import pseudonym_of
from qosmatin.review.store import log
from qosmatin.review.store.access import Role, assign, assigned_to
from qosmatin.review.store.database import writing
from qosmatin.review.store.history import history_of
from qosmatin.review.store.matches import PAGE, count_matches, judge_match, matched_translations, read_matches
from qosmatin.review.store.people_tables import assignments
from qosmatin.review.store.queries import Query, find_rows, progress_of, shown, translations
from qosmatin.review.store.rows import BeadRow, DocumentRow
from qosmatin.review.store.schema import documents

from .shapes import (
    Assignees,
    DocumentMatch,
    Done,
    MatchPage,
    MatchQuery,
    MatchSaid,
    Me,
    NoQuery,
    PairEvent,
    PairPage,
    PairQuery,
    PairSentences,
    ProgressOf,
    ReviewDocument,
    ReviewPair,
    event_from,
    match_from,
    pair_from,
)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that a script can ask for. ``answer`` is its type; None stands for decisions as JSONL."""

    method: str
    path: str
    role: Role
    handler: Callable[..., Any]
    answer: Any
    query: type = NoQuery
    body: Any = None

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return (self.handler.__doc__ or "").strip()


class Api:
    """The handlers of the API."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._engine = review.engine

    def routes(self) -> list[RoleRoute]:
        """Return the routes of the API."""
        return [self._route(one) for one in ENDPOINTS]

    def me(self, request: HttpRequest, _values: NoQuery) -> Me:
        """Who am I?"""
        person = person_of(request)
        return Me(person.pseudonym, person.role)

    def list_progress(self, _request: HttpRequest, _values: NoQuery) -> list[ProgressOf]:
        """How far the review of each translation has come."""
        with self._engine.connect() as connection:
            found = [progress_of(connection, name) for name in translations(connection)]
        return [ProgressOf(one.translation, one.pairs, one.reviewed, one.refused, one.lost) for one in found]

    def list_documents(self, _request: HttpRequest, _values: NoQuery) -> list[ReviewDocument]:
        """All documents, and who they are assigned to."""
        names = "id", "source_document", "translation", "source_lang", "target_lang"
        query = select(*(documents.c[name] for name in names)).order_by(documents.c.id)
        with self._engine.connect() as connection:
            whose: dict[int, list[str]] = {}
            for document, reviewer in connection.execute(select(assignments).order_by(assignments.c.reviewer)):
                whose.setdefault(document, []).append(reviewer)
            rows = connection.execute(query).all()
        return [_described(document, whose.get(document.id, [])) for document in rows]

    def list_pairs(self, request: HttpRequest, values: PairQuery) -> PairPage:
        """One page of the pairs of a query, 100 a page."""
        with self._engine.connect() as connection:
            translation = _translation(connection, values.translation)
            query = Query(**{**_values(values), "translation": translation})
            found = find_rows(connection, query, reviewer_of(request))
        return PairPage(found.count, found.exact, found.before, found.after, [pair_from(one) for one in found.rows])

    def get_pair(self, request: HttpRequest, _values: NoQuery) -> PairSentences:
        """One pair with its sentences."""
        with self._engine.connect() as connection:
            document, row = _find(connection, request.path_params["document"], request.path_params["number"])
            (pair,) = _pairs(connection, document.id, [row], request)
        source, target = document.source.texts[slice(*row.source)], document.target.texts[slice(*row.target)]
        return PairSentences(pair, list(source), list(target))

    def get_history(self, request: HttpRequest, _values: NoQuery) -> list[PairEvent]:
        """What became of a pair, the last first, through merging and splitting; 50 operations at most."""
        number = request.path_params["number"]
        with self._engine.connect() as connection:
            document, _ = _find(connection, request.path_params["document"], number)
            events = history_of(connection, document.id, number)
        return [event_from(one) for one in events]

    def list_matches(self, _request: HttpRequest, values: MatchQuery) -> MatchPage:
        """One page of the matches of documents, the most doubtful first, 20 a page."""
        everything = values.show == "all"
        with self._engine.connect() as connection:
            names = matched_translations(connection)
            if not names:
                return MatchPage(0, 1, [])
            translation = _one_of(names, values.translation)
            count = count_matches(connection, translation, everything=everything)
            found = read_matches(connection, translation, everything=everything, page=values.page)
        return MatchPage(count, max(1, -(-count // PAGE)), [match_from(one) for one in found])

    def judge_match(self, request: HttpRequest, _values: NoQuery) -> DocumentMatch:
        """Say whether two documents translate each other."""
        said: MatchSaid = _parsed(MatchSaid, _json(request))
        reviewer = person_of(request).pseudonym
        with writing(self._engine) as connection:
            found = judge_match(connection, request.path_params["match"], said.verdict, reviewer)
        return match_from(replace(found, verdict=said.verdict, reviewer=reviewer))

    def operate(self, request: HttpRequest, _values: NoQuery) -> Done:
        """Do one operation on a pair."""
        wanted = _operation(_json(request))
        try:
            return self._done(request, self._review.operate(wanted, reviewer_of(request)))
        except ConflictError as error:
            error.now = self._now(request, wanted)
            raise

    def undo(self, request: HttpRequest, _values: NoQuery) -> Done:
        """Take your last operation back."""
        return self._done(request, self._review.undo(reviewer_of(request)))

    def redo(self, request: HttpRequest, _values: NoQuery) -> Done:
        """Do again what you have undone."""
        return self._done(request, self._review.redo(reviewer_of(request)))

    def export_decisions(self, _request: HttpRequest, _values: NoQuery) -> Response:
        """What people said, a decision a line, as `qosmatin review --export` writes it."""
        return decisions_as_jsonl(self._engine)

    def assign_document(self, request: HttpRequest, _values: NoQuery) -> ReviewDocument:
        """Assign a document to reviewers, or to anybody."""
        wanted: Assignees = _parsed(Assignees, _json(request))
        number = request.path_params["document"]
        with writing(self._engine) as connection:
            found = _document(connection, number)
            assign(connection, number, [pseudonym_of(connection, one, by_name=False) for one in wanted.reviewers])
            whose = assigned_to(connection, number)
        return _described(found, whose)

    def _done(self, request: HttpRequest, done: Outcome) -> Done:
        with self._engine.connect() as connection:
            pairs = _pairs(connection, done.document, done.rows, request)
        batch = done.batch
        return Done(
            operation=done.operation,
            document=done.document,
            gone=list(done.gone),
            pairs=pairs,
            focus=done.focus,
            shifts=list(done.shifts),
            batch=None if batch is None else batch.batch,
            more=batch is not None and batch.more,
        )

    def _route(self, endpoint: Endpoint) -> RoleRoute:
        handler = getattr(self, endpoint.name)

        def answer(request: HttpRequest) -> Response:
            result = handler(request, _parsed(endpoint.query, dict(request.query_params)))
            if isinstance(result, Response):
                return result
            return JSONResponse(TypeAdapter(endpoint.answer).dump_python(result, mode="json"))

        # Starlette writes paths like OpenAPI, but for the kinds of their parts.
        path = endpoint.path
        for name in NUMBERS:
            path = path.replace(f"{{{name}}}", f"{{{name}:row}}")
        return RoleRoute(path, answer, endpoint.role, [endpoint.method])

    def _now(self, request: HttpRequest, wanted: Request) -> dict[str, Any]:
        """Return the pair of a conflict as it is now, if it is still there."""
        try:
            with self._engine.connect() as connection:
                document, row = _find(connection, wanted.document, wanted.number)
                (pair,) = _pairs(connection, document.id, [row], request)
        except MissingError:
            return {}
        return {"now": TypeAdapter(ReviewPair).dump_python(pair, mode="json")}


NUMBERS = ("document", "number", "match")
"""The parts of paths that are numbers."""

ENDPOINTS = (
    Endpoint("GET", "/api/me", "reader", Api.me, Me),
    Endpoint("GET", "/api/progress", "reader", Api.list_progress,
             list[ProgressOf]),
    Endpoint("GET", "/api/documents", "reader", Api.list_documents,
             list[ReviewDocument]),
    Endpoint("GET", "/api/pairs", "reader", Api.list_pairs, PairPage,
             query=PairQuery),
    Endpoint("GET", "/api/pairs/{document}/{number}", "reader", Api.get_pair,
             PairSentences),
    Endpoint("GET", "/api/pairs/{document}/{number}/history", "reader", Api.get_history,
             list[PairEvent]),
    Endpoint("GET", "/api/matches", "reader", Api.list_matches, MatchPage, query=MatchQuery),
    Endpoint("POST", "/api/matches/{match}", "reviewer", Api.judge_match, DocumentMatch, body=MatchSaid),
    Endpoint("POST", "/api/operations", "reviewer", Api.operate, Done, body=AnyRequest),
    Endpoint("POST", "/api/undo", "reviewer", Api.undo, Done),
    Endpoint("POST", "/api/redo", "reviewer", Api.redo, Done),
    Endpoint("GET", "/api/decisions", "reader", Api.export_decisions, None),
    Endpoint("PUT", "/api/documents/{document}/assigned", "adjudicator", Api.assign_document,
             ReviewDocument, body=Assignees),
)  # fmt: skip
"""All of the API but its description."""


def decisions_as_jsonl(engine: Engine) -> Response:
    """Return all decisions as a file that is sent while it is read."""

    def lines() -> Iterator[str]:
        yield from export_lines(engine)

    headers = {"Content-Disposition": 'attachment; filename="decisions.jsonl"'}
    return StreamingResponse(lines(), media_type="application/jsonl", headers=headers)


def _parsed(kind: type, values: Any) -> Any:
    """Return values as a dataclass; what is wrong or unknown in them is refused."""
    return _checked(TypeAdapter(kind), {field.name for field in fields(kind)}, values)


def _operation(values: Any) -> Request:
    """Return values as a request for an operation; what is wrong or unknown in them is refused."""
    return _checked(REQUEST, FIELDS, values)


def _checked(adapter: TypeAdapter[Read], known: Collection[str], values: Any) -> Read:
    strange = sorted(set(values) - set(known)) if isinstance(values, dict) else []
    if strange:
        raise UnclearError(f"'{strange[0]}' is unknown; known are {', '.join(sorted(known)) or 'no parameters at all'}")
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise UnclearError(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}") from None


def _json(request: HttpRequest) -> Any:
    try:
        return json.loads(request.scope["body"])
    except ValueError:
        raise UnclearError("the body is no JSON") from None


def _described(document: Any, assigned: list[str]) -> ReviewDocument:
    """Return a document, or the columns of one, as the API has it."""
    return ReviewDocument(
        document=document.id,
        name=document.source_document,
        translation=document.translation,
        source_lang=document.source_lang,
        target_lang=document.target_lang,
        assigned=assigned,
    )


def _translation(connection: Connection, wanted: str | None) -> str:
    return _one_of(translations(connection), wanted)


def _one_of(names: Sequence[str], wanted: str | None) -> str:
    """Return the translation that is asked for; the only one need not be named."""
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is None:
        raise UnclearError(f"say which translation: {', '.join(names)}")
    if wanted not in names:
        known = ", ".join(names)
        raise MissingError("there is no translation '%(name)s'; there are %(known)s", name=wanted, known=known)
    return wanted


def _document(connection: Connection, number: int) -> DocumentRow:
    try:
        return log.read_document(connection, number)
    except RefusedError as error:
        # The address names it; an operation that names it in its body is refused instead.
        raise MissingError(error.message, **error.values) from None


def _find(connection: Connection, document: int, number: int) -> tuple[DocumentRow, BeadRow]:
    found = _document(connection, document)
    rows = log.read_rows(connection, document, [number])
    if not rows:
        raise MissingError("there is no such pair (any more)")
    return found, rows[0]


def _pairs(connection: Connection, document: int, rows: Sequence[BeadRow], request: HttpRequest) -> list[ReviewPair]:
    """Return rows of a document with what stands beside them."""
    return [pair_from(one) for one in shown(connection, [(document, row) for row in rows], reviewer_of(request))]


def _values(values: PairQuery) -> dict[str, Any]:
    return {field.name: getattr(values, field.name) for field in fields(PairQuery)}
