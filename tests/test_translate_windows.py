"""Documents as a whole: windows, what is asked for them, what falls back, and the same answers however a run is cut."""

import io
import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.corpus.errors import InputError, StoppedError
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.machine import caches_of, estimate, translate_shard, try_out
from qosmatin.stages.order import STAGES
from qosmatin.translate.cache import AnswerCache, request_key
from qosmatin.translate.calling import Caller, ServerAnswer
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.openai_engine import OpenAISettings
from qosmatin.translate.opening import open_engine
from qosmatin.translate.tally import Tally
from qosmatin.translate.windows import in_groups, windowed

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")

TEXTS = [f"Сөйлем {number}." for number in range(11)]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (4, [4]), (5, [5]), (6, [4, 2]), (9, [4, 5]), (11, [4, 4, 3])]
)
def test_a_document_is_cut_into_windows(count, sizes):
    found = list(windowed([str(number) for number in range(count)], 4, 2))
    assert len(found) == count
    starts = [index for index, (_, _, place) in enumerate(found) if place == 0]
    assert [len(found[start][1]) for start in starts] == sizes
    for index, (before, window, place) in enumerate(found):
        assert window[place] == str(index)
        assert list(before) == [str(number) for number in range(max(0, index - place - 2), index - place)]


def requests_of(texts, size=4, overlap=2):
    around = windowed(texts, size, overlap)
    return [
        TranslationRequest(text, *some, (), window, place)
        for text, (*some, window, place) in zip(texts, around, strict=True)
    ]


@given(st.integers(0, 30), st.integers(2, 9), st.integers(1, 9), st.integers(0, 9), st.sets(st.integers(0, 40)))
def test_groups_are_windows_or_so_many_sentences(count, size, sentences, alone, gone):
    requests = requests_of([str(number) for number in range(count)], size)
    requests += [TranslationRequest(str(number)) for number in range(alone)]
    requests = [one for index, one in enumerate(requests) if index not in gone]
    groups = in_groups(requests, sentences)
    assert [index for group in groups for index in group] == list(range(len(requests)))
    for group in groups:
        some = [requests[index] for index in group]
        assert len({one.window for one in some}) == 1
        if some[0].window:
            assert [one.place - some[0].place for one in some] == list(range(len(some)))
        else:
            assert len(some) <= sentences


def test_the_key_has_the_window_and_the_place_and_those_without_keep_theirs():
    one = requests_of(TEXTS)[5]
    others = [
        TranslationRequest(one.text, one.before),
        TranslationRequest(one.text, one.before, (), one.window[:-1], one.place),
        TranslationRequest(one.text, one.before, (), one.window, one.place + 1),
        TranslationRequest(one.text, one.before[1:], (), one.window, one.place),
    ]
    assert len({request_key("k", other) for other in [one, *others]}) == 5
    assert request_key("k", TranslationRequest("a", ("b",), (("c", "d"),))).hex() == OLD_KEY


OLD_KEY = "fba2454de6fcce221032c9c84d3f4bd0"


class Server:
    """Upper-cases what it is asked, in process; ``is_bad`` says of a call's texts that it has too few rows."""

    def __init__(self, is_bad=lambda _texts: False):
        self.asked, self.is_bad = [], is_bad

    def post(self, _caller, _path, body, before_each):
        before_each()
        said = body["messages"][1]["content"]
        if not said.startswith("{"):
            self.asked.append(said)
            return self.said(said.upper())
        asked = json.loads(said)
        self.asked.append(asked)
        rows = [{"id": one["id"], "text": one["text"].upper()} for one in asked["sentences"]]
        if self.is_bad([one["text"] for one in asked["sentences"]]):
            rows = rows[1:]
        return self.said(json.dumps({"translations": rows}))

    def said(self, content):
        return ServerAnswer(200, {}, {"choices": [{"message": {"content": content}}]}, "")


@pytest.fixture
def server(monkeypatch):
    one = Server()
    monkeypatch.setattr(Caller, "post", lambda *arguments: one.post(*arguments))  # noqa: PLW0108 - replaced by tests
    return one


def settings(**more):
    return OpenAISettings(engine="openai", model="stub", url="http://127.0.0.1:9/v1", parallel=1, **more)


def answer(requests, cache, config=None):
    engine, tally = open_engine(config or settings(context="document"), "kk", "en"), Tally()
    try:
        with AnswerCache(cache) as answers:
            return list(translate_requests(requests, engine, answers, tally, bearable=1)), tally
    finally:
        engine.close()


def texts_of(asked):
    return [one["text"] for one in asked["sentences"]]


