"""``qosmatin review``: the review of a corpus in the browser, and what people said as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.decisions import read_flags
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.remarks import read_remarks
from qosmatin.job.opened import open_corpus
from qosmatin.stages.evidence import review_evidence

from .console import error_console, open_output

CORPUS = Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)]
DATABASE = Annotated[
    str | None,
    typer.Option(metavar="URL", help="PostgreSQL for a team: postgresql://...; default: review.db in the folder."),
]


def serve_review(
    corpus: CORPUS,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the pages; 0 for any that is free.")] = 8765,
    database: DATABASE = None,
    reviewer: Annotated[
        str, typer.Option(help="The pseudonym that stands with what you decide, where there are no accounts.")
    ] = "r1",
    host: Annotated[
        str, typer.Option(help="Address to serve on; any but this machine's own needs accounts, and TLS.")
    ] = "127.0.0.1",
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate (PEM, with its chain) to serve HTTPS with.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Private key of the certificate.")] = None,
    public_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="How browsers call this server, where that is not --host.")
    ] = None,
    behind_proxy: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The public name of a proxy in front that speaks TLS: review.example.org"),
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="People see each other's login names; what is exported has pseudonyms.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what people said as JSONL, and serve nothing.")
    ] = None,
    flags: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put the flags of an exported file on their pairs first.")
    ] = None,
) -> None:
    """Review a corpus in the browser: accept, refuse, edit and regroup pairs by keyboard.

    The word `serve` can be left out: `qosmatin review CORPUS`. Run the job again afterwards: accepted and edited pairs
    are published with their status, refused ones are not.

    Example: qosmatin review corpora/ilyashev --export decisions.jsonl
    """
    from qosmatin.eval.marked_texts import read_marked_texts  # noqa: PLC0415 - brings sacreBLEU

    try:
        from qosmatin.review.editing.realigning import JobEvidence  # noqa: PLC0415
        from qosmatin.review.exchange.comments import import_comments  # noqa: PLC0415
        from qosmatin.review.exchange.exporting import export_lines  # noqa: PLC0415
        from qosmatin.review.exchange.flags import import_flags  # noqa: PLC0415
        from qosmatin.review.exchange.importing import import_corpus  # noqa: PLC0415
        from qosmatin.review.gate.door import Serving  # noqa: PLC0415
        from qosmatin.review.marked import MarkedErrors  # noqa: PLC0415
        from qosmatin.review.server import needs_login, open_store, serve  # noqa: PLC0415
        from qosmatin.review.store.database import search_note  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("the review", "review") from None
    engine = open_store(corpus, database)
    serving = Serving(
        host, port, tls_cert=tls_cert, tls_key=tls_key, public_name=public_name, behind_proxy=behind_proxy
    )
    login = export is None and needs_login(engine, serving, corpus)
    imported = import_corpus(engine, corpus)
    say = error_console()
    if imported.documents:
        gone = f"; {imported.lost} decisions have no place in them" if imported.lost else ""
        say.print(f"brought in {imported.documents} documents that are new or changed{gone}", highlight=False)
    for disagreement in imported.disagreements:
        say.print(f"two words on {disagreement}", markup=False, highlight=False, soft_wrap=True)
    note = search_note(engine)
    if note is not None:
        say.print(note, highlight=False)
    if flags is not None:
        placed, lost = import_flags(engine, read_flags(flags))
        say.print(f"{placed} flags were put on their pairs, {lost} have no place here", highlight=False)
    if export is not None:
        with open_output(export) as stream:
            stream.writelines(export_lines(engine))
        engine.dispose()
        return
    job = open_corpus(corpus, say)
    new, lost = import_comments(engine, [one for path in job.config.decisions for one in read_remarks(path)])
    if new or lost:
        gone = f"; {lost} have no place here" if lost else ""
        say.print(f"{new} comments came in from files{gone}", highlight=False)
    marked = MarkedErrors(one for path in job.config.marked_errors for one in read_marked_texts(path))
    serve(
        engine,
        corpus,
        reviewer=reviewer,
        serving=serving,
        login=login,
        names=names,
        evidence=JobEvidence(*review_evidence(job)),
        marked=marked,
        started=lambda address: say.print(f"review at {address} (Ctrl-C stops it; ? shows the keys)", highlight=False),
    )
