"""The training itself, by the library's ``Trainer``: steps, evaluations by chrF, checkpoints, early stopping.

Imported only when something is trained: it needs the extra ``train``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from sacrebleu.metrics.chrf import CHRF
from transformers import (
    BitsAndBytesConfig,
    EarlyStoppingCallback,
    PrinterCallback,
    Seq2SeqTrainingArguments,
    TrainerCallback,
)
from transformers.utils import logging

from qosmatin.corpus.errors import InputError
from qosmatin.translate.torch_models import half_precision

from .checkpoints import Checkpoint, checkpoint_path, mark_whole, remove_others
from .kinds import Examples, Kind
from .settings import LoopSection, LoraSection, TrainingConfig

_INTERVAL = (100, 1000)
"""Fewest and most steps between evaluations where the config does not say."""


class Reporter(Protocol):
    """Who is told how a training goes."""

    def step(self, step: int, steps: int, note: str) -> None:
        """Hear that a step of so many is done, and how it goes in a phrase."""

    def say(self, line: str) -> None:
        """Hear what a person should know."""


def train(
    config: TrainingConfig,
    start: Path,
    kind: Kind,
    data: Examples,
    *,
    validation: Examples,
    references: Sequence[str],
    folder: Path,
    last: Checkpoint | None,
    reporter: Reporter,
) -> None:
    """Train from the model in ``start``, or on from ``last``, and leave checkpoints in ``folder``.

    ``references`` are the targets of the validation pairs as text; the chrF of what the model generates for their
    sources decides which checkpoint is the best and when to stop.
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    loop = config.training
    # Before the model: its first random numbers are the additions of LoRA.
    torch.manual_seed(loop.seed)
    model = _open(start, kind, loop, config.lora)
    arguments = _arguments(config, folder, len(data))
    trainer = kind.trainer_class(
        model=model,
        args=arguments,
        train_dataset=data,
        eval_dataset=validation,
        data_collator=kind.collator(model),
        processing_class=kind.tokenizer,
        compute_metrics=lambda prediction: {"chrf": _chrf(prediction.predictions, kind, references)},
        callbacks=[
            EarlyStoppingCallback(loop.patience),
            _ZeroRow(model),
            _Keeper(folder),
            _Teller(reporter),
        ],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=None if last is None else str(last.path))


def _open(start: Path, kind: Kind, loop: LoopSection, lora: LoraSection | None) -> Any:
    """Return the model with its additions, if any, set to generate as evaluations want it.

    Weights are float32 whatever the precision of the arithmetic: small steps are lost in halves. Those of a base that
    stays as it is may be of few bits.
    """
    more: dict[str, Any] = {}
    if lora is not None and lora.quantization is not None:
        more["quantization_config"] = _quantization(lora.quantization)
    model = kind.model_class.from_pretrained(str(start), dtype="float32", local_files_only=True, **more)
    kind.set_generation(model, loop)
    if loop.gradient_checkpointing:
        model.config.use_cache = False
    if lora is None:
        return model
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    if more:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=loop.gradient_checkpointing)
    elif loop.gradient_checkpointing:
        model.enable_input_require_grads()
    additions = LoraConfig(
        task_type=kind.task,
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.layers or "all-linear",
    )
    return get_peft_model(model, additions)


def _quantization(bits: str) -> Any:
    """Return how the base's weights are kept in few bits; raises ``InputError`` without the package."""
    if find_spec("bitsandbytes") is None:
        raise InputError(f"lora.quantization: {bits} needs bitsandbytes: pip install bitsandbytes")
    if bits == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)


def _evaluation_interval(loop: LoopSection, pairs: int) -> int:
    """Return the steps between two evaluations: an epoch, within bounds."""
    epoch = ceil(ceil(pairs / loop.batch_sentences) / loop.accumulate)
    return loop.evaluate_every or min(max(epoch, _INTERVAL[0]), _INTERVAL[1])


