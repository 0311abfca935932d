"""Translation services, each against a local server that speaks its protocol and fails as services do."""

import json
import time

import pytest

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")
pytest.importorskip("deepl", reason="the extra 'services' is not installed")
pytest.importorskip("boto3", reason="the extra 'services' is not installed")
pytest.importorskip("google.cloud.translate_v3", reason="the extra 'services' is not installed")

import deepl
import google.auth
from pydantic import TypeAdapter
from service_servers import KEYS, MORE, address, google_credentials, serving
from small_corpus import qosmatin_here

from qosmatin.corpus.errors import EngineError, InputError, StoppedError
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.engines import BUILT_IN
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.opening import open_engine
from qosmatin.translate.tally import Tally

SERVICES = ["yandex", "azure", "deepl", "google", "amazon"]
TEXTS = [f"сөйлем {number}" for number in range(20)]
QUOTA = {
    "yandex": (402, {"code": 9, "message": "billing account is blocked", "details": []}),
    "azure": (403, {"error": {"code": 403001, "message": "free quota exceeded"}}),
    "deepl": (456, {"message": "Quota exceeded"}),
}


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setattr(google.auth, "default", lambda *_args, **_more: (google_credentials(), "p"))
    monkeypatch.setattr(deepl.http_client._BackoffTimer, "BACKOFF_INITIAL", 0.05)


def settings(service, url, **more):
    plain = {"engine": service, "url": address(service, url), **MORE[service]}
    return TypeAdapter(BUILT_IN[service]).validate_python(plain | more)


def translate(config, cache, texts=TEXTS, glossary=()):
    engine, tally = open_engine(config, "kk", "en"), Tally()
    requests = [TranslationRequest(text, (), tuple(glossary)) for text in texts]
    try:
        with AnswerCache(cache) as answers:
            return list(translate_requests(requests, engine, answers, tally)), tally
    finally:
        engine.close()


@pytest.mark.parametrize("service", SERVICES)
def test_sentences_are_translated_and_characters_counted(tmp_path, service):
    with serving() as (url, served):
        answers, tally = translate(settings(service, url, price=20.0), tmp_path / "a.sqlite")
        assert [one.text for one in answers] == [text.upper() for text in TEXTS]
        assert tally.tokens_in == sum(map(len, TEXTS))
        assert tally.cost == pytest.approx(tally.tokens_in * 20 / 1e6)
        assert translate(settings(service, url), tmp_path / "a.sqlite")[1].asked == 0
    assert sorted(served.asked) == sorted(TEXTS)


@pytest.mark.parametrize("service", SERVICES)
def test_one_sentence_that_is_refused_stops_nothing(tmp_path, service):
    texts = [f"{text} (bad)" if index == 7 else text for index, text in enumerate(TEXTS)]
    with serving() as (url, _):
        answers, _ = translate(settings(service, url), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers] == ["" if index == 7 else text.upper() for index, text in enumerate(texts)]
    assert answers[7].flags == ("unreadable",)
    assert "the text cannot be translated" in answers[7].reason


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_is_tried_again(tmp_path, service, status):
    with serving() as (url, served):
        served.faults += [(status, {"message": "busy"}, [("Retry-After", "0.1")])] * 2
        answers, tally = translate(settings(service, url, parallel=1), tmp_path / "a.sqlite")
    assert [one.text for one in answers] == [text.upper() for text in TEXTS]
    assert tally.failed == 0


@pytest.mark.parametrize("service", QUOTA)
def test_a_quota_that_is_spent_stops_cleanly(tmp_path, service):
    started = time.monotonic()
    with serving() as (url, served):
        served.faults += [QUOTA[service]] * 20
        with pytest.raises(StoppedError, match="nothing left"):
            translate(settings(service, url), tmp_path / "a.sqlite")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("service", SERVICES)
def test_a_budget_stops_cleanly(tmp_path, service):
    with serving() as (url, served):
        config = settings(service, url, parallel=1, price=1e6, budget=100)
        long = [f"{index} " + "сөз " * (2000 if service == "yandex" else 6000) for index in range(6)]
        with pytest.raises(StoppedError, match="budget of 100"):
            translate(config, tmp_path / "a.sqlite", long)
    assert 0 < sum(map(len, served.asked)) < 0.9 * sum(map(len, long))


@pytest.mark.parametrize("service", ["yandex", "azure", "deepl"])
def test_a_wrong_key_ends_the_job_at_once(tmp_path, monkeypatch, service):
    with serving() as (url, served):
        config = settings(service, url)
        monkeypatch.setenv(config.key_variable, "wrong")
        with pytest.raises(EngineError):
            translate(config, tmp_path / "a.sqlite")
        assert len([path for path, *_ in served.calls if path.endswith("translate")]) <= config.parallel
        monkeypatch.delenv(config.key_variable)
        with pytest.raises(InputError, match=config.key_variable):
            translate(config, tmp_path / "b.sqlite")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_without_kazakh_is_refused_by_name(service):
    with serving(langs=("en", "ru")) as (url, served):
        with pytest.raises(InputError, match=rf"(?i){service} does not translate 'kk'; its languages are en"):
            settings(service, url).check("kk", "en")
        if service == "deepl":  # which is not known to have it
            with pytest.raises(InputError, match="does not translate"):
                settings(service, url).open("kk", "en")
        assert served.asked == []
    with serving() as (url, served):
        settings(service, url).check("kk", "en")
        assert served.asked == []


