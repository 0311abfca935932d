"""The engine ``vllm`` on a stand-in for the package, which answers by transformers what greedy search finds.

Where vLLM itself is installed (``QOSMATIN_REAL_VLLM=1``), the same tests ask it instead.
"""

import json
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed")
pytest.importorskip("transformers", reason="the extra 'mt' is not installed")

import tiny_profiles
from pydantic import ValidationError

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.opening import open_engine
from qosmatin.translate.settings import Decoding
from qosmatin.translate.transformers_engine import TransformersSettings
from qosmatin.translate.vllm_engine import VllmSettings

STAND_INS = Path(__file__).parent / "stand_ins"
REAL = os.environ.get("QOSMATIN_REAL_VLLM") == "1"
if REAL:  # it knows no smaller heads
    tiny_profiles.SHAPE |= {"hidden_size": 128, "head_dim": 32}
TEXTS = ["Сот өтті.", "Ол келді, бірақ кеш.", "Бұл жаңа сөйлем."]


@pytest.fixture(autouse=True)
def vllm(monkeypatch):
    if not REAL:
        monkeypatch.syspath_prepend(str(STAND_INS))
        for name in ("VLLM_NO_USAGE_STATS", "VLLM_ENABLE_V1_MULTIPROCESSING", "VLLM_LOGGING_LEVEL"):
            monkeypatch.delenv(name, raising=False)
    yield
    if not REAL:
        sys.modules.pop("vllm", None)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    built = {}

    def folder(profile):
        if profile not in built:
            make = tiny_profiles.build_chat if profile in tiny_profiles.CHAT else tiny_profiles.build_seq2seq
            built[profile] = make(profile, tmp_path_factory.mktemp(profile))
        return built[profile]

    return folder


def settings(folder, **more):
    more = {"decoding": Decoding(max_tokens=6), "dtype": "float32", **more}
    more = {"enforce_eager": True, "max_model_len": 1024, "gpu_memory": 0.3, **more} if REAL else more
    return VllmSettings(engine="vllm", model=str(folder), **more)


def by_transformers(folder, **more):
    more = {"decoding": Decoding(beams=1, max_tokens=6), "device": "cpu", "dtype": "float32", "threads": 1, **more}
    return TransformersSettings(engine="transformers", model=str(folder), **more)


def answers(settings, pair=("kk", "en"), requests=None):
    engine = open_engine(settings, *pair).get()
    try:
        return engine.translate(requests or [TranslationRequest(text) for text in TEXTS])
    finally:
        engine.close()


@pytest.mark.parametrize("profile", ["house", "qwen3", "gemma3", "milmmt", "hunyuan-mt", "tower"])
def test_it_answers_as_transformers_does_by_the_same_profile(profile, checkpoint):
    pair = ("ru", "en") if profile == "tower" else ("kk", "en")
    ours, theirs = settings(checkpoint(profile)), by_transformers(checkpoint(profile))
    assert answers(ours, pair) == answers(theirs, pair)
    assert ours.plan() == theirs.plan()
    told = open_engine(ours, *pair).spec.settings
    assert {name: told[name] for name in ("prompt", "context", "decoding")} == {
        name: value for name, value in theirs.spec(*pair).settings.items() if name in ("prompt", "context", "decoding")
    }


def test_context_terms_and_several_sentences_reach_the_model(checkpoint):
    more = {"sentences": 3, "context": 1, "glossary": {"сот": "court"}, "style": "Plain."}
    asked = [TranslationRequest("Сот өтті.", ("Бірінші.",), (("сот", "court"),)), *map(TranslationRequest, TEXTS)]
    folder = checkpoint("house")
    assert answers(settings(folder, **more), requests=asked) == answers(by_transformers(folder, **more), requests=asked)


def test_what_does_not_fit_is_not_asked(checkpoint):
    (one,) = answers(settings(checkpoint("house"), max_model_len=128), requests=[TranslationRequest("Сот.")])
    assert (one.text, one.flags) == ("", ("over-long",))


