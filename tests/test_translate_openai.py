"""The engine ``openai`` against a real server process that fails in every way."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")

from qosmatin.corpus.errors import EngineError, InputError, StoppedError
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.calling import Caller, ServerAnswer
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.openai_engine import OpenAISettings, Prices
from qosmatin.translate.opening import open_engine
from qosmatin.translate.pausing import retry_after
from qosmatin.translate.prompt import ReplyError, messages, read_plain, read_reply
from qosmatin.translate.tally import Tally

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


def answer(config, cache, texts=TEXTS, bearable=0.1):
    engine, tally = open_engine(config, "kk", "en"), Tally()
    requests = map(TranslationRequest, texts)
    try:
        with AnswerCache(cache) as answers:
            return list(translate_requests(requests, engine, answers, tally, bearable=bearable)), tally
    finally:
        engine.close()


def translate(config, cache, texts=TEXTS):
    answers, tally = answer(config, cache, texts)
    return [one.text for one in answers], tally


def reply(count):
    return json.dumps({"translations": [{"id": number, "text": "x"} for number in range(1, count + 1)]})


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
    with server(log, *[""] * 3, "always", "400") as url, pytest.raises(StoppedError, match="400: broken"):
        translate(settings(url, parallel=1), tmp_path / "a.sqlite")
    answered = log.read_text().split("\n")[:-1]
    assert len(answered) == 12
    with server(log) as url:
        found, tally = translate(settings(url), tmp_path / "a.sqlite")
    assert found == [text.upper() for text in TEXTS]
    assert tally.asked == len(TEXTS) - 12
    assert sorted(log.read_text().split("\n")[:-1]) == sorted(TEXTS)


POISONED = {
    "refusal": "I will not",
    "null": "the reply is empty",
    "filter": "content_filter",
    "long": "asked plainly",
    "sorry": "I can't help",
    "think": "no translation",
    "parts": "the reply is empty",
    "none": "no chat completion",
    "azure": "the server says 400: The prompt triggered our policy.",
    "crash": "the server says 500: CUDA error",
}


@pytest.mark.parametrize("sentences", [1, 4])
@pytest.mark.parametrize("poison", POISONED)
def test_one_sentence_stops_nothing_and_has_the_servers_reason(tmp_path, poison, sentences):
    texts = [f"{text} ({poison})" if index == 6 else text for index, text in enumerate(TEXTS[:12])]
    with server(tmp_path / "log") as url:
        config = settings(url, sentences=sentences, retries=0)
        answers, tally = answer(config, tmp_path / "a.sqlite", texts)
        assert [one.text for one in answers] == ["" if index == 6 else text.upper() for index, text in enumerate(texts)]
        assert [one.flags for one in answers] == [("unreadable",) if index == 6 else () for index in range(12)]
        assert [bool(one.reason) for one in answers] == [index == 6 for index in range(12)]
        assert POISONED[poison] in answers[6].reason
        assert (tally.asked, tally.failed) == (12, 1)
        # It is not asked for again, until a person says so.
        assert answer(config, tmp_path / "a.sqlite", texts)[1].asked == 0
        with AnswerCache(tmp_path / "a.sqlite") as cache:
            cache.forget_failures()
        assert answer(config, tmp_path / "a.sqlite", texts)[1].asked == 1


def test_the_responses_api_is_asked_and_read_as_chat_is(tmp_path):
    texts = [f"сөйлем {index} ({word})" for index, word in enumerate(("fine", "refusal", "null", "filter", "long"))]
    texts += [f"тағы {index} ({word})" for index, word in enumerate(("parts", "none", "azure", "chatty"))]
    reasons = [None, "I will not", "the reply is empty", "content_filter", "asked plainly"]
    reasons += ["the reply is empty", "no response", "the server says 400", None]
    with server(tmp_path / "log", "", "fenced") as url:
        config = settings(url, api="responses", retries=0, prices=Prices(per_million_in=1e6))
        answers, tally = answer(config, tmp_path / "a.sqlite", texts, bearable=1)
    for one, text, reason in zip(answers, texts, reasons, strict=True):
        assert one.text == ("" if reason else text.upper())
        assert (reason or "") in one.reason
    assert tally.cost == tally.tokens_in > 0


def test_a_sentence_of_which_the_server_only_chats_is_asked_for_plainly(tmp_path):
    texts = [*TEXTS[:6], "сөйлем (chatty)"]
    with server(tmp_path / "log") as url:
        answers, tally = answer(settings(url), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers] == [text.upper() for text in texts]
    assert tally.failed == 0


@pytest.mark.parametrize("way", ["think", "around", "fenced", "unenforced"])
def test_replies_that_obey_no_schema_are_read(tmp_path, way):
    with server(tmp_path / "log", "always", way) as url:
        found, tally = translate(settings(url), tmp_path / "a.sqlite", TEXTS[:9])
    assert found == [text.upper() for text in TEXTS[:9]]
    assert tally.failed == 0


@pytest.mark.parametrize(
    ("bearable", "bad", "stops"), [(0.1, 10, False), (0.1, 11, True), (0.0, 1, True), (1, 39, False)]
)
def test_a_job_bears_a_share_of_failures(tmp_path, bearable, bad, stops):
    texts = [f"{text} (filter)" if index < bad else text for index, text in enumerate(TEXTS)]
    with server(tmp_path / "log") as url:
        config = settings(url, parallel=1)
        if stops:
            with pytest.raises(StoppedError, match=r"more than the job bears .*content_filter"):
                answer(config, tmp_path / "a.sqlite", texts, bearable)
        else:
            assert answer(config, tmp_path / "a.sqlite", texts, bearable)[1].failed == bad


def test_what_failed_before_a_job_stopped_is_asked_for_again(tmp_path):
    with server(tmp_path / "log", "always", "400") as url, pytest.raises(StoppedError):
        translate(settings(url), tmp_path / "a.sqlite")
    with server(tmp_path / "log") as url:
        assert translate(settings(url), tmp_path / "a.sqlite")[0] == [text.upper() for text in TEXTS]


@pytest.mark.parametrize("count", [1, 2])
def test_a_job_of_which_nothing_succeeds_stops(tmp_path, count):
    texts = [f"{text} (filter)" for text in TEXTS[:count]]
    with server(tmp_path / "log") as url:
        if count == 1:  # a single sentence stops nothing
            assert translate(settings(url), tmp_path / "a.sqlite", texts)[0] == [""]
        else:
            with pytest.raises(StoppedError, match="2 of 2"):
                translate(settings(url), tmp_path / "a.sqlite", texts)


def test_a_quota_that_is_spent_is_not_tried_again(tmp_path):
    started = time.monotonic()
    with (
        server(tmp_path / "log", "", "always", "quota") as url,
        pytest.raises(StoppedError, match="exceeded your quota"),
    ):
        translate(settings(url, parallel=1, retries=20), tmp_path / "a.sqlite")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("fault", ["drip", "drip-head"])
def test_an_answer_that_drips_has_a_deadline(tmp_path, fault):
    started = time.monotonic()
    with server(tmp_path / "log", fault) as url:
        assert translate(settings(url), tmp_path / "a.sqlite", TEXTS[:1])[0] == [TEXTS[0].upper()]
    assert time.monotonic() - started < 6


def test_an_answer_is_cut_off_beyond_a_size(tmp_path):
    with server(tmp_path / "log", "always", "huge") as url:
        (one,), _ = answer(settings(url, timeout=30), tmp_path / "a.sqlite", TEXTS[:1])
    assert "cut off" in one.reason


def test_a_redirect_does_not_get_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with (
        server(tmp_path / "other") as elsewhere,
        server(tmp_path / "log", f"redirect={elsewhere}") as url,
        pytest.raises(EngineError, match=f"sends us on to {elsewhere}"),
    ):
        translate(settings(url), tmp_path / "a.sqlite", TEXTS[:1])
    assert not (tmp_path / "other").read_text()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, None), ("", None), ("7", 7), ("0.25", 0.25), ("-5", None), ("1e9", None), ("inf", None), ("nan", None),
        ("soon", None), ("3600", 300), ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("Wed, 99 Foo", None),
    ],
)  # fmt: skip
def test_how_long_a_server_bids_to_wait(said, seconds):
    assert retry_after(said) == seconds


def test_a_date_to_wait_for():
    soon = datetime.now(UTC) + timedelta(seconds=20)
    assert 17 < (retry_after(format_datetime(soon, usegmt=True)) or 0) <= 20


@pytest.mark.parametrize("wait", ["1e9", "-3", "Wed; 21 Oct 2015 07:28:00 GMT"])
def test_nonsense_to_wait_for_is_nothing_said(tmp_path, wait):
    started = time.monotonic()
    with server(tmp_path / "log", f"wait={wait}") as url:
        translate(settings(url), tmp_path / "a.sqlite", TEXTS[:1])
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {"temperature": 0.0, "max_tokens": 4096}),
        ({"temperature": None, "max_completion_tokens": 99}, {"max_completion_tokens": 99}),
        ({"reasoning_effort": "low"}, {"temperature": 0.0, "max_tokens": 4096, "reasoning_effort": "low"}),
        ({"extra_body": {"top_k": 1, "max_tokens": 7}}, {"temperature": 0.0, "max_tokens": 7, "top_k": 1}),
        ({"api": "responses"}, {"temperature": 0.0, "max_output_tokens": 4096, "store": False}),
        (
            {"api": "responses", "reasoning_effort": "low", "temperature": None, "max_completion_tokens": 9},
            {"max_output_tokens": 9, "store": False, "reasoning": {"effort": "low"}},
        ),
    ],
)
def test_options_go_into_each_call(monkeypatch, options, fields):
    sent = []

    def post(_self, path, body, _before):
        sent.append((path, body))
        said = {"type": "message", "content": [{"type": "output_text", "text": reply(1)}]}
        return ServerAnswer(200, {}, {"choices": [{"message": {"content": reply(1)}}], "output": [said]}, "")

    monkeypatch.setattr(Caller, "post", post)
    config = settings("http://127.0.0.1:9/v1", **options)
    config.open("kk", "en").translate([TranslationRequest("а")])
    ((path, body),) = sent
    assert path == ("/responses" if "api" in options else "/chat/completions")
    asked = {"model", *(("input", "text") if "api" in options else ("messages", "response_format"))}
    assert asked <= body.keys()
    assert {name: value for name, value in body.items() if name not in asked} == fields
    plain = settings("http://127.0.0.1:9/v1")
    assert (config.spec("kk", "en").key == plain.spec("kk", "en").key) is (not options)


def test_headers_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("QOSMATIN_TEST_KEY", "abc")
    config = settings("http://127.0.0.1:9/v1", extra_headers={"api-key": "$QOSMATIN_TEST_KEY", "X-Title": "us"})
    client = config.open("kk", "en")._caller._client
    assert (client.headers["api-key"], client.headers["x-title"]) == ("abc", "us")
    with pytest.raises(InputError, match="QOSMATIN_NO_KEY"):
        settings("http://127.0.0.1:9/v1", extra_headers={"api-key": "$QOSMATIN_NO_KEY"}).open("kk", "en")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("The court.", "The court."),
        (" The court. \n", "The court."),
        ("<think>a\nb</think>\nThe court.", "The court."),
        ("```\nThe court.\n```", "The court."),
        ("Here is the translation:\n\nThe court.", "The court."),
        ('{"translations": [{"id": 1, "text": "The court."}]}', "The court."),
        ("I can't go.", "I can't go."),
        ("Sorry, I am late.", "Sorry, I am late."),
        ("", None),
        ("<think>The court", None),
        ("The court.\n\nNote: 'court' may be 'trial'.", None),
        ("I'm sorry, but I can't assist with that request.", None),
        ("Sure! Here is your translation.", None),
        ('{"error": "no"}', None),
    ],
)
def test_a_plain_reply(said, text):
    if text is None:
        with pytest.raises(ReplyError):
            read_plain(said)
    else:
        assert read_plain(said) == text


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
