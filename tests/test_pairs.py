"""Pairs as columns: the same that a plain loop over beads gives, and tables read in stretches."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.corpus import InputError, Provenance
from qosmatin.corpus.model import Anchor, Decision, Kind, Pair, Range, join_sentences, pair_id
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.pairs import STATUS, AlignedColumns, SideColumns, pair_batch
from qosmatin.corpus.storage.schemas import SCHEMAS
from qosmatin.corpus.storage.stored_table import StoredTable, runs

ANCHORS = (Anchor("source", "s", 0, 1, "x"), Anchor("target", "t", 0, 1, "y"))
WORDS = ("Иә.", "Жоқ.", "Ол келді.", "She came.", "𝄞 ♪", "a | b")


def side(name: str, texts: list[str], provenance: Provenance) -> SideColumns:
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts))]
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    return SideColumns(
        name, provenance, pa.array(texts, pa.string()), pa.array(starts, pa.int64()), pa.array(ends, pa.int64())
    )


def beads_table(beads: list[tuple[Range, Range]]) -> pa.Table:
    names = ("source_start", "source_end", "target_start", "target_end")
    columns = {
        name: pa.array([(*source, *target)[at] for source, target in beads], pa.int32())
        for at, name in enumerate(names)
    }
    return pa.table({**columns, "confidence": pa.array([0.5] * len(beads)), "aligner": pa.array(["x"] * len(beads))})


BEAD = st.tuples(
    st.sampled_from([(1, 1), (1, 1), (2, 1), (1, 3), (0, 1), (1, 0)]),
    st.sampled_from([None, None, "accept", "reject", "edit target", "edit source"]),
)


def decision_of(said: str) -> Decision:
    operation, _, edited = said.partition(" ")
    value, source_value = ("Mended." if edited == "target" else None), ("Түзетілген." if edited == "source" else None)
    assert operation in ("accept", "reject", "edit")
    return Decision("p", ANCHORS, operation, value, "A. B.", "2026-01-01T00:00:00Z", source_value)  # type: ignore[arg-type]


def aligned(number: int, shapes: list[tuple[tuple[int, int], str | None]], kind: Kind) -> AlignedColumns:
    beads: list[tuple[Range, Range]] = []
    decided = {}
    at = (0, 0)
    for (source, target), said in shapes:
        beads.append(((at[0], at[0] + source), (at[1], at[1] + target)))
        at = (at[0] + source, at[1] + target)
        if said is not None:
            decided[beads[-1]] = decision_of(said)
    texts = [[WORDS[(place * place + number) % len(WORDS)] for place in range(count)] for count in at]
    return AlignedColumns(
        side(f"d{number}", texts[0], Provenance("original", licence=f"l{number}")),
        side(f"d{number}@en", texts[1], Provenance(kind, by="someone")),
        beads_table(beads),
        decided,
    )


DOCUMENTS = st.lists(
    st.tuples(st.lists(BEAD, min_size=1, max_size=6), st.sampled_from(["machine", "human"])), min_size=1, max_size=3
).map(lambda found: [aligned(number, *one) for number, one in enumerate(found)])


def plain_pairs(one: AlignedColumns) -> list[Pair]:
    """The pairs of a document, one bead after the other."""
    found: list[Pair] = []
    seen: Counter[tuple[str, str]] = Counter()
    for position, row in enumerate(one.beads.to_pylist()):
        ranges = (row["source_start"], row["source_end"]), (row["target_start"], row["target_end"])
        sides = (one.source, one.target)
        texts = [join_sentences(of.texts.to_pylist()[low:high]) for of, (low, high) in zip(sides, ranges, strict=True)]
        spans = [
            tuple(zip(of.starts.to_pylist()[low:high], of.ends.to_pylist()[low:high], strict=True))
            for of, (low, high) in zip(sides, ranges, strict=True)
        ]
        name = pair_id(one.source.document, one.target.document, *texts, seen[texts[0], texts[1]])
        seen[texts[0], texts[1]] += 1
        decision = one.decided.get(ranges)
        target = one.target.provenance
        if decision is not None:
            texts = [decision.source_value or texts[0], decision.value or texts[1]]
            if decision.value and target.kind == "machine":
                target = Provenance("post-edited", by=target.by, of=one.target.document)
        shape = "-".join(str(high - low) for low, high in ranges)
        status = STATUS[decision.operation] if decision else "unreviewed"
        found.append(
            Pair(name, one.source.document, one.target.document, "en", position, texts[0], texts[1], spans[0], spans[1],
                 shape, 0.5, "x", one.source.provenance, target, status, decision and decision.at,
                 decision and decision.reviewer)
        )  # fmt: skip
    return found


@settings(max_examples=40)
@given(DOCUMENTS)
def test_columns_give_the_pairs_that_a_plain_loop_gives(found: list[AlignedColumns]) -> None:
    batch = pair_batch("en", found)
    assert list(batch.pairs()) == [pair for one in found for pair in plain_pairs(one)]
    refused = [pair.id for number, pair in enumerate(batch.pairs()) if number % 2]
    kept = batch.where(pa.array([number % 2 == 0 for number in range(len(batch))]))
    assert [pair.id for pair in kept.pairs()] == [pair.id for pair in batch.pairs() if pair.id not in set(refused)]
    assert sum(count for _, count in kept.count_provenances()) == len(kept)


def test_beads_that_belong_to_other_sentences_are_refused() -> None:
    one = AlignedColumns(
        side("d", ["Бір.", "Екі."], Provenance("original")),
        side("d@en", ["One."], Provenance("human")),
        beads_table([((0, 1), (0, 1))]),
    )
    with pytest.raises(InputError, match="document d: its beads hold 1 sentences, its text has 2"):
        pair_batch("en", [one])


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=6), st.integers(0, 30), st.integers(0, 30))
def test_rows_of_a_stored_table_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[int]], start: int, end: int
) -> None:
    folder = CorpusFolder(tmp_path_factory.mktemp("stored"))
    batches = [[{"pair_id": f"p{number}", "filter": "f", "reason": "r"} for number in group] for group in groups]
    folder.write("filtered", batches, "en")
    names = [row["pair_id"] for batch in batches for row in batch]
    stored = folder.open("filtered", ["pair_id"], "en")
    assert len(stored) == len(names)
    assert stored.rows(start, max(start, end)).to_pydict() == {"pair_id": names[start : max(start, end)]}
    assert stored.column("pair_id").to_pylist() == names
    assert [row["pair_id"] for row in stored.each()] == names


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "splits.parquet"
    with pytest.raises(InputError, match=r"splits\.parquet: this table has not been made yet"):
        StoredTable(path, SCHEMAS["splits"], ["split"])
    path.write_bytes(b"no Parquet")
    with pytest.raises(InputError, match=r"splits\.parquet: cannot be read as Parquet"):
        StoredTable(path, SCHEMAS["splits"], ["split"])
    CorpusFolder(tmp_path).write("splits", [[]])
    with pytest.raises(InputError, match="another schema"):
        StoredTable(path, SCHEMAS["scores"], ["score"])


def test_runs_go_on_over_chunks() -> None:
    column = pa.chunked_array([["a", "a"], ["a", "b"], [], ["b", "c"]], pa.string())
    assert runs(column) == {"a": (0, 3), "b": (3, 5), "c": (5, 6)}
