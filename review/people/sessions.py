"""How people show who they are: logins and their sessions, invitations, and tokens for scripts.

Each is a random secret that its holder has and the store has not: it keeps a hash. (SHA-256 without salt is enough for
256 random bits; passwords, which people choose, are another matter.)
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from qosmatin.corpus.errors import InputError
from qosmatin.review.errors import ExpiredError, RefusedError, StrangerError
from qosmatin.review.store.access import Person, Role, check_role, includes, lesser
from qosmatin.review.store.clock import from_now, now
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import accounts, invitations, sessions, tokens
from qosmatin.review.words import N_

from .accounts import choose_pseudonym, fold_name, insert_account
from .passwords import Passwords
from .throttle import forgive, note_attempt

IDLE, LONGEST = timedelta(hours=8), timedelta(days=7)
"""After how long a session ends by itself: unused, and in any case."""

INVITATION = timedelta(days=7)
"""How long an invitation may wait, unless its maker says otherwise."""

_FRESH = timedelta(minutes=1)
"""How old the note of when a session or token was last used may become before it is written again."""

TOKEN_MARK = "qosmatin_"
"""What API tokens begin with, so that a search for lost secrets finds them."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited to choose a password, and as what."""

    name: str
    pseudonym: str
    role: Role
    expires: str


def log_in(engine: Engine, passwords: Passwords, name: str, password: str, address: str) -> str:
    """Begin a session; returns its secret. Raises ``StrangerError``, or ``ThrottledError`` after too many attempts."""
    try:
        name = fold_name(name)
    except InputError:
        name = "?"
    note_attempt(engine, name, address)
    with engine.connect() as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
    if not passwords.matches(row.password if row else None, password) or row is None:
        raise StrangerError(N_("the name or the password is not right"))
    forgive(engine, name, address)
    with writing(engine) as connection:
        return begin_session(connection, row.id)


def begin_session(connection: Connection, account: int) -> str:
    """Begin a session of an account, and return its secret; sessions that have ended are swept out."""
    secret, at = secrets.token_urlsafe(32), now()
    old = (sessions.c.created < from_now(-LONGEST)) | (sessions.c.seen < from_now(-IDLE))
    connection.execute(delete(sessions).where(old))
    connection.execute(insert(sessions).values(hash=hashed(secret), account=account, created=at, seen=at))
    return secret


def find_session(engine: Engine, secret: str) -> Person | None:
    """Return whose session this is, or None when there is no such session or it has ended.

    One that was begun in a time to come, by a clock that was put back since, would last until then: it has ended too.
    """
    key = hashed(secret)
    query = select(sessions.c.seen, accounts).join_from(sessions, accounts, sessions.c.account == accounts.c.id)
    alive = sessions.c.created.between(from_now(-LONGEST), from_now(IDLE)), sessions.c.seen >= from_now(-IDLE)
    with engine.connect() as connection:
        row = connection.execute(query.where(sessions.c.hash == key, *alive)).first()
    if row is None:
        return None
    if row.seen < from_now(-_FRESH):
        with writing(engine) as connection:
            connection.execute(update(sessions).where(sessions.c.hash == key).values(seen=now()))
    csrf = hashed(f"csrf {secret}")
    return Person(row.pseudonym, check_role(row.role), "session", account=row.id, name=row.name, csrf=csrf, key=key)


def end_session(engine: Engine, secret: str) -> None:
    """End a session, if there is one of this secret."""
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.hash == hashed(secret)))


def invite(
    connection: Connection, name: str, role: Role, pseudonym: str = "", lifetime: timedelta = INVITATION
) -> tuple[str, str]:
    """Invite somebody to choose a password; returns the secret of the link, and their pseudonym.

    Who has an account keeps it and chooses a new password; their role changes elsewhere. An earlier invitation of the
    same person ends.
    """
    name = fold_name(name)
    known = connection.execute(select(accounts).where(accounts.c.name == name)).first()
    connection.execute(delete(invitations).where(invitations.c.name == name))
    if known is not None:
        pseudonym, role = known.pseudonym, check_role(known.role)
    else:
        pseudonym = choose_pseudonym(connection, pseudonym)
    secret = secrets.token_urlsafe(32)
    expires = from_now(lifetime)
    values = {"name": name, "pseudonym": pseudonym, "role": role, "created": now(), "expires": expires}
    connection.execute(insert(invitations).values(hash=hashed(secret), **values))
    return secret, pseudonym


