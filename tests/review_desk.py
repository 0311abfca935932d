"""A review as its page asks it: the pairs of the first document edited, and what of that the store has."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import URL, Engine
from starlette.testclient import TestClient

from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database

ORIGIN = "http://127.0.0.1:8765"


class Desk:
    """``versions`` are those of the rows, as the page knows them from the last answer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        app = make_app(Review(engine), "r1", "small", 8765)
        self.client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False)
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/").text)
        assert token is not None
        self.head = {"Origin": ORIGIN, "X-CSRF-Token": token.group(1)}
        with engine.connect() as connection:
            self.versions = {row.number: row.version for row in log.read_rows(connection, 1)}

    def edit(self, number: int, text: str) -> httpx.Response:
        """Give a pair another translation."""
        body = {"kind": "edit", "document": 1, "number": number, "version": self.versions[number], "target_text": text}
        answer = self.client.post("/operations", json=body, headers=self.head)
        if answer.status_code == 200:
            self.versions[number] = answer.json()["operation"]
        return answer

    def texts(self) -> dict[int, str]:
        """The translations of the pairs, as the store has them."""
        with self.engine.connect() as connection:
            return {row.number: row.target_text for row in log.read_rows(connection, 1)}


@contextmanager
def opened_desk(url: str | URL, corpus: Path) -> Iterator[Desk]:
    """A review of a corpus, in a store that may be new."""
    engine = open_database(url)
    import_corpus(engine, corpus)
    yield Desk(engine)
    engine.dispose()
