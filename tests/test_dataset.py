import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from qosmatin.corpus import InputError, Pair, Provenance
from qosmatin.corpus.dataset import CardFacts, ConfigSummary, SplitShares, next_version, write_card, write_config

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


def write(folder: Path, pairs: list[Pair], shares: SplitShares, version: str = "1.0.0") -> ConfigSummary:
    summary = ConfigSummary("kk-en", "en", "kk", "en")
    write_config(folder, summary, pairs, lambda document: shares.split_of("small", document), lambda _rows: None)
    facts = CardFacts(
        name="small",
        version=version,
        description="",
        licence="unknown",
        tool="Qosmätin",
        config_hash="x",
        aligner="test",
        refused={"kk-en": {"length": 3}},
        scores=[],
        documents=[{"id": "a", "lang": "kk", "kind": "original", "by": None, "licence": "unknown", "url": None}],
    )
    write_card(folder, [summary], facts)
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
        split: counts[0] for split, counts in summary.splits.items()
    }
    assert set(data) == {"train", "validation", "test"}
    documents = [set(rows["document"]) for rows in data.values()]
    assert sum(map(len, documents)) == len(set().union(*documents)) == 30
    first = {name: column[0] for name, column in data["train"].items()}
    assert first["translation"] == {"en": PAIR.target_text, "kk": PAIR.source_text}
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
    pairs = [PAIR, replace(PAIR, id="p1", shape="2-1", target_provenance=Provenance("human", by="A bureau"))]
    write(folder, pairs, SplitShares())
    head, body = (folder / "README.md").read_text(encoding="utf-8").removeprefix("---\n").split("---\n", 1)
    data = yaml.safe_load(head)
    assert data["dataset_info"][0]["splits"][0]["num_examples"] == 2
    assert data["license"] == "unknown"
    assert "| kk-en | original | machine | an engine \\| v2 | 1 |" in body
    assert "| kk-en | original | human | A bureau | 1 |" in body
    assert "| kk-en | 2-1 | 1 |" in body
    assert "| kk-en | length | 3 |" in body
    assert "**Machine-made text.** These translations were written by no person: an engine | v2." in body
    assert "`unknown` means that nobody stated a licence" in body


def test_files_have_a_page_index_and_small_row_groups(tmp_path: Path) -> None:
    write(tmp_path / "small", many(6000), SplitShares())
    metadata = pq.ParquetFile(tmp_path / "small" / "kk-en" / "train-00000-of-00001.parquet").metadata
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [10_000, 2_000]
    assert metadata.row_group(0).column(0).has_offset_index
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_translation_into_its_own_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both 'kk'"):
        write_config(tmp_path, ConfigSummary("kk-kk", "x", "kk", "kk"), [], lambda _name: "train", lambda _rows: None)
