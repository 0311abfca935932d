"""What training needs to know of a kind of models: seq2seq models and language models differ in all of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from .pairs import Pairs
from .settings import LoopSection, TrainingConfig


class Examples(Protocol):
    """Examples as numbers, indexed as the library's data loader does it."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> dict[str, list[int]]: ...


class Kind(Protocol):
    """A kind of models; one is made for a checkpoint and two languages."""

    tokenizer: Any
    profile: str | None
    """How a language model is asked; None for others."""

    model_class: Any
    """The library's auto class."""

    trainer_class: Any
    task: str
    """What peft calls it."""

    def encode(self, pairs: Pairs, loop: LoopSection) -> tuple[Examples, int]:
        """Return pairs to train on as examples, and how many were left out since a side is longer than allowed."""

    def encode_held_out(self, pairs: Pairs, loop: LoopSection) -> tuple[Examples, list[str]]:
        """Return pairs to evaluate on, an example each, and the targets as text; long ones are left out."""

    def collator(self, model: Any) -> Any:
        """Return what makes batches of examples."""

    def set_generation(self, model: Any, loop: LoopSection) -> None:
        """Set a model to generate as evaluations want it."""

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return what a model generated as translations; nothing for what is none."""

    def result(self, config: TrainingConfig, start: Path, best: Path) -> Any:
        """Return the trained model of a checkpoint as it is to be saved, additions merged in."""

    def check(self, folder: Path) -> None:
        """Open what an engine opens of a model's folder, but for the weights."""


def generation_of(start: Path) -> Any:
    """Return the generation config of the model that training started from."""
    from transformers import AutoConfig, GenerationConfig

    if (start / "generation_config.json").exists():
        return GenerationConfig.from_pretrained(str(start), local_files_only=True)
    return GenerationConfig.from_model_config(AutoConfig.from_pretrained(str(start), local_files_only=True))
