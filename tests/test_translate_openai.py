"""The engine ``openai`` against a real server process that fails in every way."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")

from qosmatin.corpus.errors import EngineError, InputError, StoppedError
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import Tally, translate_requests
from qosmatin.translate.openai_engine import OpenAISettings, Prices
from qosmatin.translate.opening import open_engine
from qosmatin.translate.prompt import ReplyError, messages, read_reply

TEXTS = [f"сөйлем {number}" for number in range(40)]


@contextmanager
def server(log, *faults):
    script = Path(__file__).with_name("failing_server.py")
    process = subprocess.Popen([sys.executable, script, log, ",".join(faults)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        process.communicate()


def settings(url, **more):
    plain = {"sentences": 4, "parallel": 3, "timeout": 1.0}
    return OpenAISettings(engine="openai", model="stub", url=url, **(plain | more))


def translate(config, cache, texts=TEXTS):
    engine, tally = open_engine(config, "kk", "en"), Tally()
    try:
        with AnswerCache(cache) as answers:
            return [
                one.text for one in translate_requests(map(TranslationRequest, texts), engine, answers, tally)
            ], tally
    finally:
        engine.close()


def test_nothing_is_lost_or_asked_again_whatever_the_server_does(tmp_path):
    log = tmp_path / "log"
    faults = [
        "slow",
        "429",
        "500",
        "cut",
        "fewer",
        "twice",
        "garbage",
        "html",
        "empty",
        "fenced",
        "429",
        "500",
        "fewer",
    ]
    with server(log, *faults) as url:
        found, tally = translate(settings(url), tmp_path / "a.sqlite")
        assert found == [text.upper() for text in TEXTS]
        assert tally.asked == len(TEXTS)
        assert translate(settings(url), tmp_path / "a.sqlite")[0] == found
    assert sorted(log.read_text().split("\n")[:-1]) == sorted(TEXTS)


def test_a_server_that_goes_away_costs_what_was_not_answered(tmp_path):
    log = tmp_path / "log"
    with server(log, *[""] * 3, *["400"] * 50) as url, pytest.raises(EngineError, match="400"):
        translate(settings(url, parallel=1), tmp_path / "a.sqlite")
    answered = log.read_text().split("\n")[:-1]
    assert len(answered) == 12
    with server(log) as url:
        found, tally = translate(settings(url), tmp_path / "a.sqlite")
    assert found == [text.upper() for text in TEXTS]
    assert tally.asked == len(TEXTS) - 12
    assert sorted(log.read_text().split("\n")[:-1]) == sorted(TEXTS)


def test_tries_come_to_an_end(tmp_path):
    with server(tmp_path / "log", *["500"] * 20) as url, pytest.raises(EngineError, match=r"attempt 2: .* 500"):
        translate(settings(url, retries=1, parallel=1), tmp_path / "a.sqlite")


def test_retry_after_is_obeyed(tmp_path):
    with server(tmp_path / "log", "429", "429") as url:
        started = time.monotonic()
        translate(settings(url), tmp_path / "a.sqlite", TEXTS[:1])
        assert time.monotonic() - started >= 0.6


def test_calls_keep_the_rate_limit(tmp_path):
    with server(tmp_path / "log") as url:
        started = time.monotonic()
        translate(settings(url, per_minute=600, sentences=1), tmp_path / "a.sqlite", TEXTS[:6])
        assert time.monotonic() - started >= 0.5


def test_a_budget_stops_cleanly_and_a_later_run_goes_on(tmp_path):
    log = tmp_path / "log"
    with server(log) as url:
        costly = settings(url, parallel=1, prices=Prices(per_million_in=1e5, per_million_out=2e5), budget=10)
        with pytest.raises(StoppedError, match="budget"):
            translate(costly, tmp_path / "a.sqlite")
        answered = len(log.read_text().split("\n")) - 1
        assert answered == 8  # 2 a sentence, 4 sentences a call: spent after the second
        with pytest.raises(StoppedError):
            translate(costly, tmp_path / "a.sqlite")
        free = costly.model_copy(update={"budget": None})
        assert translate(free, tmp_path / "a.sqlite")[0] == [text.upper() for text in TEXTS]
    assert sorted(log.read_text().split("\n")[:-1]) == sorted(TEXTS)


def test_replies_of_no_use_are_counted(tmp_path):
    with server(tmp_path / "log", "garbage", "garbage", "", "fewer", "") as url:
        costly = settings(url, parallel=1, prices=Prices(per_million_in=1e5, per_million_out=2e5))
        found, tally = translate(costly, tmp_path / "a.sqlite", TEXTS[:4])
    assert found == [text.upper() for text in TEXTS[:4]]
    # Each call took 10 tokens in and 5 out a sentence of its reply: 4 + 4 + 2 + 1 + 2 of them.
    assert (tally.tokens_in, tally.tokens_out, tally.cost) == (130, 65, pytest.approx(26))


def test_no_server_is_an_error_of_the_engine(tmp_path):
    with pytest.raises(EngineError, match="ConnectError"):
        translate(settings("http://127.0.0.1:9/v1", retries=0), tmp_path / "a.sqlite")


def test_the_prompt_has_context_and_the_terms(monkeypatch):
    request = TranslationRequest("Сот өтті.", ("Бірінші.",), (("сот", "court"),))
    system, user = messages([request], "kk", "en", "Plain style.")
    assert "from Kazakh into English" in system["content"]
    assert system["content"].endswith("Plain style.")
    for part in ("Сот өтті.", "Бірінші.", "court"):
        assert part in user["content"]


@pytest.mark.parametrize(
    "content",
    [
        "no",
        "[]",
        "{}",
        '{"translations": []}',
        '{"translations": [{"id": 1, "text": "a"}]}',
        '{"translations": [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]}',
        '{"translations": [{"id": 1, "text": "a"}, {"id": 3, "text": "b"}]}',
        '{"translations": [{"id": 1, "text": "a"}, {"id": 2, "text": null}]}',
        '{"translations": ["a", "b"]}',
    ],
)
def test_a_reply_without_just_what_was_asked_is_refused(content):
    with pytest.raises(ReplyError):
        read_reply(content, 2)


def test_a_reply_may_come_in_any_order():
    rows = '{"translations": [{"id": 2, "text": "b"}, {"id": 1, "text": "a"}]}'
    assert read_reply(rows, 2) == ["a", "b"]


def test_a_key_that_cannot_be_sent_is_named(monkeypatch):
    monkeypatch.setenv("QOSMATIN_TEST_KEY", "кілт")
    with pytest.raises(InputError, match="QOSMATIN_TEST_KEY"):
        open_engine(settings("http://127.0.0.1:9/v1", key_variable="QOSMATIN_TEST_KEY"), "kk", "en").get()
