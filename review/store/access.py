"""Who may do what: roles, the person behind a request, and documents that are assigned to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, delete, insert, or_, select

from qosmatin.corpus.errors import InputError
from qosmatin.review.errors import RefusedError
from qosmatin.review.words import N_

from .people_tables import accounts, assignments
from .schema import documents

Role = Literal["reader", "reviewer", "adjudicator", "admin"]
ROLES = cast("tuple[Role, ...]", (N_("reader"), N_("reviewer"), N_("adjudicator"), N_("admin")))
"""From the least to the most; each may do what those before it may."""


class ForbiddenError(RefusedError):
    """What somebody else may do, but not who asked for it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever sends a request, as the guard found out.

    ``by`` says how: ``local`` is this machine's own user, who needs no login and has no account; ``session`` came with
    a cookie, ``token`` with an API token. ``csrf`` is what their pages must send along with a change, and ``key`` the
    hash by which the store knows the session.
    """

    pseudonym: str
    role: Role
    by: Literal["local", "session", "token"] = "local"
    account: int | None = None
    name: str = ""
    csrf: str = ""
    key: str = ""

    def may(self, role: Role) -> bool:
        """Whether the person may do what a role may."""
        return includes(self.role, role)


def includes(role: Role, other: Role) -> bool:
    """Whether a role may do all that another may."""
    return ROLES.index(role) >= ROLES.index(other)


def lesser(role: Role, other: Role) -> Role:
    """Return that of two roles which may do less."""
    return other if includes(role, other) else role


def check_role(role: str) -> Role:
    """Return a role by its name; raises ``InputError``."""
    for known in ROLES:
        if role == known:
            return known
    raise InputError(f"there is no role '{role}'; known are {', '.join(ROLES)}")


def assigned_to(connection: Connection, document: int) -> list[str]:
    """Return the reviewers that a document is assigned to; nobody means that it is anybody's."""
    query = select(assignments.c.reviewer).where(assignments.c.document == document)
    return list(connection.execute(query.order_by(assignments.c.reviewer)).scalars())


def assign(connection: Connection, document: int, reviewers: Sequence[str]) -> None:
    """Assign a document to these reviewers and nobody else."""
    connection.execute(delete(assignments).where(assignments.c.document == document))
    for reviewer in sorted(set(reviewers)):
        connection.execute(insert(assignments).values(document=document, reviewer=reviewer))


def has_assignments(connection: Connection, reviewer: str) -> bool:
    """Whether any document is assigned to a reviewer."""
    query = select(assignments.c.document).where(assignments.c.reviewer == reviewer).limit(1)
    return connection.execute(query).first() is not None


def assignees(connection: Connection) -> list[str]:
    """Return everybody to whom a document is assigned."""
    return list(
        connection.execute(select(assignments.c.reviewer).distinct().order_by(assignments.c.reviewer)).scalars()
    )


def check_assigned(connection: Connection, document: int, reviewer: str) -> None:
    """Raise ``ForbiddenError`` when a document is assigned to others.

    Adjudicators and admins write everywhere, and so does who has no account: this machine's own user.
    """
    whose = assigned_to(connection, document)
    if not whose or reviewer in whose:
        return
    role = connection.execute(select(accounts.c.role).where(accounts.c.pseudonym == reviewer)).scalar()
    if role is not None and not includes(check_role(role), "adjudicator"):
        message = N_("this document is assigned to %(whose)s: you may read it, not change it")
        raise ForbiddenError(message, whose=", ".join(whose))


def documents_assigned(connection: Connection, reviewer: str) -> list[int]:
    """Return the documents that are assigned to a reviewer."""
    query = select(assignments.c.document).where(assignments.c.reviewer == reviewer)
    return list(connection.execute(query.order_by(assignments.c.document)).scalars())


def find_documents(connection: Connection, name: str | None, translation: str | None = None) -> list[int]:
    """Return the documents of a name, one for each translation, or of a number; None for all of them.

    Raises ``InputError`` where there is none.
    """
    query = select(documents.c.id)
    if name is not None:
        is_number = name.isascii() and name.isdigit() and len(name) < 10
        which = documents.c.source_document == name
        query = query.where(or_(which, documents.c.id == int(name)) if is_number else which)
    if translation is not None:
        query = query.where(documents.c.translation == translation)
    numbers = list(connection.execute(query.order_by(documents.c.id)).scalars())
    if not numbers:
        what = f" '{name}'" if name else ""
        raise InputError(f"there is no source document{what}" + (f" in '{translation}'" if translation else ""))
    return numbers
