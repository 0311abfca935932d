"""Encoders that sentence-transformers runs: a folder, or a name on the hub."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError, MissingExtraError

from .encoder import EncoderSpec

logger = logging.getLogger(__name__)


class CheckpointEncoder:
    """A sentence-transformers model, on a GPU in half precision when there is one.

    Without a prompt of the user's the model's own is taken: its default prompt, or the one called ``query``, for a
    sentence and its translation are put alike.
    """

    batch = 512

    def __init__(self, spec: EncoderSpec) -> None:
        try:
            module = import_module("sentence_transformers")  # slow to import, optional
        except ImportError as error:
            raise MissingExtraError("alignment with embeddings", "embed") from error
        logger.info("loading the embedding model %s", spec.model)
        self._model: Any = module.SentenceTransformer(spec.model, revision=spec.revision)
        if getattr(getattr(self._model, "device", None), "type", "cpu") == "cuda":
            self._model.half()
        self._spec = spec
        self._prompt = _own_prompt(self._model) if spec.prompt is None else spec.prompt

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length one for each sentence."""
        rows = self._model.encode(
            list(sentences),
            prompt=self._prompt or None,
            batch_size=64,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        rows = np.asarray(rows, dtype=np.float32)
        if rows.ndim != 2 or not np.isfinite(rows).all():
            raise InputError(f"the model {self._spec.model} gives no finite vectors; is it a model of sentences?")
        return rows


def _own_prompt(model: Any) -> str:
    """Return what ``config_sentence_transformers.json`` puts before a sentence; nothing where it says nothing."""
    prompts: dict[str, str] = getattr(model, "prompts", None) or {}
    name: str | None = getattr(model, "default_prompt_name", None)
    return prompts.get(name or "query", "")
