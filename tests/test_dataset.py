import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from qosmatin.corpus import InputError, Pair, Provenance
from qosmatin.corpus.dataset import (
    CardFacts,
    ConfigSummary,
    CroissantFacts,
    LeakCheck,
    Source,
    SplitShares,
    TranslationFacts,
    compare_rows,
    content_hash,
    next_version,
    parallel_features,
    parallel_rows,
    parallel_table,
    plan_splits,
    read_benchmark,
    read_version,
    write_card,
    write_changelog,
    write_croissant,
    write_translation,
)
from qosmatin.corpus.dataset import shards as shards_module
from qosmatin.corpus.decisions import Flag
from qosmatin.corpus.storage.pairs import PairBatch

LOAD = """
import json, sys
from datasets import load_dataset
data = load_dataset(sys.argv[1], *sys.argv[3:], cache_dir=sys.argv[2])
print(json.dumps({split: rows[:] for split, rows in data.items()}, ensure_ascii=False))
"""

PAIR = Pair(
    id="p0",
    source_document="a",
    target_document="a@en",
    translation="en",
    position=0,
    source_text="Сот | кеше `басталды`.",
    target_text="The trial began yesterday.",
    source_spans=((0, 18),),
    target_spans=((0, 26),),
    shape="1-1",
    confidence=0.9,
    aligner="test",
    source_provenance=Provenance("original", licence="CC-BY-4.0"),
    target_provenance=Provenance("machine", by="an engine | v2"),
)


FLAG = Flag("ru1", (), "Style", None, "r1", "2026-11-01T10:00:00Z")


def batch_of(pairs: list[Pair]) -> PairBatch:
    """Pairs as a batch, as `corpus/storage/pairs.py` makes it from the tables."""
    columns = {
        name: [getattr(pair, name) for pair in pairs]
        for name in ("id", "source_document", "target_document", "position", "source_text", "target_text", "shape",
                     "confidence", "aligner", "status", "reviewed_at", "reviewer")
    }  # fmt: skip
    spans = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))
    for side in ("source_spans", "target_spans"):
        values = [[{"start": low, "end": high} for low, high in getattr(pair, side)] for pair in pairs]
        columns[side] = pa.array(values, spans)
    for name in ("reviewed_at", "reviewer"):
        columns[name] = pa.array(columns[name], pa.string())
    columns["source_start"] = [pair.position for pair in pairs]
    columns["source_end"] = [pair.position + 1 for pair in pairs]
    columns["provenance"] = list(range(len(pairs)))
    provenances = [(pair.source_provenance, pair.target_provenance) for pair in pairs]
    return PairBatch("en", pa.table(columns), provenances)


def source_of(split_of: Callable[[str], str], leaks: LeakCheck | None = None, origin: str = "machine") -> Source:
    found = leaks or LeakCheck([], {})
    return Source(
        "kk-en",
        "en",
        source_lang="kk",
        target_lang="en",
        origin=origin,
        split_of=split_of,
        leaks=found.leaks,
        people={"A. B."},
    )


def write(folder: Path, pairs: list[Pair], shares: SplitShares, version: str = "1.0.0") -> ConfigSummary:
    of_shares = source_of(lambda name: shares.split_of("small", name))
    written = write_translation(folder, of_shares, [batch_of(pairs)], lambda _rows: None)
    summary = written[0]
    facts = CardFacts(
        name="small",
        version=version,
        description="",
        licence="unknown",
        tool="Qosmätin",
        config_hash="x",
        aligners=["test"],
        filters=[{"name": "length", "max_words": 9}],
        translations=[TranslationFacts("en", "kk-en", "machine", {"length": 3})],
        scores=[],
        documents=[
            {"id": "a", "lang": "kk", "kind": "original", "by": None, "licence": "unknown", "url": None, "rights": None}
        ],
    )
    write_card(folder, written, [], facts)
    return summary


