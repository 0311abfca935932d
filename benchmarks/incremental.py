"""A folder that changes: what each stage does again after ten new documents, one edited and one removed.

``python benchmarks/incremental.py [DOCUMENTS]`` writes 303 documents and their translations (or as many as are asked
for) of some fifteen sentences into nested folders, from the gold sets of alignment in ``../shared/data``, and runs a
job up to alignment in a process of its own. Then it adds ten, edits one and removes one, runs the job again, and prints
for each stage the documents that it worked on and its seconds, beside those of a run that makes all anew.

``python benchmarks/incremental.py --quality`` prints strict F1 on the dev sets: of each set aligned as one corpus, and
of each quarter of its documents aligned beside the beads that were found in the other three.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from gold import DATA, GoldDocument, evaluate_set, read_gold

from qosmatin.align import DEFAULT_SETTINGS, Bead, Task, align_corpus, align_tasks
from qosmatin.stages.earlier_beads import ROUNDS_BESIDE, as_taught

SETS = ("easy", "hard", "vhard")
CONFIG = """\
corpus: {name: changing, version: 1.0.0, folder: out}
sources: [{files: [kk], lang: kk}]
translations: [{name: en, lang: en, kind: human, files: [en]}]
"""
NEW = 10


def _write(folder: Path, number: int, document: GoldDocument) -> None:
    """Write a document and its translation, a sentence a line; each has a number, so that no two are alike."""
    name = f"{number % 7}/{number % 3}/{number:06}.txt"
    for lang, lines in (("kk", document.source), ("en", document.target)):
        path = folder / lang / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"№ {number}.\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _run(folder: Path) -> dict[str, tuple[str, float]]:
    """Run the job; returns the summary and seconds of each unit of work."""
    command = [sys.executable, "-m", "qosmatin", "run", "job.yaml", "--until", "align", "--json"]
    environment = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["unit"]: (one["summary"], one["seconds"]) for one in events if one["event"] == "unit"}


def _count(summary: str, total: int) -> str:
    """Return how many documents a unit says it worked on; all, where it says nothing of unchanged ones."""
    found = re.search(r"([\d,]+) of ([\d,]+) documents", summary)
    return f"{found[1]} of {found[2]}" if found else f"{total} of {total}"


def _beside(documents: list[GoldDocument], a: str, b: str, folds: int = 4) -> list[list[Bead]]:
    """Align each part of the documents beside the others, as the stage does."""
    found: dict[int, list[Bead]] = {}
    settings = replace(DEFAULT_SETTINGS, rounds=ROUNDS_BESIDE)
    tasks = [Task(one.source, one.target) for one in documents]
    for fold in range(folds):
        new = list(range(fold, len(tasks), folds))
        kept = [at for at in range(len(tasks)) if at % folds != fold]
        before = align_tasks([tasks[at] for at in kept], a, b)
        taught = [as_taught(tasks[at], before.beads(number)) for number, at in enumerate(kept)]
        after = align_tasks([*taught, *(tasks[at] for at in new)], a, b, settings=settings)
        found |= {at: after.beads(len(taught) + number) for number, at in enumerate(new)}
    return [found[at] for at in range(len(tasks))]


def show_quality() -> None:
    """Print what aligning beside costs in F1."""
    print("| strict F1 | together | beside |\n|---|---:|---:|")
    for pair in ("kk-en", "kk-ru"):
        for kind in SETS:
            documents, (a, b) = read_gold(DATA / "align" / f"{pair}.{kind}.json"), pair.split("-")
            together = align_corpus([(one.source, one.target) for one in documents], a, b)
            scores = [evaluate_set(documents, found).strict.f1 for found in (together, _beside(documents, a, b))]
            print(f"| {pair} {kind} | {100 * scores[0]:.1f} | {100 * scores[1]:.1f} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=int, default=303)
    parser.add_argument("--quality", action="store_true", help="print what aligning beside costs in F1")
    asked = parser.parse_args()
    count = asked.documents
    paths = [DATA / "align" / f"kk-en.{kind}.json" for kind in SETS]
    if not all(path.exists() for path in paths):
        sys.exit(f"no gold sets in {DATA / 'align'}: the data lie beside the repository, not in it")
    if asked.quality:
        show_quality()
        return
    texts = list(islice(cycle([one for path in paths for one in read_gold(path)]), count + NEW))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
        _write(folder, count + NEW, texts[0])
        _run(folder)  # so that nothing is compiled while the clock runs
        for lang in ("kk", "en"):
            next((folder / lang).rglob(f"{count + NEW:06}.txt")).unlink()
        for number in range(count):
            _write(folder, number, texts[number])
        whole = _run(folder)
        for number in range(count, count + NEW):
            _write(folder, number, texts[number])
        _write(folder, 5, texts[6])
        for lang in ("kk", "en"):
            next((folder / lang).rglob("000007.txt")).unlink()
        again = _run(folder)
    print(f"{count} documents and their translations; then +{NEW}, one edited, one removed\n")
    print("| stage | documents | seconds | again: documents | seconds |\n|---|---:|---:|---:|---:|")
    for unit, total in (("read", 2 * count), ("split", 2 * count), ("align/en", count)):
        (_, first), (summary, second) = whole[unit], again[unit]
        print(f"| {unit.split('/')[0]} | {total} | {first:.1f} | {_count(summary, total)} | {second:.1f} |")
    print(f"\nalign: {again['align/en'][0]}")


if __name__ == "__main__":
    main()
