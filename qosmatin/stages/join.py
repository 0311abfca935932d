"""Joining the parts of a document that lie in several files, where its counterpart is one and the config says so.

The joined text goes on under the id of its larger part, which is what the counterpart was matched with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from qosmatin.corpus.matches import GOES_ON
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import by_content, tables

_GAP = "\n\n"
"""What stands between two parts: they are paragraphs of their own."""


class _Part(NamedTuple):
    """A part of a document beside its ``larger`` one, by their ids; ``place`` orders them (-1 stands before it)."""

    larger: str
    document: str
    place: int


def _run_join(job: Job, name: str) -> str:
    wanted, granted = _found(job, name), _granted(job)
    joined = [one for one in wanted if granted.get(one) == name]
    whole: dict[str, list[_Part]] = defaultdict(list)
    for one in joined:
        whole[one.larger].append(one)
    job.folder.write("joined", [list(_rows(job, whole))], name)
    left = len(wanted) - len(joined)
    said = f"{len(whole):,} documents joined of {len(joined) + len(whole):,} parts"
    return said + (f"; {left:,} left as they are, for the sake of another translation" if left else "")


def _found(job: Job, name: str) -> list[_Part]:
    """Return the parts that a translation would join."""
    joined = {
        row["source_document"] or row["target_document"]
        for row in job.folder.read("matches", name, ["source_document", "target_document", "state"]).to_pylist()
        if row["state"] == "joined"
    }
    return [
        _Part(row["larger"], row["document"], row["place"])
        for row in job.folder.read("relations", name).to_pylist()
        if row["relation"] == "part" and row["document"] in joined
    ]


def _granted(job: Job) -> dict[_Part, str]:
    """Return the parts that are joined, with the translation that does it.

    A source that some translation translates by itself stays one. What two translations would join differently is
    joined as the first one has it.
    """
    matched = {source for name in by_content(job) for source in _matched_sources(job, name)} | set(_named(job))
    granted: dict[_Part, str] = {}
    taken: dict[str, tuple[str, str]] = {}
    for name in by_content(job):
        for part in _found(job, name):
            whole = name, part.larger
            free = all(taken.get(one, whole) == whole for one in (part.larger, part.document))
            if part.document not in matched and free:
                taken |= {part.larger: whole, part.document: whole}
                granted[part] = name
    return granted


def _rows(job: Job, whole: Mapping[str, Sequence[_Part]]) -> Iterator[dict[str, Any]]:
    """Yield the joined documents; ``whole`` has the parts beside each larger one."""
    documents = job.folder.open("documents", ["id", "text", "tags"])
    place = {name: at for at, name in enumerate(documents.column("id").to_pylist())}
    for larger, others in whole.items():
        parts = [name for _, name in sorted([(0, larger), *((one.place, one.document) for one in others)])]
        text = ""
        tags: list[dict[str, Any]] = []
        for part in parts:
            row = documents.rows(place[part], place[part] + 1).to_pylist()[0]
            text += _GAP if part != parts[0] else ""
            tags += [{**tag, "at": tag["at"] + len(text)} for tag in row["tags"] or ()]
            text += row["text"]
        yield {"id": larger, "parts": parts, "text": text, "tags": tags}


def _matched_sources(job: Job, name: str) -> list[str]:
    rows = job.folder.read("matches", name, ["source_document", "state"]).to_pylist()
    return [row["source_document"] for row in rows if row["state"] in GOES_ON]


def _named(job: Job) -> list[str]:
    """Return the sources that names or a manifest give a translation of their own."""
    entries = (entry for of_one in job.documents.translations.values() for entry in of_one)
    return sorted({entry.provenance.of for entry in entries if entry.provenance.of is not None})


STAGE = Stage(
    name="join",
    parts=by_content,
    reads=lambda job, _name: [
        *tables("documents"),
        *(f"{table}/{name}.parquet" for table in ("matches", "relations") for name in by_content(job)),
    ],
    settings=lambda job, _name: _named(job),
    writes=lambda _job, name: [f"joined/{name}.parquet"],
    run=_run_join,
)