def load(folder: Path, cache: Path, *arguments: str) -> dict[str, dict[str, list[object]]]:
    """Load the dataset in a fresh process, as a researcher would."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", LOAD, str(folder), str(cache), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, encoding="utf-8")
    return dict(json.loads(done.stdout))


def many(documents: int) -> list[Pair]:
    return [replace(PAIR, id=f"p{n}", source_document=f"d{n // 2}", position=n % 2) for n in range(2 * documents)]


def test_what_was_written_is_what_loads(tmp_path: Path) -> None:
    shares = SplitShares(validation=0.2, test=0.2)
    summary = write(tmp_path / "small", many(30), shares)
    data = load(tmp_path / "small", tmp_path / "cache", "kk-en")
    assert {split: len(rows["id"]) for split, rows in data.items()} == {
        split: counts.rows for split, counts in summary.splits.items()
    }
    assert set(data) == {"train", "validation", "test"}
    documents = [set(rows["document"]) for rows in data.values()]
    assert sum(map(len, documents)) == len(set().union(*documents)) == 30
    first = {name: column[0] for name, column in data["train"].items()}
    assert first["translation"] == {"en": PAIR.target_text, "kk": PAIR.source_text}
    assert set(first) == set(summary.features)
    assert first["source_spans"] == [{"start": 0, "end": 18}]
    assert (first["target_kind"], first["source_licence"], first["reviewed_at"]) == ("machine", "CC-BY-4.0", None)
    assert load(tmp_path / "small", tmp_path / "cache2") == data


def test_a_new_version_is_not_hidden_by_the_cache(tmp_path: Path) -> None:
    write(tmp_path / "small", many(2), SplitShares())
    load(tmp_path / "small", tmp_path / "cache", "kk-en")
    write(tmp_path / "small", many(3), SplitShares(), version="1.0.1")
    assert len(load(tmp_path / "small", tmp_path / "cache", "kk-en")["train"]["id"]) == 6


def test_adding_documents_moves_none() -> None:
    shares = SplitShares(validation=0.1, test=0.1)
    before = {f"d{n}": shares.split_of("small", f"d{n}") for n in range(2000)}
    counts = [list(before.values()).count(split) for split in ("train", "validation", "test")]
    assert counts[0] > 1500
    assert min(counts[1:]) > 140
    assert shares.split_of("other", "d1") in ("train", "validation", "test")
    assert SplitShares().split_of("small", "d1") == "train"


@pytest.mark.parametrize(
    ("wanted", "content", "published", "version"),
    [
        ("1.0.0", "x", {}, "1.0.0"),
        ("1.0.0", "x", {"version": "1.0.0", "content": "x"}, "1.0.0"),
        ("1.0.0", "y", {"version": "1.0.0", "content": "x"}, "1.0.1"),
        ("1.0.0", "y", {"version": "1.0.9", "content": "x"}, "1.0.10"),
        ("1.1.0", "y", {"version": "1.0.9", "content": "x"}, "1.1.0"),
        ("1.1.0", "x", {"version": "1.0.9", "content": "x"}, "1.1.0"),
        ("1.0.0", "x", {"version": "1.0.3", "content": "x"}, "1.0.3"),
    ],
)
def test_changed_content_gets_a_higher_version(
    wanted: str, content: str, published: dict[str, str], version: str
) -> None:
    assert next_version(wanted, content, published) == version


def test_the_card_says_what_the_rows_say(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    pairs = [PAIR, replace(PAIR, id="p1", shape="2-1", target_provenance=Provenance("machine", by="A bureau"))]
    write(folder, pairs, SplitShares())
    head, body = (folder / "README.md").read_text(encoding="utf-8").removeprefix("---\n").split("---\n", 1)
    data = yaml.safe_load(head)
    assert data["dataset_info"][0]["splits"][0]["num_examples"] == 2
    assert data["license"] == "unknown"
    assert "| kk-en | original | not stated | machine | an engine \\| v2 | 1 |" in body
    assert "| kk-en | original | not stated | machine | A bureau | 1 |" in body
    assert "| kk-en | 2-1 | 1 |" in body
    assert "| kk-en | length | 3 |" in body
    assert "**Machine-made text.** These translations were written by no person: A bureau; an engine | v2." in body
    assert "`unknown` means that nobody stated a licence" in body


def test_files_have_a_page_index_and_small_row_groups(tmp_path: Path) -> None:
    write(tmp_path / "small", many(6000), SplitShares())
    metadata = pq.ParquetFile(tmp_path / "small" / "kk-en" / "train-00000-of-00001.parquet").metadata
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [10_000, 2_000]
    assert metadata.row_group(0).column(0).has_offset_index
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_translation_into_its_own_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both 'kk'"):
        write_translation(tmp_path, replace(source_of(str), target_lang="kk"), [], abs)


SENTENCE = "Бүгін Алматы қаласында жаңа мектеп пен үлкен кітапхана ашылды"
OTHER = "Кеше Астанада өзен жағасында екі көпір салынып бітті деді әкім"


@pytest.mark.parametrize("by", ["documents", "sentences"])
@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.1), (0.0, 0.2), (0.25, 0.05)])
def test_shares_are_met_where_they_are_asked_for(by: str, validation: float, test: float) -> None:
    weights = {f"d{n}": 1 if by == "documents" else 5 + 7 * n % 40 for n in range(123)}
    texts = [(name, " ".join(f"{name}w{n}" for n in range(30))) for name in weights]
    shares = SplitShares(validation, test)
    plan = plan_splits(texts, shares, "key", {}, weights)
    for split, share in (("validation", validation), ("test", test)):
        got = sum(weights[name] for name, found in plan.splits.items() if found == split)
        assert abs(got - share * sum(weights.values())) <= max(weights.values()) / 2
    # What was published keeps its split when documents are added, and the shares are met with those.
    more = weights | {f"new{n}": 10 for n in range(60)}
    added = [(f"new{n}", " ".join(f"new{n}w{k}" for k in range(30))) for n in range(60)]
    later = plan_splits([*texts, *added], shares, "key", plan.splits, more)
    assert {name: later.splits[name] for name in plan.splits} == plan.splits
    got = sum(more[name] for name, found in later.splits.items() if found == "test")
    assert abs(got - test * sum(more.values())) <= max(more.values()) / 2


def test_near_duplicate_documents_share_a_split_and_test_wins() -> None:
    shares = SplitShares(validation=0.3, test=0.3)
    names = [f"d{n}" for n in range(60)]
    texts = [(name, " ".join(f"{name}сөз{n}" for n in range(50))) for name in names]
    alone = plan_splits(texts, shares, "key", {})
    assert {name: shares.split_of("key", name) for name in names} == alone.splits
    train = next(name for name in names if alone.splits[name] == "train")
    test = next(name for name in names if alone.splits[name] == "test")
    both = dict(texts)
    tie = [("tie", f"{both[train]} {both[test]}")]
    later = plan_splits([*texts, *tie], shares, "key", alone.splits)
    assert later.clusters == [[*sorted([train, test], key=names.index), "tie"]]
    assert later.splits["tie"] == "test"
    assert [(move.document, move.old, move.new) for move in later.moves] == [(train, "train", "test")]
    assert {name: split for name, split in later.splits.items() if name not in (train, "tie")} == {
        name: split for name, split in alone.splits.items() if name != train
    }


def test_a_document_that_was_published_keeps_its_split_when_a_copy_comes() -> None:
    shares = SplitShares(validation=0.3, test=0.3)
    for number in range(40):
        first = plan_splits([("a", SENTENCE)], shares, "k", {})
        plan = plan_splits([("a", SENTENCE), (f"copy{number}", SENTENCE)], shares, "k", first.splits)
        assert plan.splits == {"a": first.splits["a"], f"copy{number}": first.splits["a"]}
        assert not plan.moves


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        (SENTENCE + ".", "A wholly different translation of it all.", "held-out"),
        (SENTENCE.replace("ашылды", "жабылды"), "Something else here, of course, my friend.", "held-out"),
        (OTHER, "A new school and a big library opened in Almaty today", "held-out"),
        ("Жоқ.", "No.", "held-out"),
        ("Жоқ.", "Not at all.", "held-out"),
        ("— ЖОҚ!", "Not at all.", "held-out"),
        ("Осылай болды.", "no", "held-out"),
        ("Жоқ, жоқ.", "No, no.", None),
        ("Жоқ, ол келмеді", "He did not come", None),
        ("…", "?!", None),
        ("Мен қала бердім", "Two bridges", "benchmark"),
        ("мен қала бердім!", "Something", "benchmark"),
        ("Мен қала", "Something", None),
        ("Мен қала бердім, ал ол кетті", "Something", None),
        (f"Мен қала бердім {OTHER}", "Something short stands in it and hides no long one", "benchmark"),
        (OTHER, "Two bridges were finished", None),
        (f"Ол айтты: {OTHER}, содан кейін кетті де қалды", "He said so and went away then", "benchmark"),
    ],
)
def test_what_is_held_out_does_not_leak_into_training(source: str, target: str, rule: str | None) -> None:
    held_out = [
        ("p0", SENTENCE, "A new school and a big library opened in Almaty today."),
        ("p1", "Жоқ.", "No."),
    ]
    check = LeakCheck(held_out, {"flores": [*([OTHER] if rule == "benchmark" else []), "Мен қала бердім."]})
    [leak] = check.leaks([source], [target])
    assert (leak and leak.rule) == rule


def test_leaks_are_withheld_from_training_alone_and_counted(tmp_path: Path) -> None:
    pairs = [replace(PAIR, id=f"p{n}", source_document=f"d{n}", source_text=SENTENCE) for n in range(3)]
    split_of = {"d0": "test", "d1": "train", "d2": "validation"}.__getitem__
    leaks = LeakCheck([("p0", SENTENCE, PAIR.target_text)], {})
    [summary] = write_translation(tmp_path, source_of(split_of, leaks), [batch_of(pairs)], abs)
    assert [name for name, _ in summary.withheld] == ["p1"]
    assert {split: counts.rows for split, counts in summary.splits.items()} == {"validation": 1, "test": 1}


def test_a_benchmark_without_sentences_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    (tmp_path / "two.tsv").write_text("бір\tone\n", encoding="utf-8")
    assert read_benchmark([tmp_path / "two.tsv"]) == ["бір", "one"]
    with pytest.raises(InputError, match=r"empty\.txt: there is no sentence"):
        read_benchmark([tmp_path / "empty.txt"])


def test_a_large_split_is_written_in_shards_that_load_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards_module, "SHARD_BYTES", 1_000_000)
    summary = write(tmp_path / "small", many(10_000), SplitShares())
    files = sorted(path.name for path in (tmp_path / "small" / "kk-en").iterdir())
    assert files == ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    assert summary.splits["train"].shards == 2
    rows = load(tmp_path / "small", tmp_path / "cache", "kk-en")["train"]
    assert rows["id"] == [f"p{n}" for n in range(20_000)]


def test_pandas_polars_and_duckdb_read_the_files(tmp_path: Path) -> None:
    import duckdb
    import pandas as pd
    import polars as pl

    write(tmp_path / "small", [PAIR], SplitShares())
    glob = str(tmp_path / "small" / "kk-en" / "train-*.parquet")
    path = glob.replace("*", "00000-of-00001")
    assert pd.read_parquet(path).loc[0, "translation"] == {"en": PAIR.target_text, "kk": PAIR.source_text}
    assert pl.read_parquet(glob)["translation"].struct.field("kk").to_list() == [PAIR.source_text]
    assert duckdb.sql(f"select translation.kk, source_spans[1]['end'] from '{glob}'").fetchall() == [
        (PAIR.source_text, 18)
    ]


def test_streaming_reads_the_same_rows(tmp_path: Path) -> None:
    from datasets import load_dataset

    write(tmp_path / "streamed", many(3), SplitShares())
    rows = load_dataset(str(tmp_path / "streamed"), "kk-en", split="train", streaming=True)
    assert [row["id"] for row in rows] == [f"p{n}" for n in range(6)]


def test_reviewers_are_named_only_where_they_agreed(tmp_path: Path) -> None:
    said = replace(PAIR, status="accepted", reviewed_at="2026-01-01T00:00:00Z")
    write(
        tmp_path / "small", [replace(said, reviewer="A. B."), replace(said, id="p1", reviewer="C. D.")], SplitShares()
    )
    rows = pq.read_table(tmp_path / "small" / "kk-en").to_pylist()
    assert [row["reviewer"] for row in rows] == ["A. B.", None]


def test_the_changelog_counts_rows_and_keeps_what_it_said(tmp_path: Path) -> None:
    first, second, none = tmp_path / "first", tmp_path / "second", tmp_path / "none"
    write(first, many(3), SplitShares())
    write_changelog(none, first, version="1.0.0", date="2026-01-01", changes=compare_rows(none, first), remarks=[])
    pairs = [*many(4)[1:-1], replace(PAIR, id="new"), replace(PAIR, id="p7", source_text="Өзге")]
    pairs[0] = replace(pairs[0], target_text="Changed.")
    write(second, pairs, SplitShares(), version="1.0.1")
    changes = compare_rows(first, second)
    assert [(one.config, one.added, one.removed, one.changed) for one in changes] == [("kk-en", 3, 1, 1)]
    write_changelog(
        first, second, version="1.0.1", date="2026-01-02", changes=changes, remarks=["`d1` was retracted on 2026-01-02"]
    )
    text = (second / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text == (
        "# Changes\n\n## 1.0.1 (2026-01-02)\n\n* `kk-en`: 3 rows added, 1 rows removed, 1 rows changed\n"
        "* `d1` was retracted on 2026-01-02\n\n## 1.0.0 (2026-01-01)\n\n* `kk-en`: 6 rows added\n"
    )
    write_changelog(second, second, version="1.0.1", date="2026-01-03", changes=[], remarks=[])
    assert (second / "CHANGELOG.md").read_text(encoding="utf-8") == text
    assert read_version(second) == "1.0.1"
    assert read_version(none) is None


def test_numbers_that_were_estimated_anew_are_a_line_of_their_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, many(3), SplitShares())
    pairs = [replace(one, confidence=0.5) for one in many(3)]
    pairs[0] = replace(pairs[0], target_spans=((0, 25),))
    write(second, pairs, SplitShares())
    changes = compare_rows(first, second)
    assert [(one.changed, one.estimated) for one in changes] == [(1, 5)]
    write_changelog(first, second, version="1.0.1", date="2026-01-02", changes=changes, remarks=[])
    text = (second / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "* `kk-en`: 1 rows changed\n* `kk-en`: confidences or scores alone moved in 5 rows" in text
    assert "No row changed" not in text


CHANGES: dict[str, tuple[dict[str, object], tuple[int, int]]] = {
    "confidence": ({"confidence": 0.1}, (0, 1)),
    "confidence gone": ({"confidence": None}, (0, 1)),
    "source": ({"source_text": "Сот"}, (1, 0)),
    "target": ({"target_text": "The"}, (1, 0)),
    "source span": ({"source_spans": ((1, 18),)}, (1, 0)),
    "spans cut": ({"target_spans": ((0, 13), (13, 26))}, (1, 0)),
    "no span": ({"target_spans": ()}, (1, 0)),
    "shape": ({"shape": "1-2"}, (1, 0)),
    "position": ({"position": 4}, (1, 0)),
    "status": ({"status": "accepted"}, (1, 0)),
    "aligner": ({"aligner": "test, fitted to 9 beads"}, (0, 1)),
    "fitted anew": ({"aligner": "test, fitted to 9 beads", "confidence": 0.1}, (0, 1)),
    "provenance": ({"source_provenance": Provenance("original", licence="CC0-1.0")}, (1, 0)),
    "both": ({"confidence": 0.1, "status": "accepted"}, (1, 0)),
    "nothing": ({}, (0, 0)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_the_bytes_of_a_row_is_told(tmp_path: Path, what: str) -> None:
    more, counts = CHANGES[what]
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, [PAIR, replace(PAIR, id="other")], SplitShares())
    write(second, [replace(PAIR, **more), replace(PAIR, id="other")], SplitShares())  # type: ignore[arg-type]
    [change] = compare_rows(first, second)
    assert (change.changed, change.estimated) == counts
    assert change.any == (content_hash(first) != content_hash(second)) == (what != "nothing")


def test_new_columns_are_told_and_rows_compared_by_the_others(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, many(2), SplitShares())
    write(second, many(2), SplitShares())
    [path] = (first / "kk-en").iterdir()
    pq.write_table(pq.read_table(path).drop_columns(["flag_comment"]), path)
    [change] = compare_rows(first, second)
    assert (change.changed, change.estimated, change.new_columns, change.gone_columns) == (0, 0, ["flag_comment"], [])
    write_changelog(first, second, version="1.0.1", date="2026-01-02", changes=[change], remarks=[])
    assert "* `kk-en`: columns that are new: `flag_comment`" in (second / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_says_which_rows_went_to_another_config(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, many(2), SplitShares())
    pairs = many(2)
    mended = replace(PAIR.target_provenance, kind="post-edited")
    pairs[1] = replace(pairs[1], status="post-edited", target_provenance=mended)
    write(second, [*pairs[:3], replace(PAIR, id="new")], SplitShares())
    changes = compare_rows(first, second)
    write_changelog(first, second, version="1.0.1", date="2026-01-02", changes=changes, remarks=[])
    assert (second / "CHANGELOG.md").read_text(encoding="utf-8") == (
        "# Changes\n\n## 1.0.1 (2026-01-02)\n\n"
        "* `kk-en`: 1 rows added, 1 rows removed, 1 rows moved to `kk-en-post-edited`\n"
    )


def test_a_parallel_row_runs_between_common_cuts_and_needs_every_language() -> None:
    def pair(lang: str, number: int, text: str) -> Pair:
        return replace(PAIR, id=f"{lang}{number}", source_text=text, target_text=f"{lang} {text}", translation=lang)

    english = [((0, 1), pair("en", 0, "a")), ((1, 1), pair("en", 9, "")), ((1, 3), pair("en", 1, "b c")),
               ((3, 4), pair("en", 2, "d"))]  # fmt: skip
    russian = [((0, 2), pair("ru", 0, "a b")), ((2, 3), pair("ru", 1, "c")), ((3, 4), pair("ru", 2, "d"))]
    refused = {"en": {"en9"}, "ru": set[str]()}
    rows = parallel_rows({"en": english, "ru": russian}, refused)
    assert [row.texts for row in rows] == [{"en": "en a en b c", "ru": "ru a b ru c"}, {"en": "en d", "ru": "ru d"}]
    assert rows[0].source_text == "a b c"
    table = parallel_table(rows, parallel_features("kk", ["en", "ru"]).arrow_schema, "kk", {"ru1": FLAG})
    assert table.to_pylist()[0]["pairs_ru"] == ["ru0", "ru1"]
    assert [(row["flags_en"], row["flags_ru"]) for row in table.to_pylist()] == [([], ["Style"]), ([], [])]
    refused["ru"].add("ru1")
    assert [row.source_text for row in parallel_rows({"en": english, "ru": russian}, refused)] == ["d"]


def test_croissant_names_every_file_and_column(tmp_path: Path) -> None:
    write(tmp_path, [PAIR], SplitShares())
    write_croissant(
        tmp_path, ["kk-en"], CroissantFacts("small", "1.0.0", "", "CC-BY-4.0", ["kk", "en"], "@misc{x}", "2026-01-01")
    )
    data = json.loads((tmp_path / "croissant.json").read_text(encoding="utf-8"))
    file = tmp_path / data["distribution"][0]["contentUrl"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == data["distribution"][0]["sha256"]
    columns = [field["name"].split("/")[1] for field in data["recordSet"][1]["field"]]
    assert columns == pq.read_schema(file).names
