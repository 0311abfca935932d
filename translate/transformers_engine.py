"""The engine ``transformers``: checkpoints of two kinds, each opened as what it is."""

from __future__ import annotations

from typing import Annotated, Literal

from .chat_engine import ChatEngine, chat_spec, check_chat
from .engine import Engine, EngineSpec
from .language_models import chat_profile, is_language_model
from .model_files import find_model, is_here
from .seq2seq_engine import Seq2SeqEngine, check_seq2seq, seq2seq_spec
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
        of_kind = chat_spec if self._is_language_model() else seq2seq_spec
        return of_kind(self, source_lang, target_lang)

    def check(self, source_lang: str, target_lang: str) -> None:
        """Open the tokenizer for the languages, and render a language model's template; a model to fetch is not."""
        if self.download and not is_here(self.model, self.revision):
            return
        check_of_kind = check_chat if self._is_language_model() else check_seq2seq
        check_of_kind(self, source_lang, target_lang)

    def plan(self) -> str:
        """Say in a line how the model is asked; raises ``InputError`` when it is not here."""
        folder = find_model(self.model, self.revision, download=False).folder
        return chat_profile(self, folder).plan() if self._is_language_model() else super().plan()

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine of the kind that the checkpoint is."""
        of_kind = ChatEngine if self._is_language_model() else Seq2SeqEngine
        return of_kind(self, source_lang, target_lang)

    def _is_language_model(self) -> bool:
        return is_language_model(self, find_model(self.model, self.revision, self.download).folder)
