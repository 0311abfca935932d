"""The list of all operations, in the order in which the page shows them; each stands in the module of its family.

Whatever concerns all of them is made from this list: what is accepted over HTTP and its description, the keys, the
help, the toolbar, what can be done to many rows. How to add one: ``CONTRIBUTING.md``.
"""

from __future__ import annotations

from dataclasses import fields
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from typing_extensions import TypeAliasType

from . import bookmarking, boundaries, commenting, deciding, flagging, grouping, replacing, reverting, shifting, texts
from .in_bulk import BulkRequest
from .operation import Operation, Request

OPERATIONS: tuple[Operation, ...] = (
    *deciding.OPERATIONS,
    *texts.OPERATIONS,
    *flagging.OPERATIONS,
    *commenting.OPERATIONS,
    *grouping.OPERATIONS,
    *boundaries.OPERATIONS,
    *shifting.OPERATIONS,
    *bookmarking.OPERATIONS,
    *replacing.OPERATIONS,
    *reverting.OPERATIONS,
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}

ON_PAIRS = {operation.name: operation.apply for operation in OPERATIONS if operation.apply is not None}
"""What is done to one pair, by the name of the operation."""

IN_BULK = {operation.name: operation.in_bulk for operation in OPERATIONS if operation.in_bulk is not None}
"""What can be done to many rows, by the name of the operation."""


def _one_of(types: list[type]) -> Any:
    """Return the type of whatever is one of these, told apart by its ``kind``."""
    return Annotated[reduce(or_, dict.fromkeys(types)), Field(discriminator="kind")]


_TYPES = [operation.request for operation in OPERATIONS if operation.request is not None]

AnyRequest: Any = TypeAliasType("Request", _one_of(list(_TYPES)))
"""A request of any operation on a pair; the description of the API has it under this name."""

FIELDS = frozenset(field.name for request in _TYPES for field in fields(request))
"""What a request may have. What belongs to another kind means nothing, and is no fault."""

REQUEST: TypeAdapter[Request] = TypeAdapter(AnyRequest)
BULK: TypeAdapter[BulkRequest] = TypeAdapter(_one_of([way.request for way in IN_BULK.values()]))


def request_of(kind: str, **values: object) -> Request:
    """Return a request for an operation on a pair; raises ``ValidationError`` where it makes no sense."""
    return REQUEST.validate_python({"kind": kind, **values})


def bulk_of(kind: str, **values: object) -> BulkRequest:
    """Return a request for an operation on many rows; raises ``ValidationError`` where it makes no sense."""
    return BULK.validate_python({"kind": kind, **values})
