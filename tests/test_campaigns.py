"""Campaigns in the store: made of texts, shared out, judged, exchanged with Pearmut, and what they come to."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from campaign_material import SYSTEMS, write_campaign
from lxml import html
from review_material import empty_database
from scipy import stats
from sqlalchemy import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner

from qosmatin.cli.campaign import app
from qosmatin.corpus.errors import InputError
from qosmatin.job.campaign_results import results_of
from qosmatin.review.app import make_app
from qosmatin.review.campaigns import keeping, pearmut
from qosmatin.review.campaigns.assigning import draw_near, find_turn, how_far, next_turn
from qosmatin.review.campaigns.building import Plan, build
from qosmatin.review.campaigns.checking import check_annotation, unmet, validations
from qosmatin.review.campaigns.model import RULES, Campaign, Document, Judgement, identify, item_key, parse_item_key
from qosmatin.review.campaigns.results import agreement, agreement_with_oneself, alpha, annotators, opinions
from qosmatin.review.campaigns.suggesting import by_checks, suggest_spans
from qosmatin.review.campaigns.tables import mqm_rows, rows
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import MissingError, RefusedError
from qosmatin.review.store.database import open_database, sqlite_url, writing

AT = "2026-11-29T10:00:00.000Z"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


def material(documents: int = 6, passages: int = 2, systems: tuple[str, ...] = SYSTEMS) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "item_id": f"d{number}:{place}",
                "doc_id": f"d{number}",
                "src": f"source {number} {place}",
                "tgt": {system: f"{system} of {number} {place}" for system in systems},
            }
            for place in range(1, passages + 1)
        ]
        for number in range(documents)
    ]


def made(engine: Engine, plan: Plan, names: list[str], **more: Any) -> Campaign:
    info, documents = build(plan, material(**more), names)
    with writing(engine) as connection:
        return keeping.add_campaign(connection, "trial", info, documents, {name: {} for name in names})[0]


def plan(**more: Any) -> Plan:
    return Plan(**{"protocol": "cESA", "languages": ("kk", "en"), **more})


def judge(engine: Engine, campaign: Campaign, annotator: str, score: Any) -> Document | None:
    """Judge what somebody is given next; ``score`` gives a number for a system and an item."""
    with writing(engine) as connection:
        turn = next_turn(connection, campaign, annotator)
        if turn is None:
            return None
        assert next_turn(connection, campaign, annotator) == turn  # until it is judged
        items = turn.document.items
        annotation = [
            {one: {"score": score(one, item), "error_spans": [], "textfield": None} for one in turn.systems}
            for item in items
        ]
        line: dict[str, Any] = {
            "annotation": annotation,
            "item": list(items),
            "actions": [{"time": 1.0}, {"time": 31.0}],
        }
        if any("validation" in item for item in items):
            line["validations"] = validations(items, annotation)
        said = Judgement(annotator, *turn.document.key, AT, 30.0, line)
        keeping.add_judgements(connection, campaign, [said])
    return turn.document


def judge_all(engine: Engine, campaign: Campaign, annotator: str, score: Any) -> list[Document]:
    documents = []
    while (document := judge(engine, campaign, annotator, score)) is not None:
        documents.append(document)
    return documents


def seen(engine: Engine, campaign: Campaign) -> tuple[list[Any], list[Document], list[str], list[Judgement]]:
    with engine.connect() as connection:
        log = keeping.read_log(connection, campaign)
        return (
            opinions(campaign, log),
            keeping.read_documents(connection, campaign),
            list(keeping.annotators_of(connection, campaign)),
            log,
        )


@pytest.mark.parametrize(
    ("protocol", "sets"),
    [("cESA", [3]), ("ESA", [1, 1, 1]), ("DA", [1, 1, 1]), ("MQM", [1, 1, 1]), ("pairwise", [2, 2, 2])],
)
def test_what_is_judged_together(protocol: Any, sets: list[int]) -> None:
    _, documents = build(plan(protocol=protocol, overlap=2), material(), ["a", "b"])
    units = [one for one in documents if one.part == "data" and one.owner == "a"]
    assert sorted(len(one.systems) for one in units) == sorted(sets * 6)
    assert Counter(system for one in units for system in one.systems).most_common()[0][1] == len(units) * sum(sets) // (
        3 * len(sets)
    )
    whole = [[item["item_id"] for item in one.items] for one in units]
    assert all(names == [f"{names[0][:-1]}{place}" for place in (1, 2)] for names in whole)  # documents stay whole
    assert build(plan(protocol=protocol, overlap=2), material(), ["a", "b"])[1] == documents
    assert build(plan(protocol=protocol, overlap=2, seed=2), material(), ["a", "b"])[1] != documents


@pytest.mark.parametrize(
    ("more", "names", "told"),
    [
        ({"overlap": 3}, ["a", "b"], "overlap 3"),
        ({"calibration": 6}, ["a"], "leave none"),
        ({}, [f"a{n}" for n in range(9)], "nothing for annotator"),
    ],
)
def test_too_little_of_something(more: dict[str, Any], names: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        build(plan(**more), material(), names)


def test_a_campaign_from_beginning_to_end(engine: Engine) -> None:
    campaign = made(engine, plan(overlap=2, calibration=1, checks=2, checks_every=2), ["a", "b"])
    quality = {"Alpha": 80, "Beta": 60, "Gamma": 40}

    def good(system: str, item: Any) -> int:
        spoiled = system in item.get("validation", {})
        return 5 if spoiled else quality[system] + len(item["src"]) % 3 + int(item["item_id"][1])

    def careless(system: str, item: Any) -> int:
        return 100 - good(system, item) if "validation" not in item else 90

    order = [one.part for one in judge_all(engine, campaign, "a", good)]
    assert order == ["welcome", "data", "data", "random", "data", "data", "random", "data", "goodbye"]
    assert len(judge_all(engine, campaign, "b", careless)) == 9
    found, documents, names, log = seen(engine, campaign)
    with engine.connect() as connection:
        far = how_far(connection, campaign, "a")
    assert (far.done, far.total) == (7, 7)
    states = {one.annotator: one for one in annotators(campaign, documents, names, log)}
    assert (states["a"].checks, states["a"].failed, states["b"].failed) == (2, 0, 2)
    assert "checks failed" in states["b"].odd
    assert "unlike the others" in states["b"].odd
    assert states["a"].minutes == pytest.approx(9 * 0.5)
    results = results_of(campaign, found, list(states.values()), leave_out=["b"])
    assert [one.system for one in results.rankings[""]] == ["Alpha", "Beta", "Gamma"]
    assert all(one.items == 10 for one in results.rankings[""])  # five documents of two; no check, no calibration
    twice = agreement_with_oneself(found)
    assert (twice["a"].shared, twice["a"].alpha, twice["a"].ordered) == (6, 1.0, 1.0)
    assert agreement(found).ordered == 0


def test_the_agreement_is_that_of_the_library_and_of_counting() -> None:
    generator = np.random.default_rng(5)
    scores = generator.integers(0, 100, size=(12, 3)).astype(float)
    scores[generator.random(scores.shape) < 0.2] = np.nan
    units = [{f"a{at}": value for at, value in enumerate(row) if not np.isnan(value)} for row in scores]
    expected = krippendorff.alpha(reliability_data=scores.T, level_of_measurement="interval")
    assert alpha(units) == pytest.approx(expected)
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: interval data of four observers.
    n = np.nan
    published = np.array([
        [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
        [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
    ])  # fmt: skip
    units = [{str(at): value for at, value in enumerate(row) if not np.isnan(value)} for row in published.T]
    assert alpha(units) == pytest.approx(0.849, abs=5e-4)
    assert alpha([{"a": 1.0, "b": 1.0}]) is None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_stream_gives_each_document_to_so_many(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else empty_database(request.getfixturevalue("postgres"), "stream")
    engine = open_database(url)
    campaign = made(engine, plan(assignment="stream", overlap=2), ["a", "b", "c"])
    busy = ["a", "b", "c"]
    while busy:
        busy = [name for name in busy if judge(engine, campaign, name, lambda *_: 50) is not None]
    found, _, _, _ = seen(engine, campaign)
    counted = Counter(one.document for one in found if one.system == "Alpha" and one.item.endswith(":1"))
    assert set(counted.values()) == {2}
    assert len({(one.annotator, one.document) for one in found}) == 12
    engine.dispose()


def test_what_somebody_holds_is_not_given_to_others(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = made(engine, plan(assignment="stream"), ["a", "b"], documents=2)
    with writing(engine) as connection:
        first = next_turn(connection, campaign, "a")
        second = next_turn(connection, campaign, "b")
        assert first is not None
        assert second is not None
        assert first.document.place != second.document.place
        assert find_turn(connection, campaign, "a", "data", second.document.place) is None
    judge(engine, campaign, "b", lambda *_: 1)
    assert judge(engine, campaign, "b", lambda *_: 1) is None
    monkeypatch.setattr("qosmatin.review.campaigns.assigning._HELD", -__import__("datetime").timedelta(hours=1))
    late = judge(engine, campaign, "b", lambda *_: 1)  # whoever held it has gone
    assert late is not None
    assert late.place == first.document.place


def test_near_systems_meet_more_often(engine: Engine) -> None:
    scores = {"A": [80, 82, 78, 81], "B": [80, 79, 81, 80], "C": [20, 22, 21, 19]}
    drawn = Counter(tuple(sorted(draw_near(scores, list("ABC"), 2, random.Random(n)))) for n in range(600))
    assert drawn["A", "B"] > 500
    assert all(drawn[pair] > 0 for pair in combinations("ABC", 2))
    assert sorted(draw_near(scores, list("ABC"), 3, random.Random(1))) == ["A", "B", "C"]
    campaign = made(engine, plan(assignment="dynamic", overlap=2), ["a", "b"], documents=40, passages=1)
    quality = {"Alpha": 90, "Beta": 90, "Gamma": 5}
    noise = random.Random(1)

    def score(system: str, _item: Any) -> int:
        return quality[system] + noise.randrange(5)

    pairs = Counter(
        tuple(sorted(next(iter(one.line["annotation"]))))
        for name in ("a", "b")
        if judge_all(engine, campaign, name, score)
        for one in seen(engine, campaign)[3]
        if one.annotator == name
    )
    assert all(len(pair) == 2 for pair in pairs)
    assert pairs["Alpha", "Beta"] > 2 * max(count for pair, count in pairs.items() if "Gamma" in pair)


TEXT = "Ақ 😀 сөз"  # nine UTF-16 code units, the last of them at 8


@pytest.mark.parametrize(
    ("protocol", "opinion", "told"),
    [
        ("ESA", {"score": 70, "spans": []}, None),
        ("ESA", {"score": 0, "spans": [{"start": 6, "end": 8, "severity": "minor"}]}, None),
        ("ESA", {"score": 0, "spans": [{"start": 9, "end": 9, "severity": "major"}]}, None),  # something is missing
        ("ESA", {"score": None, "spans": []}, "no score"),
        ("ESA", {"score": 101, "spans": []}, "0 to 100"),
        ("ESA", {"score": True, "spans": []}, "0 to 100"),
        ("ESA", {"score": 5.5, "spans": []}, "0 to 100"),
        ("ESA", {"score": 5, "spans": [{"start": 5, "end": 10, "severity": "minor"}]}, "outside"),
        ("ESA", {"score": 5, "spans": [{"start": 8, "end": 9, "severity": "minor"}]}, "outside"),
        ("ESA", {"score": 5, "spans": [{"start": 3, "end": 2, "severity": "minor"}]}, "outside"),
        ("ESA", {"score": 5, "spans": ["x"]}, "outside"),
        ("ESA", {"score": 5, "spans": [{"start": 1, "end": 2, "severity": "critical"}]}, "severity"),
        ("ESA", {"score": 5, "spans": [{"start": 0, "end": 2, "severity": "minor"}] * 2}, "over each other"),
        ("ESA", "x", "reload"),
        ("MQM", {"spans": [{"start": 0, "end": 1, "severity": "critical", "category": "Style"}]}, None),
        ("MQM", {"spans": [{"start": 0, "end": 1, "severity": "critical", "category": "Taste"}]}, "category"),
        ("pairwise", {"score": 100}, None),
        ("pairwise", {"score": 70}, "which translation"),
    ],
)
def test_what_makes_no_annotation_is_refused(protocol: str, opinion: Any, told: str | None) -> None:
    items = [{"tgt": {"A": TEXT}}]
    if told is None:
        found = check_annotation(RULES[protocol], items, ["A"], [[opinion]])
        assert [span["start_i"] for span in found[0]["A"]["error_spans"]] == [
            span["start"] for span in opinion.get("spans", [])
        ]
        return
    with pytest.raises(RefusedError, match=told):
        check_annotation(RULES[protocol], items, ["A"], [[opinion]])


def test_a_choice_is_of_two() -> None:
    items = [{"tgt": {"A": "a", "B": "b"}}]
    for scores in ((100, 0), (50, 50)):
        check_annotation(RULES["pairwise"], items, ["A", "B"], [[{"score": one} for one in scores]])
    with pytest.raises(RefusedError, match="better"):
        check_annotation(RULES["pairwise"], items, ["A", "B"], [[{"score": 100}, {"score": 100}]])
    with pytest.raises(RefusedError, match="reload"):
        check_annotation(RULES["pairwise"], items, ["A", "B"], [])


@pytest.mark.parametrize(
    ("rule", "score", "spans", "met"),
    [
        ({"score": [70, 80]}, 70, [], True),
        ({"score": [70, 80]}, 81, [], False),
        ({"score_greaterthan": "B"}, 51, [], True),
        ({"score_greaterthan": "B"}, 50, [], False),
        ({"error_spans": [{"start_i": [0, 2], "end_i": [4, 8], "severity": "minor"}]}, 1, [(1, 5, "minor")], True),
        ({"error_spans": [{"start_i": [0, 2], "end_i": [4, 8], "severity": "minor"}]}, 1, [(1, 5, "major")], False),
        ({"error_spans": [{"start_i": 3}]}, 1, [(3, 5, "major")], True),
        ({"error_spans": [{}]}, 1, [], False),
        ([{"score": [0, 9]}, {"score": [5, 20], "warning": "!"}], 4, [], False),
    ],
)
def test_what_is_expected(rule: Any, score: int, spans: list[tuple[int, int, str]], met: bool) -> None:
    kept = [{"start_i": start, "end_i": end, "severity": severity} for start, end, severity in spans]
    annotation = [{"A": {"score": score, "error_spans": kept}, "B": {"score": 50, "error_spans": []}}]
    items = [{"tgt": {"A": "", "B": ""}, "validation": {"A": rule}}]
    assert (unmet(items, annotation) == []) is met
    assert validations(items, annotation) == [met]


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


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_the_commands(tmp_path: Path) -> None:
    config = write_campaign(tmp_path, overlap=2, suggestions={"share": 1.0}, passages=1)
    first = run("new", str(config), "--address", "https://judge.example.org")
    assert first.exit_code == 0, first.output
    links = [line.split("\t") for line in first.stdout.splitlines()]
    assert [line[:2] for line in links] == [["aigul", "r1"], ["dias", "r2"]]
    assert all(line[2].startswith("https://judge.example.org/invitation/") for line in links)
    again = run("new", str(config))
    assert [line.split("\t")[:2] for line in again.stdout.splitlines()] == [line[:2] for line in links]
    other = write_campaign(tmp_path, overlap=1)
    with pytest.raises(InputError, match="another campaign 'trial'"):
        CliRunner().invoke(app, ["new", str(other)], catch_exceptions=False)
    store = tmp_path / "store"
    assert json.loads(run("results", str(store), "-f", "json").stdout)["ranking"] == []
    engine = open_database(sqlite_url(store))
    with engine.connect() as connection:
        campaign = keeping.choose_campaign(connection, None)
    for name, extra in (("r1", 0), ("r2", 3)):
        judge_all(engine, campaign, name, lambda system, _, extra=extra: 30 * len(system) - 60 + extra)
    engine.dispose()
    shown = json.loads(run("results", str(store), "-f", "json").stdout)
    assert [one["system"] for one in shown["ranking"]] == ["Alpha", "Gamma", "Beta"]
    assert set(shown["ranking_by_domain"]) == {"law", "news"}
    assert "r1: 4 of 4 documents" in run("results", str(store)).stdout
    assert run("results", str(store), "-f", "markdown").stdout.startswith("**trial**\n\n| cluster | rank | system")
    latex = run("results", str(store), "-f", "latex", "--test", "t").stdout
    assert f"% qosmatin campaign results {store} --campaign trial --test t\n" in latex
    assert latex.count("\\begin{table}") == 3  # the whole, and two domains
    best = shown["ranking"][0]
    assert f" & Alpha & {best['score']:.2f} & {best['interval']['low']:.2f} to " in latex
    page = html.fromstring(run("results", str(store), "-f", "html").stdout)
    assert [one.text for one in page.xpath("(//table)[1]/tbody/tr/th")] == ["Alpha", "Gamma", "Beta"]
    assert [one.text for one in page.iter("caption")] == ["trial", "law", "news"]
    table = json.loads(run("metrics", str(store), "--metric", "chrf++", "-f", "json").stdout)
    assert [(one["metric"], one["systems"]["systems"], one["segments"]["items"]) for one in table] == [("chrF++", 3, 4)]
    scores = tmp_path / "scores.tsv"
    items = [f"d{n}:1" for n in range(1, 5)]
    lengths = [f"length\t{system}\t{item}\t{len(system)}\n" for system in SYSTEMS for item in items]
    scores.write_text("metric\tsystem\titem\tscore\n" + "".join(lengths), encoding="utf-8")
    (found,) = json.loads(run("metrics", str(store), "--scores", str(scores), "-f", "json").stdout)
    assert (found["systems"]["accuracy"], found["segments"]["accuracy"]) == (1.0, 1.0)
    assert run("export", str(store), "-o", str(tmp_path / "pearmut"), "-f", "pearmut").exit_code == 0
    copy = run(
        "import", str(tmp_path / "copy"), str(tmp_path / "pearmut" / "campaigns.json"),
        "--annotations", str(tmp_path / "pearmut" / "annotations.json"),
        "--progress", str(tmp_path / "pearmut" / "progress.json"),
    )  # fmt: skip
    assert copy.exit_code == 0, copy.output
    theirs = json.loads(run("results", str(tmp_path / "copy"), "-f", "json").stdout)
    assert theirs == shown
    for format_, lines in (("jsonl", 24), ("tsv", 25), ("mqm", 25)):
        assert run("export", str(store), "-o", str(tmp_path / format_), "-f", format_).exit_code == 0
        assert len((tmp_path / format_).read_text(encoding="utf-8").splitlines()) == lines
    row = json.loads((tmp_path / "jsonl").read_text(encoding="utf-8").split("\n")[0])
    assert (row["campaign"], row["protocol"], row["part"], row["prefilled"]) == ("trial", "cESA", "data", True)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"doc_id": "d1"}], "a line has doc_id and hypothesis"),
        ([{"doc_id": "d1", "hypothesis": "x"}] * 2, "stands here twice"),
        ([{"doc_id": "d1", "hypothesis": "x"}], "Beta has no document 'd2'"),
        ([], "empty"),
    ],
)
def test_a_system_with_faults(rows: list[dict[str, str]], told: str, tmp_path: Path) -> None:
    config = write_campaign(tmp_path)
    (tmp_path / "Beta.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        CliRunner().invoke(app, ["new", str(config)], catch_exceptions=False)
    assert not (tmp_path / "store").exists()


def test_passages_that_do_not_go_together_are_judged_as_one(tmp_path: Path) -> None:
    from qosmatin.config.campaign import CampaignConfig
    from qosmatin.config.yaml_models import read_model
    from qosmatin.job.campaign_material import read_material

    config = write_campaign(tmp_path, documents=3)
    found = read_material(read_model(config, CampaignConfig))
    assert [len(items) for items in found] == [2, 2, 2]
    assert found[0][1]["tgt"]["Beta"] == "A 😀 part,\nd1."
    rows = [{"doc_id": f"d{n}", "hypothesis": "<p>All in one,<br>twice.</p>"} for n in range(1, 4)]
    (tmp_path / "Beta.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = read_material(read_model(config, CampaignConfig))
    assert [len(items) for items in found] == [1, 1, 1]
    assert found[0][0]["tgt"]["Beta"].strip() == "All in one,\ntwice."


def test_unknown_campaigns(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(MissingError):
        keeping.find_campaign(connection, 7)
    with engine.connect() as connection, pytest.raises(InputError, match="campaign new"):
        keeping.choose_campaign(connection, None)


def test_the_page_refuses_what_makes_no_sense(engine: Engine) -> None:
    campaign = made(engine, plan(protocol="ESA"), ["r1", "r2"], documents=2, passages=1)
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    page = client.get("/campaign/1")
    assert page.status_code == 200
    assert not re.search("Alpha|Beta|Gamma", re.sub(r">[^<]* of \d \d<", "><", page.text))  # only in their own words
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token is not None
    headers = {"Origin": "http://127.0.0.1:8765", "X-CSRF-Token": token.group(1)}
    for address in ("/campaign/9", "/campaign/1?at=x", "/campaign/1?at=welcome_3"):
        assert client.get(address).status_code == 404, address
    whole = [[{"score": 7, "spans": []}]]
    right = {"document": "0", "annotation": whole, "actions": [{"time": 1.0, "action": "load"}]}
    bodies: list[tuple[Any, int]] = [
        ([], 400), (5, 400), ("x", 400), ({}, 404), ({"document": None}, 404), ({"document": {}}, 404),
        ({"document": "1", "annotation": whole, "actions": []}, 404),  # it was not given yet
        ({**right, "annotation": 5}, 422), ({**right, "annotation": [[]]}, 422), ({**right, "annotation": [[5]]}, 422),
        ({**right, "annotation": [[{"score": 7, "spans": 5}]]}, 422), ({**right, "actions": 5}, 422),
        ({**right, "actions": [{"time": "x"}]}, 422), ({**right, "actions": [{"time": 1e300}]}, 422),
        ({**right, "skip": True, "annotation": None}, 422),
        ({**right, "actions": [{"time": 1, "index": 10**30, "column": 10**30, "value": True}], "comment": 5}, 200),
    ]  # fmt: skip
    for body, status in bodies:
        assert client.post("/campaign/1", json=body, headers=headers).status_code == status, body
    assert client.post("/campaign/1", json=right).status_code == 403
    other = TestClient(make_app(Review(engine), "r7", "news", 8765), base_url="http://127.0.0.1:8765")
    assert other.get("/campaign/1").status_code == 404  # who does not take part
    assert "campaign/1/progress" in other.get("/campaigns").text
    with engine.connect() as connection:
        (kept,) = keeping.read_log(connection, campaign)
    assert set(kept.line["annotation"][0].popitem()[1]) == {"score", "error_spans", "textfield"}