def _arguments(config: TrainingConfig, folder: Path, pairs: int) -> Any:
    loop = config.training
    interval = _evaluation_interval(loop, pairs)
    half = _precision(loop)
    return Seq2SeqTrainingArguments(
        output_dir=str(folder),
        learning_rate=config.learning_rate,
        # Does not depend on the number of steps, so that a training may go on longer than was planned.
        lr_scheduler_type="inverse_sqrt",
        warmup_steps=loop.warmup_steps,
        per_device_train_batch_size=loop.batch_sentences,
        per_device_eval_batch_size=loop.batch_sentences,
        gradient_accumulation_steps=loop.accumulate,
        activation_checkpointing=loop.gradient_checkpointing,
        label_smoothing_factor=loop.label_smoothing,
        num_train_epochs=loop.epochs,
        max_steps=loop.max_steps or -1,
        train_sampling_strategy="group_by_length",
        eval_strategy="steps",
        eval_steps=interval,
        save_strategy="steps",
        save_steps=interval,
        logging_strategy="steps",
        logging_steps=min(interval, 50),
        predict_with_generate=True,
        remove_unused_columns=False,
        metric_for_best_model="chrf",
        greater_is_better=True,
        restore_callback_states_from_checkpoint=True,
        seed=loop.seed,
        bf16=half == "bfloat16",
        fp16=half == "float16",
        use_cpu=loop.device == "cpu",
        dataloader_pin_memory=loop.device != "cpu" and torch.cuda.is_available(),
        disable_tqdm=True,
        report_to=[],
    )


def _precision(loop: LoopSection) -> str:
    """Return the precision of the arithmetic, with ``auto`` made definite."""
    if loop.precision != "auto":
        return loop.precision
    if loop.device == "cpu" or not torch.cuda.is_available():
        return "float32"
    return half_precision()


def _chrf(predictions: Any, kind: Kind, references: Sequence[str]) -> float:
    """Return the corpus chrF (Popović 2015, by sacrebleu) of generated ids against the references."""
    filler = kind.tokenizer.pad_token_id
    ids = np.where(predictions < 0, kind.tokenizer.eos_token_id if filler is None else filler, predictions)
    texts = kind.decode(ids.tolist())
    return float(CHRF().corpus_score(texts, [list(references)]).score)


class _ZeroRow(TrainerCallback):  # type: ignore[misc]
    """Keeps a Marian's padding at zero, from which the decoder starts: CTranslate2 relies on it."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._needed = model.config.model_type == "marian" and not torch.count_nonzero(self._row())

    def _row(self) -> Any:
        """Return the row where it is now: moving a model to a GPU gives it other memory."""
        return self._model.get_decoder().embed_tokens.weight.data[self._model.config.decoder_start_token_id]

    def on_step_end(self, _args: Any, _state: Any, _control: Any, **_more: Any) -> None:
        """Undo what the step did to the row, which is the output layer's too."""
        if self._needed:
            self._row().zero_()


class _Keeper(TrainerCallback):  # type: ignore[misc]
    """Marks each checkpoint that is whole, and removes those that are neither the last nor the best."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def on_save(self, _args: Any, state: Any, control: Any, **_more: Any) -> None:
        """Mark and tidy."""
        mark_whole(checkpoint_path(self._folder, state.global_step), bool(control.should_training_stop))
        remove_others(self._folder, {state.global_step, state.best_global_step})


class _Teller(TrainerCallback):  # type: ignore[misc]
    """Tells how the training goes."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._note = ""

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_more: Any) -> None:
        """Tell that a step is done."""
        self._reporter.step(state.global_step, state.max_steps, self._note)

    def on_log(self, _args: Any, _state: Any, _control: Any, logs: dict[str, float], **_more: Any) -> None:
        """Keep the loss for the next step's note."""
        if "loss" in logs:
            self._note = f"loss {logs['loss']:.3f}"

    def on_evaluate(self, _args: Any, state: Any, _control: Any, metrics: dict[str, float], **_more: Any) -> None:
        """Tell the result of an evaluation."""
        chrf, best = metrics["eval_chrf"], state.best_metric
        verdict = "the best so far" if best is None or chrf > best else f"best {best:.2f}"
        note = f", {self._note}" if self._note else ""
        self._reporter.say(f"step {state.global_step:,} of {state.max_steps:,}: chrF {chrf:.2f} ({verdict}){note}")
