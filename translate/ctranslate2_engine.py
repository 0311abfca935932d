"""The engine ``ctranslate2``: the checkpoints that ``transformers`` runs, converted once and quantized."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from qosmatin.corpus.errors import EngineError, InputError, MissingExtraError

from .checkpoints import ModelSettings
from .codec import Codec, open_codec
from .conversion import convert
from .engine import Answer, BatchTooLargeError, Engine, EngineSpec, TranslationRequest
from .model_files import find_model, is_here
from .seq2seq_engine import longest_source
from .settings import Decoding, Idle

NAME = "ctranslate2"


class CTranslate2Settings(ModelSettings):
    """The same checkpoints run by CTranslate2, converted once and kept (see ``qosmatin translate convert``)."""

    engine: Annotated[Literal["ctranslate2"], Idle()]
    device: Annotated[Literal["auto", "cpu", "cuda"], Idle()] = "auto"
    compute_type: Literal["auto", "float32", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "float16"] = (
        Field("auto", description="auto: int8 on a CPU, int8_float16 on a GPU")
    )
    parallel: Annotated[int, Idle()] = Field(
        0, ge=0, description="batches translated at once; 0: one for each CPU core, one on a GPU"
    )
    threads: Annotated[int, Idle()] = Field(1, ge=1, description="CPU threads for each batch")

    def on_cores(self, cores: int) -> Self:
        """Return the settings with a batch for each core at once, unless they say how many; one on a GPU."""
        if self.device != "cpu":
            return self
        return self.model_copy(update={"parallel": self.parallel or max(1, cores // self.threads)})

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec without loading the model; raises ``InputError`` when the model is not here."""
        files = find_model(self.model, self.revision, self.download)
        answering = self.answering() | {
            "compute_type": _compute_type(self),
            "decoding": self.search(files.folder).plain(),
            "source_lang": source_lang,
            "target_lang": target_lang,
            **self.profile_identity(files.folder),
        }
        return EngineSpec(NAME, files.name, files.revision, files.weights(), answering)

    def check(self, source_lang: str, target_lang: str) -> None:
        """Open the tokenizer for the languages; that of a model to fetch is not."""
        _ctranslate2()
        if self.download and not is_here(self.model, self.revision):
            return
        _open_codec(self, source_lang, target_lang)

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine, its model converted where it was not yet."""
        return CTranslate2Engine(self, source_lang, target_lang)

    def gpus(self) -> int:
        """Return how many GPUs of this machine the engine would use."""
        return count_gpus() if self.device in ("auto", "cuda") else 0

    @property
    def wants_gpu(self) -> bool:
        """Whether it is to work on a GPU wherever it works."""
        return self.device == "cuda"


class CTranslate2Engine:
    """A converted checkpoint; several threads may call, as many as ``parallel`` says."""

    sorts = True

    def __init__(self, settings: CTranslate2Settings, source_lang: str, target_lang: str) -> None:
        library = _ctranslate2()
        files = find_model(settings.model, settings.revision, settings.download)
        self._codec = _open_codec(settings, source_lang, target_lang)
        device = _device(settings)
        if device == "cuda" and not count_gpus():
            raise InputError("device: cuda, but CTranslate2 finds no CUDA GPU; set 'device: auto'")
        self.parallel = settings.parallel or (max(1, cores_here() // settings.threads) if device == "cpu" else 1)
        try:
            self._translator = library.Translator(
                str(convert(files)),
                device=device,
                compute_type=_compute_type(settings),
                inter_threads=self.parallel,
                intra_threads=settings.threads,
            )
        except (ValueError, RuntimeError) as error:
            raise InputError(f"CTranslate2 cannot open the model: {error}", files.folder) from None
        self._options = _options(settings.search(files.folder), self._codec.config)
        self._lock = threading.Lock()  # a tokenizer is not made for several threads
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
            tokens = [self._codec.tokens(sources[index]) for index in known]
        hypotheses = self._run(tokens) if tokens else []
        end = self._codec.tokenizer.eos_token
        with self._lock:
            texts = self._codec.decode([self._codec.ids(hypothesis) for hypothesis in hypotheses])
        answers = [Answer("", ("unknown-script",), len(ids)) for ids in sources]
        for index, hypothesis, text in zip(known, hypotheses, texts, strict=True):
            flags = () if hypothesis and hypothesis[-1] == end else ("truncated",)
            answers[index] = Answer(text, flags, len(sources[index]), len(hypothesis))
        return answers

    def _run(self, tokens: list[list[str]]) -> list[list[str]]:
        """Return the best hypothesis of each source, the end token included."""
        prefix = None
        if self._codec.forced is not None:
            prefix = [self._codec.tokens([self._codec.forced])] * len(tokens)
        try:
            results = self._translator.translate_batch(tokens, target_prefix=prefix, **self._options)
        except RuntimeError as error:
            if "out of memory" in str(error).lower() or "allocate memory" in str(error).lower():
                raise BatchTooLargeError(NAME, f"{len(tokens)} sentences do not fit") from None
            raise EngineError(NAME, str(error)) from None
        return [result.hypotheses[0] for result in results]

    def close(self) -> None:
        """Give back the model's memory."""
        del self._translator


def _open_codec(settings: CTranslate2Settings, source_lang: str, target_lang: str) -> Codec:
    folder = find_model(settings.model, settings.revision, settings.download).folder
    codec = open_codec(folder, settings, source_lang, target_lang)
    if getattr(codec.tokenizer, "separate_vocabs", False):
        raise InputError("a Marian with a vocabulary for each side; use engine: transformers", folder)
    return codec


def _options(decoding: Decoding, config: Mapping[str, Any]) -> dict[str, Any]:
    # Beyond its positions CTranslate2 fails with the whole batch; a forced language token takes one of them.
    positions = config.get("max_position_embeddings")
    longest = min(decoding.max_tokens, positions - 1) if positions else decoding.max_tokens
    return {
        "beam_size": decoding.beams,
        "patience": decoding.patience,
        "length_penalty": decoding.length_penalty,
        "no_repeat_ngram_size": decoding.no_repeat_ngram,
        "repetition_penalty": decoding.repetition_penalty,
        "max_decoding_length": longest,
        "max_input_length": 0,  # nothing is cut: long sentences were split before
        "return_end_token": True,
    }


def _device(settings: CTranslate2Settings) -> str:
    """Return the device, with ``auto`` made definite."""
    if settings.device != "auto":
        return settings.device
    return "cuda" if count_gpus() else "cpu"


def _compute_type(settings: CTranslate2Settings) -> str:
    """Return the compute type, with ``auto`` made definite; a named device need not be on this machine for it."""
    if settings.compute_type != "auto":
        return settings.compute_type
    return "int8_float16" if _device(settings) == "cuda" else "int8"


def count_gpus() -> int:
    """Return how many GPUs CTranslate2 can use here."""
    count: int = _ctranslate2().get_cuda_device_count()
    return count


def cores_here() -> int:
    """Return how many CPU cores this process may use (a batch system may allow fewer than the machine has)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _ctranslate2() -> Any:
    try:
        import ctranslate2
    except ImportError:
        raise MissingExtraError("engine: ctranslate2", "mt") from None
    return ctranslate2