def test_limits_of_size_are_obeyed(tmp_path):
    texts = [f"{index} " + "сөз " * 700 for index in range(12)] + ["сөз сөйлем, " * 2000]
    with serving() as (url, served):
        answers, tally = translate(settings("yandex", url), tmp_path / "a.sqlite", texts)
    assert [one.text for one in answers[:12]] == [text.upper() for text in texts[:12]]
    assert answers[12].flags == ("split",)
    assert tally.failed == 0
    sizes = [sum(map(len, body["texts"])) for path, _, body, _ in served.calls if path.endswith("translate")]
    assert max(sizes) <= 10_000 < sum(sizes)


def test_what_each_service_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("YANDEX_API_KEY", "t1.token")
    with serving() as (url, served):
        translate(settings("yandex", url, folder="b1g"), tmp_path / "a.sqlite", ["сот"], [("сот", "court")])
        translate(settings("azure", url, region="westeurope", category="law"), tmp_path / "b.sqlite", ["сот"])
        translate(settings("deepl", url, formality="prefer_more"), tmp_path / "c.sqlite", ["сот"])
        calls = [call for call in served.calls if call[0].endswith("translate")]
    (_, _, yandex, headers), (_, query, azure, others), (_, _, deep, _) = calls
    assert yandex == {
        "sourceLanguageCode": "kk", "targetLanguageCode": "en", "format": "PLAIN_TEXT", "texts": ["сот"],
        "folderId": "b1g",
        "glossaryConfig": {"glossaryData": {"glossaryPairs": [{"sourceText": "сот", "translatedText": "court"}]}},
    }  # fmt: skip
    assert headers["Authorization"] == "Bearer t1.token"
    assert azure == [{"Text": "сот"}]
    assert query == {"api-version": ["3.0"], "from": ["kk"], "to": ["en"], "textType": ["plain"], "category": ["law"]}
    assert others["Ocp-Apim-Subscription-Region"] == "westeurope"
    assert (deep["source_lang"], deep["target_lang"], deep["formality"]) == ("KK", "EN-US", "prefer_more")


@pytest.mark.parametrize("service", ["yandex", "azure"])
@pytest.mark.parametrize("body", [[], {}, {"translations": None}, [1], [{"translations": [{"to": "en"}]}]])
def test_an_answer_of_another_form_is_an_error(tmp_path, service, body):
    with serving() as (url, served):
        served.faults += [(200, body)] * 4
        with pytest.raises((EngineError, StoppedError)):
            translate(settings(service, url), tmp_path / "a.sqlite", ["сот", "соттар"])


def test_fewer_translations_than_sentences_are_never_shifted(tmp_path):
    with serving() as (url, _):
        answers, _ = translate(settings("yandex", url), tmp_path / "a.sqlite", [*TEXTS, "соңғы (fewer)"])
    assert [one.text for one in answers] == [text.upper() for text in [*TEXTS, "соңғы (fewer)"]]


@pytest.mark.parametrize("service", ["yandex", "azure"])
def test_a_redirect_does_not_get_the_key(tmp_path, service):
    with serving() as (elsewhere, other), serving() as (url, served):
        served.faults.append((307, {}, [("Location", f"{elsewhere}/{service}/translate")]))
        with pytest.raises(EngineError, match="sends us on"):
            translate(settings(service, url), tmp_path / "a.sqlite", ["сот"])
        assert other.calls == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_job_in_five_lines(tmp_path, service):
    (tmp_path / "kk.txt").write_text("Бүгін мектеп ашылды. Ол келді.", encoding="utf-8")
    with serving() as (url, served):
        job = {
            "corpus": {"name": "small", "version": "1.0.0", "folder": "out"},
            "sources": [{"files": ["kk.txt"], "lang": "kk"}],
            "translations": [
                {"name": "en", "lang": "en", "engine": service, "url": address(service, url), **MORE[service]}
            ],
        }
        (tmp_path / "job.yaml").write_text(json.dumps(job), encoding="utf-8")
        assert qosmatin_here(tmp_path, "config", "check", "--read", "job.yaml").returncode == 0
        assert served.asked == []
        done = qosmatin_here(tmp_path, "translate", "job.yaml")
        assert (done.returncode, "2 sentences, 0 of them known before" in done.stdout) == (0, True), done.stderr
        assert len(served.asked) == 2
