"""The settings of engines, as a job's config has them; they are the config of ``engine: transformers`` and so on.

What changes no answer (device, threads, batch sizes) stands apart from what does, so that moving a job to another
machine finds its cache good.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PostEdit = Literal["quotes", "casing"]

Protected = Literal["placeholders", "urls", "tags", "numbers"]
"""What an engine can be kept from translating (see ``protection``)."""

Family = Literal["nllb", "m2m100", "madlad", "marian"]


_IDLE = {
    "post_edit",
    "protect",  # where there is any
    "retry",  # whose answers have keys of their own
    "name",
    "lang",
    "dataset",
    "licence",
    "engine",
    "model",
    "revision",
    "download",
    "device",
    "threads",
    "parallel",
    "batch_tokens",
    "batch_sentences",
    "url",
    "key_variable",
    "sentences",
    "per_minute",
    "retries",
    "timeout",
    "prices",
    "budget",
    "glossary",  # in each request, as far as it concerns it
}
"""Settings on which no answer depends, or that the spec of the engine names itself."""


_PROMPTING = ("style", "context", "glossary", "sentences")
"""Settings of prompts, for language models alone."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Decoding(_Settings):
    """How a model searches for its translation."""

    beams: int | None = Field(
        None,
        ge=1,
        description="1 is greedy search, three times as fast as 4; default: 4, and 1 for a language model",
    )
    length_penalty: float = Field(1.0, description="above 1 favours longer translations")
    no_repeat_ngram: int = Field(0, ge=0, description="no n-gram of this size may come twice; 0 for no bound")
    repetition_penalty: float = Field(1.0, ge=1)
    max_tokens: int = Field(256, ge=1, description="a translation that reaches it is flagged as truncated")

    def definite(self, beams: int = 4) -> Self:
        """Return the search with the number of beams that is the default of a kind of models filled in."""
        return self if self.beams is not None else self.model_copy(update={"beams": beams})


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

_RETRIED: list[Retried] = ["unreadable", "empty-output", "truncated", "copy", "looping", "length", "language"]


class ModelRetry(_Settings):
    """A second try, with other decoding, for sentences whose translation has one of these flags."""

    when: list[Retried] = Field(_RETRIED, min_length=1, description="flags; see docs/translation.md")
    decoding: Decoding = Field(
        Decoding(beams=6, no_repeat_ngram=4, repetition_penalty=1.1), description="of the second try"
    )


class ServerRetry(_Settings):
    """A second try, at another temperature, for sentences whose translation has one of these flags."""

    when: list[Retried] = Field(_RETRIED, min_length=1, description="flags; see docs/translation.md")
    temperature: float = Field(0.7, ge=0, description="of the second try")


class MachineSettings(_Settings):
    """What every engine's settings have; ``engine`` tells them apart."""

    engine: str
    post_edit: list[PostEdit] = Field(
        default_factory=list, description="quotes: of the target language; casing: a capital where the source has one"
    )

    protect: list[Protected] = Field(
        default_factory=list, description="masked before the engine sees them, and put back into what it wrote"
    )

    def answering(self) -> dict[str, Any]:
        """Return the settings on which answers depend, as plain data; model and revision are named apart."""
        return self.model_dump(mode="json", exclude=_IDLE) | ({"protect": sorted(self.protect)} if self.protect else {})

    def at(self, base: Path) -> dict[str, Any]:  # noqa: ARG002 - only some engines have paths
        """Return what changes when the settings were read from a file in ``base``: paths, made absolute."""
        return {}

    def context_and_glossary(self) -> tuple[int, dict[str, str]]:
        """Return how many sentences before each the engine is told, and the terms that it obeys."""
        return 0, {}

    def on_cores(self, cores: int) -> Self:  # noqa: ARG002 - only engines that run a model use cores
        """Return the settings of one worker among several, which has so many cores; answers do not depend on it."""
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
    context: int = Field(0, ge=0, le=20, description="sentences of the document before each, told as context")
    glossary: dict[str, str] = Field(default_factory=dict, description="terms to obey: source to target")

    def context_and_glossary(self) -> tuple[int, dict[str, str]]:
        """Return how many sentences before each the engine is told, and the terms that it obeys."""
        return self.context, self.glossary


class ModelSettings(MachineSettings):
    """Which model translates, and how; what every engine that runs a model itself has in common."""

    model: str = Field(description="hub id, or folder relative to this file")
    revision: str | None = Field(None, description="commit on the hub; default: the one on this machine")
    download: bool = Field(False, description="fetch the model from the hub where it is not on this machine")
    family: Literal["auto", "nllb", "m2m100", "madlad", "marian"] = Field("auto", description="of the model's codes")
    source_code: str | None = Field(None, description="the model's own code of the source language, as kaz_Cyrl")
    target_code: str | None = Field(None, description="the model's own code of the target language, as eng_Latn")
    decoding: Decoding = Decoding()
    retry: ModelRetry | None = Field(None, description="a second try for flagged translations; the better one stands")
    max_source_tokens: int | None = Field(None, ge=8, description="longer sentences are cut at clauses; default: 256")
    batch_tokens: int = Field(4096, ge=1, description="source tokens with padding in one batch")
    batch_sentences: int = Field(256, ge=1, description="sentences in one batch")

    def answering(self) -> dict[str, Any]:
        """Return the settings on which answers depend, with the search made definite."""
        return super().answering() | {"decoding": self.decoding.definite().model_dump(mode="json")}

    def at(self, base: Path) -> dict[str, Any]:
        """Return the model's folder, made absolute, where it is one."""
        folder = base / Path(self.model).expanduser()
        return {"model": str(folder.resolve())} if folder.is_dir() else {}

    @model_validator(mode="after")
    def _retries_otherwise(self) -> Self:
        if self.retry is not None and self.retry.decoding == self.decoding:
            raise ValueError("retry.decoding is that of the first try")
        return self

    def retried(self) -> list[Retried]:
        """Return the flags that call for a second try; none where none is asked for."""
        return self.retry.when if self.retry else []

    def second(self, spent: float) -> Self:  # noqa: ARG002 - costs nothing
        """Return the settings with the decoding of the second try."""
        return self.model_copy(update={"decoding": self.retry.decoding}) if self.retry else self


