"""Engines open themselves, and their cache keys are those of the time before they did."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from qosmatin.config.job import JobConfig, MachineTranslation
from qosmatin.translate.engines import BUILT_IN
from qosmatin.translate.opening import open_engine
from qosmatin.translate.settings import Idle

SEQ2SEQ = {"engine": "transformers", "model": "marian", "dtype": "float32"}
CHAT = {"engine": "transformers", "model": "chatty", "dtype": "float32"}
CT2 = {"engine": "ctranslate2", "model": "marian", "compute_type": "int8"}
VLLM = {"engine": "vllm", "model": "chatty", "dtype": "bfloat16"}
SERVED = {"engine": "openai", "model": "served"}
PROGRAM = {"engine": "command", "command": ["cat"]}
SERVICES = [{"engine": name} for name in ("yandex", "azure", "deepl", "amazon")]
SERVICES.append({"engine": "google", "project": "p"})
HERE = {"batch_tokens": 7, "batch_sentences": 3, "device": "cpu", "threads": 3, "retry": {"when": ["copy"]}}
ASKING = {"url": "http://x/v1", "key_variable": "K", "sentences": 3, "parallel": 2, "per_minute": 5, "retries": 1}
PAYING = {"timeout": 3.0, "prices": {"per_million_in": 1.0}, "budget": 3.0, "retry": {"temperature": 0.3}}
CODES = {"family": "nllb", "source_code": "kaz_Cyrl", "target_code": "eng_Latn", "max_source_tokens": 99}

# Computed on commit f406df6, when opening.py knew every engine: the key of the engine, and that of its second try.
KEYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "seq2seq": (SEQ2SEQ, "f8a99328f72baf6413726d779989a36d", "f8a99328f72baf6413726d779989a36d"),
    "seq2seq, what is idle": (
        {**SEQ2SEQ, **HERE, "post_edit": ["quotes"], "dataset": "x", "licence": "MIT"},
        "f8a99328f72baf6413726d779989a36d",
        "f1bdc744e981b9780df8a883b1dade52",
    ),
    "seq2seq, what is not": (
        {**SEQ2SEQ, **CODES, "dtype": "bfloat16", "decoding": {"beams": 1, "length_penalty": 1.5}}
        | {"protect": ["urls", "numbers"]},
        "6d5875f84a5ef4ed82e410f915e13740",
        "6d5875f84a5ef4ed82e410f915e13740",
    ),
    "chat": (CHAT, "3e8376a3e5fe1994b2e6666622615bbf", "3e8376a3e5fe1994b2e6666622615bbf"),
    "chat, what is not idle": (
        {**CHAT, "style": "Plain.", "context": 2, "sentences": 4, "glossary": {"a": "b"}}
        | {"decoding": {"max_tokens": 99}},
        "b7205242208aaefa1c891bb7189e8cf7",
        "b7205242208aaefa1c891bb7189e8cf7",
    ),
    "ctranslate2": (CT2, "04d2934747447c19768b15ac6064b47d", "04d2934747447c19768b15ac6064b47d"),
    "ctranslate2, what is idle": (
        {**CT2, **HERE, "parallel": 2, "post_edit": ["casing"]},
        "04d2934747447c19768b15ac6064b47d",
        "3c49c47cdd010420d5c78b111dce0981",
    ),
    "ctranslate2, what is not": (
        {**CT2, "compute_type": "float32", "decoding": {"no_repeat_ngram": 3}, "protect": ["tags"]},
        "9e6b64ce99696169bb1b66238bceb746",
        "9e6b64ce99696169bb1b66238bceb746",
    ),
    "openai": (SERVED, "5a0f4e50a27f0b72c0d3b68a81627b02", "5a0f4e50a27f0b72c0d3b68a81627b02"),
    "openai, what is idle": (
        {**SERVED, **ASKING, **PAYING, "glossary": {"a": "b"}},
        "5a0f4e50a27f0b72c0d3b68a81627b02",
        "df47c7408e3ec0ea1a1c30208b78eaed",
    ),
    "openai, what is not": (
        {**SERVED, "temperature": 0.5, "max_tokens": 99, "structured": False, "style": "Plain.", "context": 2}
        | {"protect": ["placeholders"]},
        "42312fb79270733f5472cf3777493f4e",
        "42312fb79270733f5472cf3777493f4e",
    ),
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, kind in (("marian", "marian"), ("chatty", "llama")):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps({"model_type": kind}))
        (folder / name / "model.safetensors").write_bytes(b"weights")
    return folder


def translation(models: Path, settings: dict[str, Any]) -> MachineTranslation:
    here = settings["engine"] in ("transformers", "ctranslate2", "vllm")
    model = {"model": str(models / settings["model"])} if here else {}
    data = {
        "corpus": {"name": "c", "version": "1.0.0", "folder": "c"},
        "sources": [{"files": ["a"], "lang": "kk"}],
        "translations": [{"name": "mt", "lang": "en", **settings, **model}],
    }
    (section,) = JobConfig.model_validate(data).translations
    assert isinstance(section, MachineTranslation)
    return section


@pytest.mark.parametrize("case", KEYS)
def test_cache_keys_stay(case: str, models: Path) -> None:
    settings, first, second = KEYS[case]
    section = translation(models, settings)
    assert (section.spec("kk", "en").key, section.second(0.0).spec("kk", "en").key) == (first, second)
    assert open_engine(section, "kk", "en").spec.key == first


def test_a_section_travels_to_other_processes(models: Path) -> None:
    for settings in (SEQ2SEQ, CT2, VLLM, SERVED):
        section = translation(models, settings)
        assert pickle.loads(pickle.dumps(section)) == section


@pytest.mark.parametrize("engine", BUILT_IN)
def test_what_is_marked_idle_is_no_part_of_what_answers_depend_on(engine: str, models: Path) -> None:
    settings = next(one for one in (SEQ2SEQ, CT2, VLLM, SERVED, PROGRAM, *SERVICES) if one["engine"] == engine)
    section = translation(models, settings)
    idle = {name for name, field in type(section).model_fields.items() if Idle() in field.metadata}
    assert {"engine", "name", "lang", "dataset", "licence", "protect", "post_edit", "bearable"} <= idle
    assert {"retry", "command", "url", "key_variable", "price", "budget"} & type(section).model_fields.keys() <= idle
    assert idle.isdisjoint(section.answering())


def test_who_asks_a_server_needs_no_gpu(models: Path) -> None:
    section = translation(models, SERVED)
    assert section.asks_server
    assert (section.gpus(), section.wants_gpu) == (0, False)
    for settings in (SEQ2SEQ, CT2):
        assert translation(models, {**settings, "device": "cpu"}).gpus() == 0
        assert translation(models, {**settings, "device": "cuda"}).wants_gpu
        assert not translation(models, settings).asks_server
