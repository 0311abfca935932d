"""The description of the API in the OpenAPI format, made from the types that the API uses."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from qosmatin.review.editing.catalogue import FIELDS

from .endpoints import ENDPOINTS, NUMBERS, Endpoint
from .shapes import Message


def openapi() -> dict[str, Any]:
    """Return the description of the API in the OpenAPI format, version 3.1."""
    bodies = {endpoint.body for endpoint in ENDPOINTS if endpoint.body}
    types = [*bodies, *(endpoint.answer for endpoint in ENDPOINTS if endpoint.answer), Message]
    adapters = {str(kind): TypeAdapter[Any](kind) for kind in types}
    inputs = [(name, "validation", adapter) for name, adapter in sorted(adapters.items())]
    schemas, rest = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    known = {name: schema for (name, _), schema in schemas.items()}
    shared = rest["$defs"]
    # What belongs to another kind of operation means nothing, and is no fault; what no kind has is one.
    shared["Request"]["properties"] = {name: {} for name in sorted(FIELDS)}
    for body in ("Request", "Assignees", "MatchSaid"):
        shared[body]["additionalProperties"] = False
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _described(endpoint, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Qosmätin review", "version": "1.0.0", "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": shared,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


_ABOUT = (
    "The operations of the review for scripts. Where there are accounts, each request has a token: "
    "`Authorization: Bearer qosmatin_...`. On a machine of one's own without accounts it needs none, but changes need "
    "the header `X-Qosmatin-Script` with any value. An operation carries the version of the pair that its author saw; "
    "where the pair has changed since, the answer is 409 and nothing was written."
)


def _described(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return an endpoint as OpenAPI has it."""
    answer: dict[str, Any] = {"description": endpoint.summary}
    if endpoint.answer is None:
        answer["content"] = {"application/jsonl": {"schema": {"type": "string"}}}
    else:
        answer["content"] = {"application/json": {"schema": schemas[str(endpoint.answer)]}}
    refusal = {"application/json": {"schema": schemas[str(Message)]}}
    codes = {"400": "The request makes no sense.", "401": "No token, or none that is valid.", "403": "Not for you."}
    if "{" in endpoint.path:
        codes["404"] = "There is no such document, pair or match."
    if endpoint.method != "GET":
        codes |= {"409": "The pair has changed since you saw it.", "422": "This cannot be done; the message says why."}
    described: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"For the role `{endpoint.role}` and above.",
        "parameters": _parameters(endpoint),
        "responses": {"200": answer} | {code: {"description": why, "content": refusal} for code, why in codes.items()},
    }
    if endpoint.body is not None:
        schema = schemas[str(endpoint.body)]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    inside = [name for name in NUMBERS if f"{{{name}}}" in endpoint.path]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}} for name in inside
    ]
    asked = TypeAdapter[Any](endpoint.query).json_schema().get("properties", {})
    return found + [{"name": name, "in": "query", "schema": schema} for name, schema in asked.items()]
