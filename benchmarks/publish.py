"""Publishing a million pairs: wall time and peak memory of the stage, beside `datasets` writing the same texts.

``python benchmarks/publish.py [PAIRS] [--documents]`` makes a corpus of invented sentences in a scratch folder (20,000
documents of 50 pairs by default, 5 % of them for validation and for test each), publishes it in a process of its own,
and prints seconds, peak resident memory, and the ratio to ``Dataset.from_generator(...).to_parquet`` of ids and texts
alone. Then one pair more is refused, and the corpus published again, which compares the rows of both versions. With
``--documents`` there are whole documents too, and contexts of two pairs.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from qosmatin.config.job import JobConfig
from qosmatin.corpus.storage.folder import CorpusFolder

SENTENCES = 50
"""In each document."""

_KK = ["бала", "мектеп", "үлкен", "қала", "жаңа", "жыл", "оқу", "барды", "келді", "айтты", "кітап", "су", "жер"]
_EN = ["child", "school", "big", "city", "new", "year", "study", "went", "came", "said", "book", "water", "land"]


def config(folder: Path, documents: bool = False) -> JobConfig:
    return JobConfig.model_validate(
        {
            "corpus": {"name": "million", "version": "1.0.0", "folder": str(folder), "licence": "CC0-1.0"},
            "sources": [{"files": ["none"], "lang": "kk"}],
            "translations": [{"files": ["none"], "lang": "en", "name": "en", "kind": "machine"}],
            "publish": {"validation": 0.05, "test": 0.05, "documents": documents, "context": 2 if documents else 0},
        }
    )


def _sentence(chance: random.Random, words: list[str]) -> str:
    return " ".join(f"{chance.choice(words)}{chance.randrange(40)}" for _ in range(chance.randrange(8, 22))) + "."


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == 10_000:
            yield batch
            batch = []
    yield batch


def _texts(documents: int) -> Iterator[tuple[str, str, list[str]]]:
    """Yield language, id and sentences of each document, the sources first."""
    for lang, words, end in (("kk", _KK, ""), ("en", _EN, "@en")):
        chance = random.Random(lang)
        for number in range(documents):
            yield lang, f"d{number:06d}{end}", [_sentence(chance, words) for _ in range(SENTENCES)]


def _document_rows(documents: int) -> Iterator[dict[str, Any]]:
    for lang, name, sentences in _texts(documents):
        yield {
            "id": name, "lang": lang, "translation": None if lang == "kk" else "en", "text": "\n".join(sentences),
            "kind": "original" if lang == "kk" else "machine", "licence": "CC0-1.0", "domain": "test", "faults": [],
        }  # fmt: skip


def _sentence_rows(documents: int) -> Iterator[dict[str, Any]]:
    for _, name, sentences in _texts(documents):
        at = 0
        for index, text in enumerate(sentences):
            place = {"start": at, "end": at + len(text), "paragraph": index}
            yield {"document": name, "index": index, "text": text, **place}
            at += len(text) + 1


def _bead_rows(documents: int) -> Iterator[dict[str, Any]]:
    for number in range(documents):
        for index in range(SENTENCES):
            yield {
                "translation": "en", "source_document": f"d{number:06d}", "target_document": f"d{number:06d}@en",
                "index": index, "source_start": index, "source_end": index + 1, "target_start": index,
                "target_end": index + 1, "confidence": 0.9, "aligner": "benchmark",
            }  # fmt: skip


def _translation_rows(documents: int) -> Iterator[dict[str, Any]]:
    for number in range(documents):
        name = f"d{number:06d}"
        yield {"translation": "en", "source_document": name, "target_document": f"{name}@en", "lang": "en"}


def make(folder: CorpusFolder, documents: int) -> None:
    """Write the tables that publishing reads."""
    folder.write("documents", _batches(_document_rows(documents)))
    folder.write("sentences", _batches(_sentence_rows(documents)))
    folder.write("beads", _batches(_bead_rows(documents)), "en")
    folder.write("translations", _batches(_translation_rows(documents)), "en")
    for table, part in (("decisions", ""), ("flags", ""), ("scores", ""), ("filtered", "en"), ("overruled", "en")):
        folder.write(table, [[]], part)


_PUBLISH = """
import json, resource, sys, time
from rich.console import Console
from pathlib import Path
sys.path.insert(0, "benchmarks")
from publish import config
from qosmatin.corpus.storage.folder import CorpusFolder, Manifest
from qosmatin.job.documents import JobDocuments
from qosmatin.job.pipeline import Job
from qosmatin.stages.publish import run_publish
path = Path(sys.argv[1])
folder = CorpusFolder(path)
started = time.monotonic()
asked = config(path, sys.argv[2] == "True")
said = run_publish(Job(asked, JobDocuments([], {}), folder, Manifest(), Console(stderr=True, quiet=True)), "")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": time.monotonic() - started, "cpu": time.process_time(), "peak_mb": peak, "said": said}))
"""

_PEER = """
import json, resource, sys, time
from datasets import Dataset, disable_progress_bars
import pyarrow.parquet as pq
disable_progress_bars()
path, cache = sys.argv[1:]
def rows():
    for file in sorted(__import__("pathlib").Path(path, "dataset", "kk-en").glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(columns=["id", "translation"]):
            yield from batch.to_pylist()
started = time.monotonic()
Dataset.from_generator(rows, cache_dir=cache).to_parquet(cache + "/peer.parquet")
print(json.dumps({"seconds": time.monotonic() - started}))
"""


def _run(code: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().split("\n")[-1])
    return found


def main(pairs: int, documents: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "corpus"
        started = time.monotonic()
        make(CorpusFolder(path), pairs // SENTENCES)
        print(f"made {pairs:,} pairs in {time.monotonic() - started:.0f} s")
        ours = _run(_PUBLISH, str(path), str(documents))
        _show("publish", ours)
        peer = _run(_PEER, str(path), scratch)
        ratio = ours["seconds"] / peer["seconds"]
        print(f"datasets, writing ids and texts alone: {peer['seconds']:.1f} s; ratio {ratio:.2f}")
        _refuse_one(CorpusFolder(path))
        _show("publish again", _run(_PUBLISH, str(path), str(documents)))


def _refuse_one(folder: CorpusFolder) -> None:
    file = next((folder.dataset / "kk-en").glob("train-*.parquet"))
    first = next(pq.ParquetFile(file).iter_batches(batch_size=1, columns=["id"])).to_pylist()[0]["id"]
    folder.write("filtered", [[{"pair_id": first, "filter": "length", "reason": "benchmark"}]], "en")


def _show(what: str, found: dict[str, Any]) -> None:
    print(found["said"])
    print(f"{what}: {found['seconds']:.1f} s ({found['cpu']:.1f} s of CPU), peak {found['peak_mb']:.0f} MB")


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:] if one != "--documents"]
    main(numbers[0] if numbers else 1_000_000, "--documents" in sys.argv)
