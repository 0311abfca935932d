"""No sentence stops a job: engines that fail on one, in the job's own process and in workers."""

import json
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the extra 'llm' is not installed")

from small_corpus import qosmatin_here as qosmatin
from test_translate_openai import server

from qosmatin.corpus.errors import EngineError, InputError, StoppedError
from qosmatin.translate.answering import Worker
from qosmatin.translate.engine import Answer, BatchTooLargeError, RefusedError, TranslationRequest
from qosmatin.translate.sparing import SparingEngine

FAILURES = {
    "refused": RefusedError("stub", "it is rude", tokens_in=3, tokens_out=1, cost=0.5),
    "engine": EngineError("stub", "NaN in the logits"),
    "bug": IndexError("index out of range in self"),
    "runtime": RuntimeError("CUDA error: device-side assert"),
    "memory": BatchTooLargeError("stub", "1 source of 9 tokens does not fit"),
}


class Failing:
    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 10**6, 8, 1, None, True

    def __init__(self, error):
        self.error, self.calls = error, 0

    def count_tokens(self, texts):
        return [len(text) for text in texts]

    def translate(self, requests):
        self.calls += 1
        if any("!" in one.text for one in requests):
            raise self.error
        return [Answer(one.text.upper()) for one in requests]

    def close(self):
        pass


def answered(engine, texts):
    missing = {text.encode(): TranslationRequest(text) for text in texts}
    return {key: answer for batch in Worker(engine).answer(missing) for key, answer in batch.items()}


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("place", [0, 3, 7])
def test_an_engine_that_fails_on_one_sentence_answers_the_others(kind, place):
    texts = [f"{letter}!" if index == place else letter for index, letter in enumerate("абвгдежз")]
    engine = Failing(FAILURES[kind])
    found = answered(SparingEngine(engine, skips=True), texts)
    assert [found[text.encode()].text for text in texts] == ["" if "!" in text else text.upper() for text in texts]
    bad = found[texts[place].encode()]
    assert bad.flags == ("unreadable",)
    assert str(FAILURES[kind]).removeprefix("engine stub: ") in bad.reason
    assert engine.calls <= 7  # 8, 4 + 4, 2 + 2, 1 + 1


@pytest.mark.parametrize("kind", ["engine", "bug", "runtime", "memory"])
def test_without_skip_only_refusals_are_borne(kind):
    with pytest.raises(type(FAILURES[kind])):
        answered(SparingEngine(Failing(FAILURES[kind]), skips=False), ["а", "б!"])
    assert answered(SparingEngine(Failing(FAILURES["refused"]), skips=False), ["а", "б!"])["а".encode()].text == "А"


@pytest.mark.parametrize("error", [StoppedError("the budget is spent"), InputError("no such device")])
def test_what_is_no_fault_of_a_sentence_is_never_taken_for_one(error):
    with pytest.raises(type(error)):
        answered(SparingEngine(Failing(error), skips=True), ["а", "б!"])


def test_what_refused_replies_took_is_counted():
    first, second = SparingEngine(Failing(FAILURES["refused"]), skips=False).translate(
        [TranslationRequest("а"), TranslationRequest("б!")]
    )
    assert (first.tokens_in, second.tokens_in, first.cost + second.cost) == (3, 3, 1.0)


JOB = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: [kk.txt], lang: kk}]
translations:
  - {name: en, lang: en, engine: openai, model: stub, url: URL, sentences: 2, parallel: 1, retries: 0}
"""


def test_a_run_lists_what_was_not_translated_and_asks_again_when_told(tmp_path: Path) -> None:
    (tmp_path / "kk.txt").write_text("Бірінші сөйлем. Екінші (filter) сөйлем. Үшінші сөйлем.", encoding="utf-8")
    with server(tmp_path / "log") as url:
        (tmp_path / "job.yaml").write_text(JOB.replace("URL", url), encoding="utf-8")
        done = qosmatin(tmp_path, "run", "job.yaml")
        assert done.returncode == 4, done.stderr
        assert "kk, sentence 2 (Екінші (filter) сөйлем.): the server's content filter" in done.stdout
        (row,) = map(json.loads, (tmp_path / "out/report/problems.jsonl").read_text("utf-8").splitlines())
        assert (row["document"], row["translation"]) == ("kk", "en")
        assert "content_filter" in row["problem"]
        assert "--again" in row["remedy"]
        # The same once more asks nothing, and says the same.
        again = qosmatin(tmp_path, "run", "job.yaml")
        assert (again.returncode, again.stdout.count("unchanged")) == (4, 8)
        asked = (tmp_path / "log").read_text("utf-8")
        told = qosmatin(tmp_path, "translate", "job.yaml", "--again")
        assert told.returncode == 4
        assert "content filter" in told.stdout
        assert (tmp_path / "log").read_text("utf-8") == asked


def test_what_failed_is_answered_when_it_is_asked_again(tmp_path: Path) -> None:
    texts = " ".join(f"Бұл {number} сөйлем." for number in "абвгде")
    (tmp_path / "kk.txt").write_text(texts, encoding="utf-8")
    with server(tmp_path / "log", "", "400", "400", "400", "400", "400") as url:
        (tmp_path / "job.yaml").write_text(JOB.replace("URL", url), encoding="utf-8")
        first = qosmatin(tmp_path, "run", "job.yaml")
        assert (first.returncode, first.stdout.count("the server says 400")) == (4, 2), first.stderr
        second = qosmatin(tmp_path, "translate", "job.yaml", "--again")
        assert (second.returncode, second.stderr) == (0, "")
        assert "6 sentences, 4 of them known before" in second.stdout
        third = qosmatin(tmp_path, "run", "job.yaml")
    assert third.returncode == 0
    assert (tmp_path / "out/report/problems.jsonl").read_text("utf-8") == ""