def test_a_window_is_one_call_with_what_is_around_it(tmp_path, server):
    answers, _ = answer(requests_of(TEXTS), tmp_path / "a.sqlite")
    assert [one.text for one in answers] == [text.upper() for text in TEXTS]
    assert [texts_of(asked) for asked in server.asked] == [TEXTS[:4], TEXTS[4:8], TEXTS[8:]]
    assert [asked.get("before") for asked in server.asked] == [None, TEXTS[2:4], TEXTS[6:8]]
    assert not any("after" in asked or "before" in asked["sentences"][0] for asked in server.asked)


def test_a_window_that_does_not_come_back_whole_is_asked_for_in_halves_with_the_rest_around_it(tmp_path, server):
    server.is_bad = lambda texts: TEXTS[6] in texts
    answers, tally = answer(requests_of(TEXTS), tmp_path / "a.sqlite")
    assert [one.text for one in answers] == [text.upper() for text in TEXTS]
    assert [one.flags for one in answers] == [("without-context",) if index == 6 else () for index in range(11)]
    assert tally.failed == 0
    half = next(asked for asked in server.asked if not isinstance(asked, str) and texts_of(asked) == TEXTS[6:8])
    assert half["before"] == TEXTS[2:6]
    half = next(asked for asked in server.asked if not isinstance(asked, str) and texts_of(asked) == TEXTS[4:6])
    assert (half["before"], half["after"]) == (TEXTS[2:4], TEXTS[6:8])
    assert TEXTS[6] in server.asked


def test_what_is_protected_stays_where_it_was(tmp_path, server):
    texts = ["Сот {0} айтты.", "15", "Үй %s бар."]
    config = settings(context="document", protect=["placeholders", "numbers"])
    answers, _ = answer(requests_of(texts), tmp_path / "a.sqlite", config)
    assert [one.text for one in answers] == ["СОТ {0} АЙТТЫ.", "15", "ҮЙ %s БАР."]
    assert [texts_of(asked) for asked in server.asked] == [["Сот X1 айтты.", "Үй X1 бар."]]


def test_a_run_that_stopped_goes_on_with_the_same_windows(tmp_path, server):
    whole, _ = answer(requests_of(TEXTS), tmp_path / "whole.sqlite")
    asked, server.asked = server.asked, []
    post = server.post

    def stopping(*arguments):
        if len(server.asked) in (1, 3):
            server.asked.append(None)
            raise StoppedError("killed")
        return post(*arguments)

    server.post = stopping
    for _ in range(2):
        with pytest.raises(StoppedError):
            answer(requests_of(TEXTS), tmp_path / "cut.sqlite")
    assert answer(requests_of(TEXTS), tmp_path / "cut.sqlite")[0] == whole
    assert sorted(texts_of(one) for one in server.asked if one) == sorted(texts_of(one) for one in asked)


JOB = """
corpus: {name: whole, version: 1.0.0, folder: out}
sources: [{files: [kk/*.txt], lang: kk}]
translations:
  - {name: en, lang: en, engine: openai, model: stub, url: "http://127.0.0.1:9/v1", parallel: 1, context: CONTEXT}
"""


