"""Starting a review: the store is opened, the corpus brought in, and the pages served."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from sqlalchemy import Engine

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.review.marked import MarkedErrors
from qosmatin.review.quality import read_glossaries

from .app import make_app
from .editing.operations import Review
from .editing.realigning import JobEvidence, Realigner
from .exchange.importing import Imported, import_corpus
from .gate.door import LOOPBACK, Serving, check_serving, open_door
from .memory.desk import open_desk
from .people.accounts import count_accounts
from .store.database import open_database, sqlite_url
from .store.hinting import find_missing_hints


def open_review(folder: Path, database: str | None) -> tuple[Engine, Imported]:
    """Open the store of a corpus and bring in what the pipeline has made since; raises ``InputError``."""
    engine = open_store(folder, database)
    return engine, import_corpus(engine, folder)


def open_store(folder: Path, database: str | None) -> Engine:
    """Open the store of a corpus as it is; rows of an older one get their hints. Raises ``InputError``."""
    if not folder.is_dir():
        raise InputError("there is no such corpus folder; name the one that `qosmatin run` made", folder)
    merged = CorpusFolder(folder).manifest().merged
    if merged:
        raise InputError(
            f"this was merged, and is made anew by the next merge; review its parts: {', '.join(merged)}", folder
        )
    engine = open_database(database or sqlite_url(folder))
    find_missing_hints(engine)
    return engine


def needs_login(engine: Engine, serving: Serving, folder: Path) -> bool:
    """Whether people must log in: as soon as there is an account, and always where others can come.

    Raises ``InputError`` when others could come and nobody could let them in, or in the clear.
    """
    with engine.connect() as connection:
        admins, all_of_them = count_accounts(connection, "admin"), count_accounts(connection)
    if not serving.is_local and not admins:
        raise InputError(
            "others can reach this server, so people must log in, and there is no admin yet to invite them: make one "
            f"with `qosmatin review account {folder} NAME --role admin`"
        )
    check_serving(serving)
    return all_of_them > 0


def serve(
    engine: Engine,
    folder: Path,
    *,
    reviewer: str,
    serving: Serving,
    login: bool,
    evidence: JobEvidence | None,
    names: bool,
    started: Callable[[str], None],
    marked: MarkedErrors | None = None,
) -> None:
    """Serve the review of a corpus until it is stopped; ``started`` is told its address, ``names`` says whether people
    see login names in the place of pseudonyms, ``marked`` are errors that others marked in translations.

    Port 0 takes one that is free. Raises ``InputError`` when the port is taken.
    """
    listening = _listen(serving)
    realigner = Realigner(engine, evidence)
    realigner.warm_up()
    port = listening.getsockname()[1]
    door = open_door(serving, port, login)
    review = Review(engine, realigner, read_glossaries(folder), marked)
    desk = open_desk(engine, folder)
    app = make_app(review, reviewer, folder.resolve().name, port, door=door, desk=desk, names=names)
    config = uvicorn.Config(
        app,
        log_level="warning",
        # Addresses hold the secrets of invitations.
        access_log=False,
        server_header=False,
        lifespan="off",
        # Only what a proxy says that we were told of counts: else anybody could come from anywhere.
        proxy_headers=serving.behind_proxy is not None,
        ssl_certfile=serving.tls_cert,
        ssl_keyfile=serving.tls_key,
    )
    try:
        config.load()
    except OSError as error:
        raise InputError(f"the certificate or its key cannot be used: {error}") from None
    started(door.address)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        realigner.close()
        engine.dispose()


def _listen(serving: Serving) -> socket.socket:
    try:
        addresses = socket.getaddrinfo(serving.host, serving.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # "localhost" is the address that `http://127.0.0.1` reaches, whatever comes first here.
        family, _, _, _, address = min(addresses, key=lambda candidate: candidate[0] != socket.AF_INET)
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        where = f"port {serving.port}" if serving.host in LOOPBACK else f"{serving.host}, port {serving.port},"
        raise InputError(f"{where} cannot be used ({error.strerror}); choose another with --port") from None
    return listening
