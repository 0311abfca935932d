"""The Batch API against a server process of our own: what batches answer, what they do not, and runs that die."""

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")

from qosmatin.corpus.errors import EngineError, InputError, StoppedError
from qosmatin.translate.batch_calls import Calls
from qosmatin.translate.batch_jobs import batches_beside, take_in_batches
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.openai_engine import OpenAISettings, Prices
from qosmatin.translate.opening import open_engine, open_workers
from qosmatin.translate.questions import Questions
from qosmatin.translate.settings import ExecutorSettings
from qosmatin.translate.tally import Tally

HERE = Path(__file__).parent
TEXTS = [f"сөйлем {number}" for number in range(20)]


@contextmanager
def server(log, *faults):
    command = [sys.executable, HERE / "batch_server.py", log, ",".join(faults)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        process.communicate()


def settings(url, batch=None, **more):
    plain = {"sentences": 3, "parallel": 2, "retries": 1, "timeout": 5.0}
    batch = {"calls": 3, "poll": 0.01, **(batch or {})}
    return OpenAISettings(engine="openai", model="stub", url=url, batch=batch, **(plain | more))


def answer(config, cache, texts=TEXTS):
    engine, tally = open_engine(config, "kk", "en"), Tally()
    try:
        with AnswerCache(cache) as answers:
            workers = open_workers(ExecutorSettings(), config, ("kk", "en"), engine.spec, cache=answers)
            requests = map(TranslationRequest, texts)
            return list(translate_requests(requests, engine, answers, tally, workers=workers, bearable=1)), tally
    finally:
        engine.close()


def ways(log):
    """How often each sentence was answered in each way."""
    return Counter(tuple(line.split("\t")) for line in log.read_text().splitlines())


def records(cache):
    return list(batches_beside(cache).glob("*"))


@pytest.mark.parametrize("faults", [(), ("azure",), ("mute",), ("full",)])
def test_all_is_answered_by_batches_once(tmp_path, faults):
    log, cache = tmp_path / "log", tmp_path / "a.sqlite"
    with server(log, *faults) as url:
        config = settings(url, prices=Prices(per_million_in=1e5, per_million_out=2e5))
        answers, tally = answer(config, cache)
        assert [one.text for one in answers] == [text.upper() for text in TEXTS]
        assert ways(log) == {("batch", text): 1 for text in TEXTS}
        assert tally.cost == pytest.approx(len(TEXTS))  # 2 each at once, by batches half of it
        assert records(cache) == []
        # The key is that of the ordinary way.
        assert answer(config.at_once(), cache)[1].asked == 0


UNANSWERED = {
    "filter": ("", "The prompt triggered our policy."),
    "chatty": (None, ""),
    "late": (None, ""),
    "lost": (None, ""),
}


@pytest.mark.parametrize("word", UNANSWERED)
def test_what_a_batch_does_not_answer_is_asked_in_the_ordinary_way(tmp_path, word):
    log, cache = tmp_path / "log", tmp_path / "a.sqlite"
    texts = [f"{text} ({word})" if index == 7 else text for index, text in enumerate(TEXTS)]
    with server(log) as url:
        config = settings(url, prices=Prices(per_million_in=1e5))
        answers, tally = answer(config, cache, texts)
        assert answer(config, cache, texts)[1].asked == 0
    text, reason = UNANSWERED[word]
    for one, source in zip(answers, texts, strict=True):
        assert one.text == (source.upper() if text is None or word not in source else text)
    assert reason in answers[7].reason
    assert {source for way, source in ways(log) if way == "online"} >= {*texts[6:9]} - ({texts[7]} if reason else set())
    assert [one for one in ways(log) if one[0] == "online" and one[1] not in texts[6:9]] == []
    assert max(ways(log).values()) == 1
    # What a chat of no use took in a batch is counted too, at half the price: 3 more sentences of 10 tokens.
    online = len([one for one in ways(log) if one[0] == "online"])
    batch = len(TEXTS) - 3 + (3 if word == "chatty" else 0)
    assert tally.cost == pytest.approx(batch * 0.5 + online)
    assert records(cache) == []


def test_what_is_to_be_kept_is_masked_in_batches_too(tmp_path):
    log, cache = tmp_path / "log", tmp_path / "a.sqlite"
    texts = ["сот 15 күн", "{0}", "сот 16 күн (maskless)", "сот"]
    with server(log) as url:
        answers, _ = answer(settings(url, protect=["numbers", "placeholders"]), cache, texts)
    assert [one.text for one in answers] == ["СОТ 15 КҮН", "{0}", "СОТ 16 КҮН (MASKLESS)", "СОТ"]
    assert ways(log) == {
        ("batch", "сот X1 күн"): 1, ("batch", "сот X1 күн (maskless)"): 1, ("batch", "сот"): 1,
        ("online", "сот X1 күн (maskless)"): 1,
    }  # fmt: skip


def test_a_run_that_does_not_wait_leaves_its_batches_to_later_ones(tmp_path):
    log, cache = tmp_path / "log", tmp_path / "a.sqlite"
    with server(log) as url:
        hasty = settings(url, {"wait": 0})
        with pytest.raises(StoppedError, match="batches are under way"):
            answer(hasty, cache)
        assert 1 <= len(records(cache)) <= 3
        assert batches_beside(cache).stat().st_mode & 0o077 == 0
        # Meanwhile a sentence came in, so that all calls would be cut otherwise, and one is gone.
        texts = ["жаңа", *TEXTS[:-1]]
        runs = 1
        while True:
            try:
                found = answer(hasty, cache, texts)[0]
                break
            except StoppedError:
                runs += 1
        assert runs < 8
        assert [one.text for one in found] == [text.upper() for text in texts]
        # What nobody wanted meanwhile is taken in all the same.
        assert [one.text for one in answer(settings(url), cache)[0]] == [text.upper() for text in TEXTS]
        assert ways(log) == {("batch", text): 1 for text in ["жаңа", *TEXTS]}
        assert records(cache) == []


def test_batches_of_a_shard_are_taken_in(tmp_path):
    log = tmp_path / "log"
    with server(log) as url:
        with pytest.raises(StoppedError):
            answer(settings(url, {"wait": 0}), tmp_path / "shard-1-of-2.sqlite")
        take_in_batches(tmp_path / "answers.sqlite")
        answers, _ = answer(settings(url), tmp_path / "answers.sqlite")
    assert [one.text for one in answers] == [text.upper() for text in TEXTS]
    assert max(ways(log).values()) == 1


@pytest.mark.parametrize(
    ("faults", "error", "said"),
    [
        (("refused",), EngineError, "The model does no batches.; leave out 'batch'"),
        (("full",) * 4, StoppedError, "Enqueued token limit reached."),
    ],
)
def test_a_batch_that_is_refused_stops_the_run_that_may_come_again(tmp_path, faults, error, said):
    log, cache = tmp_path / "log", tmp_path / "a.sqlite"
    with server(log, *faults) as url:
        with pytest.raises(error, match=said):
            answer(settings(url, parallel=1), cache, TEXTS[:3])
        assert [one.text for one in answer(settings(url), cache, TEXTS[:3])[0]] == [one.upper() for one in TEXTS[:3]]


def test_a_batch_that_the_server_forgot_is_asked_in_the_ordinary_way(tmp_path):
    with server(tmp_path / "log", "forgetful") as url:
        answers, _ = answer(settings(url), tmp_path / "a.sqlite", TEXTS[:3])
    assert [one.text for one in answers] == [text.upper() for text in TEXTS[:3]]
    assert ways(tmp_path / "log") == {("online", text): 1 for text in TEXTS[:3]}


def test_a_server_without_batches_is_told(tmp_path):
    failing = [sys.executable, HERE / "failing_server.py", tmp_path / "log", "always,400"]
    with subprocess.Popen(failing, stdout=subprocess.PIPE, text=True) as process:
        url = f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        with pytest.raises(EngineError):
            answer(settings(url, retries=0), tmp_path / "a.sqlite", TEXTS[:3])
        process.kill()


def test_a_budget_is_looked_at_before_each_batch(tmp_path):
    with server(tmp_path / "log") as url:
        costly = settings(url, {"calls": 1}, parallel=1, prices=Prices(per_million_in=1e6), budget=1)
        with pytest.raises(StoppedError, match="budget"):
            answer(costly, tmp_path / "a.sqlite")
        assert 3 <= len(ways(tmp_path / "log")) < len(TEXTS)


def test_a_record_that_is_none_is_told(tmp_path):
    cache = tmp_path / "a.sqlite"
    batches_beside(cache).mkdir()
    (batches_beside(cache) / "a.json").write_text("{")
    with pytest.raises(InputError, match="no record of a batch"):
        answer(settings("http://127.0.0.1:9/v1"), cache)


def test_files_keep_their_bounds(monkeypatch):
    questions = Questions(settings("http://127.0.0.1:9/v1"), "kk", "en")
    requests = {bytes([index]): TranslationRequest(text) for index, text in enumerate(TEXTS)}
    files = list(Calls(questions, [], 2, 0.5).files(requests))
    assert [[len(call) for call in file.calls] for file in files] == [[3, 3], [3, 3], [3, 3], [2]]
    assert [place.key for file in files for call in file.calls for place in call] == list(requests)
    assert all(len(file.lines.splitlines()) == len(file.calls) for file in files)
    monkeypatch.setattr("qosmatin.translate.batch_calls.LARGEST_FILE", 3500)
    assert [len(file.calls) for file in Calls(questions, [], 9, 0.5).files(requests)] == [2, 2, 2, 1]


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="no fork here")
def test_runs_that_die_at_ten_moments_come_to_the_same_end(tmp_path):
    def run(name, deaths):
        log = tmp_path / f"{name}.log"
        with server(log) as url:
            command = [sys.executable, HERE / "dying_batches.py", url, tmp_path / f"{name}.sqlite", "5", str(deaths)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        died, _, said = done.stdout.partition("\n")
        return int(died), said, ways(log)

    _, whole, _ = run("whole", 0)
    died, killed, counts = run("killed", 10)
    assert died >= 8
    assert killed == whole
    assert max(count for (way, _), count in counts.items() if way == "batch") == 1
