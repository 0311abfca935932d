"""Starting a review: the store is opened, the corpus brought in, and the pages served on this machine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from sqlalchemy import Engine

from qosmatin.corpus.errors import InputError

from .database import open_database, sqlite_url
from .importing import Imported, import_corpus
from .operations import Review
from .quality import read_glossaries
from .realigning import Realigner
from .web import make_app

LOOPBACK = "127.0.0.1"


def open_review(folder: Path, database: str | None) -> tuple[Engine, Imported]:
    """Open the store of a corpus and bring in what the pipeline has made since; raises ``InputError``."""
    if not folder.is_dir():
        raise InputError("there is no such corpus folder; name the one that `qosmatin run` made", folder)
    engine = open_database(database or sqlite_url(folder))
    return engine, import_corpus(engine, folder)


def serve(engine: Engine, folder: Path, reviewer: str, port: int, started: Callable[[str], None]) -> None:
    """Serve the review of a corpus on the loopback address until it is stopped; ``started`` is told its address.

    Port 0 takes one that is free. Raises ``InputError`` when the port is taken.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()
    except OSError as error:
        raise InputError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from None
    realigner = Realigner(engine)
    realigner.warm_up()
    port = listening.getsockname()[1]
    review = Review(engine, realigner, read_glossaries(folder))
    app = make_app(review, reviewer, folder.resolve().name, port)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
    started(f"http://{LOOPBACK}:{port}/")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        realigner.close()
        engine.dispose()
