"""Stands in for the package vllm, with the part of its offline interface that we use, as 0.33 has it.

Names, keywords, defaults and what comes back are those of ``vllm.LLM``, ``vllm.SamplingParams`` and ``vllm.outputs``; a
keyword that is not among these is an error here as it is there. The work is done by transformers, prompt by prompt,
which finds the ids that greedy search finds there. A folder is put on ``sys.path`` to have it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar


@dataclass(kw_only=True)
class SamplingParams:
    temperature: float = 1.0
    max_tokens: int | None = 16
    detokenize: bool = True


@dataclass
class CompletionOutput:
    index: int
    text: str
    token_ids: list[int]
    cumulative_logprob: float | None
    logprobs: None = None
    finish_reason: str | None = None
    stop_reason: int | str | None = None


@dataclass
class RequestOutput:
    request_id: str
    prompt: str | None
    prompt_token_ids: list[int] | None
    prompt_logprobs: None
    outputs: list[CompletionOutput]
    finished: bool


class LLM:
    opened: ClassVar = []
    """What each was opened with."""

    def __init__(
        self,
        model,
        *,
        dtype="auto",
        quantization=None,
        tensor_parallel_size=1,
        seed=0,
        gpu_memory_utilization=0.92,
        enforce_eager=False,
        max_model_len=None,
        generation_config="auto",
    ):
        from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

        # It goes by the model's folder; and it would tell its makers of the start.
        assert Path(model).is_dir()
        assert os.environ["VLLM_NO_USAGE_STATS"] == "1"
        assert os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0"
        if tensor_parallel_size > 1:
            raise ValueError(f"World size ({tensor_parallel_size}) is larger than the number of available GPUs (0)")
        own = getattr(AutoConfig.from_pretrained(model).get_text_config(), "max_position_embeddings", None)
        if max_model_len is not None and own is not None and max_model_len > own:
            raise ValueError(f"User-specified max_model_len ({max_model_len}) is greater than the derived ({own})")
        self._model = AutoModelForCausalLM.from_pretrained(model, dtype="float32" if dtype == "auto" else dtype).eval()
        self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=max_model_len or own))
        ends = self._model.generation_config.eos_token_id  # known there whatever 'generation_config' says
        self._ends = set(ends) if isinstance(ends, list) else {ends}
        self._greedy = GenerationConfig(do_sample=False, eos_token_id=ends, pad_token_id=0)
        LLM.opened.append({"model": model, "generation_config": generation_config, "quantization": quantization})

    def generate(self, prompts, sampling_params=None, *, use_tqdm=True):
        assert not isinstance(sampling_params, list) or len(sampling_params) == len(prompts)
        return [
            self._answer(str(number), prompt["prompt_token_ids"], params)
            for number, (prompt, params) in enumerate(zip(prompts, sampling_params, strict=True))
        ]

    def _answer(self, name, ids, params):
        import torch

        assert params.temperature == 0.0, "this stands in for greedy search alone"
        room = self.llm_engine.model_config.max_model_len
        if room is not None and len(ids) > room:
            raise ValueError(f"The prompt (length {len(ids)}) is longer than the maximum model length of {room}")
        most = params.max_tokens if room is None else min(params.max_tokens, room - len(ids))
        self._model.generation_config = self._greedy
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                max_new_tokens=most,
            )[0].tolist()[len(ids) :]  # fmt: skip
        reason = "stop" if out and out[-1] in self._ends else "length"
        # Without 'detokenize' there is no text.
        return RequestOutput(name, None, ids, None, [CompletionOutput(0, "", out, None, finish_reason=reason)], True)
