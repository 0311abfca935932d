"""``qosmatin campaign serve``: the pages on which people judge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .campaign_store import DATABASE, FOLDER
from .console import error_console
from .stores import check_extra


def serve_campaigns(
    folder: FOLDER,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the pages; 0 for any that is free.")] = 8765,
    reviewer: Annotated[str, typer.Option(help="The pseudonym of who judges, where nobody logs in.")] = "r1",
    host: Annotated[str, typer.Option(help="Address to serve on; any but this machine's own needs TLS.")] = "127.0.0.1",
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate (PEM) to serve HTTPS with.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Private key of the certificate.")] = None,
    public_name: Annotated[str | None, typer.Option(metavar="NAME", help="How browsers call this server.")] = None,
    behind_proxy: Annotated[
        str | None, typer.Option(metavar="NAME", help="The public name of a proxy in front that speaks TLS.")
    ] = None,
    database: DATABASE = None,
) -> None:
    """Serve the pages of the campaigns in a folder; whoever was invited logs in.

    The pages of a corpus's review have them too (`qosmatin review CORPUS`); this needs no corpus.

    Example: qosmatin campaign serve corpora/ilyashev --port 8770 --help
    """
    check_extra("campaigns")
    from qosmatin.job.opened import open_corpus  # noqa: PLC0415
    from qosmatin.review.editing.realigning import JobEvidence  # noqa: PLC0415
    from qosmatin.review.gate.door import Serving  # noqa: PLC0415
    from qosmatin.review.people.accounts import count_accounts, open_invitations  # noqa: PLC0415
    from qosmatin.review.server import needs_login, open_store, serve  # noqa: PLC0415
    from qosmatin.stages.evidence import review_evidence  # noqa: PLC0415

    engine = open_store(folder, database)
    serving = Serving(
        host, port, tls_cert=tls_cert, tls_key=tls_key, public_name=public_name, behind_proxy=behind_proxy
    )
    with engine.connect() as connection:
        invited = count_accounts(connection) > 0 or bool(open_invitations(connection))
    login = needs_login(engine, serving, folder) or invited
    say = error_console()
    is_corpus = (folder / "manifest.json").is_file()
    evidence = JobEvidence(*review_evidence(open_corpus(folder, say))) if is_corpus else None
    serve(
        engine,
        folder,
        reviewer=reviewer,
        serving=serving,
        login=login,
        evidence=evidence,
        names=False,  # who judges stays a number
        started=lambda address: say.print(f"campaigns at {address}campaigns (Ctrl-C stops it)", highlight=False),
    )
