"""Models that torch runs: the device and the arithmetic, opening, generating, giving memory back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from qosmatin.corpus.errors import InputError, MissingExtraError

from .checkpoints import ModelSettings
from .engine import BatchTooLargeError
from .model_files import RUNS_CODE
from .settings import Idle, PromptedSettings

NAME = "transformers"
"""The engine that these models are."""

_PROMPTING = ("style", "context", "glossary", "sentences")
"""Settings of prompts, for language models alone."""


class TorchSettings(PromptedSettings, ModelSettings):
    """What the settings of seq2seq checkpoints and of language models have in common."""

    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], Idle()] = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="auto: float32 on a CPU; bfloat16 on a GPU that has it, else float16"
    )
    threads: Annotated[int, Idle()] = Field(0, ge=0, description="CPU threads; 0 for all")
    sentences: Annotated[int, Idle()] = Field(
        1, ge=1, le=100, description="sentences in one prompt of a language model"
    )

    def answering(self) -> dict[str, Any]:
        """Return the settings on which answers of any checkpoint depend; those of prompts are named apart."""
        return {name: value for name, value in super().answering().items() if name not in _PROMPTING}

    def prompting(self) -> list[str]:
        """Return which settings of prompts are not as they are by default; a seq2seq checkpoint can use none."""
        fields = type(self).model_fields
        plain = {name: fields[name].get_default(call_default_factory=True) for name in _PROMPTING}
        return [name for name in _PROMPTING if getattr(self, name) != plain[name]]

    def gpus(self) -> int:
        """Return how many GPUs of this machine the engine would use."""
        return count_gpus() if self.device in ("auto", "cuda") else 0

    @property
    def wants_gpu(self) -> bool:
        """Whether it is to work on a GPU wherever it works."""
        return self.device == "cuda"

    def on_cores(self, cores: int) -> Self:
        """Return the settings with a thread for each core, unless they say how many."""
        return self.model_copy(update={"threads": self.threads or cores})


def dtype_of(settings: TorchSettings) -> str:
    """Return the type of numbers, with ``auto`` made definite; a dtype that is named needs no GPU on this machine."""
    if settings.dtype != "auto":
        return settings.dtype
    if _device_of(settings) != "cuda":
        return "float32"
    _check_cuda("; where other machines do the work, set 'dtype'")
    return half_precision()


def half_precision() -> str:
    """Return the 16-bit numbers that the GPU here computes with: bfloat16 only where it is not emulated, slowly."""
    return "bfloat16" if torch_library().cuda.is_bf16_supported(including_emulation=False) else "float16"


def check_patience(settings: TorchSettings, folder: Path) -> None:
    """Raise ``InputError`` for what this library's search does not have."""
    if settings.decoding.patience != 1:
        raise InputError("transformers has no patience in its search; leave it out, or use engine: ctranslate2", folder)


def count_gpus() -> int:
    """Return how many GPUs torch can use here."""
    torch = torch_library()
    return int(torch.cuda.device_count()) if torch.cuda.is_available() else 0


def open_model(kind: Any, folder: Path, settings: TorchSettings) -> Any:
    """Return the model in a folder on its device, by ``kind``, one of the library's auto classes.

    Raises ``InputError`` for files that are no such model, or a device that is not here.
    """
    from transformers.utils import logging

    device = _device_of(settings)
    if device == "cuda":
        _check_cuda()
    if settings.threads:
        torch_library().set_num_threads(settings.threads)
    logging.disable_progress_bar()  # the job has its own
    try:
        model = kind.from_pretrained(str(folder), dtype=dtype_of(settings), local_files_only=True)
    except Exception as error:  # libraries of quantization raise what they like
        raise InputError(f"the model cannot be opened: {_why_not(folder, error)}", folder) from None
    try:
        return (model if getattr(model, "is_quantized", False) else model.to(device)).eval()
    except (RuntimeError, MemoryError) as error:
        raise InputError(
            f"the model cannot be put on device {device} ({_one_line(error)}); take a smaller one or a smaller dtype",
            folder,
        ) from None


_QUANTIZERS = {
    "awq": "gptqmodel",
    "gptq": "gptqmodel optimum",
    "bitsandbytes": "bitsandbytes accelerate",
    "compressed-tensors": "compressed-tensors",
    "hqq": "hqq",
    "quanto": "optimum-quanto",
    "torchao": "torchao",
    "mxfp4": "kernels",
}
"""The packages that checkpoints need which were quantized so."""


def quantizer_of(folder: Path) -> str | None:
    """Return how a checkpoint was quantized, None for one that was not."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        found = config.get("quantization_config", {})
        return str(found.get("quant_method") or "bitsandbytes") if found else None
    except (OSError, ValueError, AttributeError):
        return None


def _why_not(folder: Path, error: Exception) -> str:
    """Return why a model cannot be opened, and what to do, in one line."""
    if isinstance(error, UnpicklingError):
        return RUNS_CODE
    method = quantizer_of(folder)
    if method is None:
        return f"{_one_line(error)}; fetch it again, or see that its packages are here"
    packages = _QUANTIZERS.get(method.removesuffix("_4bit").removesuffix("_8bit"), method)
    return (
        f"it is quantized by {method} ({_one_line(error)}); pip install {packages}, which may want a GPU, or take the "
        "checkpoint that is not quantized"
    )


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def generate(model: Any, ids: Sequence[Sequence[int]], mask: Sequence[Sequence[int]], **more: Any) -> list[list[int]]:
    """Return what a model generates for rows of equal length; ``mask`` is 0 where they are padded.

    Raises ``BatchTooLargeError`` when memory runs out.
    """
    torch = torch_library()
    try:
        with torch.inference_mode():
            out = model.generate(
                input_ids=torch.tensor(ids).to(model.device),
                attention_mask=torch.tensor(mask).to(model.device),
                **more,
            )
    except (RuntimeError, MemoryError) as error:
        if not (isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)):
            raise
        free_memory()
        raise BatchTooLargeError(NAME, f"{len(ids)} sources of {len(ids[0])} tokens do not fit") from None
    rows: list[list[int]] = out.tolist()
    return rows


def free_memory() -> None:
    """Give a GPU's memory that nothing uses back."""
    torch = torch_library()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def torch_library() -> Any:
    """Return torch; raises ``MissingExtraError`` where it is not installed."""
    try:
        import torch
    except ImportError:
        raise MissingExtraError("engine: transformers", "mt") from None
    return torch


def _device_of(settings: TorchSettings) -> str:
    """Return the device, with ``auto`` made definite."""
    if settings.device != "auto":
        return settings.device
    torch = torch_library()
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def _check_cuda(remedy: str = "") -> None:
    if not count_gpus():
        raise InputError(
            f"device: cuda, but torch finds no CUDA GPU; set 'device: auto', or install torch for CUDA{remedy}"
        )
