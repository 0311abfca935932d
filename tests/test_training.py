"""Training through the command: from a dataset folder to a model that the engines run."""

import json

import pytest

pytest.importorskip("torch", reason="the extra 'train' is not installed")
pytest.importorskip("accelerate", reason="the extra 'train' is not installed")
pytest.importorskip("peft", reason="the extra 'train' is not installed")

import datasets
import tiny_models
import torch
import yaml
from warm import ROOT, TESTS, run_warm

from qosmatin.cli import main
from qosmatin.config.training import load_training_config
from qosmatin.corpus.errors import ConfigError, InputError, MissingExtraError
from qosmatin.translate.codec import open_codec
from qosmatin.translate.ctranslate2_engine import CTranslate2Settings
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.opening import open_engine
from qosmatin.translate.settings import Decoding
from qosmatin.translate.training.checkpoints import last_checkpoint, mark_whole, remove_others
from qosmatin.translate.training.encoding import encode_pairs
from qosmatin.translate.training.pairs import Pairs, read_training_data
from qosmatin.translate.training.run import plan_training
from qosmatin.translate.training.settings import DataSection, TrainingConfig
from qosmatin.translate.transformers_engine import TransformersSettings

PAIRS = tiny_models.pairs()
FAMILIES = ["nllb", "m2m100", "madlad", "marian"]


