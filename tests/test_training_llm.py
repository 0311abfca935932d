"""Training of language models: what is asked and what is learnt, from a dataset to a folder that the engine runs."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the extra 'train' is not installed")
pytest.importorskip("accelerate", reason="the extra 'train' is not installed")
pytest.importorskip("peft", reason="the extra 'train' is not installed")

import tiny_models
import tiny_profiles
import yaml
from huggingface_hub import ModelCard
from test_training import ROOT, command, row, write_dataset

from qosmatin.corpus.errors import InputError
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.training.decoder import DecoderKind
from qosmatin.translate.training.pairs import Pairs
from qosmatin.translate.training.settings import BaseSection, LoopSection
from qosmatin.translate.transformers_engine import TransformersSettings

PAIRS = tiny_models.pairs(12)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("bases")
    made: dict[str, Path] = {}

    def base(profile: str) -> Path:
        if profile not in made:
            made[profile] = tiny_profiles.build_chat(profile, folder)
        return made[profile]

    return base


def kind_of(base: Path) -> DecoderKind:
    return DecoderKind(base, BaseSection(model=str(base)), ("kk", "en"))


ANSWERS = [
    # The rest of the JSON that the prompt begins, and what the template writes behind a reply, or the end of a text.
    ("house", ' "ab."}]}<eos>', ' "ab."}, {"id": 2, "text": "cd."}]}<eos>'),
    ("gemma3", ' "ab."}]}<eos>', ' "ab."}, {"id": 2, "text": "cd."}]}<eos>'),
    ("hunyuan-mt", "ab.<eos>", "ab. cd.<eos>"),
    ("milmmt", "ab.<eos>", "ab. cd.<eos>"),
    ("translategemma", "ab.<eos>", "ab. cd.<eos>"),
]


@pytest.mark.parametrize(("profile", "one", "two"), ANSWERS)
def test_the_answer_alone_is_learnt(bases: Any, profile: str, one: str, two: str) -> None:
    kind = kind_of(bases(profile))
    pairs = Pairs(["аб.", "вг.", "де."], ["ab.", "cd.", "ef."], documents=["x", "x", "y"])
    examples, too_long = kind.encode(pairs, LoopSection(sentences=2))
    assert (len(examples), too_long) == (2, 0)  # the third stands in another document
    [first, _] = [examples[number] for number in range(2)]
    assert said(kind, first) == two
    single, _ = kind.encode(pairs, LoopSection())
    assert [said(kind, single[number])[: len(one)] for number in (0,)] == [one]
    asked = TransformersSettings(engine="transformers", model=str(bases(profile)), device="cpu").open("kk", "en")
    prompt = single[0]["input_ids"][: single[0]["labels"].count(-100)]
    assert asked.count_tokens(["аб."]) == [len(prompt)]  # as the engine asks


def said(kind: DecoderKind, example: dict[str, list[int]]) -> str:
    """What is learnt of an example, as text; what comes before it is not."""
    learnt = [number for number in example["labels"] if number != -100]
    assert example["input_ids"][-len(learnt) :] == learnt
    assert example["labels"][: -len(learnt)] == [-100] * (len(example["labels"]) - len(learnt))
    return str(kind.tokenizer.decode(learnt))


def test_a_template_that_writes_an_end_behind_replies_is_obeyed(bases: Any, tmp_path: Path) -> None:
    tokenizer = tiny_profiles.byte_tokenizer(tiny_profiles.CHATML.replace("<|im_end|>", "<image>"))
    folder = bases("qwen3")
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    tokenizer.save_pretrained(tmp_path)
    examples, _ = kind_of(tmp_path).encode(Pairs(["аб."], ["ab."], documents=[None]), LoopSection())
    assert said(kind_of(tmp_path), examples[0]).endswith("]}<image>")


def test_long_pairs_are_left_out(bases: Any) -> None:
    kind = kind_of(bases("hunyuan-mt"))
    pairs = Pairs(["аб.", "аб. " * 50], ["ab.", "ab."], documents=[None, None])
    examples, too_long = kind.encode(pairs, LoopSection(max_tokens=20))
    assert (len(examples), too_long) == (1, 1)
    held, references = kind.encode_held_out(pairs, LoopSection(max_tokens=20))
    assert (len(held), references) == (1, ["ab."])
    assert held[0]["prompt"] == held[0]["input_ids"][: len(held[0]["prompt"])]


def write_config(folder: Path, base: Path, **training: Any) -> Path:
    content = yaml.safe_load((ROOT / "configs" / "train-llm-lora.yaml").read_text(encoding="utf-8"))
    content["output"], content["data"]["dataset"] = "model", "dataset"
    content["base"]["model"] = str(base)
    content["training"] |= {"max_steps": 2, "device": "cpu", "max_tokens": 16, "batch_sentences": 4, "accumulate": 1}
    content["training"] |= training
    path = folder / "train.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    rows = [row(*pair) for pair in PAIRS]
    return write_dataset(tmp_path / "dataset", train=rows[:8], validation=rows[8:10], test=rows[10:])


def test_the_shipped_config_adapts_a_language_model_that_the_engine_runs(
    bases: Any, dataset: Path, tmp_path: Path, capsys: Any
) -> None:
    path = write_config(tmp_path, bases("qwen3"), max_tokens=64)
    assert "8 pairs to train on (8 human), 2 to validate on (the dataset's own split), 2 to test on" in command(
        capsys, path, "--dry-run"
    )
    assert "at step 2" in command(capsys, path)
    account = json.loads((tmp_path / "model" / "training.json").read_text())
    assert account["profile"] == "qwen3"
    assert account["test"]["pairs"] == 2
    assert [one["target"] for one in account["test"]["samples"]] == [target for _, target in held(account)]
    card = ModelCard.load(tmp_path / "model" / "README.md")
    [bleu, chrf] = card.data.eval_results
    assert (bleu.metric_type, bleu.metric_value) == ("bleu", round(account["test"]["bleu"], 2))
    assert (chrf.metric_name, chrf.dataset_split) == ("chrF++", "test")
    assert "profile: qwen3" in card.text
    settings = TransformersSettings(engine="transformers", model=str(tmp_path / "model"), device="cpu", profile="qwen3")
    assert len(settings.open("kk", "en").translate([TranslationRequest(PAIRS[0][0])])) == 1


def held(account: dict[str, Any]) -> list[tuple[str, str]]:
    """The pairs of the test, in the order in which they were measured."""
    sources = [one["source"] for one in account["test"]["samples"]]
    return sorted(PAIRS[10:], key=lambda pair: sources.index(pair[0]))


def test_few_bits_need_their_package(bases: Any, dataset: Path, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    path = write_config(tmp_path, bases("hunyuan-mt"), max_tokens=64)
    content = yaml.safe_load(path.read_text())
    content["lora"]["quantization"] = "4bit"
    path.write_text(yaml.safe_dump(content))
    monkeypatch.setattr("qosmatin.translate.training.loop.find_spec", lambda _name: None)
    assert "needs bitsandbytes: pip install bitsandbytes" in command(capsys, path, status=2)


def test_a_language_that_the_card_does_not_name_is_refused(bases: Any, dataset: Path) -> None:
    with pytest.raises(InputError, match="does not speak Kazakh"):
        kind_of(bases("tower"))
