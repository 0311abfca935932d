"""The folder of a trained model: weights, tokenizer, ``training.json`` and a card; it appears whole or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import yaml

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import recover_folder, replacing_folder
from qosmatin.translate.checkpoints import CheckpointSettings
from qosmatin.translate.codec import Codec, open_codec

from .checkpoints import Checkpoint, checkpoint_path
from .settings import TrainingConfig

ACCOUNT = "training.json"
"""The file that says what a model was trained on and how; a folder without it is no finished training."""

_TOKENIZER_FILES = ("*.json", "*.model", "*.spm", "*.txt", "*.jinja")
_NOT_COPIED = ("config.json", "generation_config.json", "README.md")


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a finished training.

    ``base`` is hub id or folder name, commit and hash of the checkpoint that was adapted, None for a model from
    nothing; ``evaluations`` are steps with chrF and loss; ``chrf`` is that of ``best_step``, on the validation pairs.
    """

    config: dict[str, Any]
    base: dict[str, str | None] | None
    dataset: dict[str, Any]
    kinds: dict[str, int]
    pairs: int
    too_long: int
    validation_pairs: int
    evaluations: list[dict[str, float]]
    best_step: int
    chrf: float
    metric: str
    tool: str


def read_account(output: Path) -> dict[str, Any] | None:
    """Return what a finished training in a folder says of itself, or None where there is none."""
    recover_folder(output)
    path = output / ACCOUNT
    if not path.exists():
        return None
    try:
        account: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"this account of a training is damaged ({error}); move the folder away", path) from None
    return account


def account_of(config: TrainingConfig, last: Checkpoint, facts: dict[str, Any]) -> Account:
    """Return the account of a training that ended with ``last``."""
    from sacrebleu.metrics.chrf import CHRF

    state = last.state()
    metric = CHRF()
    metric.corpus_score(["a"], [["a"]])  # its signature needs a count of references
    evaluations = [
        {"step": entry["step"], "chrf": entry["eval_chrf"], "loss": entry["eval_loss"]}
        for entry in state["log_history"]
        if "eval_chrf" in entry
    ]
    return Account(
        config=config.model_dump(mode="json", exclude={"output"}),
        evaluations=evaluations,
        best_step=state["best_global_step"],
        chrf=state["best_metric"],
        metric=f"chrF2|{metric.get_signature()}",
        **facts,
    )


def write_result(config: TrainingConfig, start: Path, codec: Codec, folder: Path, account: Account) -> None:
    """Write the model of the best checkpoint in ``folder`` to the config's output, additions merged in.

    The files of the tokenizer are those of the model that training started from: saved anew, they may lose what a
    library's version does not know. The folder is opened once as an engine opens it before it takes its place.
    """
    best = checkpoint_path(folder, account.best_step)
    with replacing_folder(config.output) as beside:
        for pattern in _TOKENIZER_FILES:
            for file in start.glob(pattern):
                if file.name not in _NOT_COPIED and ".index." not in file.name:
                    shutil.copyfile(file, beside / file.name)
        model = _load(config, start, best)
        model.generation_config = _generation(start, codec)
        model.save_pretrained(beside)
        settings = config.base or CheckpointSettings(model=str(beside))
        open_codec(beside, settings, config.data.source, config.data.target)
        (beside / "README.md").write_text(_card(config, account), encoding="utf-8", newline="\n")
        text = json.dumps(asdict(account), ensure_ascii=False, indent=2)
        (beside / ACCOUNT).write_text(text + "\n", encoding="utf-8", newline="\n")


def _load(config: TrainingConfig, start: Path, best: Path) -> Any:
    from transformers import AutoModelForSeq2SeqLM

    if config.lora is None:
        return AutoModelForSeq2SeqLM.from_pretrained(str(best), dtype="float32", local_files_only=True)
    from peft import PeftModel

    model = AutoModelForSeq2SeqLM.from_pretrained(str(start), dtype="float32", local_files_only=True)
    return PeftModel.from_pretrained(model, str(best)).merge_and_unload()


def _generation(start: Path, codec: Codec) -> Any:
    """Return the generation config of the model that training started from, set to the target language."""
    from transformers import AutoConfig, GenerationConfig

    if (start / "generation_config.json").exists():
        generation = GenerationConfig.from_pretrained(str(start), local_files_only=True)
    else:
        generation = GenerationConfig.from_model_config(AutoConfig.from_pretrained(str(start), local_files_only=True))
    if codec.forced is not None:
        generation.forced_bos_token_id = codec.forced
    return generation


def _card(config: TrainingConfig, account: Account) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string(
        files("qosmatin.translate").joinpath("templates", "model_card.md.j2").read_text(encoding="utf-8")
    )
    return template.render(
        head=yaml.safe_dump(_head(config, account), allow_unicode=True, sort_keys=False, width=120),
        name=config.output.name,
        config=config,
        account=account,
        settings=config.training.model_dump(mode="json"),
    )


def _head(config: TrainingConfig, account: Account) -> dict[str, Any]:
    """Return the YAML head of the card as the hub reads it; what stands in a local folder is no name there."""
    head: dict[str, Any] = {
        "language": [config.data.source, config.data.target],
        "license": config.licence.lower(),
        "library_name": "transformers",
        "pipeline_tag": "translation",
        "tags": ["translation", "qosmatin"],
    }
    if account.base is not None and "/" in (account.base["name"] or ""):
        head["base_model"] = account.base["name"]
    if account.dataset["on_hub"]:
        head["datasets"] = [account.dataset["name"]]
    return head
