"""Language models in the engine ``transformers``: decoder-only checkpoints that are asked by their chat template.

How they are asked is said by their profile. The house prompt, that of the engine ``openai``, has the reply's beginning
written into it, so that the model can only go on with translations; what it wrote is read and counted all the same.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError, MissingExtraError

from .chat_prompts import Prompts
from .checkpoints import CheckpointSettings
from .engine import Answer, EngineSpec, TranslationRequest
from .model_files import find_model
from .model_opening import open_model
from .own_prompts import check_own
from .profiles import HOUSE, Chosen, profiles, read_json
from .prompt import VERSION, ReplyError
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
from .windows import in_groups

LONGEST_SOURCE = 1024
"""Tokens of one sentence beyond which it is cut."""

_FORM = 24
"""Tokens that the form of a reply takes for each sentence, beside its text."""


def is_chat_model(settings: CheckpointSettings) -> bool:
    """Whether the checkpoint is a language model, by its profile or type; raises ``InputError`` when it is not here."""
    folder = find_model(settings.model, settings.revision, settings.download).folder
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


def chat_spec(settings: TorchSettings, source_lang: str, target_lang: str) -> EngineSpec:
    """Return the spec without loading the model; raises ``InputError`` for a search that would spoil its replies."""
    files = find_model(settings.model, settings.revision, settings.download)
    chosen = chat_profile(settings, files.folder)
    _check_settings(settings, files.folder)
    answering = settings.answering() | {
        "dtype": dtype_of(settings),
        "source_lang": source_lang,
        "target_lang": target_lang,
        "decoding": settings.decoding.definite(beams=chosen.profile.beams or 1).plain(),
        "prompt": VERSION,
        "style": settings.style,
        "context": settings.plain_context(),
        "sentences": settings.sentences,
        **chosen.identity(),
    }
    return EngineSpec(NAME, files.name, files.revision, files.weights(), answering)


def check_chat(settings: TorchSettings, source_lang: str, target_lang: str) -> None:
    """Open all but the weights, and render the template once; raises ``InputError`` for what cannot be asked."""
    folder = find_model(settings.model, settings.revision, settings.download).folder
    _check_settings(settings, folder)
    profile = chat_profile(settings, folder).profile
    profile.check_languages(source_lang, target_lang, folder)
    Prompts(folder, profile, settings.style, (source_lang, target_lang)).count(["Бұл сөйлем."])


def _check_settings(settings: TorchSettings, folder: Path) -> None:
    _check_decoding(settings, folder)
    try:
        check_own(settings, settings.sentences, chat_profile(settings, folder).profile)
    except ValueError as error:
        raise InputError(str(error), folder) from None


def _check_decoding(settings: TorchSettings, folder: Path) -> None:
    check_patience(settings, folder)
    if settings.decoding.no_repeat_ngram or settings.decoding.repetition_penalty != 1:
        raise InputError(
            "a language model's search cannot have no_repeat_ngram or repetition_penalty: they would forbid it what "
            "stands in the prompt, as names, numbers and the form of the reply; leave them out of 'decoding', and give "
            "'retry' a decoding of its own, as {beams: 4}",
            folder,
        )


class ChatEngine:
    """A language model on one device. Translations come from one thread at a time, counts of tokens from any."""

    parallel = 1

    def __init__(self, settings: TorchSettings, source_lang: str, target_lang: str) -> None:
        torch_library()  # says which extra is missing
        from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

        folder = find_model(settings.model, settings.revision, settings.download).folder
        profile = chat_profile(settings, folder).profile
        profile.check_languages(source_lang, target_lang, folder)
        self._prompts = Prompts(folder, profile, settings.style, (source_lang, target_lang))
        self._lock = threading.Lock()  # a tokenizer is not made for several threads
        kind = AutoModelForCausalLM if decodes_text(folder) else AutoModelForImageTextToText
        self._model = open_model(kind, folder, settings)
        self._decoding = settings.decoding.definite(beams=profile.beams or 1)
        self._model.generation_config = _generation(self._model, self._decoding, self._prompts.pad)
        ends = self._model.generation_config.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [ends])
        positions = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        self._positions = min((one for one in (positions, profile.positions) if one), default=None)
        self._sentences = settings.sentences
        # Sentences of one prompt stay together as they are in the document.
        self.sorts = settings.sentences == 1 and settings.windows() is None
        self.batch_tokens = settings.batch_tokens
        self.batch_sentences = settings.batch_sentences
        self._overhead = self._prompts.count([""])[0]
        self.max_source_tokens = self._overhead + (settings.max_source_tokens or LONGEST_SOURCE)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens the prompt for each text has."""
        with self._lock:
            return self._prompts.count(texts)

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers.

        Sentences whose reply cannot be read are asked for again in halves; one alone is flagged, since asking again
        would bring the same.
        """
        answers: dict[int, Answer] = {}
        waiting = in_groups(requests, self._sentences)
        while waiting:
            with self._lock:
                prompts = [self._prompts.ids([requests[index] for index in group]) for group in waiting]
            fits = [self._fits(len(ids), len(group)) for ids, group in zip(prompts, waiting, strict=True)]
            replies = iter(self._generate([ids for ids, fit in zip(prompts, fits, strict=True) if fit], waiting))
            again: list[list[int]] = []
            for group, ids, fit in zip(waiting, prompts, fits, strict=True):
                outcome = (
                    self._read(next(replies), len(ids), len(group)) if fit else Answer("", ("over-long",), len(ids))
                )
                if isinstance(outcome, list):
                    answers |= dict(zip(group, outcome, strict=True))
                elif len(group) == 1:
                    answers[group[0]] = outcome
                else:
                    middle = len(group) // 2
                    again += [group[:middle], group[middle:]]
            waiting = again
        return [answers[index] for index in range(len(requests))]

    def _bound(self, sentences: int) -> int:
        """Return the most tokens of a reply."""
        return sentences * (self._decoding.max_tokens + _FORM)

    def _fits(self, tokens: int, sentences: int) -> bool:
        return self._positions is None or tokens + self._bound(sentences) <= self._positions

    def _read(self, reply: list[int], asked: int, sentences: int) -> list[Answer] | Answer:
        """Return the answers in a reply, its tokens shared among them; one flagged answer where it is none."""
        reply = reply[: self._bound(sentences)]  # others of the batch may have been allowed more
        ended = bool(reply) and reply[-1] in self._ends
        try:
            with self._lock:
                texts = self._prompts.read(reply, sentences)
        except ReplyError:
            return Answer("", ("unreadable" if ended else "truncated",), asked, len(reply))
        return [
            Answer(text.strip(), (), _share(asked, sentences, index), _share(len(reply), sentences, index))
            for index, text in enumerate(texts)
        ]

    def _generate(self, prompts: list[list[int]], groups: list[list[int]]) -> list[list[int]]:
        """Return the ids that go on from each prompt, the end included and nothing after it."""
        if not prompts:
            return []
        longest, pad = max(map(len, prompts)), self._prompts.pad
        # On the left, since the reply goes on from the prompt's last token.
        ids = [[*[pad] * (longest - len(one)), *one] for one in prompts]
        mask = [[0] * (longest - len(one)) + [1] * len(one) for one in prompts]
        out = generate(self._model, ids, mask, max_new_tokens=self._bound(max(map(len, groups))))
        return [self._until_end(row[longest:]) for row in out]

    def _until_end(self, row: list[int]) -> list[int]:
        end = next((place for place, one in enumerate(row) if one in self._ends), None)
        return row if end is None else row[: end + 1]

    def close(self) -> None:
        """Give back the model's memory."""
        del self._model
        free_memory()


def _share(total: int, parts: int, index: int) -> int:
    """Return the share of one of so many parts, the remainder with the first."""
    return total // parts + (total % parts if index == 0 else 0)


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
