"""Opening models that torch runs: quantized or laid out as the settings say, or a line that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from qosmatin.corpus.errors import InputError

from .model_files import RUNS_CODE
from .torch_models import TorchSettings, check_cuda, device_of, dtype_of, torch_library


def open_model(kind: Any, folder: Path, settings: TorchSettings) -> Any:
    """Return the model in a folder on its device, by ``kind``, one of the library's auto classes.

    Raises ``InputError`` for files that are no such model, or a device that is not here.
    """
    from transformers.utils import logging

    _check_library(folder)
    device = device_of(settings)
    if device == "cuda":
        check_cuda()
    if settings.threads:
        torch_library().set_num_threads(settings.threads)
    logging.disable_progress_bar()  # the job has its own
    try:
        model, loaded = kind.from_pretrained(
            str(folder),
            dtype=dtype_of(settings),
            local_files_only=True,
            output_loading_info=True,
            **_options(settings, device),
        )
    except Exception as error:  # libraries of quantization raise what they like
        raise InputError(f"the model cannot be opened: {_why_not(folder, settings, error)}", folder) from None
    missing = sorted(loaded["missing_keys"])
    if missing:
        # The library fills them with noise, and says so in a warning alone.
        raise InputError(
            f"the checkpoint lacks {len(missing)} of the model's weights ({', '.join(missing[:3])}); fetch it again, "
            "or see that config.json is that of these weights",
            folder,
        )
    check_shared(model, folder)
    is_placed = settings.device_map is not None or getattr(model, "is_quantized", False)
    try:
        return (model if is_placed else model.to(device)).eval()
    except (RuntimeError, MemoryError) as error:
        raise InputError(
            f"the model cannot be put on device {device} ({_one_line(error)}); take a smaller one or a smaller dtype",
            folder,
        ) from None


def _check_library(folder: Path) -> None:
    """Refuse a T5 with a library before 5.20, which silently takes MADLAD's outputs for its inputs (its issue 48154).

    The extra ``mt`` asks for a newer one; beside vLLM an older one may be here.
    """
    import transformers

    config = transformers.AutoConfig.from_pretrained(str(folder), local_files_only=True)
    if config.model_type == "t5" and tuple(map(int, transformers.__version__.split(".")[:2])) < (5, 20):
        raise InputError(
            f"transformers {transformers.__version__} misreads models like this one; pip install 'transformers>=5.20', "
            "in an environment of its own where vLLM is",
            folder,
        )


def check_shared(model: Any, folder: Path) -> None:
    """Refuse a Marian whose one matrix, for inputs and outputs, stands in the checkpoint twice and differs.

    So are some of the published ``opus-mt-tc-big``; transformers 5 takes both as they are, and what comes out is
    nonsense (its issue 45005). Raises ``InputError``.
    """
    config = model.config
    if config.model_type != "marian" or not (config.share_encoder_decoder_embeddings and config.tie_word_embeddings):
        return
    if not torch_library().equal(model.lm_head.weight, model.model.shared.weight):
        raise InputError(
            "this Marian's outputs are not its inputs, as config.json says that they are: it was converted wrongly and "
            "would answer nonsense; take another revision, or convert the original anew",
            folder,
        )


def _options(settings: TorchSettings, device: str) -> dict[str, Any]:
    """Return what a model is opened with beside its dtype, as far as it is set."""
    from transformers import BitsAndBytesConfig

    options: dict[str, Any] = {"attn_implementation": settings.attn_implementation, "gguf_file": settings.gguf}
    options["device_map"] = settings.device_map
    if settings.quantization is not None:
        is_4bit = settings.quantization == "4bit"
        dtype = getattr(torch_library(), dtype_of(settings))
        of_4bit = {"bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": dtype} if is_4bit else {}
        options["quantization_config"] = BitsAndBytesConfig(load_in_4bit=is_4bit, load_in_8bit=not is_4bit, **of_4bit)
        # It is quantized where it is to work: moving it afterwards is not possible.
        options["device_map"] = settings.device_map or {"": device}
    return {name: value for name, value in options.items() if value is not None}


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


def _why_not(folder: Path, settings: TorchSettings, error: Exception) -> str:
    """Return why a model cannot be opened, and what to do, in one line."""
    if isinstance(error, UnpicklingError):
        return RUNS_CODE
    said = _one_line(error)
    method = quantizer_of(folder)
    remedy = _remedy(settings, said.lower())
    if remedy is None and method is None:
        remedy = "fetch it again, or see that its packages are here"
    if remedy is not None or method is None:
        return f"{said}; {remedy}"
    packages = _QUANTIZERS.get(method.removesuffix("_4bit").removesuffix("_8bit"), method)
    return (
        f"it is quantized by {method} ({said}); pip install {packages}, which may want a GPU, or take the checkpoint "
        "that is not quantized"
    )


def _remedy(settings: TorchSettings, said: str) -> str | None:
    """Return what to do about a setting that the library's words are of; None where they are of none."""
    if settings.quantization is not None and "bitsandbytes" in said:
        return "pip install bitsandbytes accelerate, or leave out 'quantization'"
    if settings.attn_implementation is not None and ("attn" in said or "attention" in said):
        return "bring what it needs, or leave out 'attn_implementation'"
    if settings.gguf is not None and "gguf" in said:
        return "pip install gguf accelerate, or serve the file by llama.cpp or Ollama, by engine: openai"
    if settings.device_map is not None and ("accelerate" in said or "device_map" in said):
        return "pip install accelerate, and see 'device_map'"
    return None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
