"""Annotators who judge at once: is what they say kept, each document given to as many as asked for, and how fast?

    python benchmarks/campaign.py --store postgresql://user@host/empty --annotators 20 --documents 60
    python benchmarks/campaign.py --store FOLDER --annotators 4

Each annotator is a thread that asks for a document, judges it, and saves, as the pages do, until nothing is left. A
check after it counts: every judgement that was answered as saved is there, and every document was judged by
``--overlap``.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine

from qosmatin.review.campaigns import keeping
from qosmatin.review.campaigns.assigning import next_turn
from qosmatin.review.campaigns.building import Plan, build
from qosmatin.review.campaigns.model import Campaign, Judgement
from qosmatin.review.store.clock import now
from qosmatin.review.store.database import open_database, sqlite_url, writing


def material(documents: int, systems: int) -> list[list[dict[str, Any]]]:
    names = [f"system{number}" for number in range(systems)]
    return [
        [
            {
                "item_id": f"d{number}:{place}",
                "doc_id": f"d{number}",
                "src": f"A passage of document {number}. " * 10,
                "tgt": {name: f"What {name} makes of {number}. " * 10 for name in names},
            }
            for place in range(5)
        ]
        for number in range(documents)
    ]


def judge(engine: Engine, campaign: Campaign, name: str, until: float) -> tuple[list[int], list[float]]:
    """Judge until nothing is left or the time is over; returns the places that were saved, and the seconds of each."""
    saved, seconds = [], []
    while time.monotonic() < until:
        began = time.monotonic()
        with writing(engine) as connection:
            turn = next_turn(connection, campaign, name)
        if turn is None:
            break
        items = turn.document.items
        opinions = [{one: {"score": 50, "error_spans": [], "textfield": None} for one in turn.systems} for _ in items]
        line = {"annotation": opinions, "actions": [], "item": list(items)}
        with writing(engine) as connection:
            keeping.add_judgements(connection, campaign, [Judgement(name, *turn.document.key, now(), 60.0, line)])
        saved.append(turn.document.place)
        seconds.append(time.monotonic() - began)
    return saved, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, help="an empty PostgreSQL database, or a folder for SQLite")
    parser.add_argument("--annotators", type=int, default=20)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--systems", type=int, default=3)
    parser.add_argument("--overlap", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=120, help="nobody judges for longer")
    given = parser.parse_args()
    url = given.store if "://" in given.store else sqlite_url(Path(given.store))
    engine = open_database(url)
    names = [f"a{number}" for number in range(given.annotators)]
    plan = Plan("cESA", ("kk", "en"), assignment="stream", overlap=given.overlap)
    info, documents = build(plan, material(given.documents, given.systems), names)
    with writing(engine) as connection:
        campaign, is_new = keeping.add_campaign(connection, "bench", info, documents, {name: {} for name in names})
    assert is_new, "the store has a campaign already: name an empty one"
    until = time.monotonic() + given.seconds
    began = time.monotonic()
    with ThreadPoolExecutor(given.annotators) as pool:
        done = list(pool.map(lambda name: judge(engine, campaign, name, until), names))
    took = time.monotonic() - began
    with engine.connect() as connection:
        kept = Counter((one.annotator, one.place) for one in keeping.read_said(connection, campaign))
    answered = Counter((name, place) for name, (saved, _) in zip(names, done, strict=True) for place in saved)
    each = Counter(Counter(place for _, place in kept).values())
    times = [second for _, seconds in done for second in seconds]
    print(f"{engine.dialect.name}: {given.annotators} annotators, {took:.1f} s")
    print(f"saved {answered.total()}, kept {kept.total()}, lost {(answered - kept).total()}")
    print(f"documents by how many judged them: {dict(sorted(each.items()))} of {given.documents}")
    print(f"a document asked for and saved: median {median(times) * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms")
    engine.dispose()


if __name__ == "__main__":
    main()