@pytest.fixture(autouse=True)
def caches(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def row(source, target, kind="human", confidence=0.9, document="a", source_kind="original"):
    return {
        "translation": {"kk": source, "en": target},
        "document": document,
        "confidence": confidence,
        "source_kind": source_kind,
        "target_kind": kind,
    }


def write_dataset(folder, config="kk-en", **splits):
    """A dataset as the stage ``publish`` lays it out, with the columns that training reads."""
    entry = {"config_name": config, "version": "1.2.3", "data_files": []}
    for split, rows in splits.items():
        path = folder / config / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        datasets.Dataset.from_list(rows).to_parquet(str(path))
        entry["data_files"].append({"split": split, "path": f"{config}/{split}-*.parquet"})
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': [entry]})}---\n", encoding="utf-8")
    return folder


@pytest.fixture
def dataset(tmp_path):
    return write_dataset(tmp_path / "dataset", train=[row(*pair) for pair in PAIRS])


def write_config(folder, **changes):
    """The config of a training that is over in seconds."""
    content = {
        "output": "model",
        "data": {"dataset": "dataset", "config": "kk-en", "source": "kk", "target": "en", "validation": 0.1},
        "from_scratch": {"vocabulary": 200, "layers": 1, "width": 64, "feed_forward": 128, "dropout": 0},
        "training": {
            "learning_rate": 4e-3,
            "warmup_steps": 50,
            "batch_sentences": 54,
            "label_smoothing": 0,
            "max_tokens": 40,
            "max_steps": 6,
            "device": "cpu",
        },
    }
    for section, change in changes.items():
        content[section] = content.get(section, {}) | change if isinstance(change, dict) else change
    path = folder / "train.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value}), encoding="utf-8")
    return path


def command(capsys, *words, status=0):
    with pytest.raises(SystemExit) as end:
        main(["train", *map(str, words)])
    told = capsys.readouterr()
    assert (end.value.code or 0) == status, told.err
    return " ".join((told.err if status else told.out).split())


def exact(engine, pairs):
    answers = engine.get().translate([TranslationRequest(source) for source, _ in pairs])
    return sum(answer.text == target for answer, (_, target) in zip(answers, pairs, strict=True)) / len(pairs)


def test_a_model_from_nothing_learns_its_pairs_and_both_engines_run_it(tmp_path, dataset, capsys):
    config = write_config(tmp_path, training={"max_steps": 250, "evaluate_every": 250})
    assert "54 pairs to train on (54 human), 6 to validate on" in command(capsys, config, "--dry-run")
    assert not (tmp_path / "model").exists()
    assert "chrF" in command(capsys, config)
    model, held = tmp_path / "model", {one for one in PAIRS if one not in learnt(config)}
    assert len(held) == 6
    plain = TransformersSettings(engine="transformers", model=str(model), device="cpu", decoding=Decoding(beams=1))
    assert exact(open_engine(plain, "kk", "en"), learnt(config)) >= 0.9
    converted = CTranslate2Settings(engine="ctranslate2", model=str(model), device="cpu", compute_type="float32")
    assert exact(open_engine(converted, "kk", "en"), learnt(config)) >= 0.9
    card, account = (model / "README.md").read_text(), json.loads((model / "training.json").read_text())
    assert account["kinds"] == {"human": 54}
    assert account["dataset"]["version"] == "1.2.3"
    assert account["chrf"] == account["evaluations"][-1]["chrf"] > 0
    assert "| human | 54 |" in card
    assert f"chrF {account['chrf']:.2f} on the validation pairs, at step 250" in card
    assert not (tmp_path / "model.training").exists()

    before = (model / "model.safetensors").stat().st_mtime_ns
    assert "nothing is to be done" in command(capsys, config)
    assert (model / "model.safetensors").stat().st_mtime_ns == before
    other = write_config(tmp_path, training={"max_steps": 2, "seed": 7})
    assert "different: training.seed)" in command(capsys, other, status=2)
    assert "chrF" in command(capsys, other, "--anew")
    assert json.loads((model / "training.json").read_text())["best_step"] == 2


def learnt(config):
    train = read_training_data(load_training_config(config).data).train
    return list(zip(train.sources, train.targets, strict=True))


@pytest.fixture
def one_thread():
    """Sums depend on how many threads share them, and a test before may have set that."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(tmp_path, dataset, capsys):
    short = {"max_steps": 6, "evaluate_every": 2, "batch_sentences": 16, "label_smoothing": 0.1}
    more = {"from_scratch": {"dropout": 0.1}, "training": short}
    undisturbed = write_config(tmp_path, output="whole", **more)
    command(capsys, undisturbed)
    config = write_config(tmp_path, output="killed", **more)
    for moment, left, told in (("save", {2, 4}, ""), ("result", {2, 4, 6}, "going on from step 2")):
        done = run_warm(config, moment, program=TESTS / "dying_training.py")
        assert done.returncode == -9, done.stderr
        assert told in " ".join(done.stdout.split())
        checkpoints = tmp_path / "killed.training" / "checkpoints"
        assert {int(path.name.split("-")[1]) for path in checkpoints.iterdir()} <= left
        assert not (tmp_path / "killed").exists()
    other = write_config(tmp_path, output="killed", **more, data={"min_confidence": 0.5})
    assert "the checkpoints of another training" in command(capsys, other, status=2)
    config = write_config(tmp_path, output="killed", **more)
    assert "going on from step 6" in command(capsys, config)
    for name in ("model.safetensors", "training.json", "generation_config.json", "vocab.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_an_interrupted_training_may_be_given_more_steps(tmp_path, dataset, capsys):
    short = {"max_steps": 4, "evaluate_every": 2}
    config = write_config(tmp_path, training=short)
    run_warm(config, "save", program=TESTS / "dying_training.py")
    assert "going on from step 2" in command(capsys, write_config(tmp_path, training=short | {"max_steps": 6}))
    steps = [one["step"] for one in json.loads((tmp_path / "model" / "training.json").read_text())["evaluations"]]
    assert steps == [2, 4, 6]


def test_training_ends_when_chrf_grows_no_more(tmp_path, dataset, capsys):
    nothing = {"max_steps": 50, "evaluate_every": 1, "patience": 2, "learning_rate": 1e-12}
    assert "step 3 of 50" in command(capsys, write_config(tmp_path, training=nothing))
    assert len(json.loads((tmp_path / "model" / "training.json").read_text())["evaluations"]) == 3


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_adapted_by_lora_or_whole_and_runs_at_once(tmp_path, dataset, capsys, family):
    base = tiny_models.build(family, tmp_path / "base", steps=20)
    lora = {"rank": 4, "alpha": 8} if family in ("nllb", "madlad") else None
    loop = {"warmup_steps": 1, "label_smoothing": 0.1}
    config = write_config(tmp_path, from_scratch=None, base={"model": "base"}, lora=lora, training=loop)
    assert "chrF" in command(capsys, config)
    from safetensors.torch import load_file

    before, after = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "model"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert any("attn" in name.lower() or "attention" in name.lower() for name in changed)
    assert ("model.shared.weight" in changed) == (family in ("m2m100", "marian"))
    settings = TransformersSettings(engine="transformers", model=str(tmp_path / "model"), device="cpu")
    engine = open_engine(settings, "kk", "en")
    (answer,) = engine.get().translate([TranslationRequest(PAIRS[0][0])])
    assert answer.tokens_out > 1
    account = json.loads((tmp_path / "model" / "training.json").read_text())
    assert account["base"]["name"] == "base"
    codec = open_codec(tmp_path / "model", settings, "kk", "en")
    generation = json.loads((tmp_path / "model" / "generation_config.json").read_text())
    assert generation.get("forced_bos_token_id") == codec.forced


@pytest.mark.parametrize("name", ["train-marian-small", "train-nllb-lora"])
def test_the_shipped_configs_run_but_for_their_size(tmp_path, dataset, capsys, name):
    content = yaml.safe_load((ROOT / "configs" / f"{name}.yaml").read_text(encoding="utf-8"))
    content["output"], content["data"]["dataset"] = "model", "dataset"
    content["data"]["kinds"].append("human")
    content["training"] |= {"max_steps": 2, "device": "cpu"}
    if "base" in content:
        content["base"]["model"] = str(tiny_models.build("nllb", tmp_path / "base", steps=1))
    else:
        content["from_scratch"]["vocabulary"] = 100
    path = tmp_path / "train.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert "at step 2" in command(capsys, path)


@pytest.mark.parametrize("family", FAMILIES)
def test_pairs_are_encoded_as_each_family_was_trained(tmp_path, family):
    texts = [text for pair in PAIRS for text in pair]
    tokenizer = getattr(tiny_models, f"{family}_tokenizer")(tmp_path, texts)
    tiny_models.model_config(family, tokenizer).save_pretrained(tmp_path)
    settings = TransformersSettings(engine="transformers", model=str(tmp_path))
    codec = open_codec(tmp_path, settings, "kk", "en")
    pairs = Pairs([source for source, _ in PAIRS], [target for _, target in PAIRS])
    encoded, references, too_long = encode_pairs(pairs, codec, 100)
    sources, targets = tiny_models.encoded(family, tokenizer, PAIRS)
    assert [encoded[index]["input_ids"] for index in range(len(PAIRS))] == sources
    assert [encoded[index]["labels"] for index in range(len(PAIRS))] == targets
    assert (references, too_long) == (pairs.targets, 0)
    bound = max(map(len, sources + targets)) - 1
    few, references, too_long = encode_pairs(pairs, codec, bound)
    assert len(few) == len(references) == len(PAIRS) - too_long < len(PAIRS)


MIXED = [
    row("а", "a", "human"), row("ә", "b", "post-edited"), row("б", "c", "machine"), row("в", "d", None),
    row("г", "e", "human", 0.2), row("ғ", "f", "human", None), row("", "g"),
]  # fmt: skip


def read(dataset, **more):
    return read_training_data(DataSection(dataset=str(dataset), source="kk", target="en", validation=0.01, **more))


@pytest.mark.parametrize(
    ("more", "targets"),
    [
        ({}, "abef"),
        ({"kinds": ["machine"], "validation_sentences": 1}, "c"),
        ({"kinds": ["human"], "min_confidence": 0.5}, "af"),
        ({"kinds": ["post-edited", "unknown"]}, "bd"),
        ({"kinds": ["original"], "reversed": True}, "abcdef"),
    ],
)
def test_who_wrote_a_target_decides_whether_it_is_learnt_from(tmp_path, more, targets):
    held = [row("ж", "held", kind, source_kind="original") for kind in ("machine", "human", "post-edited")]
    data = read(write_dataset(tmp_path / "d", train=MIXED, validation=held), **more)
    assert "".join(sorted(data.train.targets)) == targets
    assert len(data.train) + sum(data.left_out.values()) == len(MIXED)


def test_the_side_that_was_translated_is_known_by_the_config_s_name(tmp_path):
    rows = [row("а", "a", "machine"), row("ә", "b", "machine")]
    folder = write_dataset(tmp_path / "d", train=rows)
    with pytest.raises(InputError, match=r"2 with targets of kind machine.*set data.kinds to .*'machine'"):
        read(folder)
    backwards = DataSection(dataset=str(folder), source="en", target="kk")
    assert set(read_training_data(backwards).train.kinds) == {"original"}
    with pytest.raises(InputError, match=r"set data.reversed"):
        read(write_dataset(tmp_path / "other", config="mine", train=rows))


def test_what_is_validated_on_is_not_trained_on(tmp_path):
    held = [row("Ж", "held")]
    train = [row("ж", "other"), row("а", "Held"), row("а", "a")]
    data = read(write_dataset(tmp_path / "d", train=train, validation=held, test=[row("т", "test")]))
    assert (data.train.targets, data.validation.targets) == (["a"], ["held"])
    assert data.left_out == {"with a text that is validated on": 2}


def test_whole_documents_are_held_out_where_there_are_enough(tmp_path):
    rows = [row(f"с{index}", f"s{index}", document=str(index % 25)) for index in range(100)]
    folder = write_dataset(tmp_path / "d", train=rows)
    data = read_training_data(DataSection(dataset=str(folder), source="kk", target="en", validation=0.2))
    held = {text.removeprefix("s") for text in data.validation.targets}
    assert len(held) == 20
    assert len({int(number) % 25 for number in held}) == 5
    assert data.held_out == "5 of 25 documents, chosen by hash"


def test_two_datasets_of_one_name_are_not_taken_for_each_other(tmp_path):
    one = write_dataset(tmp_path / "one" / "dataset", train=[row("а", "a"), row("ә", "b")])
    two = write_dataset(tmp_path / "two" / "dataset", train=[row("а", "x"), row("ә", "y")])
    assert {*read(one).train.targets, *read(one).validation.targets} == {"a", "b"}
    assert {*read(two).train.targets, *read(two).validation.targets} == {"x", "y"}


def test_a_dataset_with_a_column_for_each_language_has_targets_of_unknown_origin(tmp_path):
    folder = write_dataset(tmp_path / "d", train=[{"kk": "а", "en": "a"}, {"kk": "ә", "en": "b"}])
    assert read(folder, kinds=["unknown"]).train.kinds == {"unknown": 1}
    with pytest.raises(InputError, match="no column 'confidence'"):
        read(folder, kinds=["unknown"], min_confidence=0.5)
    with pytest.raises(InputError, match="no texts in ru"):
        read_training_data(DataSection(dataset=str(folder), source="kk", target="ru"))
    with pytest.raises(InputError, match="no such dataset folder"):
        read(tmp_path / "none")


def test_a_half_checkpoint_is_none(tmp_path):
    for step in (1, 2, 3):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert last_checkpoint(tmp_path) is None
    mark_whole(tmp_path / "checkpoint-1", ended=False)
    mark_whole(tmp_path / "checkpoint-2", ended=True)
    found = last_checkpoint(tmp_path)
    assert (found.step, found.ended) == (2, True)
    remove_others(tmp_path, {1})
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-1"]


def test_what_is_in_the_way_is_not_removed(tmp_path, dataset, capsys):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("mine")
    config = write_config(tmp_path)
    assert "holds something else" in command(capsys, config, status=2)
    assert "will not be removed" in command(capsys, config, "--anew", status=2)
    assert (tmp_path / "model" / "thesis.txt").exists()


def test_a_missing_package_is_named_with_its_extra(tmp_path, dataset, monkeypatch):
    monkeypatch.setattr("qosmatin.translate.training.run.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"qosmatin\[train\]"):
        plan_training(load_training_config(write_config(tmp_path)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("max_steps: 6", "max_stepz: 6", "training.max_stepz: unknown key; did you mean 'max_steps'?"),
        ("source: kk", "source: zz9", "data.source: 'zz9' is no known language code"),
        ("output: model", "base: {model: x}\noutput: model", "give either 'base'"),
        ("output: model", "lora: {}\noutput: model", "'lora' adds to a 'base'"),
        ("width: 64", "width: 66", "width 66 cannot be shared by 4 heads"),
        ("source: kk", "source: kk\n  kinds: [best]", "data.kinds.0: Input should be 'original', 'human'"),
    ],
)
def test_faults_of_a_config_name_line_and_key(tmp_path, old, new, fault):
    path = write_config(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_training_config(path)
    (found,) = caught.value.faults
    assert fault in found
    assert found.startswith(f"{path}:")


def test_the_shipped_schema_is_that_of_the_models():
    stored = json.loads((ROOT / "configs" / "training.schema.json").read_text(encoding="utf-8"))
    assert stored == TrainingConfig.model_json_schema(), (
        "run: qosmatin config schema training > configs/training.schema.json"
    )


BACK = [
    row("ағаш үй", "tree house", kind="machine", source_kind="original"),
    row("held-out", "held", kind="machine", source_kind="original"),
    row("мәтін", "text", kind="human", source_kind="original"),
]


def back_data(folder, **section):
    write_dataset(folder / "back", config="kk-en-bt", train=BACK)
    write_dataset(
        folder / "d", train=[row("а", "a"), row("ә", "b")], validation=[row("ж", "held")], test=[row("т", "t")]
    )
    section = {"dataset": str(folder / "back"), "config": "kk-en-bt"} | section
    return read_training_data(
        DataSection(
            dataset=str(folder / "d"), source="en", target="kk", kinds=["original"], back_translations=[section]
        )
    )


@pytest.mark.parametrize(("section", "expected"), [({}, "<BT> tree house"), ({"tag": ""}, "tree house")])
def test_back_translations_are_tagged_and_trained_on_alone(tmp_path, section, expected):
    data = back_data(tmp_path, **section)
    assert data.train.sources == ["a", "b", expected]
    assert data.train.targets[-1] == "ағаш үй"
    assert data.back_translations == 1
    # Of the others the text is validated on, or a person translated.
    assert data.left_out == {"with a text that is validated on": 1, "that are no back-translations": 1}
    assert "1 of them back-translations" in data.summary


def test_a_dataset_without_back_translations_is_refused(tmp_path):
    with pytest.raises(InputError, match="none of its texts in en was written by a machine from a text in kk"):
        write_dataset(tmp_path / "none", config="kk-en", train=[row("а", "a")])
        back_data(tmp_path, dataset=str(tmp_path / "none"), config="kk-en")


def test_what_is_tested_on_is_not_trained_on(tmp_path):
    train = [row("т", "other"), row("а", "a"), row("ә", "b")]
    data = read(write_dataset(tmp_path / "d", train=train, validation=[row("ж", "held")], test=[row("Т", "t")]))
    assert (sorted(data.train.targets), data.test.targets) == (["a", "b"], ["t"])
    assert data.left_out == {"with a text that is tested on": 1}
    assert not len(read(tmp_path / "d", test_sentences=0).test)
