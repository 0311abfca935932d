"""Joining the parts of a document that lie in two files, where its counterpart is one and the config says so.

The joined text goes on under the id of its larger part, which is what the counterpart was matched with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from qosmatin.corpus.matches import GOES_ON
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import by_content, tables

_GAP = "\n\n"
"""What stands between two parts: they are paragraphs of their own."""


class _Parts(NamedTuple):
    """Two parts of one document, by their ids; ``first`` says that the smaller one comes first."""

    larger: str
    smaller: str
    first: bool


def _run_join(job: Job, name: str) -> str:
    wanted, granted = _found(job, name), _granted(job)
    joined = [one for one in wanted if granted.get(one) == name]
    job.folder.write("joined", [list(_rows(job, joined))], name)
    left = len(wanted) - len(joined)
    said = f"{len(joined):,} documents joined of two parts"
    return said + (f"; {left:,} left as they are, for the sake of another translation" if left else "")


def _found(job: Job, name: str) -> list[_Parts]:
    """Return the parts that a translation would join."""
    joined = {
        row["source_document"] or row["target_document"]
        for row in job.folder.read("matches", name, ["source_document", "target_document", "state"]).to_pylist()
        if row["state"] == "joined"
    }
    return [
        _Parts(row["larger"], row["document"], row["first"])
        for row in job.folder.read("relations", name).to_pylist()
        if row["relation"] == "part" and row["document"] in joined
    ]


def _granted(job: Job) -> dict[_Parts, str]:
    """Return the parts that are joined, with the translation that does it.

    A source that some translation translates by itself stays one, as does what two would join to different parts.
    """
    matched = {source for name in by_content(job) for source in _matched_sources(job, name)} | set(_named(job))
    taken: set[str] = set()
    granted: dict[_Parts, str] = {}
    for name in by_content(job):
        for parts in _found(job, name):
            if parts.smaller not in matched and not {parts.larger, parts.smaller} & taken:
                taken |= {parts.larger, parts.smaller}
                granted[parts] = name
    return granted


def _rows(job: Job, joined: Sequence[_Parts]) -> Iterator[dict[str, Any]]:
    """Yield the joined documents."""
    documents = job.folder.open("documents", ["id", "text", "tags"])
    place = {name: at for at, name in enumerate(documents.column("id").to_pylist())}
    for larger, smaller, first in joined:
        parts = [smaller, larger] if first else [larger, smaller]
        read = [documents.rows(place[one], place[one] + 1).to_pylist()[0] for one in parts]
        begin = len(read[0]["text"]) + len(_GAP)
        moved = [{**tag, "at": tag["at"] + begin} for tag in read[1]["tags"] or ()]
        yield {
            "id": larger,
            "parts": parts,
            "text": _GAP.join(row["text"] for row in read),
            "tags": [*(read[0]["tags"] or ()), *moved],
        }


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