def test_it_keeps_its_key_on_other_gpus_and_changes_it_with_its_numbers(checkpoint):
    folder = checkpoint("house")
    key = settings(folder).spec("kk", "en").key
    same = {"tensor_parallel": 4, "gpu_memory": 0.5, "max_model_len": 512, "enforce_eager": True, "batch_sentences": 7}
    assert settings(folder, **same).spec("kk", "en").key == key
    for other in ({"dtype": "bfloat16"}, {"quantization": "fp8"}, {"batch_invariant": True}, {"sentences": 2}):
        assert settings(folder, **other).spec("kk", "en").key != key
    assert by_transformers(folder).spec("kk", "en").key != key


def test_each_gpu_has_a_model_unless_one_model_has_them_all(checkpoint, monkeypatch):
    monkeypatch.setattr("qosmatin.translate.vllm_engine.count_gpus", lambda: 4)
    one = settings(checkpoint("house"))
    assert one.wants_gpu
    assert [one.gpus(), one.model_copy(update={"tensor_parallel": 4}).gpus()] == [4, 0]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"decoding": {"beams": 4}}, "decoding.beams: engine vllm searches greedily"),
        ({"decoding": {"patience": 2}}, "decoding.patience"),
        ({"decoding": {"length_penalty": 2}}, "decoding.length_penalty"),
        ({"retry": {}}, "retry: engine vllm"),
        ({"gpu_memory": 1.5}, "less than or equal to 1"),
        ({"device": "cuda"}, "Extra inputs"),
    ],
)
def test_what_it_does_not_have_is_refused(more, fault):
    with pytest.raises(ValidationError, match=fault):
        VllmSettings.model_validate({"engine": "vllm", "model": "x", **more})


@pytest.mark.parametrize(
    ("profile", "more", "fault"),
    [
        ("nllb", {}, "runs language models, and this checkpoint is none"),
        ("tower", {}, "does not speak Kazakh"),
        ("house", {"decoding": Decoding(repetition_penalty=1.2)}, "cannot have no_repeat_ngram or repetition_penalty"),
        ("hunyuan-mt", {"style": "Plain."}, "style: the prompt that the model was trained on"),
    ],
)
def test_a_plan_says_what_it_cannot_do(profile, more, fault, checkpoint):
    with pytest.raises(InputError, match=fault):
        settings(checkpoint(profile), **more).check("kk", "en")
    with pytest.raises(InputError, match=fault):
        answers(settings(checkpoint(profile), **more))


@pytest.mark.skipif(REAL, reason="is about what the stand-in refuses")
@pytest.mark.parametrize("more", [{"tensor_parallel": 8}, {"max_model_len": 10**6}])
def test_what_vllm_cannot_open_is_a_line_with_its_reason(more, checkpoint):
    with pytest.raises(InputError, match=r"^[^\n]*vLLM cannot open the model: \w[^\n]*engine: transformers[^\n]*$"):
        answers(settings(checkpoint("house"), **more))


def test_without_vllm_a_plan_and_a_run_name_the_command(checkpoint, monkeypatch):
    monkeypatch.setattr("qosmatin.translate.vllm_engine.find_spec", lambda _name: None)
    one = settings(checkpoint("house"))
    assert one.spec("kk", "en").key  # what is in the cache needs none
    for work in (lambda: one.check("kk", "en"), lambda: open_engine(one, "kk", "en").get()):
        with pytest.raises(MissingExtraError, match=r"pip install 'qosmatin\[vllm\]'"):
            work()


@pytest.mark.skipif(REAL, reason="asks the stand-in what it was told")
def test_the_model_is_opened_by_its_folder_with_nothing_of_its_own_sampling(checkpoint):
    import vllm

    vllm.LLM.opened.clear()
    folder = checkpoint("qwen3")
    answers(settings(folder, quantization="fp8"))
    assert vllm.LLM.opened == [{"model": str(folder), "generation_config": "vllm", "quantization": "fp8"}]
    assert json.loads((folder / "config.json").read_text())
