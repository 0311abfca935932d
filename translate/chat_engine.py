"""Language models in the engine ``transformers``: decoder-only checkpoints that are asked by their chat template."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .engine import EngineSpec
from .language_models import decodes_text, open_prompts, prompted_answering
from .model_files import find_model
from .model_opening import open_model
from .prompted_engine import PromptedEngine, Written
from .settings import Decoding
from .torch_models import (
    NAME,
    TorchSettings,
    check_patience,
    dtype_of,
    free_memory,
    generate,
    torch_library,
)


def chat_spec(settings: TorchSettings, source_lang: str, target_lang: str) -> EngineSpec:
    """Return the spec without loading the model; raises ``InputError`` for a search that would spoil its replies."""
    files = find_model(settings.model, settings.revision, settings.download)
    check_patience(settings, files.folder)
    answering = prompted_answering(settings, files.folder, (source_lang, target_lang))
    return EngineSpec(NAME, files.name, files.revision, files.weights(), answering | {"dtype": dtype_of(settings)})


def check_chat(settings: TorchSettings, source_lang: str, target_lang: str) -> None:
    """Open all but the weights, and render the template once; raises ``InputError`` for what cannot be asked."""
    folder = find_model(settings.model, settings.revision, settings.download).folder
    check_patience(settings, folder)
    open_prompts(settings, folder, (source_lang, target_lang)).count(["Бұл сөйлем."])


class ChatEngine(PromptedEngine):
    """A language model on one device, by ``generate``."""

    def __init__(self, settings: TorchSettings, source_lang: str, target_lang: str) -> None:
        torch_library()  # says which extra is missing
        from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

        folder: Path = find_model(settings.model, settings.revision, settings.download).folder
        super().__init__(settings, folder, (source_lang, target_lang))
        kind = AutoModelForCausalLM if decodes_text(folder) else AutoModelForImageTextToText
        self._model = open_model(kind, folder, settings)
        self._model.generation_config = _generation(self._model, self.decoding, self.prompts.pad)
        ends = self._model.generation_config.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [ends])
        self.bound_by(getattr(self._model.config.get_text_config(), "max_position_embeddings", None))

    def write(self, prompts: Sequence[list[int]], bounds: Sequence[int]) -> list[Written]:
        """Return the ids that go on from each prompt, the end included and nothing after it."""
        longest, pad = max(map(len, prompts)), self.prompts.pad
        # On the left, since the reply goes on from the prompt's last token.
        ids = [[*[pad] * (longest - len(one)), *one] for one in prompts]
        mask = [[0] * (longest - len(one)) + [1] * len(one) for one in prompts]
        rows = generate(self._model, ids, mask, max_new_tokens=max(bounds))
        return [self._until_end(row[longest : longest + bound]) for row, bound in zip(rows, bounds, strict=True)]

    def _until_end(self, row: list[int]) -> Written:
        end = next((place for place, one in enumerate(row) if one in self._ends), None)
        return (row, False) if end is None else (row[: end + 1], True)

    def close(self) -> None:
        """Give back the model's memory."""
        del self._model
        free_memory()


def _generation(model: Any, decoding: Decoding, pad: int) -> Any:
    """Return the model's own generation config with our search: what it has of sampling is off."""
    config = copy.deepcopy(model.generation_config)
    config.update(
        num_beams=decoding.beams,
        do_sample=False,
        temperature=None,
        top_p=None,
        top_k=None,
        min_p=None,
        length_penalty=decoding.length_penalty,
        no_repeat_ngram_size=0,
        repetition_penalty=1.0,
        max_length=None,
        pad_token_id=pad,
    )
    return config