class TransformersSettings(PromptedSettings, ModelSettings):
    """A checkpoint run by transformers.

    Either a seq2seq one (NLLB-200, M2M100, MADLAD-400, Marian, and what descends from them), or a language model with a
    chat template, which alone can use ``style``, ``context``, ``glossary`` and ``sentences``.
    """

    engine: Literal["transformers"]
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="auto: float32 on a CPU; bfloat16 on a GPU that has it, else float16"
    )
    threads: int = Field(0, ge=0, description="CPU threads; 0 for all")
    sentences: int = Field(1, ge=1, le=100, description="sentences in one prompt of a language model")

    def answering(self) -> dict[str, Any]:
        """Return the settings on which answers of any checkpoint depend; those of prompts are named apart."""
        return {name: value for name, value in super().answering().items() if name not in _PROMPTING}

    def prompting(self) -> list[str]:
        """Return which settings of prompts are not as they are by default; a seq2seq checkpoint can use none."""
        plain = TransformersSettings(engine="transformers", model="")
        return [name for name in _PROMPTING if getattr(self, name) != getattr(plain, name)]

    def on_cores(self, cores: int) -> Self:
        """Return the settings with a thread for each core, unless they say how many."""
        return self.model_copy(update={"threads": self.threads or cores})


class CTranslate2Settings(ModelSettings):
    """The same checkpoints run by CTranslate2, converted once and kept (see ``qosmatin translate convert``)."""

    engine: Literal["ctranslate2"]
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: Literal["auto", "float32", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "float16"] = (
        Field("auto", description="auto: int8 on a CPU, int8_float16 on a GPU")
    )
    parallel: int = Field(0, ge=0, description="batches translated at once; 0: one for each CPU core, one on a GPU")
    threads: int = Field(1, ge=1, description="CPU threads for each batch")

    def on_cores(self, cores: int) -> Self:
        """Return the settings with a batch for each core at once, unless they say how many; one on a GPU."""
        if self.device != "cpu":
            return self
        return self.model_copy(update={"parallel": self.parallel or max(1, cores // self.threads)})


class Prices(_Settings):
    """What a server charges for a million tokens, in one currency."""

    per_million_in: float = Field(0.0, ge=0)
    per_million_out: float = Field(0.0, ge=0)


class OpenAISettings(PromptedSettings):
    """A server that speaks the chat-completions protocol: vLLM, Ollama, llama.cpp, or a provider."""

    engine: Literal["openai"]
    model: str = Field(description="the server's name of the model")
    url: str = Field("http://localhost:8000/v1", description="address of the API, up to /v1")
    key_variable: str = Field("OPENAI_API_KEY", description="environment variable that holds the key, if one is needed")
    temperature: float = Field(0.0, ge=0)
    retry: ServerRetry | None = Field(None, description="a second try for flagged translations; the better one stands")
    max_tokens: int = Field(4096, ge=1, description="bound of one reply")
    structured: bool = Field(True, description="ask for JSON by schema; false for servers that refuse response_format")
    sentences: int = Field(8, ge=1, le=100, description="sentences in one call")
    parallel: int = Field(4, ge=1, description="calls under way at once")
    per_minute: int | None = Field(None, ge=1, description="calls a minute, at most")
    retries: int = Field(6, ge=0, description="further tries of a call that failed, with growing pauses")
    timeout: float = Field(120.0, gt=0, description="seconds to wait for a reply")
    prices: Prices = Prices()
    budget: float | None = Field(None, gt=0, description="cost at which a run stops cleanly, in the prices' currency")

    @model_validator(mode="after")
    def _retries_otherwise(self) -> Self:
        if self.retry is not None and self.retry.temperature == self.temperature:
            raise ValueError("retry.temperature is that of the first try")
        return self

    def retried(self) -> list[Retried]:
        """Return the flags that call for a second try; none where none is asked for."""
        return self.retry.when if self.retry else []

    def second(self, spent: float) -> Self:
        """Return the settings with the temperature of the second try, and what is left of the budget."""
        if self.retry is None:
            return self
        left = None if self.budget is None else max(self.budget - spent, 0.0)
        return self.model_copy(update={"temperature": self.retry.temperature, "budget": left})


class ExecutorSettings(_Settings):
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
