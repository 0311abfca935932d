"""The engine ``transformers``: checkpoints of two kinds, each opened as what it is."""

from __future__ import annotations

from typing import Annotated, Literal

from .chat_engine import ChatEngine, chat_spec, is_chat_model
from .engine import Engine, EngineSpec
from .seq2seq_engine import Seq2SeqEngine, seq2seq_spec
from .settings import Idle
from .torch_models import TorchSettings


class TransformersSettings(TorchSettings):
    """A checkpoint run by transformers.

    Either a seq2seq one (NLLB-200, M2M100, MADLAD-400, Marian, and what descends from them), or a language model with a
    chat template, which alone can use ``style``, ``context``, ``glossary`` and ``sentences``.
    """

    engine: Annotated[Literal["transformers"], Idle()]

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec of the kind that the checkpoint is."""
        of_kind = chat_spec if is_chat_model(self) else seq2seq_spec
        return of_kind(self, source_lang, target_lang)

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine of the kind that the checkpoint is."""
        of_kind = ChatEngine if is_chat_model(self) else Seq2SeqEngine
        return of_kind(self, source_lang, target_lang)
