"""Campaigns from and to Pearmut: the same files, its formula, and WMT's table of errors."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from campaign_desk import AT, judge_all, made, plan, seen
from scipy import stats
from sqlalchemy import Engine

from qosmatin.corpus.errors import InputError
from qosmatin.job.campaign_results import results_of
from qosmatin.review.campaigns import keeping, pearmut
from qosmatin.review.campaigns.assigning import next_turn
from qosmatin.review.campaigns.model import Judgement, identify, item_key, parse_item_key
from qosmatin.review.campaigns.results import annotators, opinions
from qosmatin.review.campaigns.suggesting import by_checks, suggest_spans
from qosmatin.review.campaigns.tables import mqm_rows, rows
from qosmatin.review.store.database import open_database, sqlite_url, writing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


def foreign() -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """A campaign as Pearmut has it, with something of all that its format knows, and some that it does not."""
    item = {
        "src": "Бір",
        "tgt": {"A": "One", "B": "Won"},
        "item_id": "kk-en_#_news_#_d1_#_0",
        "speaker": {"x": [1, None]},
    }
    second = {"tgt": {"A": "Two", "B": "Too"}, "item_id": "kk-en_#_law_#_d2_#_0", "ref": "Two"}
    check = {**second, "item_id": "check", "validation": {"B": {"score": [0, 50]}}, "skippable": True}
    campaign = {
        "info": {"assignment": "single-stream", "protocol": "ESA", "users": 2, "sliders": [{"name": "F", "min": 0}]},
        "campaign_id": "old",
        "data_welcome": [[{"text": "Age?", "form": "number"}], [check]],
        "data_goodbye": [],
        "data": [[item], [second]],
        "token": "04857081dd",
        "show_progress": False,
    }
    one = {
        "score": 70,
        "error_spans": [{"start_i": 0, "end_i": 2, "category": None, "severity": "minor"}],
        "textfield": "x",
    }
    other = {"score": 90, "error_spans": [], "textfield": None, "sliders": {"F": 3}}
    log = [
        {"annotation": ["34"], "actions": [{"time": 1.5, "action": "load"}], "item": [{}], "user_id": "u1",
         "item_i": "welcome_0"},
        {"annotation": [{"A": one, "B": other}],
         "actions": [{"time": 2, "action": "load"}, {"time": 100, "action": "submit"}],
         "item": [check], "validations": [False], "user_id": "u1", "item_i": "welcome_1"},
        {"annotation": "__RESET__", "user_id": "u1", "item_i": "welcome_1"},
        {"annotation": [{"A": one, "B": other}], "actions": [], "item": [item], "comment": "!", "user_id": "u1",
         "item_i": 0},
        {"annotation": [{"A": other, "B": one}], "actions": [], "item": [second], "user_id": "u2", "item_i": 1},
        {"annotation": [None], "actions": [], "item": [check], "user_id": "u2", "item_i": "welcome_1"},
    ]  # fmt: skip
    progress = {
        name: {"progress": ["completed", None], "time": 9.5, "token_correct": "a", "note": None}
        for name in ("u1", "u2")
    }
    return campaign, log, progress


def test_pearmuts_files_come_in_and_go_out_the_same(engine: Engine, tmp_path: Path) -> None:
    campaign, log, progress = foreign()
    task = {**campaign, "campaign_id": "tasks", "info": {"assignment": "task-based", "protocol": "cESA"}}
    task["data"] = {"u1": campaign["data"], "u2": campaign["data"][:1]}
    (tmp_path / "in").mkdir()
    given = {
        "campaigns.json": [campaign, task],
        "annotations.json": {"old": log, "tasks": log[3:4]},
        "progress.json": {"old": progress, "tasks": progress},
    }
    for name, content in given.items():
        (tmp_path / "in" / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    read = pearmut.read_pearmut(*(tmp_path / "in" / name for name in given))
    for at, one in enumerate(read):
        with writing(engine) as connection:
            known, is_new = keeping.add_campaign(
                connection, one.name, one.info, one.documents, one.annotators, rest=one.rest
            )
            assert is_new
            keeping.add_judgements(connection, known, one.judgements)
            written = keeping.read_documents(connection, known), keeping.annotators_of(connection, known)
            pearmut.write_pearmut(tmp_path / "out", known, *written, keeping.read_log(connection, known))
        got = {name: json.loads((tmp_path / "out" / name).read_text(encoding="utf-8")) for name in given}
        assert got["campaigns.json"] == [given["campaigns.json"][at]]
        assert list(got["campaigns.json"][0]["data"]) == list(given["campaigns.json"][at]["data"])
        for name in ("annotations.json", "progress.json"):
            assert got[name] == {one.name: given[name][one.name]}
    lines = tmp_path / "log.jsonl"
    lines.write_text("".join(json.dumps(line) + "\n" for line in log), encoding="utf-8")
    alone = pearmut.read_pearmut(tmp_path / "in" / "campaigns.json", lines)[0]
    assert alone.judgements == read[0].judgements
    with engine.connect() as connection:
        known = keeping.choose_campaign(connection, "old")
        found = opinions(known, keeping.read_log(connection, known))
    kept = [(one.annotator, one.system, one.score, one.domain, one.document) for one in found if one.ranks]
    assert kept == [
        ("u1", "A", 70, "news", "d1"), ("u1", "B", 90, "news", "d1"), ("u2", "A", 90, "law", "d2"),
        ("u2", "B", 70, "law", "d2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", "{}", '{"info": {"assignment": "x"}, "data": []}', '{"info": {}, "data": []}',
     '{"info": {"assignment": "dynamic"}, "data": [[1]]}', '{"info": {"assignment": "dynamic"}, "data": [[]]}'],
)  # fmt: skip
def test_what_is_no_campaign_of_pearmut_is_an_error(content: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        pearmut.read_pearmut(tmp_path / "c.json")


def test_keys_of_documents() -> None:
    for key in (0, 12, "welcome_0", "random_3", "goodbye_1"):
        assert item_key(*parse_item_key(key)) == key
    assert parse_item_key("3") == ("data", 3)
    for wrong in ("x_1", "welcome_", "welcome_-1", "", None, "data_9999999999", "²"):
        with pytest.raises(ValueError, match="no document"):
            parse_item_key(wrong)
    assert identify({"item_id": "a_#_news_#_d_#_4"}, 0) == ("d", "a_#_news_#_d_#_4", "news")
    assert identify({"item_id": "a", "doc_id": "d", "domain": "law"}, 0) == ("d", "a", "law")


def test_the_ranking_is_that_of_pearmuts_formula(engine: Engine, tmp_path: Path) -> None:
    """Pearmut ranks by the mean of the last score of each item, and draws a line by scipy's paired t-test."""
    campaign = made(engine, plan(), ["a", "b"], documents=20)
    noise = random.Random(3)
    judge_all(
        engine, campaign, "a", lambda system, _: {"Alpha": 80, "Beta": 79, "Gamma": 30}[system] + noise.randrange(9)
    )
    judge_all(
        engine, campaign, "b", lambda system, _: {"Alpha": 70, "Beta": 71, "Gamma": 30}[system] + noise.randrange(9)
    )
    found, documents, names, log = seen(engine, campaign)
    scores: dict[str, dict[str, float]] = {}
    for line in map(pearmut.line_of, log):
        for item, annotation in zip(line["item"], line["annotation"], strict=True):
            for system, opinion in annotation.items():
                scores.setdefault(system, {})[item["item_id"]] = opinion["score"]
    means = {system: np.mean(list(of_item.values())) for system, of_item in scores.items()}
    results = results_of(campaign, found, annotators(campaign, documents, names, log), test="t")
    assert {one.system: one.score for one in results.rankings[""]} == pytest.approx(means)
    for one in results.compared:
        common = sorted(scores[one.first])
        test = stats.ttest_rel([scores[one.first][x] for x in common], [scores[one.second][x] for x in common])
        assert one.p == pytest.approx(test.pvalue)
    assert [one.cluster for one in results.rankings[""]] == [1, 1, 2]
    mqm = list(mqm_rows(found))
    assert {row[7:] for row in mqm} == {("No-error", "No-error")}
    assert len(list(rows(found))) == len(found) == 120


