"""Models that torch runs: their settings, the device and the arithmetic, generating, giving memory back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from qosmatin.corpus.errors import InputError, MissingExtraError

from .engine import BatchTooLargeError
from .language_models import PromptedModelSettings
from .settings import Idle, WhenSet

NAME = "transformers"
"""The engine that these models are."""


class TorchSettings(PromptedModelSettings):
    """What the settings of seq2seq checkpoints and of language models have in common."""

    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], Idle()] = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="auto: float32 on a CPU; bfloat16 on a GPU that has it, else float16"
    )
    device_map: Annotated[str | dict[str, int | str] | None, Idle()] = Field(
        None,
        description="a model that no GPU holds alone, laid out over several and the CPU: auto, balanced, sequential, "
        "or {module: device}; needs accelerate",
    )
    quantization: Annotated[Literal["8bit", "4bit"] | None, WhenSet()] = Field(
        None,
        description="weights that are not quantized yet, by bitsandbytes as they are loaded (4bit: nf4); what is "
        "quantized already (AWQ, GPTQ, ...) needs no setting",
    )
    attn_implementation: Annotated[str | None, WhenSet()] = Field(
        None, description="eager, sdpa, flash_attention_2 or another that transformers has; default: its own choice"
    )
    gguf: Annotated[str | None, WhenSet()] = Field(
        None,
        description="weights in a GGUF file of that name in the model's folder, config.json and tokenizer beside it",
    )
    threads: Annotated[int, Idle()] = Field(0, ge=0, description="CPU threads; 0 for all")

    def gpus(self) -> int:
        """Return how many GPUs of this machine the engine would use, each for a model; one over several counts none."""
        return count_gpus() if self.device in ("auto", "cuda") and self.device_map is None else 0

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
    if device_of(settings) != "cuda":
        return "float32"
    check_cuda("; where other machines do the work, set 'dtype'")
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


def device_of(settings: TorchSettings) -> str:
    """Return the device, with ``auto`` made definite."""
    if settings.device != "auto":
        return settings.device
    torch = torch_library()
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def check_cuda(remedy: str = "") -> None:
    """Raise ``InputError`` where torch finds no CUDA GPU."""
    if not count_gpus():
        raise InputError(
            f"device: cuda, but torch finds no CUDA GPU; set 'device: auto', or install torch for CUDA{remedy}"
        )
