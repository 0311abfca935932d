"""What the settings of engines have in common; each engine's own stand in its module (see ``engines``).

They are the config of ``engine: transformers`` and so on. What changes no answer (device, threads, batch sizes) is
marked where it is declared, so that moving a job to another machine finds its cache good.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .engine import Engine, EngineSpec

PostEdit = Literal["quotes", "casing"]

Protected = Literal["placeholders", "urls", "tags", "numbers"]
"""What an engine can be kept from translating (see ``protection``)."""


@dataclass(frozen=True, slots=True)
class Idle:
    """The mark of a setting that is no part of ``answering``: no answer depends on it, or the spec names it itself."""


@dataclass(frozen=True, slots=True)
class WhenSet:
    """The mark of a setting that came later: part of ``answering`` where it is set, so that older keys hold."""


class Settings(BaseModel):
    """Settings that reject what they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Decoding(Settings):
    """How a model searches for its translation."""

    beams: int | None = Field(
        None,
        ge=1,
        description="1 is greedy search, three times as fast as 4; default: 4, and 1 for a language model",
    )
    length_penalty: float = Field(1.0, description="above 1 favours longer translations")
    no_repeat_ngram: int = Field(0, ge=0, description="no n-gram of this size may come twice; 0 for no bound")
    repetition_penalty: float = Field(1.0, ge=1)
    patience: float = Field(
        1.0, gt=0, description="ctranslate2: the search ends when beams times this many translations are complete"
    )
    max_tokens: int = Field(256, ge=1, description="a translation that reaches it is flagged as truncated")

    def definite(self, beams: int = 4) -> Self:
        """Return the search with the number of beams that is the default of a kind of models filled in."""
        return self if self.beams is not None else self.model_copy(update={"beams": beams})

    def plain(self) -> dict[str, Any]:
        """Return the search as plain data; ``patience`` came later, and is named where it is set alone."""
        return self.model_dump(mode="json", exclude=set() if self.patience != 1 else {"patience"})


Retried = Literal[
    "unreadable",
    "empty-output",
    "truncated",
    "unprotected",
    "copy",
    "looping",
    "length",
    "numbers",
    "markup",
    "language",
    "names",
]
"""The flags for which a second try may be asked."""

RETRIED: list[Retried] = ["unreadable", "empty-output", "truncated", "copy", "looping", "length", "language"]
"""Those for which it is asked by default."""


class ModelRetry(Settings):
    """A second try, with other decoding, for sentences whose translation has one of these flags."""

    when: list[Retried] = Field(RETRIED, min_length=1, description="flags; see docs/translation.md")
    decoding: Decoding = Field(
        Decoding(beams=6, no_repeat_ngram=4, repetition_penalty=1.1), description="of the second try"
    )


class WindowContext(Settings):
    """Documents as a whole, in windows: so many sentences are asked for together, in the light of each other."""

    window: int = Field(30, ge=2, le=100, description="sentences of a document in one call, about")
    overlap: int = Field(3, ge=0, le=20, description="sentences before a window, told as context")
    translations: bool = Field(
        False,
        description="their translations are told too: the windows of a document are asked for one after another, in as "
        "many passes as the longest document has windows",
    )

    @model_validator(mode="after")
    def _tells_something(self) -> Self:
        if self.translations and not self.overlap:
            raise ValueError("context.translations: there is nothing to tell with an overlap of 0")
        return self