def test_spans_become_what_mqm_costs_and_wmts_rows(engine: Engine) -> None:
    campaign = made(engine, plan(protocol="MQM"), ["a"], documents=1, passages=1)
    with writing(engine) as connection:
        turn = next_turn(connection, campaign, "a")
        assert turn is not None
        text = turn.document.items[0]["tgt"][turn.systems[0]]
        spans = [
            {"start_i": 0, "end_i": 3, "category": "Style", "severity": "minor"},
            {"start_i": len(text), "end_i": len(text), "category": "Accuracy/omission", "severity": "major"},
        ]
        line = {
            "annotation": [{turn.systems[0]: {"score": None, "error_spans": spans}}],
            "item": list(turn.document.items),
        }
        keeping.add_judgements(connection, campaign, [Judgement("a", *turn.document.key, AT, 1, line)])
    found = seen(engine, campaign)[0]
    assert [one.score for one in found] == [-6]
    assert [row[6:] for row in mqm_rows(found)] == [
        (f"<v>{text[:4]}</v>{text[4:]}", "Style", "Minor"),
        (f"{text}<v></v>", "Accuracy/omission", "Major"),
    ]


def test_spans_that_checks_suggest() -> None:
    suggest = by_checks(("kk", "en"))
    lost = {"src": "2024 жылы 15 адам келді.", "tgt": {"A": "People came 😀 in 2024, 16 of them."}}
    start = len(lost["tgt"]["A"].split("16")[0].encode("utf-16-le")) // 2
    assert [(one["start_i"], one["end_i"]) for one in suggest(lost, "A")] == [(start, start + 1)]
    copy = {"src": "Сот шешім шығарды деп хабарлады.", "tgt": {"A": "Сот шешім шығарды деп хабарлады."}}
    assert [(one["start_i"], one["severity"]) for one in suggest(copy, "A")] == [(0, "major")]
    made = suggest_spans([[{"item_id": str(n), **copy} for n in range(200)]], suggest, 0.5, 1)[0]
    assert 70 < sum(one.get("prefilled", False) for one in made) < 130
