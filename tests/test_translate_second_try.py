"""A second try: what is flagged is asked for again with other decoding, and the better answer stands."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from qosmatin.corpus.storage.schemas import SCHEMAS, read_table
from qosmatin.stages import machine
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.ctranslate2_engine import CTranslate2Settings
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.jobs import LazyEngine, translate_requests
from qosmatin.translate.openai_engine import OpenAISettings
from qosmatin.translate.second_try import better_answers, try_twice
from qosmatin.translate.tally import Tally

LOOP = "no no no no no no"
FIRST = {"a": "one", "b": LOOP, "c": LOOP, "d": LOOP}
SECOND = {"b": "two", "c": f"{LOOP} 7", "d": LOOP}


class Stub:
    """Answers by a dictionary, and notes what it was asked."""

    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 10**9, 2, 1, None, True

    def __init__(self, answers, asked):
        self._answers, self._asked = answers, asked

    def count_tokens(self, texts):
        return [len(text) for text in texts]

    def translate(self, requests):
        self._asked += [one.text for one in requests]
        return [Answer(self._answers[one.text], (), 1, 1, 0.25) for one in requests]

    def close(self):
        pass


def flags(_request, answer):
    return ["looping"] * (LOOP in answer.text) + ["numbers"] * ("7" in answer.text)


def test_the_better_of_two_tries_stands_and_a_later_run_asks_nothing(tmp_path):
    texts = ["a", "b", "c", "d", "b"]

    def run():
        asked = {"first": [], "second": []}
        with AnswerCache(tmp_path / "a.sqlite") as cache:

            def ask(name, answers):
                spec = EngineSpec(name, "stub", None, None)
                lazy = LazyEngine(spec, lambda: Stub(answers, asked[name]))
                return lambda requests: translate_requests(requests, lazy, cache, Tally())

            first, second = ask("first", FIRST), ask("second", SECOND)
            flagged = try_twice(lambda: map(TranslationRequest, texts), first, second, ["looping"], flags)
            found = list(better_answers(lambda: map(TranslationRequest, texts), first, second, flagged, flags))
        return asked, flagged, found

    asked, flagged, found = run()
    assert asked == {"first": ["a", "b", "c", "d"], "second": ["b", "c", "d"]}
    assert list(flagged) == [0, 1, 1, 1, 1]
    assert [(one.text, marks) for one, marks in found] == [
        ("one", []),
        ("two", ["second-try"]),
        (LOOP, ["looping"]),  # the second try has two flags
        (LOOP, ["looping"]),
        ("two", ["second-try"]),
    ]
    assert run() == ({"first": [], "second": []}, flagged, found)


def test_the_settings_of_the_second_try():
    model = CTranslate2Settings(engine="ctranslate2", model="m", retry={"when": ["truncated"]})
    assert model.retried() == ["truncated"]
    assert model.second(0.0).decoding == model.retry.decoding != model.decoding
    assert model.second(0.0).answering() != model.answering()
    plain = CTranslate2Settings(engine="ctranslate2", model="m")
    assert model.answering() == plain.answering()  # so that a job that asks for it later keeps its cache
    server = OpenAISettings(engine="openai", model="m", budget=5, retry={})
    assert (server.second(2.0).budget, server.second(9.0).budget, server.second(0.0).temperature) == (3, 0, 0.7)
    with pytest.raises(ValidationError, match="that of the first try"):
        OpenAISettings(engine="openai", model="m", retry={"temperature": 0})
    with pytest.raises(ValidationError, match=r"retry\.when"):
        OpenAISettings(engine="openai", model="m", retry={"when": ["loopy"]})


JOB = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: [kk.txt], lang: kk}]
translations: [{name: en, lang: en, engine: openai, model: stub, retry: {when: [looping, language]}}]
"""


def test_a_job_with_a_second_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from rich.console import Console

    from qosmatin.config.job import load_config
    from qosmatin.job.pipeline import open_job, run_job
    from qosmatin.stages.order import STAGES

    asked: list[str] = []
    first = {"Ол келді.": "He came.", "Біз кеттік.": LOOP}

    def open_engine(settings, *_langs):
        spec = EngineSpec("stub", "stub", None, None, {"temperature": settings.temperature})
        answers = {"Біз кеттік.": "We left."} if settings.temperature else first
        return LazyEngine(spec, lambda: Stub(answers, asked))

    monkeypatch.setattr(machine, "open_engine", open_engine)
    (tmp_path / "kk.txt").write_text("Ол келді. Біз кеттік. Ол келді.", encoding="utf-8")
    (tmp_path / "job.yaml").write_text(JOB, encoding="utf-8")
    written, told = [], io.StringIO()
    for _ in range(2):
        run_job(
            open_job(load_config(tmp_path / "job.yaml"), Console(file=told, width=300)), STAGES, until="translate",
            force="translate",
        )  # fmt: skip
        written.append((tmp_path / "out" / "translations" / "en.parquet").read_bytes())
    assert sorted(asked) == ["Біз кеттік.", "Біз кеттік.", "Ол келді."]
    assert written[0] == written[1]
    assert "3 sentences, 1 of them known before, 1 tried twice, cost 0.7500; flags: 1 second-try" in told.getvalue()
    (row,) = read_table(tmp_path / "out" / "translations" / "en.parquet", SCHEMAS["translations"]).to_pylist()
    assert [(one["text"], one["flags"]) for one in row["sentences"]] == [
        ("He came.", []), ("We left.", ["second-try"]), ("He came.", []),
    ]  # fmt: skip
    assert '"retry": {"temperature": 0.7, "when": ["looping", "language"]}' in row["settings"]


def test_what_a_second_try_is_asked_with_makes_the_stage_run_again(tmp_path: Path) -> None:
    from rich.console import Console

    from qosmatin.config.job import load_config
    from qosmatin.job.pipeline import open_job

    (tmp_path / "kk.txt").write_text("Ол келді.", encoding="utf-8")
    seen = []
    for retry in (", retry: {temperature: 0.5}", ", retry: {temperature: 0.6}", ", retry: {when: [copy]}", ""):
        (tmp_path / "job.yaml").write_text(
            "corpus: {name: news, version: 1.0.0, folder: out}\n"
            "sources: [{files: [kk.txt], lang: kk}]\n"
            f"translations: [{{name: en, lang: en, engine: openai, model: stub{retry}}}]\n",
            encoding="utf-8",
        )
        job = open_job(load_config(tmp_path / "job.yaml"), Console(quiet=True))
        seen.append(repr(machine.stage_settings(job, job.config.translations[0])))
    assert len(set(seen)) == len(seen)
