"""``qosmatin review account``, ``invite``, ``token`` ...: who takes part in a review, and whose a document is."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from .console import say
from .review import CORPUS, DATABASE
from .stores import check_extra, opened_store

_NAME = Annotated[str, typer.Argument(help="The name that somebody logs in with.", show_default=False)]
_ROLE = Annotated[str, typer.Option(help="reader, reviewer, adjudicator or admin.")]
_PSEUDONYM = Annotated[
    str,
    typer.Option(help="What stands in the log for this person; default: the next of r1, r2 ...", show_default=False),
]


def add_account(
    corpus: CORPUS,
    name: _NAME,
    *,
    role: _ROLE = "reviewer",
    pseudonym: _PSEUDONYM = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input; default: ask for it.")
    ] = False,
    database: DATABASE = None,
) -> None:
    """Make an account with a password of your choice: the first admin's; invite all others.

    Example: qosmatin review account corpora/ilyashev marat --role admin --password-stdin < password.txt
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import add_account as add  # noqa: PLC0415
        from qosmatin.review.people.passwords import Passwords  # noqa: PLC0415
        from qosmatin.review.store.access import check_role  # noqa: PLC0415

        known = check_role(role)
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
        pseudonym = add(engine, Passwords(), name, known, password=password, pseudonym=pseudonym)
    say(f"{name} can log in as {role}; in the log: {pseudonym}")


def invite(
    corpus: CORPUS,
    name: _NAME,
    *,
    role: _ROLE = "reviewer",
    pseudonym: _PSEUDONYM = "",
    days: Annotated[int, typer.Option(min=1, max=90, help="Days until the link expires.")] = 7,
    address: Annotated[
        str, typer.Option(metavar="URL", help="The address of the review, for the link.")
    ] = "http://127.0.0.1:8765",
    database: DATABASE = None,
) -> None:
    """Print a link by which somebody chooses a password, once; for who has an account, a new one.

    Example: qosmatin review invite corpora/ilyashev aigerim --role reviewer --address https://review.example.org
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.sessions import invite as make  # noqa: PLC0415
        from qosmatin.review.store.access import check_role  # noqa: PLC0415
        from qosmatin.review.store.database import writing  # noqa: PLC0415

        with writing(engine) as connection:
            secret, known_as = make(connection, name, check_role(role), pseudonym, timedelta(days=days))
    say(f"for {name} (in the log: {known_as}), once, within {days} days; send it over a channel that you trust:")
    typer.echo(f"{address.rstrip('/')}/invitation/{secret}")


def users(corpus: CORPUS, database: DATABASE = None) -> None:
    """List the accounts: name, pseudonym, role, since when, how many tokens and documents of their own.

    Example: qosmatin review users corpora/ilyashev
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import all_accounts, open_invitations  # noqa: PLC0415
        from qosmatin.review.people.sessions import tokens_of  # noqa: PLC0415
        from qosmatin.review.store.access import documents_assigned  # noqa: PLC0415

        typer.echo("name\tpseudonym\trole\tsince\ttokens\tdocuments")
        with engine.connect() as connection:
            for account in all_accounts(connection):
                numbers = len(tokens_of(connection, account.id)), len(documents_assigned(connection, account.pseudonym))
                typer.echo(
                    "\t".join([account.name, account.pseudonym, account.role, account.created[:10], *map(str, numbers)])
                )
            for name, pseudonym, known, expires in open_invitations(connection):
                typer.echo(f"{name}\t{pseudonym}\t{known}\tinvited until {expires[:10]}\t0\t0")


def change_role(corpus: CORPUS, name: _NAME, role: Annotated[str, typer.Argument()], database: DATABASE = None) -> None:
    """Give somebody another role, at once, in open sessions too.

    Example: qosmatin review role corpora/ilyashev aigul adjudicator
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import set_role  # noqa: PLC0415
        from qosmatin.review.store.access import check_role  # noqa: PLC0415
        from qosmatin.review.store.database import writing  # noqa: PLC0415

        with writing(engine) as connection:
            set_role(connection, name, check_role(role))


def erase(corpus: CORPUS, name: _NAME, database: DATABASE = None) -> None:
    """Erase a person: name, password, sessions, tokens, assignments; what was decided stays, under the pseudonym.

    Backups made before still have the name; delete them, or erase again after restoring one.

    Example: qosmatin review erase corpora/ilyashev dias
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import erase_person  # noqa: PLC0415

        pseudonym = erase_person(engine, name)
    say(f"erased; {pseudonym} stays in the log, and nothing says who that was")


def make_token(
    corpus: CORPUS,
    name: _NAME,
    *,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "script",
    role: Annotated[
        str | None, typer.Option(help="What the token may at most; default: all that its owner may.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it expires.")] = 90,
    database: DATABASE = None,
) -> None:
    """Print a new API token of somebody, for a script; it is shown this once.

    Example: qosmatin review token corpora/ilyashev aigul --label "nightly export" --role reader
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import find_account  # noqa: PLC0415
        from qosmatin.review.people.sessions import make_token as make  # noqa: PLC0415
        from qosmatin.review.store.access import check_role  # noqa: PLC0415
        from qosmatin.review.store.database import writing  # noqa: PLC0415

        with writing(engine) as connection:
            account = find_account(connection, name)
            token = make(connection, account.id, label, check_role(role or account.role), days)
    typer.echo(token)


def revoke(
    corpus: CORPUS,
    name: _NAME,
    token: Annotated[int | None, typer.Argument(help="The number of the token; default: all of them.")] = None,
    database: DATABASE = None,
) -> None:
    """Revoke the API tokens of somebody and end their sessions, or one token alone; lists those that are left.

    Example: qosmatin review revoke corpora/ilyashev aigul
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import find_account  # noqa: PLC0415
        from qosmatin.review.people.sessions import close_account, revoke_token, tokens_of  # noqa: PLC0415
        from qosmatin.review.store.database import writing  # noqa: PLC0415

        with writing(engine) as connection:
            account = find_account(connection, name)
            if token is None:
                close_account(connection, account.id)
            else:
                revoke_token(connection, account.id, token)
            left = tokens_of(connection, account.id)
    for one in left:
        typer.echo(f"{one.id}\t{one.label}\t{one.role}\tends {one.expires[:10]}\tlast used {one.used or 'never'}")


def assign(
    corpus: CORPUS,
    document: Annotated[str, typer.Argument(help="The source document, by name or by number.", show_default=False)],
    reviewers: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Login names or pseudonyms; none: to anybody.")
    ] = None,
    translation: Annotated[str | None, typer.Option(help="One translation of it alone.")] = None,
    database: DATABASE = None,
) -> None:
    """Assign a document: these reviewers see it by default, and nobody else but adjudicators and admins changes it.

    Example: qosmatin review assign corpora/ilyashev trial aigul
    """
    check_extra()
    from qosmatin.review.people.accounts import pseudonym_of  # noqa: PLC0415
    from qosmatin.review.server import open_review  # noqa: PLC0415
    from qosmatin.review.store import access  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    engine, _ = open_review(corpus, database)
    try:
        with writing(engine) as connection:
            numbers = access.find_documents(connection, document, translation)
            known = [pseudonym_of(connection, reviewer) for reviewer in reviewers or []]
            for number in numbers:
                access.assign(connection, number, known)
    finally:
        engine.dispose()
    whose = ", ".join(known) if known else "anybody"
    say(f"{document}: {len(numbers)} {'document is' if len(numbers) == 1 else 'documents are'} assigned to {whose}")