def read_invitation(connection: Connection, secret: str) -> Invitation:
    """Return who an invitation is for; raises ``ExpiredError`` when it was used, has expired, or never was."""
    row = connection.execute(
        select(invitations).where(invitations.c.hash == hashed(secret), invitations.c.expires > now())
    ).first()
    if row is None:
        raise ExpiredError(N_("this invitation was used or has expired: ask for another one"))
    return Invitation(row.name, row.pseudonym, check_role(row.role), row.expires)


def redeem(engine: Engine, passwords: Passwords, secret: str, password: str) -> str:
    """Use an invitation: make the account, or give it the new password; returns the secret of a new session.

    All that was open under the old password is closed, tokens included. Raises ``RefusedError``.
    """
    with engine.connect() as connection:
        invited = read_invitation(connection, secret)
    kept = passwords.hash(password, invited.name)
    with writing(engine) as connection:
        # Of two that use the same link at once, one finds it gone.
        gone = delete(invitations).where(invitations.c.hash == hashed(secret)).returning(invitations.c.name)
        if connection.execute(gone).first() is None:
            raise ExpiredError(N_("this invitation was used or has expired: ask for another one"))
        known = connection.execute(select(accounts.c.id).where(accounts.c.name == invited.name)).scalar()
        if known is None:
            known = insert_account(connection, invited.name, invited.pseudonym, invited.role, kept)
        connection.execute(update(accounts).where(accounts.c.id == known).values(password=kept))
        close_account(connection, known)
        return begin_session(connection, known)


def make_token(connection: Connection, account: int, label: str, role: Role, days: int) -> str:
    """Make an API token of an account, and return it: this once, for the store keeps a hash.

    Its role is at most that of the account. Raises ``RefusedError``.
    """
    label = " ".join(label.split())
    if not 1 <= len(label) <= 80:
        raise RefusedError("a token needs a label of 1 to 80 characters: what is it for?")
    if not 1 <= days <= 366:
        raise RefusedError("a token lasts 1 to 366 days")
    own = connection.execute(select(accounts.c.role).where(accounts.c.id == account)).scalar_one()
    if not includes(check_role(own), role):
        raise RefusedError("a token cannot be '%(role)s' where its owner is '%(own)s'", role=role, own=own)
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    values = {"account": account, "label": label, "role": role, "hash": hashed(token), "created": now()}
    expires = from_now(timedelta(days=days))
    connection.execute(insert(tokens).values(**values, expires=expires))
    return token


def find_token(engine: Engine, token: str) -> Person | None:
    """Return whose API token this is, or None when there is no such token, it was revoked, or has expired."""
    query = select(accounts, tokens.c.role.label("most"), tokens.c.used, tokens.c.id.label("token"))
    query = query.join_from(tokens, accounts, tokens.c.account == accounts.c.id)
    with engine.connect() as connection:
        alive = tokens.c.hash == hashed(token), tokens.c.expires > now()
        row = connection.execute(query.where(*alive)).first()
    if row is None:
        return None
    if row.used is None or row.used < from_now(-_FRESH):
        with writing(engine) as connection:
            connection.execute(update(tokens).where(tokens.c.id == row.token).values(used=now()))
    role = lesser(check_role(row.role), check_role(row.most))
    return Person(row.pseudonym, role, "token", row.id, row.name)


def tokens_of(connection: Connection, account: int) -> list[Row[tuple[int, str, str, str, str | None, str]]]:
    """Return the tokens of an account: number, label, role, made, last used, expiring."""
    columns = tokens.c.id, tokens.c.label, tokens.c.role, tokens.c.created, tokens.c.used, tokens.c.expires
    return list(connection.execute(select(*columns).where(tokens.c.account == account).order_by(tokens.c.id)))


def revoke_token(connection: Connection, account: int, number: int) -> None:
    """Revoke a token; raises ``RefusedError`` when the account has none of this number."""
    gone = delete(tokens).where(tokens.c.id == number, tokens.c.account == account).returning(tokens.c.id)
    if connection.execute(gone).first() is None:
        raise RefusedError("there is no such token")


def close_account(connection: Connection, account: int) -> None:
    """End all sessions of an account and revoke all its tokens."""
    connection.execute(delete(sessions).where(sessions.c.account == account))
    connection.execute(delete(tokens).where(tokens.c.account == account))


def hashed(secret: str) -> str:
    """Return the hash by which the store knows a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