class MachineSettings(Settings, ABC):
    """What every engine's settings have; ``engine`` tells them apart.

    They open their engine themselves: a new engine is a subclass that is named in ``engines``, or by an entry point.
    """

    engine: Annotated[str, Idle()]
    post_edit: Annotated[list[PostEdit], Idle()] = Field(
        default_factory=list, description="quotes: of the target language; casing: a capital where the source has one"
    )

    protect: Annotated[list[Protected], Idle()] = Field(
        default_factory=list, description="masked before the engine sees them, and put back into what it wrote"
    )

    bearable: Annotated[float, Idle()] = Field(
        0.1, ge=0, le=1, description="share of the sentences that the engine may fail on; beyond it the job stops"
    )

    asks_server: ClassVar[bool] = False
    """Whether the engine asks a server, and so runs no model that workers could share out."""

    @abstractmethod
    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return what answers depend on, without loading a model.

        Raises ``InputError`` when the model is not here, ``MissingExtraError`` when its library is not.
        """

    @abstractmethod
    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine, ready to work; raises as ``spec`` does."""

    def check(self, source_lang: str, target_lang: str) -> None:
        """Open what can be opened without weights, and ask a server whether it is there; raises as ``open`` does."""

    def plan(self) -> str:
        """Say in a line what a plan should tell of how the engine is asked; nothing where there is no choice."""
        return ""

    def gpus(self) -> int:
        """Return how many GPUs of this machine the engine would use."""
        return 0

    @property
    def wants_gpu(self) -> bool:
        """Whether it is to work on a GPU wherever it works."""
        return False

    def answering(self) -> dict[str, Any]:
        """Return the settings on which answers depend, as plain data: those that are not ``Idle``."""
        idle = set()
        for name, field in type(self).model_fields.items():
            plain = WhenSet() in field.metadata and getattr(self, name) == field.get_default(call_default_factory=True)
            if plain or Idle() in field.metadata:
                idle.add(name)
        # What is protected, where anything is: its order is of no account, and keys from before it was there hold.
        return self.model_dump(mode="json", exclude=idle) | ({"protect": sorted(self.protect)} if self.protect else {})

    def context_and_glossary(self) -> tuple[int, dict[str, str]]:
        """Return how many sentences before each the engine is told, and the terms that it obeys."""
        return 0, {}

    def windows(self) -> WindowContext | None:
        """Return the windows in which documents are asked for, None for sentences by themselves."""
        return None

    def on_cores(self, cores: int) -> Self:  # noqa: ARG002 - only engines that run a model use cores
        """Return the settings of one worker among several, which has so many cores; answers do not depend on it."""
        return self

    def at_once(self) -> Self:
        """Return the settings by which answers come soonest, for a person who waits; the key is the same."""
        return self

    def retried(self) -> list[Retried]:
        """Return the flags that call for a second try; none where none is asked for."""
        return []

    def second(self, spent: float) -> Self:  # noqa: ARG002 - only servers cost
        """Return the settings of the second try; ``spent`` is what the first cost, of the budget that both have."""
        return self


class PromptedSettings(MachineSettings):
    """What a language model is told beside the sentences."""

    style: str = Field("", description="how to translate, in a sentence or two; goes into the prompt")
    context: Annotated[int, Field(ge=0, le=20)] | Literal["document"] | WindowContext = Field(
        0,
        description="sentences of the document before each, told as context; 'document': documents as a whole, in"
        " windows of 30; {window: 50, overlap: 5} sets more",
    )
    glossary: Annotated[dict[str, str], Idle()] = Field(
        default_factory=dict, description="terms to obey: source to target"
    )  # in each request, as far as it concerns it

    def context_and_glossary(self) -> tuple[int, dict[str, str]]:
        """Return how many sentences before each the engine is told, and the terms that it obeys."""
        return (self.context if isinstance(self.context, int) else 0), self.glossary

    def windows(self) -> WindowContext | None:
        """Return the windows in which documents are asked for, None for sentences by themselves."""
        if isinstance(self.context, int):
            return None
        return self.context if isinstance(self.context, WindowContext) else WindowContext()

    def plain_context(self) -> int | dict[str, int]:
        """Return the context as plain data, what is by default made definite."""
        windows = self.windows()
        if windows is None:
            return self.context_and_glossary()[0]
        # What came later is named where it is set alone: older keys hold.
        return windows.model_dump(exclude=set() if windows.translations else {"translations"})

    def answering(self) -> dict[str, Any]:
        """Return the settings on which answers depend, the context made definite."""
        return super().answering() | {"context": self.plain_context()}


class ExecutorSettings(Settings):
    """Who does the work of translating: processes on this machine, or actors on a Ray cluster that is there already.

    Each has a model of its own. Nothing that is set here changes an answer.
    """

    kind: Literal["local", "ray"] = "local"
    workers: int = Field(
        0,
        ge=0,
        description="processes or actors; 0: local, one for each GPU, and on a CPU none but the job's own process;"
        " ray, as many as the cluster has room for",
    )
    cpus: int = Field(0, ge=0, description="CPU cores of a worker; 0: local, an equal share; ray, 1")
    gpus: float | None = Field(None, ge=0, description="GPUs of an actor; default: 1 where the engine has device: cuda")
    address: str | None = Field(None, description="of the Ray cluster, as 10.0.0.1:6379; default: RAY_ADDRESS, or auto")
    restarts: int = Field(3, ge=0, description="how often a worker that died is started again")
    patience: float = Field(600.0, gt=0, description="seconds that an actor may take to find room and load its model")
    rows: int = Field(2000, ge=1, description="sentences in a shard, which one worker takes at a time")
