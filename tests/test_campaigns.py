"""Campaigns in the store: made of texts, shared out, judged, and what they come to."""

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
from campaign_desk import judge, judge_all, made, material, plan, seen
from review_material import empty_database
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.corpus.errors import InputError
from qosmatin.job.campaign_results import results_of
from qosmatin.review.app import make_app
from qosmatin.review.campaigns import keeping
from qosmatin.review.campaigns.assigning import draw_near, find_turn, how_far, next_turn
from qosmatin.review.campaigns.building import build
from qosmatin.review.campaigns.results import agreement, agreement_with_oneself, alpha, annotators
from qosmatin.review.editing.operations import Review
from qosmatin.review.store.database import open_database, sqlite_url, writing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


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
