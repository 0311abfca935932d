"""The engine ``vllm``: language models by vLLM's offline interface, which keeps a GPU full with many prompts at once.

They are asked as ``engine: transformers`` asks them, by the same profiles and templates: vLLM gets the ids of prompts
and gives back ids, so that what a reply says is read in one way. Its search is greedy alone, as a job must come out the
same twice.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from qosmatin.corpus.errors import InputError, MissingExtraError

from .engine import Engine, EngineSpec
from .language_models import (
    PromptedModelSettings,
    chat_profile,
    is_language_model,
    open_prompts,
    prompted_answering,
)
from .model_files import find_model, is_here
from .prompted_engine import PromptedEngine, Written
from .settings import Idle, WhenSet
from .torch_models import count_gpus

_ENVIRONMENT = {
    # One process, so that the order of its work does not hang on luck, and a job that is killed leaves no GPU taken.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    # Else it tells its makers of each start.
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_LOGGING_LEVEL": "WARNING",
}
"""What vLLM is told where the user's environment says nothing of it."""


class VllmSettings(PromptedModelSettings):
    """A language model run by vLLM, on GPUs of this machine; asked as ``engine: transformers`` asks it."""

    engine: Annotated[Literal["vllm"], Idle()]
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="auto: that of the checkpoint, as vLLM has it"
    )
    quantization: Annotated[str | None, WhenSet()] = Field(
        None,
        description="how vLLM quantizes weights as it loads them (fp8, bitsandbytes); what is quantized already needs "
        "none",
    )
    batch_invariant: Annotated[bool, WhenSet()] = Field(
        False,
        description="no answer depends, even in its last bits, on the sentences beside it; slower, and for GPUs that "
        "vLLM names (VLLM_BATCH_INVARIANT)",
    )
    tensor_parallel: Annotated[int, Idle()] = Field(
        1, ge=1, description="GPUs that one model is laid out over; 1: a model and a process for each"
    )
    gpu_memory: Annotated[float, Idle()] = Field(0.9, gt=0, le=1, description="share of a GPU's memory that it takes")
    max_model_len: Annotated[int | None, Idle()] = Field(
        None, ge=64, description="tokens of prompt and reply for which memory is kept; default: all that the model has"
    )
    enforce_eager: Annotated[bool, Idle()] = Field(False, description="no CUDA graphs: starts sooner, works slower")
    # It fills the GPU from what it is given at once, and idles when that runs out.
    batch_tokens: Annotated[int, Idle()] = Field(2**20, ge=1, description="tokens of prompts in one batch")
    batch_sentences: Annotated[int, Idle()] = Field(1024, ge=1, description="sentences in one batch")

    @model_validator(mode="after")
    def _searches_greedily(self) -> Self:
        lacking = {
            "decoding.beams": (self.decoding.beams or 1) > 1,
            "decoding.length_penalty": self.decoding.length_penalty != 1,
            "decoding.patience": self.decoding.patience != 1,
            "retry": self.retry is not None,
        }
        for name, is_lacking in lacking.items():
            if is_lacking:
                raise ValueError(f"{name}: engine vllm searches greedily; leave it out, or use engine: transformers")
        return self

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec without loading the model; raises ``InputError`` when it is not here, or none that chats."""
        files = find_model(self.model, self.revision, self.download)
        self._check_kind(files.folder)
        answering = prompted_answering(self, files.folder, (source_lang, target_lang))
        # A profile's beams are those of a search that is not here.
        answering["decoding"] = self.decoding.definite(beams=1).plain()
        return EngineSpec("vllm", files.name, files.revision, files.weights(), answering)

    def check(self, source_lang: str, target_lang: str) -> None:
        """See that vLLM is here, and open all but the weights; a model to fetch is not opened."""
        _check_installed()
        if self.download and not is_here(self.model, self.revision):
            return
        folder = find_model(self.model, self.revision, self.download).folder
        self._check_kind(folder)
        open_prompts(self, folder, (source_lang, target_lang)).count(["Бұл сөйлем."])

    def plan(self) -> str:
        """Say in a line how the model is asked; raises ``InputError`` when it is not here."""
        return chat_profile(self, find_model(self.model, self.revision, download=False).folder).plan()

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine, ready to work."""
        return VllmEngine(self, source_lang, target_lang)

    def gpus(self) -> int:
        """Return how many GPUs of this machine the engine would use, each for a model; one over several counts none."""
        return count_gpus() if self.tensor_parallel == 1 else 0

    @property
    def wants_gpu(self) -> bool:
        """Whether it is to work on a GPU wherever it works: vLLM as it is published does."""
        return True

    def _check_kind(self, folder: Path) -> None:
        if not is_language_model(self, folder):
            raise InputError(
                "vLLM runs language models, and this checkpoint is none; use engine: transformers or ctranslate2",
                folder,
            )


class VllmEngine(PromptedEngine):
    """A language model in vLLM, which takes the prompts of a batch together and begins with the next as one ends."""

    def __init__(self, settings: VllmSettings, source_lang: str, target_lang: str) -> None:
        _check_installed()
        folder = find_model(settings.model, settings.revision, settings.download).folder
        super().__init__(settings, folder, (source_lang, target_lang))
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        if settings.batch_invariant:
            os.environ["VLLM_BATCH_INVARIANT"] = "1"
        self._model = _open(settings, folder)
        self.bound_by(self._model.llm_engine.model_config.max_model_len)

    def write(self, prompts: Sequence[list[int]], bounds: Sequence[int]) -> list[Written]:
        """Return the ids that go on from each prompt, the end included."""
        from vllm import SamplingParams

        # Zero is greedy; of the model's own generation config its ends alone count.
        params = [SamplingParams(temperature=0.0, max_tokens=bound, detokenize=False) for bound in bounds]
        told = [{"prompt_token_ids": ids} for ids in prompts]
        outputs = [one.outputs[0] for one in self._model.generate(told, params, use_tqdm=False)]
        return [(list(one.token_ids), one.finish_reason == "stop") for one in outputs]

    def close(self) -> None:
        """Give back the model's memory, as far as vLLM gives it back."""
        del self._model
        gc.collect()


def _check_installed() -> None:
    """Raise ``MissingExtraError`` where vLLM is not installed; importing it would take long."""
    if find_spec("vllm") is None:
        raise MissingExtraError("engine: vllm", "vllm")


def _open(settings: VllmSettings, folder: Path) -> Any:
    """Return vLLM's model; raises ``InputError`` with its reason and what to do."""
    try:
        from vllm import LLM

        return LLM(
            model=str(folder),
            dtype=settings.dtype,
            quantization=settings.quantization,
            tensor_parallel_size=settings.tensor_parallel,
            gpu_memory_utilization=settings.gpu_memory,
            max_model_len=settings.max_model_len,
            enforce_eager=settings.enforce_eager,
            generation_config="vllm",
            seed=0,
        )
    except Exception as error:  # a library that raises what it likes, when there is no GPU, no room, no such model
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(
            f"vLLM cannot open the model: {said}; it wants a GPU with room for it (see 'gpu_memory', 'max_model_len', "
            "'tensor_parallel'), else use engine: transformers",
            folder,
        ) from None
