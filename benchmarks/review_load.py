"""The review as many people meet it at once: how it fills, how it grows, and what they wait for.

    python benchmarks/review_load.py --store postgresql://... --pairs 2000000 --reviewers 20 --readers 100 --seconds 60
    python benchmarks/review_load.py --store FOLDER --reviewers 4 --readers 100

An empty store is filled first, for ``--minutes`` at most, and what its tables and indexes take is printed at 10,000,
100,000 and 1,000,000 pairs and at the end. Then the server runs in a process of its own, reviewers write to it at full
speed, and readers open a page every ``--pause`` seconds, all over HTTP. Needs the extra ``review`` and httpx.
"""

import argparse
import multiprocessing
import os
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install
sys.path.insert(0, str(Path(__file__).parent))

import httpx
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url

from qosmatin.corpus.storage.view import AlignedDocument
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.importing import import_documents
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, writing
from qosmatin.review.store.schema import counts, operations
from qosmatin.review.store.search import make_index
from review import invented, sqlite_url

SIZES = {
    "postgresql": "SELECT coalesce(whole.relname || ', long values', one.relname), pg_relation_size(one.oid) "
    "FROM pg_class one LEFT JOIN pg_class whole ON whole.reltoastrelid = one.oid WHERE one.relkind IN ('r', 'i', 't') "
    "AND one.relnamespace::regnamespace::text IN ('public', 'pg_toast')",
    "sqlite": "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name",
}
PAGES = ["/", "/?order=text", "/?show=unreviewed", "/?show=flagged", "/?document={document}", "/?search=the",
         "/?search={word}", "/documents"]  # fmt: skip


def memory() -> float:
    """The memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Filling:
    """Documents for a store, until it is full or the time is over; prints how it grows on the way."""

    def __init__(self, engine: Engine, options: argparse.Namespace) -> None:
        self.engine, self.options = engine, options
        self.started = time.monotonic()
        self.pairs = 0

    def documents(self) -> Iterator[AlignedDocument]:
        """Yield documents for the store."""
        marks = [10_000, 100_000, 1_000_000]
        for one in invented(self.options.pairs, self.options.document):
            if time.monotonic() - self.started > 60 * self.options.minutes:
                return
            yield one
            self.pairs += len(one.beads)
            if marks and self.pairs >= marks[0]:
                marks.pop(0)
                self.tell()

    def tell(self) -> None:
        """Print how fast it was filled, and what takes how much room."""
        taken = time.monotonic() - self.started
        print(
            f"{self.pairs:,} pairs in {taken:.0f} s ({self.pairs / taken:,.0f} a second), {memory():.0f} MB of memory"
        )
        with self.engine.connect() as connection:
            sizes = dict(connection.execute(text(SIZES[self.engine.dialect.name])).all())
        whole = sum(sizes.values())
        largest = sorted(sizes.items(), key=lambda one: -one[1])[:12]
        for name, size in [*(one for one in largest if one[1] > 0.005 * whole), ("all", whole)]:
            print(f"    {name:<34} {size / 1e6:>9.1f} MB {size / self.pairs:>8.0f} bytes a pair")


def opened(options: argparse.Namespace) -> Engine:
    engine = open_database(make_url(options.store) if "://" in options.store else sqlite_url(Path(options.store)))
    with engine.connect() as connection:
        there = connection.execute(select(func.sum(counts.c.total))).scalar()
    if not there:
        filling = Filling(engine, options)
        import_documents(engine, filling.documents(), [])
        print("the import is over:")
        filling.tell()
    with writing(engine) as connection:
        if note := make_index(connection):
            print(note)
    return engine


def run_server(url: str, port: int) -> None:
    import uvicorn

    app = make_bench_app(url, port)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def make_bench_app(url: str, port: int) -> Any:
    from qosmatin.review.app import make_app

    return make_app(Review(open_database(url)), "r1", "bench", port)


class Person(threading.Thread):
    """Somebody who asks the server until the time is over; knows what came back, and how long each answer took."""

    def __init__(self, address: str, chance: random.Random, until: float) -> None:
        super().__init__()
        self.client = httpx.Client(base_url=address, timeout=120)
        self.chance, self.until = chance, until
        self.taken: list[float] = []
        self.ends = Counter[str]()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask the server, and note how long it took."""
        started = time.perf_counter()
        answer = self.client.request(method, path, **more)
        self.taken.append(1000 * (time.perf_counter() - started))
        self.ends[str(answer.status_code)] += 1
        return answer


