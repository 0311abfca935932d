"""The folder of a trained model: weights, tokenizer, ``training.json`` and a card; it appears whole or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import yaml

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import recover_folder, replacing_folder

from .checkpoints import Checkpoint, checkpoint_path
from .kinds import Kind
from .measuring import Measured, measure
from .pairs import Pairs
from .settings import TrainingConfig

ACCOUNT = "training.json"
"""The file that says what a model was trained on and how; a folder without it is no finished training."""

_TOKENIZER_FILES = ("*.json", "*.model", "*.spm", "*.txt", "*.jinja")
_NOT_COPIED = ("config.json", "generation_config.json", "README.md")


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a finished training.

    ``base`` is hub id or folder name, commit and hash of the checkpoint that was adapted, None for a model from
    nothing; ``profile`` is how a language model is asked; ``test`` is what the result got on the split of that name;
    ``evaluations`` are steps with chrF and loss; ``chrf`` is that of ``best_step``, on the validation pairs.
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
    back_translations: int = 0
    test: Measured | None = None
    profile: str | None = None


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


def write_result(
    config: TrainingConfig, start: Path, kind: Kind, folder: Path, account: Account, *, test: Pairs
) -> None:
    """Write the model of the best checkpoint in ``folder`` to the config's output, additions merged in.

    The files of the tokenizer are those of the model that training started from: saved anew, they may lose what a
    library's version does not know. The folder is opened once as an engine opens it, and measured on the pairs of
    ``test`` by that engine, before it takes its place.
    """
    best = checkpoint_path(folder, account.best_step)
    with replacing_folder(config.output) as beside:
        for pattern in _TOKENIZER_FILES:
            for file in start.glob(pattern):
                if file.name not in _NOT_COPIED and ".index." not in file.name:
                    shutil.copyfile(file, beside / file.name)
        kind.result(config, start, best).save_pretrained(beside)
        kind.check(beside)
        if len(test):
            account = replace(account, test=measure(config, beside, start, test))
        (beside / "README.md").write_text(_card(config, account), encoding="utf-8", newline="\n")
        text = json.dumps(asdict(account), ensure_ascii=False, indent=2)
        (beside / ACCOUNT).write_text(text + "\n", encoding="utf-8", newline="\n")


def _card(config: TrainingConfig, account: Account) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["cell"] = lambda text: " ".join(text.split()).replace("|", "\\|")
    template = environment.from_string(
        files("qosmatin.translate").joinpath("templates", "model_card.md.j2").read_text(encoding="utf-8")
    )
    return template.render(
        head=yaml.safe_dump(_head(config, account), allow_unicode=True, sort_keys=False, width=120),
        name=config.output.name,
        config=config,
        account=account,
        settings=config.training.model_dump(mode="json"),
        profile=account.profile,
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
    if account.test is not None:
        head["model-index"] = [{"name": config.output.name, "results": [_result(config, account, account.test)]}]
    return head


def _result(config: TrainingConfig, account: Account, test: Measured) -> dict[str, Any]:
    """Return what the hub shows of the test, as its ``model-index`` has it."""
    dataset = {"name": account.dataset["name"], "type": account.dataset["name"], "split": "test"}
    if account.dataset["config"]:
        dataset["config"] = account.dataset["config"]
    return {
        "task": {"type": "translation", "name": f"Translation {config.data.source}-{config.data.target}"},
        "dataset": dataset,
        "metrics": [
            {"type": "bleu", "name": "BLEU", "value": round(test.bleu, 2)},
            {"type": "chrf", "name": "chrF++", "value": round(test.chrf, 2)},
        ],
    }
