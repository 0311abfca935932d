"""Accounts: a login name and its role, and the pseudonym that stands for the person in the log."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, union, update

from qosmatin.corpus.errors import InputError
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.access import Role, check_role
from qosmatin.review.store.campaign_tables import campaign_annotators
from qosmatin.review.store.clock import now
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import accounts, assignments, attempts, invitations, sessions, tokens
from qosmatin.review.store.sample_tables import judgements
from qosmatin.review.store.schema import operations

from .passwords import Passwords

_NAME = re.compile(r"[\w][\w.@+-]{0,79}")
_PSEUDONYM = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_RESERVED = "pipeline"
"""Who is written in the log for an import."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can log in."""

    id: int
    name: str
    pseudonym: str
    role: Role
    created: str


def fold_name(name: str) -> str:
    """Return a login name in the one form that the store has; raises ``InputError`` when it can be none."""
    folded = unicodedata.normalize("NFKC", name.strip()).casefold()
    if not _NAME.fullmatch(folded):
        raise InputError("a login name has letters, digits and . @ + - _, no spaces, and at most 80 of them")
    return folded


def all_accounts(connection: Connection) -> list[Account]:
    """Return all accounts by name."""
    return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]


def names_by_pseudonym(engine: Engine) -> dict[str, str]:
    """Return the login names of all who have an account, by their pseudonyms."""
    with engine.connect() as connection:
        return {row.pseudonym: row.name for row in connection.execute(select(accounts.c.pseudonym, accounts.c.name))}


def find_account(connection: Connection, name: str) -> Account:
    """Return the account of a login name; raises ``InputError`` when there is none."""
    row = connection.execute(select(accounts).where(accounts.c.name == fold_name(name))).first()
    if row is None:
        raise InputError(f"there is no account '{name}'")
    return _account(row)


def count_accounts(connection: Connection, role: Role | None = None) -> int:
    """Return how many accounts there are, of a role or in all."""
    query = select(func.count()).select_from(accounts)
    return connection.execute(query if role is None else query.where(accounts.c.role == role)).scalar_one()


def add_account(
    engine: Engine, passwords: Passwords, name: str, role: Role, password: str, *, pseudonym: str = ""
) -> str:
    """Make an account; returns its pseudonym, a new one unless one is given. Raises ``InputError``."""
    name = fold_name(name)
    kept = passwords.hash(password, name)
    with writing(engine) as connection:
        if connection.execute(select(accounts.c.id).where(accounts.c.name == name)).first() is not None:
            raise InputError(f"there is an account '{name}' already")
        connection.execute(delete(invitations).where(invitations.c.name == name))
        pseudonym = choose_pseudonym(connection, pseudonym)
        insert_account(connection, name, pseudonym, role, kept)
    return pseudonym


def insert_account(connection: Connection, name: str, pseudonym: str, role: Role, password: str) -> int:
    """Write a new account, its password hashed; returns its number."""
    values = {"name": name, "pseudonym": pseudonym, "role": role, "password": password, "created": now()}
    number: int = connection.execute(insert(accounts).values(**values).returning(accounts.c.id)).scalar_one()
    return number


def choose_pseudonym(connection: Connection, wanted: str = "") -> str:
    """Return a pseudonym for a new account: the next free of r1, r2 ..., or the one that is wanted.

    What stands in the log is never given to somebody else by itself; who wants it again says so.
    """
    taken = set(connection.execute(union(select(accounts.c.pseudonym), select(invitations.c.pseudonym))).scalars())
    if wanted:
        if not _PSEUDONYM.fullmatch(wanted) or wanted == _RESERVED:
            raise InputError("a pseudonym has small Latin letters, digits and . _ -, and at most 40 of them")
        if wanted in taken:
            raise InputError(f"the pseudonym '{wanted}' is somebody else's")
        return wanted
    spoken = union(
        select(operations.c.reviewer),
        select(assignments.c.reviewer),
        select(judgements.c.reviewer),
        select(campaign_annotators.c.annotator),
    )
    taken.update(connection.execute(spoken).scalars())
    numbers = [int(name[1:]) for name in taken if re.fullmatch(r"r[1-9][0-9]{0,8}", name)]
    return f"r{max(numbers, default=0) + 1}"


