"""How long the review takes: for corrections, for pages and searches in a large store, with many writers at once.

    python benchmarks/review.py corrections
    python benchmarks/review.py scale --pairs 2000000 --store FOLDER      (or --store postgresql://...)
    python benchmarks/review.py writers --reviewers 20 --seconds 60 --store postgresql://...

A store that is empty is filled first, with the words of the demo's two articles in random order; one whose filling was
stopped is filled on. Needs the extra `review`.
"""

import argparse
import multiprocessing
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import make_url

from qosmatin.align import align
from qosmatin.corpus import Sentence, collapse, split
from qosmatin.corpus.model import Bead, Provenance, SplitDocument
from qosmatin.corpus.storage.view import AlignedDocument
from qosmatin.review.editing.catalogue import request_of
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.realigning import Realigner
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.exchange.importing import PIPELINE, import_documents
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.hinting import find_missing_hints
from qosmatin.review.store.rows import BeadRow, Change, DocumentRow, new_row
from qosmatin.review.store.schema import beads, counts, operations
from qosmatin.review.store.search import make_index
from qosmatin.review.store.states import COUNTED, tally

EXAMPLES = Path(__file__).parent.parent / "examples" / "ilyashev"
SENTENCES = 1_000
OPERATIONS = 300


def repeated(name: str, lang: str) -> SplitDocument:
    texts: list[str] = []
    for path in sorted((EXAMPLES / lang).glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        texts += [collapse(text[one.start : one.end]) for one in split(text, lang)]
    return side_of(name, lang, [f"{texts[at % len(texts)]} {at // len(texts)}" for at in range(SENTENCES)])


def side_of(name: str, lang: str, texts: list[str]) -> SplitDocument:
    spans, end = [], 0
    for text in texts:
        spans.append(Sentence(end, end + len(text), 0))
        end += len(text) + 1
    return SplitDocument(name, lang, " ".join(texts), tuple(spans), tuple(texts))


def corrections(_options: argparse.Namespace) -> None:
    source, target = repeated("a", "kk"), repeated("a@en", "en")
    document = DocumentRow(1, "en", "a", "a@en", "kk", "en", "machine", source, target, "")
    rows: list[BeadRow] = []
    for bead in align(source.texts, target.texts, "kk", "en"):
        rows.append(new_row(document, len(rows), bead, []))
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(sqlite_url(Path(folder)))
        with writing(engine) as connection:
            log.append(connection, log.IMPORT, PIPELINE, 1, Change(after=tuple(rows), document=document))
        realigner = Realigner(engine)
        while realigner.propose(document, [], []) is None:
            pass
        times = operate(Review(engine, realigner), random.Random(1), [1], OPERATIONS)
        realigner.close()
        engine.dispose()
    print(f"milliseconds for an operation in a document of {SENTENCES:,} sentences a side, commit included")
    tell(times)


def operate(review: Review, chance: random.Random, numbers: list[int], count: int) -> dict[str, list[float]]:
    """Do random operations in some documents; returns the milliseconds that each kind took."""
    times: dict[str, list[float]] = {}
    for _ in range(count):
        number = chance.choice(numbers)
        with review.engine.connect() as connection:
            row = chance.choice(log.read_rows(connection, number))
        kind = chance.choice(["accept", "edit", "flag", "merge", "reject", "target-down", "source-up"])
        text = "Edited." if kind == "edit" and row.target_text else None
        category = "Style" if kind == "flag" else None
        place = {"document": number, "number": row.number, "version": row.version}
        request = request_of(kind, **place, target_text=text, category=category)
        started = time.perf_counter()
        try:
            review.operate(request, "r1")
        except RefusedError:
            continue
        times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
    return times


def tell(times: dict[str, list[float]]) -> None:
    for kind, taken in sorted(times.items()):
        slow = sorted(taken)[int(len(taken) * 0.95)]
        print(f"{kind:<44} {len(taken):>4} times   median {statistics.median(taken):6.1f}   95 % below {slow:6.1f}")


def invented(pairs: int, size: int) -> Iterator[AlignedDocument]:
    """Yield documents of the demo's words in random order, one pair in twenty not one to one, each with a name."""
    chance = random.Random(1)
    words = [
        [word for path in sorted((EXAMPLES / lang).glob("*.txt")) for word in path.read_text(encoding="utf-8").split()]
        for lang in ("kk", "en")
    ]
    for number in range(-(-pairs // size)):
        cuts = [chance.choice([(1, 2), (2, 1), (0, 1), (1, 0)]) if chance.random() < 0.05 else (1, 1)
                for _ in range(min(size, pairs - number * size))]  # fmt: skip
        spans: list[Bead] = []
        source = target = 0
        for one, other in cuts:
            sure = round(min(1.0, chance.betavariate(8, 1)), 6)
            spans.append(Bead((source, source + one), (target, target + other), sure))
            source, target = source + one, target + other
        sides = [
            [" ".join([*chance.choices(some, k=chance.randint(6, 18)), "".join(chance.choices("абвгдежз", k=6))])
             for _ in range(count)]
            for some, count in zip(words, (source, target), strict=True)
        ]  # fmt: skip
        documents = [
            side_of(f"d{number:06}{end}", lang, side)
            for side, lang, end in zip(sides, ("kk", "en"), ("", "@en"), strict=True)
        ]
        made = Provenance(kind="machine", by="x")
        yield AlignedDocument("en", *documents, made, made, spans, "gale-church", [])


def opened(options: argparse.Namespace) -> Engine:
    """Open the store of a bench, and fill it; one whose filling was stopped is filled on."""
    url = make_url(options.store) if "://" in options.store else sqlite_url(Path(options.store))
    engine = open_database(url)
    with engine.connect() as connection:
        there = connection.execute(select(func.sum(counts.c.total))).scalar() or 0
    if there < options.pairs * 0.99:
        started = time.perf_counter()
        import_documents(engine, invented(options.pairs, options.document), [])
        taken = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        came = options.pairs - there
        print(f"import of {came:,} pairs: {taken:.0f} s, {came / taken:,.0f} pairs a second, "
              f"{memory:.0f} MB of memory at most")  # fmt: skip
    with writing(engine) as connection:
        note = make_index(connection)
        if note:
            print(note)
    return engine


def timed(ask: Callable[[], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return times


def scale(options: argparse.Namespace) -> None:
    from starlette.testclient import TestClient

    from qosmatin.review.app import make_app

    engine = opened(options)
    client = TestClient(make_app(Review(engine), "r1", "bench", 8765), base_url="http://127.0.0.1:8765")
    with engine.connect() as connection:
        total = connection.execute(select(func.sum(counts.c.total))).scalar()
        last = connection.execute(select(func.max(counts.c.document))).scalar() or 1
        places = range(1, last + 1, max(1, last // 200))
        middle = connection.execute(select(beads.c.source_text).where(beads.c.document == last // 2 + 1)).scalars()
        rare = next(text for text in middle if text).split()[-1]
    print(
        f"{engine.dialect.name}, {total:,} pairs in {last:,} documents, load {os.getloadavg()[0]:.1f}: "
        "milliseconds of the server"
    )

    def get(address: str) -> Callable[[], object]:
        def ask() -> object:
            answer = client.get(address)
            assert answer.status_code == 200, answer.text
            return answer

        return ask

    pages = {
        "page: doubt first": "/",
        "page: doubt first, in the middle": "/?after=0.9,1,1,1",
        "page: in the text, in the middle": f"/?order=text&after={last // 2},1,1",
        "page: of a document": f"/?document={last // 2 + 1}",
        **{f"page: {show}": f"/?show={show}" for show in ("unreviewed", "not-1-1", "unpaired", "flagged", "accepted",
                                                          "edited", "changed", "bookmarked", "hinted",
                                                          "hint-numbers", "hint-copy")},
        "page: not 1-1, in the text": "/?show=not-1-1&order=text",
        "page: edited, in the text": "/?show=edited&order=text",
        "search: one row": f"/?search={rare}",
        "search: a frequent word": "/?search=the",
        "search: a frequent word, in the text": "/?search=the&order=text",
        "search: a phrase": "/?search=of the ",
        "search: a word of Kazakh": "/?search=ҚАЗАҚСТАН",
        "search: a frequent word, edited ones": "/?search=the&show=edited",
        "search: nothing": "/?search=zzzzqqq",
        "search: two letters": "/?search=қа",
        "search: two letters that nowhere are": "/?search=§§",
        "search: a frequent word in a document": f"/?search=the&document={last // 2 + 1}",
    }  # fmt: skip
    times = operate(Review(engine), random.Random(options.seed), list(places), options.operations)
    tell({f"operation: {kind}": taken for kind, taken in times.items()})
    with engine.connect() as connection:
        number = log.read_rows(connection, last // 2 + 1)[0].number
    beside = {
        "panel beside a pair": f"/desk/{last // 2 + 1}/{number}",
        "what stands around a pair": f"/context/{last // 2 + 1}/{number}",
        "its history": f"/history/{last // 2 + 1}/{number}",
    }
    for name, address in (pages | beside).items():
        get(address)()
        tell({name: timed(get(address), options.times)})
    find_hints_again(engine, min(last, 10_000 // options.document + 1))
    engine.dispose()


def find_hints_again(engine: Engine, number: int) -> None:
    """Print how long it takes to look for the hints of the first documents, as if their store were older than these."""
    hinted = [column for column in counts.c if column.name.startswith("hint")]
    with writing(engine) as connection:
        connection.execute(beads.update().where(beads.c.document <= number).values(hints=None))
        connection.execute(counts.update().where(counts.c.document <= number).values(dict.fromkeys(hinted, 0)))
    start, busy = time.perf_counter(), time.process_time()
    found = find_missing_hints(engine)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"hints of {found:,} rows: {seconds:.1f} s, {busy:.1f} s of them on the processor")


def write(url: str, numbers: list[int], name: str, seconds: float, told: Any) -> None:
    """Write to a store at full speed, as one reviewer."""
    engine = open_database(url)
    review, chance = Review(engine), random.Random(name)
    ends = Counter[str]()
    taken: list[float] = []
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        number = chance.choice(numbers)
        with engine.connect() as connection:
            row = chance.choice(log.read_rows(connection, number))
        kind = chance.choice(["accept", "edit", "flag", "merge", "target-down"])
        text = f"By {name}." if kind == "edit" and row.target_text else None
        category = "Style" if kind == "flag" else None
        place = {"document": number, "number": row.number, "version": row.version}
        request = request_of(kind, **place, target_text=text, category=category)
        started = time.perf_counter()
        try:
            review.operate(request, name)
            ends["saved"] += 1
        except ConflictError:
            ends["conflicts"] += 1
        except RefusedError:
            ends["refused"] += 1
        except Exception as error:
            ends[f"error: {error}"] += 1
        taken.append((time.perf_counter() - started) * 1000)
    engine.dispose()
    told.put((ends, taken))


def writers(options: argparse.Namespace) -> None:
    engine = opened(options)
    url = engine.url.render_as_string(hide_password=False)
    with engine.connect() as connection:
        numbers = list(connection.execute(select(counts.c.document).limit(options.documents)).scalars())
        before = connection.execute(select(func.count()).select_from(operations)).scalar_one()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    people = [
        context.Process(target=write, args=(url, numbers, f"r{one}", options.seconds, told))
        for one in range(options.reviewers)
    ]
    for one in people:
        one.start()
    answers = [told.get() for _ in people]
    for one in people:
        one.join()
    ends = sum((one for one, _ in answers), Counter[str]())
    taken = [time for _, times in answers for time in times]
    print(f"{engine.dialect.name}, {options.reviewers} reviewers writing in {len(numbers)} documents for "
          f"{options.seconds:.0f} s, load {os.getloadavg()[0]:.1f}: {dict(ends)}")  # fmt: skip
    tell({"milliseconds for an operation": taken})
    with engine.connect() as connection:
        after = connection.execute(select(func.count()).select_from(operations)).scalar_one()
        wrong = sum(not counts_hold(connection, number) for number in numbers)
    print(f"in the log: {after - before:,} operations, lost: {ends['saved'] - (after - before)}; "
          f"documents whose counts are wrong: {wrong}")  # fmt: skip
    engine.dispose()
    if after - before != ends["saved"] or wrong or any(one.startswith("error") for one in ends):
        raise SystemExit(1)


def counts_hold(connection: Any, number: int) -> bool:
    kept = connection.execute(select(counts).where(counts.c.document == number)).mappings().one()
    counted = tally(log.read_rows(connection, number))
    for one in log.read_asides(connection, number):
        if one.kind in counted:
            counted[one.kind] += 1
    return all(kept[name] == counted[name] for name in COUNTED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    commands.add_parser("corrections").set_defaults(run=corrections)
    for run in (scale, writers):
        command = commands.add_parser(run.__name__)
        command.set_defaults(run=run)
        command.add_argument("--store", required=True, help="a folder for SQLite, or postgresql://...")
        command.add_argument("--pairs", type=int, default=2_000_000)
        command.add_argument("--document", type=int, default=100, help="pairs in a document")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--operations", type=int, default=300)
        command.add_argument("--times", type=int, default=15, help="how often each page is asked for")
        command.add_argument("--reviewers", type=int, default=20)
        command.add_argument("--seconds", type=float, default=60)
        command.add_argument("--documents", type=int, default=40, help="documents that are written to")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
