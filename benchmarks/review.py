"""How long a correction takes in the review, from the request to the committed answer: python benchmarks/review.py.

The document is the two articles of the demo repeated to 1,000 sentences a side, each repetition numbered; the store is
SQLite on the temporary folder's disk. Needs the extra `review`.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.align import align
from qosmatin.corpus import Sentence, collapse, split
from qosmatin.review import log
from qosmatin.review.database import open_database, sqlite_url, writing
from qosmatin.review.errors import RefusedError
from qosmatin.review.importing import PIPELINE
from qosmatin.review.operations import Request, Review
from qosmatin.review.realigning import Realigner
from qosmatin.review.rows import BeadRow, Change, DocumentRow, SideText, new_row

EXAMPLES = Path(__file__).parent.parent / "examples" / "ilyashev"
SENTENCES = 1_000
OPERATIONS = 300


def repeated(lang: str) -> SideText:
    texts: list[str] = []
    for path in sorted((EXAMPLES / lang).glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        texts += [collapse(text[one.start : one.end]) for one in split(text, lang)]
    numbered = [f"{texts[at % len(texts)]} {at // len(texts)}" for at in range(SENTENCES)]
    spans, end = [], 0
    for text in numbered:
        spans.append(Sentence(end, end + len(text), 0))
        end += len(text) + 1
    return SideText(" ".join(numbered), tuple(spans), tuple(numbered))


def main() -> None:
    source, target = repeated("kk"), repeated("en")
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
        measure(Review(engine, realigner))
        realigner.close()
        engine.dispose()


def measure(review: Review) -> None:
    chance = random.Random(1)
    times: dict[str, list[float]] = {}
    for _ in range(OPERATIONS):
        with review.engine.connect() as connection:
            row = chance.choice(log.read_rows(connection, 1))
        kind = chance.choice(["accept", "edit", "merge", "reject", "target-down", "source-up"])
        request = Request(
            kind,  # type: ignore[arg-type]
            1,
            row.number,
            row.version,
            target_text="Edited." if kind == "edit" and row.target_text else None,
        )
        started = time.perf_counter()
        try:
            review.operate(request, "r1")
        except RefusedError:
            continue
        times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
    print(f"milliseconds for an operation in a document of {SENTENCES:,} sentences a side, commit included")
    for kind, taken in sorted(times.items()):
        taken.sort()
        slow = taken[int(len(taken) * 0.95)]
        print(f"{kind:<12} {len(taken):>4} times   median {statistics.median(taken):4.0f}   95 % below {slow:4.0f}")


if __name__ == "__main__":
    main()
