"""Seq2seq checkpoints in the engine ``transformers``: by ``generate``, on a CPU, a CUDA GPU or Apple's MPS."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError

from .codec import Codec, open_codec
from .engine import Answer, EngineSpec, TranslationRequest
from .model_files import find_model
from .model_opening import open_model
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

LONGEST_SOURCE = 256
"""Tokens of a source beyond which sentence models, which have seen hardly any longer, leave things out."""


def seq2seq_spec(settings: TorchSettings, source_lang: str, target_lang: str) -> EngineSpec:
    """Return the spec without loading the model; raises ``InputError`` when the model is not here."""
    files = find_model(settings.model, settings.revision, settings.download)
    _check_settings(settings, files.folder)
    answering = settings.answering() | {
        "dtype": dtype_of(settings),
        "decoding": settings.search(files.folder).plain(),
        "source_lang": source_lang,
        "target_lang": target_lang,
        **settings.profile_identity(files.folder),
    }
    return EngineSpec(NAME, files.name, files.revision, files.weights(), answering)


def check_seq2seq(settings: TorchSettings, source_lang: str, target_lang: str) -> None:
    """Open all but the weights; raises ``InputError`` for what is no such model, or does not know the languages."""
    folder = find_model(settings.model, settings.revision, settings.download).folder
    _check_settings(settings, folder)
    open_codec(folder, settings, source_lang, target_lang)


def _check_settings(settings: TorchSettings, folder: Path) -> None:
    check_patience(settings, folder)
    if settings.prompting():
        raise InputError(
            f"{', '.join(settings.prompting())}: only language models with a chat template can be told such things; "
            "leave it out",
            folder,
        )


class Seq2SeqEngine:
    """A checkpoint on one device. Translations come from one thread at a time, counts of tokens from any."""

    parallel = 1
    sorts = True

    def __init__(self, settings: TorchSettings, source_lang: str, target_lang: str) -> None:
        torch_library()  # says which extra is missing
        from transformers import AutoModelForSeq2SeqLM

        folder = find_model(settings.model, settings.revision, settings.download).folder
        self._codec = open_codec(folder, settings, source_lang, target_lang)
        self._lock = threading.Lock()  # a tokenizer is not made for several threads
        self._model = open_model(AutoModelForSeq2SeqLM, folder, settings)
        # In the model, since generate() fills what a config of ours leaves open from the model's own.
        self._model.generation_config = _generation(self._model, settings.search(folder), self._codec)
        self.batch_tokens = settings.batch_tokens
        self.batch_sentences = settings.batch_sentences
        self.max_source_tokens = longest_source(settings.max_source_tokens, self._codec.config)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones included."""
        with self._lock:
            return [len(ids) for ids in self._codec.encode(texts)]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers; a source of which the model knows nothing is flagged and not asked."""
        with self._lock:
            sources = self._codec.encode([request.text for request in requests])
        known = [index for index, ids in enumerate(sources) if not self._codec.is_unknown(ids)]
        generated = self._generate([sources[index] for index in known]) if known else []
        with self._lock:
            texts = self._codec.decode(generated)
        answers = [Answer("", ("unknown-script",), len(ids)) for ids in sources]
        end = self._codec.tokenizer.eos_token_id
        for index, ids, text in zip(known, generated, texts, strict=True):
            flags = () if ids and ids[-1] == end else ("truncated",)
            answers[index] = Answer(text, flags, len(sources[index]), len(ids))
        return answers

    def _generate(self, sources: list[list[int]]) -> list[list[int]]:
        """Return the generated ids of each source, the end token included and nothing after it."""
        longest = max(map(len, sources))
        pad, end = self._codec.tokenizer.pad_token_id, self._codec.tokenizer.eos_token_id
        ids = [[*one, *[pad] * (longest - len(one))] for one in sources]
        mask = [[1] * len(one) + [0] * (longest - len(one)) for one in sources]
        rows = [
            row[1:] for row in generate(self._model, ids, mask, **self._codec.call)
        ]  # without the token that starts the decoder
        return [row[: row.index(end) + 1] if end in row else row for row in rows]

    def close(self) -> None:
        """Give back the model's memory."""
        del self._model
        free_memory()


def longest_source(wanted: int | None, config: Mapping[str, Any]) -> int:
    """Return the most tokens of a source: what is wanted, within what the model has positions for."""
    positions = config.get("max_position_embeddings")
    longest = wanted or LONGEST_SOURCE
    return min(longest, positions) if positions else longest


def _generation(model: Any, decoding: Decoding, codec: Codec) -> Any:
    """Return the model's own generation config with our decoding; a forced end is off, as it would hide a cut."""
    config = copy.deepcopy(model.generation_config)
    config.update(
        num_beams=decoding.beams,
        do_sample=False,
        length_penalty=decoding.length_penalty,
        no_repeat_ngram_size=decoding.no_repeat_ngram,
        repetition_penalty=decoding.repetition_penalty,
        max_length=None,
        max_new_tokens=decoding.max_tokens,
        forced_bos_token_id=codec.forced,
        forced_eos_token_id=None,
    )
    if "tgt_lang" in codec.call:
        # SeamlessM4T looks its languages up here, and transformers 5 leaves them out when it reads the file.
        config.text_decoder_lang_to_code_id = {codec.call["tgt_lang"]: codec.forced}
    return config