class Reader(Person):
    """Opens a page, looks at it, opens another."""

    def __init__(self, *known: Any, documents: int, pause: float) -> None:
        super().__init__(*known)
        self.documents, self.pause = documents, pause

    def run(self) -> None:
        """Read until the time is over."""
        time.sleep(self.chance.uniform(0, self.pause))  # they do not come all at once
        while time.monotonic() < self.until:
            page = self.chance.choice(PAGES)
            word = "".join(self.chance.choices("абвгдежз", k=6))
            self.ask("GET", page.format(document=self.chance.randint(1, self.documents), word=word))
            time.sleep(self.chance.uniform(0.5, 1.5) * self.pause)


class Writer(Person):
    """Accepts, edits and flags the pairs of one document, at full speed."""

    def __init__(self, *known: Any, document: int, rows: dict[int, int]) -> None:
        super().__init__(*known)
        self.document, self.rows = document, rows

    def run(self) -> None:
        """Write until the time is over."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/").text)
        assert token is not None
        origin = str(self.client.base_url).rstrip("/")
        head = {"Origin": origin, "X-CSRF-Token": token[1]}
        while time.monotonic() < self.until:
            number = self.chance.choice(list(self.rows))
            kind = self.chance.choice(["accept", "edit", "flag"])
            body: dict[str, Any] = {"kind": kind, "document": self.document, "number": number}
            body["version"] = self.rows[number]
            body |= {"target_text": f"Text {len(self.taken)}."} if kind == "edit" else {}
            body |= {"category": "Style"} if kind == "flag" else {}
            answer = self.ask("POST", "/operations", json=body, headers=head)
            if answer.status_code == 200:
                self.rows[number] = answer.json()["operation"]


def tell(who: str, people: list[Any]) -> Counter[str]:
    taken = sorted(one for person in people for one in person.taken)
    ends = sum((person.ends for person in people), Counter[str]())
    shares = ", ".join(
        f"p{share} {taken[min(len(taken) - 1, len(taken) * share // 100)]:,.0f}" for share in (50, 95, 99)
    )
    print(f"{len(people)} {who}: {len(taken):,} answers, {shares} ms; {dict(ends)}")
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, help="a folder for SQLite, or postgresql://...")
    parser.add_argument("--pairs", type=int, default=2_000_000)
    parser.add_argument("--minutes", type=float, default=60, help="how long the import may take")
    parser.add_argument("--document", type=int, default=100, help="pairs in a document")
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--pause", type=float, default=10, help="seconds between two pages of a reader")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    engine = opened(options)
    url = engine.url.render_as_string(hide_password=False)
    with engine.connect() as connection:
        documents = connection.execute(select(func.max(counts.c.document))).scalar_one()
        total = connection.execute(select(func.sum(counts.c.total))).scalar_one()
        before = connection.execute(select(func.count()).select_from(operations)).scalar_one()
        rows = [
            {row.number: row.version for row in log.read_rows(connection, one)}
            for one in random.Random(1).sample(range(1, documents + 1), options.reviewers)
        ]
        chosen = random.Random(1).sample(range(1, documents + 1), options.reviewers)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=run_server, args=(url, port), daemon=True)
    server.start()
    address = f"http://127.0.0.1:{port}"
    while True:
        try:
            if httpx.get(address, timeout=60).status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.2)
    until = time.monotonic() + options.seconds
    writers = [
        Writer(address, random.Random(f"w{at}"), until, document=document, rows=versions)
        for at, (document, versions) in enumerate(zip(chosen, rows, strict=True))
    ]
    readers = [
        Reader(address, random.Random(f"r{at}"), until, documents=documents, pause=options.pause)
        for at in range(options.readers)
    ]
    for one in (*writers, *readers):
        one.start()
    for one in (*writers, *readers):
        one.join()
    print(f"{engine.dialect.name}, {total:,} pairs, {options.seconds:.0f} s, load {os.getloadavg()[0]:.1f}:")
    ends = tell("reviewers", writers)
    ends += tell("readers", readers)
    saved = sum(one.ends["200"] for one in writers)
    with engine.connect() as connection:
        after = connection.execute(select(func.count()).select_from(operations)).scalar_one()
    print(f"told as saved {saved:,}, in the log {after - before:,}, lost {saved - (after - before)}")
    server.terminate()
    engine.dispose()
    if saved != after - before or any(status.startswith("5") for status in ends):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