def job(folder, context="{window: 4, overlap: 1}"):
    (folder / "job.yaml").write_text(JOB.replace("CONTEXT", context), encoding="utf-8")
    return open_job(load_config(folder / "job.yaml"), Console(file=io.StringIO()))


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "kk").mkdir()
    (tmp_path / "kk" / "a.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    (tmp_path / "kk" / "b.txt").write_text("\n".join(TEXTS[:3]), encoding="utf-8")
    return tmp_path


def test_a_job_asks_for_documents_and_says_so(texts, server):
    run_job(job(texts), STAGES, until="translate")
    assert [texts_of(asked) for asked in server.asked] == [TEXTS[:4], TEXTS[4:8], TEXTS[8:], TEXTS[:3]]
    rows = job(texts).folder.read("translations", "en").to_pylist()
    assert json.loads(rows[0]["settings"])["context"] == {"window": 4, "overlap": 1}
    # A sentence that is edited costs its window, and the next where it stands before it.
    server.asked.clear()
    edited = [*TEXTS[:5], "Басқа.", *TEXTS[6:]]
    (texts / "kk" / "a.txt").write_text("\n".join(edited), encoding="utf-8")
    run_job(job(texts), STAGES, until="translate")
    assert [texts_of(asked) for asked in server.asked] == [edited[4:8]]


def test_document_is_windows_of_thirty(texts, server):
    run_job(job(texts, "document"), STAGES, until="translate")
    assert [texts_of(asked) for asked in server.asked] == [TEXTS, TEXTS[:3]]
    assert settings(context="document").spec("kk", "en") == settings(context={"window": 30}).spec("kk", "en")
    assert settings(context="document").spec("kk", "en") != settings(context={"window": 31}).spec("kk", "en")


def test_a_shard_has_whole_windows(texts, server):
    run_job(job(texts), STAGES, until="split")
    for shard in (1, 2):
        translate_shard(job(texts), job(texts).config.translations[0], shard, 2)
    assert sorted(texts_of(asked) for asked in server.asked) == sorted([TEXTS[:4], TEXTS[4:8], TEXTS[8:], TEXTS[:3]])


def test_rows_that_nothing_groups_are_no_document(tmp_path, server):
    (tmp_path / "rows.csv").write_text("kk\n" + "\n".join(TEXTS[:3]) + "\n", encoding="utf-8")
    text = JOB.replace("CONTEXT", "document").replace("files: [kk/*.txt]", "table: {files: [rows.csv], text: kk}")
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    run_job(open_job(load_config(tmp_path / "job.yaml"), Console(file=io.StringIO())), STAGES, until="translate")
    assert all(not asked.get("before") and not asked.get("after") for asked in server.asked)


def test_a_model_with_a_prompt_of_its_own_takes_no_documents():
    with pytest.raises(ValueError, match="context: the prompt"):
        settings(context="document", profile="hunyuan-mt")


TOLD = "{window: 4, overlap: 2, translations: true}"


def told(asked):
    return [(one["text"], one["translation"]) for one in asked.get("translated", [])]


def test_windows_are_told_how_what_precedes_them_was_translated(texts, server):
    run_job(job(texts, TOLD), STAGES, until="translate")
    # The first windows of all documents, then the second, then the third.
    assert [texts_of(asked) for asked in server.asked] == [TEXTS[:4], TEXTS[:3], TEXTS[4:8], TEXTS[8:]]
    assert [told(asked) for asked in server.asked[2:]] == [
        [(one, one.upper()) for one in TEXTS[2:4]], [(one, one.upper()) for one in TEXTS[6:8]],
    ]  # fmt: skip
    assert not any(told(asked) or asked.get("before") for asked in server.asked[:2])
    rows = job(texts).folder.read("translations", "en").to_pylist()
    assert [one["text"] for one in rows[0]["sentences"]] == [text.upper() for text in TEXTS]
    assert json.loads(rows[0]["settings"])["context"] == {"window": 4, "overlap": 2, "translations": True}


def test_told_windows_go_on_where_a_run_stopped_with_the_same_answers(texts, server):
    run_job(job(texts, TOLD), STAGES, until="translate")
    path = job(texts, TOLD).folder.table_path("translations", "en")
    whole, asked = path.read_bytes(), server.asked
    shutil.rmtree(texts / "out")
    server.asked, post, left = [], server.post, [0]

    def stopping(*arguments):
        left[0] += 1
        if left[0] % 2 == 0:
            raise StoppedError("killed")
        return post(*arguments)

    server.post = stopping
    for _ in range(3):
        with pytest.raises(StoppedError):
            run_job(job(texts, TOLD), STAGES, until="translate")
        here = job(texts, TOLD)
        counted = estimate(here, here.config.translations[0], caches_of(here))
        assert counted.missing == 14 - sum(len(texts_of(one)) for one in server.asked)
    server.post = post
    run_job(job(texts, TOLD), STAGES, until="translate")
    assert path.read_bytes() == whole
    assert sorted(map(texts_of, server.asked)) == sorted(map(texts_of, asked))


def test_where_an_answer_changes_what_follows_it_is_asked_anew(texts, server):
    run_job(job(texts, TOLD), STAGES, until="translate")
    server.asked.clear()
    edited = [*TEXTS[:3], "Басқа.", *TEXTS[4:]]
    (texts / "kk" / "a.txt").write_text("\n".join(edited), encoding="utf-8")
    run_job(job(texts, TOLD), STAGES, until="translate")
    assert [texts_of(asked) for asked in server.asked] == [edited[:4], edited[4:8]]


def test_limit_asks_for_first_windows_alone(texts, server):
    run_job(job(texts, TOLD), STAGES, until="split")
    found = try_out(job(texts, TOLD), job(texts, TOLD).config.translations[0], 6)
    assert [text for text, _, _ in found] == [*TEXTS[:4], *TEXTS[:2]]


def test_what_cannot_follow_each_other_is_refused(texts):
    with pytest.raises(ValueError, match="each window waits for the one before"):
        settings(context={"translations": True}, batch=True)
    with pytest.raises(ValueError, match="nothing to tell"):
        settings(context={"translations": True, "overlap": 0})
    with pytest.raises(InputError, match="leave out --shard"):
        translate_shard(job(texts, TOLD), job(texts, TOLD).config.translations[0], 1, 2)
    plain = settings(context={"overlap": 3}).spec("kk", "en")
    assert settings(context={"translations": False}).spec("kk", "en") == plain
    assert settings(context={"translations": True}).spec("kk", "en") != plain
