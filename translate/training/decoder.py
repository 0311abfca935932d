"""Training of language models: a sentence is asked as the model's profile says, and the answer alone is learnt.

Nothing is packed: an example is a prompt with its answer, of one sentence, or of several neighbours of a document.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, Seq2SeqTrainer

from qosmatin.translate.chat_prompts import Prompts
from qosmatin.translate.checkpoints import CheckpointSettings
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.language_models import chat_profile, decodes_text
from qosmatin.translate.prompt import ReplyError

from .kinds import generation_of
from .pairs import Pairs
from .settings import LoopSection, TrainingConfig


class Conversations:
    """Prompts and answers as ids; with ``prompts`` an example has its prompt apart, for evaluations to ask."""

    def __init__(self, prompts: bool = False) -> None:
        self._rows: list[tuple[list[int], list[int]]] = []
        self._prompts = prompts

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        prompt, answer = self._rows[index]
        example = {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}
        return example | ({"prompt": prompt} if self._prompts else {})

    def add(self, prompt: list[int], answer: list[int]) -> None:
        """Take in an example."""
        self._rows.append((prompt, answer))


class DecoderKind:
    """Language models, asked by their chat template as their profile says."""

    task = "CAUSAL_LM"

    def __init__(self, start: Path, settings: CheckpointSettings, langs: tuple[str, str]) -> None:
        self._profile = chat_profile(settings, start).profile
        self._profile.check_languages(*langs, start)
        self._langs = langs
        self.profile: str | None = self._profile.name
        self._prompts = Prompts(start, self._profile, "", langs)
        self._overhead = self._prompts.count([""])[0]
        self.tokenizer = self._prompts.tokenizer
        self.model_class = AutoModelForCausalLM if decodes_text(start) else AutoModelForImageTextToText
        self.trainer_class = _AskingTrainer

    def encode(self, pairs: Pairs, loop: LoopSection) -> tuple[Conversations, int]:
        """Return examples of up to ``sentences`` neighbours of a document, and how many pairs were left out."""
        found, too_long = Conversations(), 0
        for sources, targets in _passages(pairs, loop.sentences):
            example = self._example(sources, targets, loop.max_tokens * len(sources))
            if example is None:
                too_long += len(sources)
            else:
                found.add(*example)
        return found, too_long

    def encode_held_out(self, pairs: Pairs, loop: LoopSection) -> tuple[Conversations, list[str]]:
        """Return an example for each pair, and the targets."""
        found, references = Conversations(prompts=True), []
        for source, target in zip(pairs.sources, pairs.targets, strict=True):
            example = self._example([source], [target], loop.max_tokens)
            if example is not None:
                found.add(*example)
                references.append(target)
        return found, references

    def _example(
        self, sources: Sequence[str], targets: Sequence[str], longest: int
    ) -> tuple[list[int], list[int]] | None:
        """Return a prompt and its answer as ids; None where either has more tokens than is allowed beside the form."""
        prompt, answer = self._prompts.example([TranslationRequest(source) for source in sources], targets)
        return None if max(len(prompt) - self._overhead, len(answer)) > longest else (prompt, answer)

    def collator(self, model: Any) -> Any:  # noqa: ARG002 - the model has no say in it
        """Return what makes batches of examples."""
        return _Collator(self._prompts.pad)

    def set_generation(self, model: Any, loop: LoopSection) -> None:
        """Set a model to generate as evaluations want it."""
        generation = copy.deepcopy(model.generation_config)
        generation.update(
            num_beams=loop.beams,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            max_length=None,
            max_new_tokens=loop.max_tokens,
            pad_token_id=self._prompts.pad,
        )
        model.generation_config = generation

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the translations in replies; nothing for a reply that is none."""
        return [self._read(row) for row in ids]

    def _read(self, ids: Sequence[int]) -> str:
        try:
            return self._prompts.read(ids, 1)[0]
        except ReplyError:
            return ""

    def result(self, config: TrainingConfig, start: Path, best: Path) -> Any:
        """Return the trained model, in the numbers that its base was published in."""
        weights = str(best if config.lora is None else start)
        published = AutoConfig.from_pretrained(str(start), local_files_only=True).dtype or "float32"
        model = self.model_class.from_pretrained(weights, dtype=published, local_files_only=True)
        if config.lora is not None:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, str(best)).merge_and_unload()
        model.generation_config = generation_of(start)
        return model

    def check(self, folder: Path) -> None:
        """Open the tokenizer and its template, as an engine does."""
        Prompts(folder, self._profile, "", self._langs)


def _passages(pairs: Pairs, sentences: int) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the pairs in passages of so many neighbours; none runs from one document into the next."""
    start = 0
    for end in range(1, len(pairs) + 1):
        ends = end == len(pairs) or pairs.documents[end] != pairs.documents[start]
        if ends or end - start == sentences or pairs.documents[start] is None:
            yield pairs.sources[start:end], pairs.targets[start:end]
            start = end


class _Collator:
    """Makes batches: examples padded behind, prompts that are to be asked before."""

    def __init__(self, pad: int) -> None:
        self._pad = pad

    def __call__(self, examples: list[dict[str, list[int]]]) -> dict[str, Any]:
        """Return a batch as tensors."""
        longest = max(len(one["input_ids"]) for one in examples)
        batch: dict[str, Any] = {
            "input_ids": [one["input_ids"] + [self._pad] * (longest - len(one["input_ids"])) for one in examples],
            "labels": [one["labels"] + [-100] * (longest - len(one["labels"])) for one in examples],
            "attention_mask": [
                [1] * len(one["input_ids"]) + [0] * (longest - len(one["input_ids"])) for one in examples
            ],
        }
        if "prompt" in examples[0]:
            widest = max(len(one["prompt"]) for one in examples)
            batch["prompt"] = [[self._pad] * (widest - len(one["prompt"])) + one["prompt"] for one in examples]
            batch["prompt_mask"] = [[0] * (widest - len(one["prompt"])) + [1] * len(one["prompt"]) for one in examples]
        return {name: torch.tensor(rows) for name, rows in batch.items()}


class _AskingTrainer(Seq2SeqTrainer):  # type: ignore[misc]
    """Evaluates by what a model answers to prompts."""

    def prediction_step(self, model: Any, inputs: Any, prediction_loss_only: bool, ignore_keys: Any = None) -> Any:
        """Return the loss of the answers that are known, the model's own answers, and the known ones."""
        asked, mask = inputs.pop("prompt", None), inputs.pop("prompt_mask", None)
        loss, _, _ = super().prediction_step(model, inputs, True, ignore_keys=ignore_keys)
        if prediction_loss_only or asked is None:
            return loss, None, None
        with torch.no_grad():
            written = self.model.generate(
                input_ids=asked.to(self.args.device), attention_mask=mask.to(self.args.device)
            )
        return loss, written[:, asked.shape[1] :].contiguous(), inputs["labels"]
