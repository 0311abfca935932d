"""Training of models that read a sentence and write its translation: NLLB-200, M2M100, MADLAD-400, Marian."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from transformers import (
    AutoModelForSeq2SeqLM,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
)

from qosmatin.translate.checkpoints import CheckpointSettings
from qosmatin.translate.codec import open_codec

from .encoding import EncodedPairs, encode_pairs
from .kinds import generation_of
from .pairs import Pairs
from .settings import LoopSection, TrainingConfig


class Seq2SeqKind:
    """Seq2seq models, told their languages as their family is (see ``codec``)."""

    model_class = AutoModelForSeq2SeqLM
    trainer_class = Seq2SeqTrainer
    task = "SEQ_2_SEQ_LM"
    profile: str | None = None

    def __init__(self, start: Path, settings: CheckpointSettings, langs: tuple[str, str]) -> None:
        self._settings, self._langs = settings, langs
        self._codec = open_codec(start, settings, *langs)
        self.tokenizer = self._codec.tokenizer

    def encode(self, pairs: Pairs, loop: LoopSection) -> tuple[EncodedPairs, int]:
        """Return pairs as ids, and how many were left out since a side has more than ``max_tokens``."""
        encoded, _, too_long = encode_pairs(pairs, self._codec, loop.max_tokens)
        return encoded, too_long

    def encode_held_out(self, pairs: Pairs, loop: LoopSection) -> tuple[EncodedPairs, list[str]]:
        """Return pairs as ids, and their targets."""
        encoded, references, _ = encode_pairs(pairs, self._codec, loop.max_tokens)
        return encoded, references

    def collator(self, model: Any) -> Any:
        """Return what makes batches of pairs."""
        return _Collator(self.tokenizer, model.config.decoder_start_token_id)

    def set_generation(self, model: Any, loop: LoopSection) -> None:
        """Set a model to generate as evaluations want it."""
        generation = copy.deepcopy(model.generation_config)
        generation.update(
            num_beams=loop.beams,
            do_sample=False,
            max_length=None,
            max_new_tokens=loop.max_tokens,
            forced_bos_token_id=self._codec.forced,
            forced_eos_token_id=None,
        )
        model.generation_config = generation

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return generated ids as texts."""
        return self._codec.decode([list(row) for row in ids])

    def result(self, config: TrainingConfig, start: Path, best: Path) -> Any:
        """Return the trained model, in float32, set to generate the target language."""
        weights = best if config.lora is None else start
        model = AutoModelForSeq2SeqLM.from_pretrained(str(weights), dtype="float32", local_files_only=True)
        if config.lora is not None:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, str(best)).merge_and_unload()
        model.generation_config = self._generation(start)
        return model

    def _generation(self, start: Path) -> Any:
        """Return the generation config of the model that training started from, set to the target language."""
        generation = generation_of(start)
        if self._codec.forced is not None:
            generation.forced_bos_token_id = self._codec.forced
        return generation

    def check(self, folder: Path) -> None:
        """Open the tokenizer, as an engine does."""
        open_codec(folder, self._settings, *self._langs)


class _Collator:
    """Makes batches: sources and labels padded, and what the decoder is given: the labels one place to the right.

    The library has the last for some families only; smoothing of labels needs it for all.
    """

    def __init__(self, tokenizer: Any, start: int) -> None:
        self._pad: Callable[[list[dict[str, list[int]]]], Any] = DataCollatorForSeq2Seq(tokenizer)
        self._start = start
        self._filler = tokenizer.pad_token_id

    def __call__(self, pairs: list[dict[str, list[int]]]) -> Any:
        """Return a batch as tensors."""
        batch = self._pad(pairs)
        given = batch["labels"].roll(1, dims=1)
        given[:, 0] = self._start
        batch["decoder_input_ids"] = given.masked_fill(given == -100, self._filler)
        return batch
