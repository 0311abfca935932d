"""Language models that run here, whatever runs them: which checkpoints are, what may be set, what answers depend on.

How they are asked is said by their profile (see ``chat_prompts``), and is the same in each engine.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from qosmatin.corpus.errors import InputError, MissingExtraError

from .chat_prompts import Prompts
from .checkpoints import CheckpointSettings, ModelSettings
from .own_prompts import check_own
from .profiles import HOUSE, Chosen, profiles, read_json
from .prompt import VERSION
from .settings import Idle, PromptedSettings

_PROMPTING = ("style", "context", "glossary", "sentences")
"""Settings of prompts, for language models alone."""


class PromptedModelSettings(PromptedSettings, ModelSettings):
    """What the settings of engines that run language models have in common."""

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


def is_language_model(settings: CheckpointSettings, folder: Path) -> bool:
    """Whether the checkpoint in a folder is a language model, by its profile or type."""
    chosen = settings.profile_in(folder)
    if chosen is not None:
        return chosen.profile.kind == "chat"
    kind = read_json(folder / "config.json").get("model_type")
    decoders, readers, pairs = _type_tables()
    return (kind in decoders or kind in readers) and kind not in pairs


def decodes_text(folder: Path) -> bool:
    """Whether a checkpoint is a decoder by its type; what reads pictures too is not, and is asked with text alone."""
    return read_json(folder / "config.json").get("model_type") in _type_tables()[0]


def _type_tables() -> tuple[Collection[str], Collection[str], Collection[str]]:
    """Return the types that the library knows as decoders, as models that read pictures and texts, and as seq2seq."""
    try:
        from transformers.models.auto import modeling_auto as known
    except ImportError:
        raise MissingExtraError("engine: transformers", "mt") from None
    return (
        known.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        known.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
        known.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    )


def chat_profile(settings: CheckpointSettings, folder: Path) -> Chosen:
    """Return the profile of a language model: the house's where no other knows it."""
    return settings.profile_in(folder) or Chosen(profiles()[HOUSE], None)


def prompted_answering(settings: PromptedModelSettings, folder: Path, langs: tuple[str, str]) -> dict[str, Any]:
    """Return what answers of a language model depend on beside its weights; ``langs`` are the source's and target's.

    Raises ``InputError`` for settings that its prompt has no place for, or a search that would spoil its replies.
    """
    chosen = chat_profile(settings, folder)
    _check_settings(settings, chosen, folder)
    return settings.answering() | {
        "source_lang": langs[0],
        "target_lang": langs[1],
        "decoding": settings.search(folder, usual=1).plain(),
        "prompt": VERSION,
        "style": settings.style,
        "context": settings.plain_context(),
        "sentences": settings.sentences,
        **chosen.identity(),
    }


def open_prompts(settings: PromptedModelSettings, folder: Path, langs: tuple[str, str]) -> Prompts:
    """Return how a language model is asked, its template rendered once; raises ``InputError`` for what cannot be."""
    chosen = chat_profile(settings, folder)
    _check_settings(settings, chosen, folder)
    chosen.profile.check_languages(*langs, folder)
    return Prompts(folder, chosen.profile, settings.style, langs)


def _check_settings(settings: PromptedModelSettings, chosen: Chosen, folder: Path) -> None:
    if settings.decoding.no_repeat_ngram or settings.decoding.repetition_penalty != 1:
        raise InputError(
            "a language model's search cannot have no_repeat_ngram or repetition_penalty: they would forbid it what "
            "stands in the prompt, as names, numbers and the form of the reply; leave them out of 'decoding', and give "
            "'retry' a decoding of its own, as {beams: 4}",
            folder,
        )
    try:
        check_own(settings, settings.sentences, chosen.profile)
    except ValueError as error:
        raise InputError(str(error), folder) from None
