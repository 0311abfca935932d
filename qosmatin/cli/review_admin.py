"""``qosmatin review ...``: serving a review, and looking after it: people, documents, backups."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from qosmatin.corpus.errors import InputError

from .console import error_console, open_output
from .review import CORPUS, DATABASE, serve_review
from .stores import check_extra, opened_store

if TYPE_CHECKING:
    pass


class _ServeByDefault(TyperGroup):
    """A group in which ``qosmatin review CORPUS`` means ``qosmatin review serve CORPUS``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["serve", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ServeByDefault,
    help="Review a corpus in the browser: `qosmatin review CORPUS`, the same as `qosmatin review serve CORPUS`. The "
    "other commands look after people, documents, samples and backups. (A corpus folder called like one of "
    "them: ./backup.)",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("serve")(serve_review)

_NAME = Annotated[str, typer.Argument(help="The name that somebody logs in with.", show_default=False)]
_ROLE = Annotated[str, typer.Option(help="reader, reviewer, adjudicator or admin.")]
_PSEUDONYM = Annotated[
    str,
    typer.Option(help="What stands in the log for this person; default: the next of r1, r2 ...", show_default=False),
]


@app.command("account")
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
    _say(f"{name} can log in as {role}; in the log: {pseudonym}")


@app.command("invite")
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
    _say(f"for {name} (in the log: {known_as}), once, within {days} days; send it over a channel that you trust:")
    typer.echo(f"{address.rstrip('/')}/invitation/{secret}")


@app.command("users")
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


@app.command("role")
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


@app.command("erase")
def erase(corpus: CORPUS, name: _NAME, database: DATABASE = None) -> None:
    """Erase a person: name, password, sessions, tokens, assignments; what was decided stays, under the pseudonym.

    Backups made before still have the name; delete them, or erase again after restoring one.

    Example: qosmatin review erase corpora/ilyashev dias
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.people.accounts import erase_person  # noqa: PLC0415

        pseudonym = erase_person(engine, name)
    _say(f"erased; {pseudonym} stays in the log, and nothing says who that was")


@app.command("token")
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


@app.command("revoke")
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


@app.command("assign")
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
    _say(f"{document}: {len(numbers)} {'document is' if len(numbers) == 1 else 'documents are'} assigned to {whose}")


@app.command("backup")
def back_up(
    corpus: CORPUS,
    file: Annotated[
        Path,
        typer.Argument(
            help="A dump (.jsonl.gz, .jsonl), or a copy of SQLite (.db); a folder, with --keep.", show_default=False
        ),
    ],
    *,
    people: Annotated[
        bool, typer.Option("--with-people", help="Accounts and tokens too, as hashes; a copy always has them.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="For a timer: write a dump named after the moment into the folder, restore it on trial, and keep "
            "the newest so many.",
            show_default=False,
        ),
    ] = None,
    encrypt_to: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="With --keep: a public key of age, or an address that gpg knows.", show_default=False
        ),
    ] = None,
    database: DATABASE = None,
) -> None:
    """Back up the store while people go on working; a dump restores into SQLite and PostgreSQL.

    Example: qosmatin review backup corpora/ilyashev review.jsonl.gz
    """
    if keep is None and encrypt_to is not None:
        raise InputError("--encrypt-to goes with --keep, and a folder")
    if keep is None and file.is_dir():
        raise InputError("this is a folder: say how many backups to keep in it (--keep 7), or name a file", file)
    with opened_store(corpus, database) as engine:
        from qosmatin.review.store import backup, kept_backups  # noqa: PLC0415

        removed = 0
        if keep is None:
            made = backup.back_up(engine, file, people)
        else:
            done = kept_backups.back_up_into(engine, file, people=people, keep=keep, recipient=encrypt_to)
            file, made, removed = done.file, done.holds, len(done.removed)
    tried = "" if keep is None else f", restored on trial; {removed:,} older ones removed"
    _say(f"{made.operations:,} operations in {file}{'' if made.people else ', no accounts'}{tried}")


@app.command("restore")
def restore(
    corpus: CORPUS,
    file: Annotated[Path, typer.Argument(help="What `qosmatin review backup` wrote.", show_default=False)],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Put it in the place of the store that is there.")
    ] = False,
    identity: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The secret key of age, for a backup that is encrypted.", show_default=False),
    ] = None,
    database: DATABASE = None,
) -> None:
    """Make the store of a corpus of a backup; nobody may be using it meanwhile.

    Sessions end; accounts stay as they are where the backup has none.

    Example: qosmatin review backup corpora/ilyashev r.jsonl.gz && qosmatin review restore corpora/ilyashev r.jsonl.gz
    --overwrite
    """
    check_extra()
    from qosmatin.review.store import backup, encryption  # noqa: PLC0415
    from qosmatin.review.store.database import sqlite_url  # noqa: PLC0415

    if not corpus.is_dir():
        raise InputError("there is no such corpus folder", corpus)
    with encryption.decrypted(file, identity) as opened:
        made = backup.restore(opened, database or sqlite_url(corpus), overwrite)
    if made.people:
        accounts = f"with {made.accounts:,} accounts"
    elif made.accounts:
        accounts = f"the backup has no accounts: the {made.accounts:,} of the store before are kept"
    else:
        accounts = "there are no accounts, in the backup or before: `qosmatin review account` makes the first"
    _say(f"{made.operations:,} operations restored; {accounts}")


@app.command("sample")
def draw_sample(
    corpus: CORPUS,
    size: Annotated[int, typer.Option(min=1, help="Pairs to draw.")] = 200,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed draws the same pairs.")] = 1,
    translation: Annotated[
        str | None, typer.Option(help="Which translation to draw from; default: the only one.", show_default=False)
    ] = None,
    database: DATABASE = None,
) -> None:
    """Draw pairs at random of those that nobody has reviewed, to be judged blind on the page /samples.

    What was reviewed doubt first says nothing about the rest; a sample does: `qosmatin review estimate`.

    Example: qosmatin review sample corpora/ilyashev --translation en --size 10 --seed 7
    """
    check_extra()
    from qosmatin.review.samples import drawing  # noqa: PLC0415
    from qosmatin.review.server import open_review  # noqa: PLC0415
    from qosmatin.review.store.database import writing  # noqa: PLC0415

    engine, _ = open_review(corpus, database)
    try:
        with writing(engine) as connection:
            drawn = drawing.draw(connection, drawing.choose_translation(connection, translation), size, seed)
    finally:
        engine.dispose()
    all_of_them = " (all there are)" if drawn.size < size else ""
    _say(
        f"sample {drawn.id}: {drawn.size:,} of {drawn.population:,} unreviewed pairs of '{drawn.translation}'"
        f"{all_of_them}, seed {drawn.seed}; judge them on the page /sample/{drawn.id}"
    )


@app.command("estimate")
def show_estimates(
    corpus: CORPUS,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write them as JSON too; - for standard output alone.")
    ] = None,
    database: DATABASE = None,
) -> None:
    """Print what each sample says: the share of right pairs, its 95 % interval, and how far the judges agree.

    Example: qosmatin review estimate corpora/ilyashev
    """
    with opened_store(corpus, database) as engine:
        from qosmatin.review.samples import drawing, estimating  # noqa: PLC0415
        from qosmatin.review.words import words_in  # noqa: PLC0415

        with engine.connect() as connection:
            known = drawing.all_samples(connection)
            estimates = [(one, estimating.estimate(drawing.read_items(connection, one.id))) for one in known]
    if json_file is not None:
        content = [estimating.as_json(*one) for one in estimates]
        with open_output(None if str(json_file) == "-" else json_file) as stream:
            stream.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    if json_file != Path("-"):
        for sample, one in estimates:
            said = " ".join(estimating.sentences(words_in("en"), sample, one))
            typer.echo(f"{sample.id}\t{sample.translation}\t{said}")
    if not estimates:
        _say("no sample was drawn yet: `qosmatin review sample` draws one")


@app.command("qa")
def write_qa(
    corpus: CORPUS,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The report: .html or .xlsx.", show_default=False)
    ],
    *,
    document: Annotated[
        str | None, typer.Option(help="One source document alone, by name or by number.", show_default=False)
    ] = None,
    translation: Annotated[str | None, typer.Option(help="One translation alone.", show_default=False)] = None,
    language: Annotated[str, typer.Option(help="Language of the report: en, ru or kk.")] = "en",
    database: DATABASE = None,
) -> None:
    """Write what looks wrong, pair by pair, and what people flagged: a page that stands alone, or a sheet.

    Example: qosmatin review qa corpora/ilyashev -o qa.html
    """
    check_extra()
    from qosmatin.review.pages.report import find_all, write_report  # noqa: PLC0415
    from qosmatin.review.quality import read_glossaries  # noqa: PLC0415
    from qosmatin.review.server import open_review  # noqa: PLC0415
    from qosmatin.review.store import access  # noqa: PLC0415
    from qosmatin.review.words import LANGUAGES, words_in  # noqa: PLC0415

    if language not in LANGUAGES:
        raise InputError(f"the report speaks {', '.join(LANGUAGES)}, not '{language}'")
    engine, _ = open_review(corpus, database)
    try:
        with engine.connect() as connection:
            numbers = access.find_documents(connection, document, translation)
            found = list(find_all(connection, numbers, read_glossaries(corpus)))
    finally:
        engine.dispose()
    write_report(output, corpus.resolve().name, found, words_in(language))
    rows = sum(len(one.findings) for one in found)
    _say(f"{rows:,} pairs with hints, flags or comments in {output}, of {len(found):,} documents")


@app.command("openapi")
def show_openapi() -> None:
    """Print the description of the API for scripts (OpenAPI 3.1); a running review gives it at /api/openapi.json.

    Example: qosmatin review openapi
    """
    check_extra()
    from qosmatin.review.api.openapi import openapi  # noqa: PLC0415

    typer.echo(json.dumps(openapi(), ensure_ascii=False, indent=2))


def _say(words: str) -> None:
    error_console().print(words, markup=False, highlight=False, soft_wrap=True)
