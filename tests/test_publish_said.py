"""What people said reaches the dataset: against a filter, and as a flag."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from review_material import do, open_sqlite, rerun, rows_of
from small_corpus import EN, KK, copy_job, qosmatin, run_job

from qosmatin.corpus.decisions import Flag, decision_to_json, flag_to_json
from qosmatin.corpus.model import Anchor, Decision
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.flags import all_flags

AT = "2026-11-01T10:00:00Z"
SAID = "\ndecisions: [said.jsonl]"


@pytest.fixture
def folder(small_job: Path, tmp_path: Path) -> Path:
    copy_job(small_job, tmp_path)
    return tmp_path


def anchors(document: str, source: str, target: str) -> tuple[Anchor, ...]:
    return tuple(
        Anchor(side, name, text.index(part), text.index(part) + len(part), part)  # type: ignore[arg-type]
        for side, name, text, part in (
            ("source", document, KK[document], source),
            ("target", f"{document}@en", EN[document], target),
        )
    )


def rows(corpus: Path, config: str = "kk-en") -> dict[str, dict[str, Any]]:
    found = [row for path in sorted((corpus / "dataset" / config).iterdir()) for row in pq.read_table(path).to_pylist()]
    return {row["translation"]["kk"]: row for row in found}


def card(corpus: Path) -> str:
    return (corpus / "dataset" / "README.md").read_text(encoding="utf-8")


FREE = ("Оқу тегін болады.", "Study will be free.")
GUESTS = ("Көрмеге қонақтар келді.", "Guests came to the show.")
ROADS = ("Жолдар жабылып қалды.", "Roads were closed.")
SHORT = {"[{name: identical}, {name: script}]": "[{name: length, min_words: 4}, {name: length-ratio, max: 1.01}]"}


def test_what_people_confirmed_is_published_against_the_filters_and_told_everywhere(folder: Path) -> None:
    said = (
        Decision("?", anchors("one", *FREE), "accept", None, "r1", AT),
        Decision("?", anchors("three", *GUESTS), "edit", "Guests came to it.", "r2", AT),
    )
    (folder / "said.jsonl").write_text("".join(decision_to_json(one) + "\n" for one in said), encoding="utf-8")
    assert run_job(folder, more="# ")
    assert FREE[0] in rows(folder / "out")
    corpus = run_job(folder, more=SAID, replacing=SHORT)
    found = rows(corpus)
    assert {text: row["overruled_filter"] for text, row in found.items() if row["status"] != "unreviewed"} == {
        FREE[0]: "length, length-ratio",
        GUESTS[0]: "length, length-ratio",
    }
    assert all(row["overruled_filter"] is None for row in found.values() if row["status"] == "unreviewed")
    table = pq.read_table(corpus / "overruled" / "en.parquet").to_pylist()
    assert {(row["pair_id"], row["filter"], row["reviewer"]) for row in table} == {
        (found[text]["id"], name, who)
        for text, who in ((FREE[0], "r1"), (GUESTS[0], "r2"))
        for name in ("length", "length-ratio")
    }
    assert "4 objections of filters to pairs of `kk-en` were overruled" in card(corpus)
    explained = qosmatin(folder, "filter", "out", "--explain", found[FREE[0]]["id"]).stdout
    assert "length           would refuse: " in explained
    assert "overruled by r1, who said that the pair is right (accepted)" in explained
    assert "REFUSES" not in explained
    assert "2 pairs stand against a filter by a person's word" in qosmatin(folder, "filter", "out").stdout


def flag(pair: str, document: str, texts: tuple[str, str], severity: str | None = None, at: str = AT) -> str:
    one = Flag(pair, anchors(document, *texts), "mistranslation", "see | here", "r1", at, severity)
    return flag_to_json(one) + "\n"


def test_a_flag_is_told_on_its_row_or_keeps_the_pair_out(folder: Path) -> None:
    before = rows(run_job(folder))
    flags = (
        flag(before[FREE[0]]["id"], "one", FREE, "major"),
        flag("an old id", "two", ROADS),  # its anchors find it
        flag("nobody's", "three", ("Көрмеге қонақтар", "Guests")),  # that is no pair
    )
    (folder / "said.jsonl").write_text("".join(flags), encoding="utf-8")
    corpus = run_job(folder, more=SAID, publish="parallel: []")
    found = rows(corpus)
    told = {
        text: tuple(row[f"flag_{part}"] for part in ("category", "severity", "comment")) for text, row in found.items()
    }
    assert told.pop(FREE[0]) == ("mistranslation", "major", "see | here")
    assert told.pop(ROADS[0]) == ("mistranslation", None, "see | here")
    assert set(told.values()) == {(None, None, None)}
    assert "2 pairs of `kk-en` are flagged" in card(corpus)
    assert "1 flags of reviewers speak of text that is no longer there" in card(corpus)
    corpus = run_job(folder, more=SAID, publish="flagged: drop")
    assert set(found) - set(rows(corpus)) == {FREE[0], ROADS[0]}
    assert "| kk-en | flagged | 2 |" in card(corpus)
    assert "2 rows removed" in (corpus / "dataset" / "CHANGELOG.md").read_text(encoding="utf-8")
    (folder / "said.jsonl").write_text("", encoding="utf-8")
    assert set(rows(run_job(folder, more=SAID, publish="flagged: drop"))) == set(found)


def test_the_newest_flag_of_a_pair_stands_and_a_retracted_documents_goes(folder: Path) -> None:
    flags = [
        flag("?", "one", FREE, "minor", "2026-11-02T10:00:00Z"),
        flag("?", "one", FREE, "critical", "2026-11-01T10:00:00+00:00"),
        flag("?", "two", ROADS),
    ]
    (folder / "said.jsonl").write_text("".join(flags), encoding="utf-8")
    corpus = run_job(folder, more=SAID, publish="flagged: keep")
    assert rows(corpus)[FREE[0]]["flag_severity"] == "minor"
    assert qosmatin(folder, "retract", "two", "--corpus", "out", "--yes").returncode == 0
    assert "two" not in json.dumps(pq.read_table(corpus / "flags.parquet").to_pylist(), ensure_ascii=False)


def test_flags_of_the_folders_review_reach_the_dataset_and_what_was_taken_back_stays_so(job: Path) -> None:
    engine = open_sqlite(job)
    review, corpus = Review(engine), CorpusFolder(job.parent / "news")
    first, second, third = rows_of(engine)[:3]
    try:
        for row in (first, second):
            do(review, "flag", row, category="Style", comment="dry")
        flags = list(all_flags(engine))
        third_flag = replace(flags[0], pair_id=third.pair_id, category="Terminology")
        do(review, "flag", rows_of(engine)[1], category=None)
        assert rows_of(engine)[1].category is None
    finally:
        engine.dispose()
    # A file brings back what stands in the store, what was taken back there, and something new.
    lines = "".join(flag_to_json(one) + "\n" for one in (*flags, third_flag))
    (job.parent / "flags.jsonl").write_text(lines, encoding="utf-8")
    job.write_text(job.read_text(encoding="utf-8") + "\ndecisions: flags.jsonl\n", encoding="utf-8")
    assert "; 2 flags" in rerun(job)
    table = corpus.read("flags").to_pylist()
    assert {(row["pair_id"], row["category"]) for row in table} == {
        (first.pair_id, "Style"),
        (third.pair_id, "Terminology"),
    }
    published = {
        row["id"]: row["flag_category"]
        for path in corpus.dataset.glob("*/*.parquet")
        for row in pq.read_table(path, columns=["id", "flag_category"]).to_pylist()
        if row["flag_category"]
    }
    assert published.items() <= {first.pair_id: "Style", third.pair_id: "Terminology"}.items()
    assert published