def set_role(connection: Connection, name: str, role: Role) -> None:
    """Give an account another role; raises ``InputError`` when nobody would be left to administer."""
    account = find_account(connection, name)
    if account.role == "admin" and role != "admin" and count_accounts(connection, "admin") == 1:
        raise InputError("this is the only admin: make another one first")
    connection.execute(update(accounts).where(accounts.c.id == account.id).values(role=role))


def set_password(engine: Engine, passwords: Passwords, account: int, old: str, new: str) -> None:
    """Change the password of an account, and end all its sessions; raises ``RefusedError``."""
    with engine.connect() as connection:
        row = connection.execute(select(accounts).where(accounts.c.id == account)).first()
    if not passwords.matches(row.password if row else None, old) or row is None:
        raise RefusedError("this is not your current password")
    kept = passwords.hash(new, row.name)
    with writing(engine) as connection:
        connection.execute(update(accounts).where(accounts.c.id == account).values(password=kept))
        connection.execute(delete(sessions).where(sessions.c.account == account))


def erase_person(engine: Engine, name: str) -> str:
    """Erase all that the store knows of a person but the pseudonym in the log; returns that pseudonym.

    On SQLite, what was deleted is overwritten in the file too. Raises ``InputError`` when there is no such person.
    """
    name = fold_name(name)
    on_sqlite = engine.dialect.name == "sqlite"
    with writing(engine) as connection:
        if on_sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        known = select(accounts.c.pseudonym).where(accounts.c.name == name)
        asked = select(invitations.c.pseudonym).where(invitations.c.name == name)
        pseudonym = connection.execute(known.union(asked)).scalars().first()
        if pseudonym is None:
            raise InputError(f"there is no account and no invitation of the name '{name}'")
        number = select(accounts.c.id).where(accounts.c.name == name).scalar_subquery()
        connection.execute(delete(sessions).where(sessions.c.account == number))
        connection.execute(delete(tokens).where(tokens.c.account == number))
        connection.execute(delete(assignments).where(assignments.c.reviewer == pseudonym))
        connection.execute(delete(invitations).where(invitations.c.name == name))
        # These hold hashes of names, which who knows a name can tell.
        connection.execute(delete(attempts))
        connection.execute(delete(accounts).where(accounts.c.name == name))
    if on_sqlite:
        # What was written lately stands in a file of its own, until it is brought home.
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
    return str(pseudonym)


def _account(row: object) -> Account:
    values = {name: getattr(row, name) for name in Account.__slots__}
    return Account(**{**values, "role": check_role(values["role"])})


def open_invitations(connection: Connection) -> list[tuple[str, str, str, str]]:
    """Return who is invited and has not come yet: name, pseudonym, role, until when."""
    columns = invitations.c.name, invitations.c.pseudonym, invitations.c.role, invitations.c.expires
    query = select(*columns).where(invitations.c.expires > now()).order_by(invitations.c.name)
    return [tuple(row) for row in connection.execute(query)]


def pseudonym_of(connection: Connection, name: str, by_name: bool = True) -> str:
    """Return the pseudonym of somebody named by login name (not where pseudonyms must not be seen through), or by it.

    Where there are no accounts, people choose their pseudonyms themselves, and any can be one. Raises ``InputError``.
    """
    columns = select(accounts.c.pseudonym, accounts.c.name)
    asked = select(invitations.c.pseudonym, invitations.c.name)
    known = {str(row.pseudonym): str(row.name) for row in connection.execute(columns.union(asked))}
    for pseudonym, login in known.items():
        if name == pseudonym or (by_name and name.casefold() == login):
            return pseudonym
    if known or not _PSEUDONYM.fullmatch(name):
        raise InputError(f"there is no account '{name}'; `qosmatin review users` lists them")
    return name
