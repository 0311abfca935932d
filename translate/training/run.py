"""One training from beginning to end: data, start, steps, result; each goes on from what a killed run left."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.atomic import replacing_folder, write_text
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.translate.checkpoints import CheckpointSettings
from qosmatin.translate.language_models import is_language_model
from qosmatin.translate.model_files import ModelFiles, find_model

from .checkpoints import last_checkpoint
from .pairs import TrainingData, read_training_data
from .result import account_of, read_account, write_result
from .settings import TrainingConfig

if TYPE_CHECKING:
    from .kinds import Kind
    from .loop import Reporter

_NEEDED = ("torch", "transformers", "accelerate", "sentencepiece")


@dataclass(frozen=True, slots=True)
class Plan:
    """What running a config would do: ``state`` is ``start``, ``go on`` or ``finished``; ``step`` is where it is."""

    state: str
    step: int
    data: TrainingData
    base: ModelFiles | None
    identity: dict[str, Any]


def plan_training(config: TrainingConfig) -> Plan:
    """Read the data and find out where a training stands.

    Raises ``InputError`` where the output holds another training, finished or under way; ``MissingExtraError`` where
    packages are missing.
    """
    needed = (*_NEEDED, "peft") if config.lora is not None else _NEEDED
    if any(find_spec(name) is None for name in needed):
        raise MissingExtraError("training", "train")
    base = None
    if config.base is not None:
        base = find_model(config.base.model, config.base.revision, config.base.download)
    data = read_training_data(config.data)
    identity = {
        "settings": config.identity(),
        "base": None if base is None else base.weights(),
        "train": data.train.hash(),
        "validation": data.validation.hash(),
        "test": data.test.hash() if len(data.test) else None,
    }
    finished = read_account(config.output)
    if finished is not None:
        _check_same(finished["dataset"]["identity"], identity, config.output, "a finished model of another training")
        return Plan("finished", finished["best_step"], data, base, identity)
    if config.output.exists() and any(config.output.iterdir()):
        raise InputError("is a folder that holds something else; name another 'output'", config.output)
    last = last_checkpoint(_work(config) / "checkpoints")
    if last is None:
        return Plan("start", 0, data, base, identity)
    begun = json.loads((_work(config) / "identity.json").read_text(encoding="utf-8"))
    _check_same(begun, identity, _work(config), "the checkpoints of another training")
    return Plan("go on", last.step, data, base, identity)


def run_training(config: TrainingConfig, plan: Plan, reporter: Reporter, tool: str) -> dict[str, Any]:
    """Train as planned, and return the account of the result, in which ``tool`` says what program made it.

    A finished training is not repeated.
    """
    work = _work(config)
    with _owning(work), warnings.catch_warnings():
        # What transformers 6 will call otherwise is nothing that a user can mend; hygiene normalises punctuation.
        warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        if plan.state != "finished":
            _train(config, plan, work, reporter, tool)
    shutil.rmtree(work)
    account = read_account(config.output)
    assert account is not None
    return account


def forget_training(config: TrainingConfig) -> None:
    """Remove the model and the checkpoints of a training, to begin anew."""
    if config.output.exists() and read_account(config.output) is None:
        raise InputError("holds no trained model, and will not be removed; name another 'output'", config.output)
    for folder in (config.output, _work(config)):
        shutil.rmtree(folder, ignore_errors=True)


def _train(config: TrainingConfig, plan: Plan, work: Path, reporter: Reporter, tool: str) -> None:
    from .loop import train

    checkpoints = work / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    write_text(work / "identity.json", json.dumps(plan.identity, ensure_ascii=False, indent=2) + "\n")
    start = _start(config, plan, work)
    settings = config.base or CheckpointSettings(model=str(start))
    kind = _kind_of(config, start, settings)
    data, too_long = kind.encode(plan.data.train, config.training)
    validation, references = kind.encode_held_out(plan.data.validation, config.training)
    if not len(data) or not len(validation):
        raise InputError(f"no pair has {config.training.max_tokens} tokens or fewer; raise training.max_tokens")
    last = last_checkpoint(checkpoints)
    if last is None or not last.ended:
        train(
            config,
            start,
            kind,
            data,
            validation=validation,
            references=references,
            folder=checkpoints,
            last=last,
            reporter=reporter,
        )
        last = last_checkpoint(checkpoints)
    assert last is not None
    facts = {
        "base": _named(plan.base),
        "dataset": _dataset(config, plan),
        "kinds": dict(plan.data.train.kinds),
        "pairs": len(plan.data.train) - too_long,
        "too_long": too_long,
        "back_translations": plan.data.back_translations,
        "profile": kind.profile,
        "validation_pairs": len(validation),
        "tool": tool,
    }
    write_result(config, start, kind, checkpoints, account_of(config, last, facts), test=plan.data.test)


def _kind_of(config: TrainingConfig, start: Path, settings: CheckpointSettings) -> Kind:
    """Return what is to be known of the base; raises ``InputError`` for settings that it has no place for."""
    langs = config.data.source, config.data.target
    if config.base is None or not is_language_model(settings, start):
        from .seq2seq import Seq2SeqKind

        if config.training.sentences > 1:
            raise InputError("training.sentences is for language models; a seq2seq model is given one at a time", start)
        return Seq2SeqKind(start, settings, langs)
    from .decoder import DecoderKind

    return DecoderKind(start, settings, langs)


def _start(config: TrainingConfig, plan: Plan, work: Path) -> Path:
    """Return the folder of the model that training starts from; a model from nothing is made once."""
    if plan.base is not None:
        return plan.base.folder
    from .scratch import write_untrained

    start = work / "untrained"
    if not start.exists():
        assert config.from_scratch is not None
        with replacing_folder(start) as beside:
            data = config.data
            write_untrained(
                beside,
                plan.data.train,
                config.from_scratch,
                source=data.source,
                target=data.target,
                seed=config.training.seed,
            )
    return start


def _named(base: ModelFiles | None) -> dict[str, str | None] | None:
    return None if base is None else {"name": base.name, "revision": base.revision, "weights": base.weights()}


def _dataset(config: TrainingConfig, plan: Plan) -> dict[str, Any]:
    folder = Path(config.data.dataset)
    local = folder.is_dir()
    name = folder.parent.name if local and folder.name == "dataset" else folder.name
    return {
        "name": name if local else config.data.dataset,
        "on_hub": not local,
        "config": config.data.config,
        "version": plan.data.version,
        "train": plan.identity["train"],
        "validation": plan.identity["validation"],
        "held_out": plan.data.held_out,
        "left_out": dict(plan.data.left_out),
        "identity": plan.identity,
    }


def _check_same(there: dict[str, Any], wanted: dict[str, Any], where: Path, what: str) -> None:
    """Raise ``InputError``, naming what differs, where another training stands in the way."""
    if fingerprint(there) == fingerprint(wanted):
        return
    differing = sorted(_differing(there, wanted))
    raise InputError(
        f"holds {what} (different: {', '.join(differing)}); put these back, name another 'output', or begin anew "
        "with --anew, which removes it",
        where,
    )


def _differing(one: Any, other: Any, name: str = "") -> Iterator[str]:
    """Yield what differs between two identities, as keys of the config where it is a setting."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {*one, *other}:
            yield from _differing(one.get(key), other.get(key), f"{name}.{key}" if name else key)
    elif one != other:
        known = {
            "train": "the pairs",
            "validation": "the validation pairs",
            "test": "the test pairs",
            "base": "the base's files",
        }
        yield known.get(name, name.removeprefix("settings."))


def _work(config: TrainingConfig) -> Path:
    """Return where a training keeps what it goes on from: beside the output, which holds finished models alone."""
    return config.output.with_name(f"{config.output.name}.training")


@contextmanager
def _owning(work: Path) -> Iterator[None]:
    """Own a training; raises ``InputError`` when another process does (one that died does not)."""
    work.mkdir(parents=True, exist_ok=True)
    lock = FileLock(work / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError("another process is at this training; wait for it to end", work) from None
    try:
        yield
    finally:
        lock.release()
