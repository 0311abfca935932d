"""The multi-parallel config: the same source in several languages at once, by the finest groups on which all agree.

Each translation was aligned on its own and cuts the source at other places. A group runs between two places where all
of them end a bead; a row is a group whose pairs were kept in every language.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qosmatin.corpus.decisions import Flag
from qosmatin.corpus.model import Pair, Provenance, Range, join_sentences

from .shards import ShardWriter, SplitCounts
from .splits import SPLITS
from .writing import config_name, origin

if TYPE_CHECKING:
    from datasets import Features


@dataclass(frozen=True, slots=True)
class ParallelRow:
    """A source text with its translations by language; ``pairs`` has the pairs that it was put together from."""

    document: str
    position: int
    source_text: str
    texts: dict[str, str]
    pairs: dict[str, tuple[Pair, ...]]

    @property
    def id(self) -> str:
        """A stable id from those of the pairs, 20 hexadecimal digits."""
        names = "\0".join(pair.id for lang in sorted(self.pairs) for pair in self.pairs[lang])
        return hashlib.blake2b(names.encode(), digest_size=10).hexdigest()

    @property
    def provenances(self) -> list[Provenance]:
        """The provenance of the source text and of all texts that it is translated by."""
        pairs = [pair for of_lang in self.pairs.values() for pair in of_lang]
        return [pairs[0].source_provenance, *(pair.target_provenance for pair in pairs)]


def parallel_rows(
    beads: Mapping[str, Sequence[tuple[Range, Pair]]], refused: Mapping[str, Collection[str]]
) -> list[ParallelRow]:
    """Return the rows of one source document.

    ``beads`` has by language the source sentences of each bead and its pair, in order, nulls too; ``refused`` the ids
    of the pairs that a filter refused.
    """
    cuts = set.intersection(*({source[1] for source, _ in of_lang} for of_lang in beads.values()))
    stretches = {lang: dict(_stretches(of_lang, cuts)) for lang, of_lang in beads.items()}
    rows = []
    for position, cut in enumerate(sorted(cuts)):
        pairs = {
            lang: by_cut.get(cut, ()) for lang, by_cut in ((lang, dict(found)) for lang, found in stretches.items())
        }
        if all(of_lang and all(pair.id not in refused[lang] for pair in of_lang) for lang, of_lang in pairs.items()):
            first = next(iter(pairs.values()))
            texts = {lang: join_sentences([pair.target_text for pair in of_lang]) for lang, of_lang in pairs.items()}
            source = join_sentences([pair.source_text for pair in first])
            rows.append(ParallelRow(first[0].source_document, position, source, texts, pairs))
    return rows


def _stretches(beads: Sequence[tuple[Range, Pair]], cuts: set[int]) -> Iterator[tuple[int, tuple[Pair, ...]]]:
    """Yield the pairs up to each cut; a target sentence without a source belongs to no row and is passed over."""
    waiting: list[Pair] = []
    for source, pair in beads:
        if source[0] == source[1]:
            continue
        waiting.append(pair)
        if source[1] in cuts:
            yield source[1], tuple(waiting)
            waiting = []


@dataclass(slots=True)
class ParallelSummary:
    """What the card says of a multi-parallel config; ``makers`` counts rows by the kinds of all their texts."""

    name: str
    languages: tuple[str, ...]
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    makers: Counter[tuple[str, ...]] = field(default_factory=Counter)
    example: dict[str, Any] | None = None

    @property
    def rows(self) -> int:
        """The number of rows in all splits."""
        return sum(split.rows for split in self.splits.values())

    @property
    def features(self) -> Features:
        """The columns of this config."""
        return parallel_features(self.languages[0], self.languages[1:])


def write_parallel(
    folder: Path,
    languages: tuple[str, ...],
    usual: str,
    batches: Iterable[tuple[str, list[ParallelRow]]],
    flags: Mapping[str, Flag],
    *,
    canary: str = "",
) -> list[ParallelSummary]:
    """Write multi-parallel rows, given with their split, below ``folder``; the source's language comes first.

    ``flags`` are by pair. Rows whose origin is not the ``usual`` one (see ``origin``) go to a config of their own.
    """
    usual_name = "-".join(languages)
    summaries: dict[str, ParallelSummary] = {}
    writers: dict[tuple[str, str], ShardWriter] = {}
    for split, rows in batches:
        by_name: dict[str, list[ParallelRow]] = {}
        for row in rows:
            by_name.setdefault(config_name(usual_name, usual, origin(row.provenances)), []).append(row)
        for name, some in by_name.items():
            summary = summaries.setdefault(name, ParallelSummary(name, languages))
            schema: pa.Schema = summary.features.arrow_schema
            if (name, split) not in writers:
                writers[name, split] = ShardWriter(folder / name, split, schema, canary)
            table = parallel_table(some, schema, languages[0], flags)
            writers[name, split].write(table)
            summary.example = summary.example or table.slice(0, 1).to_pylist()[0]
            kinds = (table[column].to_pylist() for column in ("source_kind", *(f"kind_{one}" for one in languages[1:])))
            summary.makers.update(zip(*kinds, strict=True))
    for split in SPLITS:
        for name, summary in summaries.items():
            if (name, split) in writers:
                summary.splits[split] = writers[name, split].close()
    return sorted(summaries.values(), key=lambda one: one.name != usual_name)


def parallel_features(source_lang: str, target_langs: Iterable[str]) -> Features:
    """Return the columns of a multi-parallel row; those ending in ``_LANG`` speak of one of the translations."""
    from datasets import Features, List, Translation, Value  # noqa: PLC0415 - takes a second to load

    text, place = Value("string"), Value("int64")
    spans = List({"start": place, "end": place})
    columns: dict[str, Any] = {
        "id": text,
        "translation": Translation(languages=sorted((source_lang, *target_langs))),
        "split": text,
        "document": text,
        "position": Value("int32"),
        "source_spans": spans,
        "source_kind": text,
        "source_by": text,
        "source_url": text,
        "source_licence": text,
        "domain": text,
        "date": text,
    }
    for lang in target_langs:
        columns |= {
            f"pairs_{lang}": List(text),
            f"target_document_{lang}": text,
            f"spans_{lang}": spans,
            f"shape_{lang}": text,
            f"kind_{lang}": text,
            f"by_{lang}": text,
            f"url_{lang}": text,
            f"licence_{lang}": text,
            f"confidence_{lang}": Value("float64"),
            f"reviewed_{lang}": Value("bool"),
            f"flags_{lang}": List(text),
        }
    return Features(columns)


def parallel_table(
    rows: Sequence[ParallelRow], schema: pa.Schema, source_lang: str, flags: Mapping[str, Flag]
) -> pa.Table:
    """Return multi-parallel rows as a table (see ``parallel_features``); ``flags`` are by pair.

    A language's confidence is that of its least sure pair; its text is reviewed where all its pairs are.
    """
    return pa.Table.from_pylist([_row(row, source_lang, flags) for row in rows], schema=schema)


def _row(row: ParallelRow, source_lang: str, flags: Mapping[str, Flag]) -> dict[str, Any]:
    first = next(iter(row.pairs.values()))[0]
    columns: dict[str, Any] = {
        "id": row.id,
        "translation": {source_lang: row.source_text, **row.texts},
        "document": row.document,
        "position": row.position,
        "source_spans": _spans(span for pair in next(iter(row.pairs.values())) for span in pair.source_spans),
        "source_kind": first.source_provenance.kind,
        "source_by": first.source_provenance.by,
        "source_url": first.source_provenance.url,
        "source_licence": first.source_provenance.licence,
        "domain": first.source_provenance.domain,
        "date": first.source_provenance.date,
    }
    for lang, pairs in row.pairs.items():
        sure = [pair.confidence for pair in pairs if pair.confidence is not None]
        kinds = {pair.target_provenance.kind for pair in pairs}
        columns |= {
            f"pairs_{lang}": [pair.id for pair in pairs],
            f"target_document_{lang}": pairs[0].target_document,
            f"spans_{lang}": _spans(span for pair in pairs for span in pair.target_spans),
            f"shape_{lang}": "-".join(
                str(sum(len(spans) for spans in sides))
                for sides in ([pair.source_spans for pair in pairs], [pair.target_spans for pair in pairs])
            ),
            # A group of which a part was post-edited and a part was not is still a machine's.
            f"kind_{lang}": next(kind for kind in ("machine", "post-edited", "human", "original") if kind in kinds),
            f"by_{lang}": pairs[0].target_provenance.by,
            f"url_{lang}": pairs[0].target_provenance.url,
            f"licence_{lang}": pairs[0].target_provenance.licence,
            f"confidence_{lang}": min(sure) if len(sure) == len(pairs) else None,
            f"reviewed_{lang}": all(pair.status != "unreviewed" for pair in pairs),
            f"flags_{lang}": [flags[pair.id].category for pair in pairs if pair.id in flags],
        }
    return columns


def _spans(spans: Iterable[Range]) -> list[dict[str, int]]:
    return [{"start": start, "end": end} for start, end in spans]
