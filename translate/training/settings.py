"""The config of a training (``qosmatin train CONFIG``): what is learnt from, where it starts, how it goes."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qosmatin.corpus.files.config_paths import ConfigFolder, FolderOrName
from qosmatin.corpus.languages import Language, is_same_language
from qosmatin.translate.checkpoints import CheckpointSettings
from qosmatin.translate.profiles import ProfileName

TargetKind = Literal["original", "human", "post-edited", "machine", "unknown"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BackTranslations(_Section):
    """A dataset of originals with what an engine made of them: from the engine's texts to the originals is learnt."""

    dataset: FolderOrName = Field(description="folder relative to this file, or name on the hub")
    config: str | None = Field(None, description="config of the dataset; default: its default one")
    revision: str | None = Field(None, description="commit, branch or tag on the hub")
    tag: str = Field("<BT>", description="stands before each of these sources, so that the model knows; '' for none")


class DataSection(_Section):
    """The corpus: a dataset that `qosmatin run` or `qosmatin publish` wrote, or one of the hub."""

    dataset: FolderOrName = Field(description="folder relative to this file, or name on the hub")
    config: str | None = Field(None, description="config of the dataset, as kk-en; default: its default one")
    revision: str | None = Field(None, description="commit, branch or tag on the hub")
    source: Language = Field(description="the language to translate from")
    target: Language = Field(description="the language to translate into")
    reversed: bool | None = Field(
        None,
        description="whether the dataset's own direction is the other one; default: by the name of its config. It "
        "decides which side's provenance is that of the targets",
    )
    kinds: list[TargetKind] = Field(
        ["original", "human", "post-edited"],
        min_length=1,
        description="who wrote the targets to learn from; machine and unknown only if they are named",
    )
    min_confidence: float = Field(0.0, ge=0, le=1, description="leave out pairs whose alignment is less certain")
    validation: float = Field(
        0.02, gt=0, lt=0.5, description="share held out where the dataset has no split 'validation' of its own"
    )
    validation_sentences: int = Field(1000, ge=1, description="pairs to validate on, at most")
    test_sentences: int = Field(
        1000,
        ge=0,
        description="pairs of the dataset's split 'test' that the result is measured on, at most; 0 for none",
    )
    back_translations: list[BackTranslations] = Field(
        [], description="datasets of which an engine wrote the sources: added to what is trained on, and to that alone"
    )


class BaseSection(CheckpointSettings):
    """The checkpoint that is adapted: NLLB-200, M2M100, MADLAD-400 (T5), Marian, a language model, or a descendant."""

    profile: ProfileName | None = Field(
        None, description="how a language model is asked, by a name of docs/translation.md; default: as its files say"
    )

    def wanted_profile(self) -> str | None:
        """Return the profile that the config sets; None where it is to be found."""
        return self.profile or super().wanted_profile()


class ScratchSection(_Section):
    """A small Marian with a sentencepiece vocabulary of its own, both learnt from the corpus alone."""

    vocabulary: int = Field(8000, ge=50, description="pieces, of both languages together; fewer if the corpus is small")
    layers: int = Field(3, ge=1, description="of the encoder and of the decoder")
    width: int = Field(256, ge=16)
    heads: int = Field(4, ge=1)
    feed_forward: int = Field(1024, ge=16)
    dropout: float = Field(0.1, ge=0, lt=1)

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared by {self.heads} heads; take a multiple of them")
        return self


class LoraSection(_Section):
    """Training of low-rank additions instead of all weights (Hu et al. 2022); they are merged in the end."""

    rank: int = Field(16, ge=1)
    alpha: int = Field(32, ge=1, description="the additions are scaled by alpha / rank")
    dropout: float = Field(0.05, ge=0, lt=1)
    layers: list[str] = Field([], description="names of the layers that get additions; default: all linear ones")
    quantization: Literal["8bit", "4bit"] | None = Field(
        None, description="the base's weights in so many bits while it is trained (QLoRA, by bitsandbytes)"
    )


class LoopSection(_Section):
    """How training goes, and when it ends."""

    learning_rate: float | None = Field(
        None, gt=0, description="at its height; default: 5e-5, 2e-4 for LoRA, 5e-4 from nothing"
    )
    warmup_steps: int = Field(200, ge=0, description="steps in which the rate rises; it then falls with their root")
    batch_sentences: int = Field(32, ge=1, description="pairs in one pass through the model")
    accumulate: int = Field(1, ge=1, description="passes for one step")
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    max_tokens: int = Field(256, ge=8, description="longer sentences, on either side, are left out")
    sentences: int = Field(
        1, ge=1, le=100, description="of language models: neighbours of a document in one example, at most"
    )
    epochs: float = Field(10.0, gt=0, description="passes through the corpus, at most")
    max_steps: int | None = Field(None, ge=1, description="steps, at most; in place of epochs")
    evaluate_every: int | None = Field(
        None,
        ge=1,
        description="steps between evaluations, each with a checkpoint; default: an epoch, in 100 to 1000",
    )
    patience: int = Field(5, ge=1, description="evaluations without a better chrF after which training ends")
    beams: int = Field(1, ge=1, description="of the search in evaluations and in the test; 1 is greedy")
    gradient_checkpointing: bool = Field(False, description="compute more, to need less memory")
    device: Literal["auto", "cpu"] = Field("auto", description="auto: a GPU if there is one")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="auto: bfloat16 on a GPU that has it, else float16; float32 elsewhere. Weights are float32"
    )
    seed: int = Field(1, ge=0)


_FREE = {"epochs", "max_steps", "evaluate_every", "patience", "device"}
"""What may change while a training is under way: how long it goes on, how often it is looked at, and where."""


class TrainingConfig(_Section):
    """One training: from a published corpus to a folder that `engine: transformers` and `ctranslate2` load."""

    output: ConfigFolder = Field(description="folder of the trained model, relative to this file")
    licence: str = Field("unknown", description="SPDX identifier of the trained model; that of its base may bind it")
    data: DataSection
    base: BaseSection | None = Field(None, description="the checkpoint to adapt")
    from_scratch: ScratchSection | None = Field(None, description="train a small Marian from nothing instead")
    lora: LoraSection | None = Field(None, description="train additions to the base instead of all its weights")
    training: LoopSection = LoopSection()

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if (self.base is None) == (self.from_scratch is None):
            raise ValueError("give either 'base' (a checkpoint to adapt) or 'from_scratch'")
        if self.lora is not None and self.base is None:
            raise ValueError("'lora' adds to a 'base'; a model from nothing has none")
        if is_same_language(self.data.source, self.data.target):
            raise ValueError("data.source and data.target are the same language")
        return self

    @property
    def learning_rate(self) -> float:
        """The learning rate at its height."""
        usual = 5e-4 if self.from_scratch is not None else 2e-4 if self.lora is not None else 5e-5
        return self.training.learning_rate or usual

    def identity(self) -> dict[str, Any]:
        """Return, as plain data, the settings that must stay as they are for a training to go on."""
        identity = self.model_dump(mode="json", exclude={"output": True, "licence": True, "training": _FREE})
        if self.base is not None:
            identity["base"].pop("download")
        return identity
