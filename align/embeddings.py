"""Embeddings as evidence: vectors of meaning from an encoder that the user names, or computed before."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import open_regular

from .encoders.encoder import Encoder, EncoderSpec, identity
from .encoders.opening import open_encoder
from .encoders.store import Rows, VectorStore, sentence_keys
from .evidence import split_ranges
from .similarity import Vectors, make_vectors
from .threads import Each

FloatArray = NDArray[np.float32] | NDArray[np.float16]

_USUAL_SPREAD = 0.12
"""The standard deviation of cosines by chance of vectors without their mean."""

_LEAN = 5.0
"""How many sentences of its own a document needs to count as much for its mean as all documents do."""


def check_vectors(source: FloatArray, target: FloatArray, sources: int, targets: int) -> None:
    """Raise ``InputError`` when the number or dimension of vectors does not fit the sentences of a document."""
    for array, count, side in ((source, sources, "source"), (target, targets, "target")):
        if array.ndim != 2 or len(array) != count:
            raise InputError(
                f"{side} vectors have the shape {array.shape}; expected one row for each of {count} sentences"
            )
        if not np.isfinite(array).all():
            raise InputError(f"{side} vectors hold values that are not finite; compute them again")
    if source.shape[1] != target.shape[1]:
        raise InputError(f"source and target vectors differ in dimension: {source.shape[1]} and {target.shape[1]}")


def embedding_vectors(pairs: Sequence[tuple[FloatArray, FloatArray]]) -> Vectors:
    """Return the vectors of both sides of each document [sentence, dimension] as evidence.

    Each side loses its mean: that of its document, of a short one leant on that of all. What all sentences share (the
    language, the subject; cosines of E5 lie between 0.7 and 1) says nothing of which belong together, and hides that a
    sum of sentences took in a wrong one. A row of zeros is no evidence.
    """
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    sources, targets = (split_ranges([len(document) for document in side]) for side in sides)
    return make_vectors(_centred(sides[0]), _centred(sides[1]), sources, targets, _USUAL_SPREAD)


def centres(documents: Sequence[FloatArray]) -> Iterator[NDArray[np.float64]]:
    """Yield the mean of each document's vectors, of a short one leant on that of all; rows of zeros move none."""
    total, known = np.zeros(documents[0].shape[1] if documents else 0), 0
    for rows in documents:
        total += rows.sum(axis=0, dtype=np.float64)
        known += int(rows.any(axis=1).sum())
    mean = total / max(known, 1)
    for rows in documents:
        yield (rows.sum(axis=0, dtype=np.float64) + _LEAN * mean) / (int(rows.any(axis=1).sum()) + _LEAN)


def about(rows: NDArray[np.floating], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length one about a centre; a row of zeros stays."""
    some = np.asarray(rows.any(axis=1))
    moved = np.where(some[:, None], rows - centre, 0.0)
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(norms > 1e-6, norms, np.inf), dtype=np.float64)


def _centred(documents: Sequence[FloatArray]) -> NDArray[np.float16]:
    """Return rows of length one about the mean of their document."""
    width = documents[0].shape[1] if documents else 0
    centred = np.zeros((sum(len(rows) for rows in documents), width), dtype=np.float16)
    ranges = split_ranges([len(rows) for rows in documents])
    for (first, last), rows, centre in zip(ranges, documents, centres(documents), strict=True):
        centred[first:last] = about(rows, centre)
    return centred


def load_vectors(path: Path | str) -> FloatArray:
    """Read vectors from a ``.npy`` file without unpickling anything."""
    try:
        with open_regular(Path(path)) as stream:
            array = np.load(stream, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"is no .npy file of numbers: {error}", path) from error
    return np.asarray(array, dtype=np.float32)


_BATCH = 512
"""Sentences that are encoded together elsewhere: as many as the encoders like that run here, to the same vectors."""


class EncoderThere:
    """An encoder as a work that can be sent: where it is, it is opened once."""

    def __init__(self, spec: EncoderSpec) -> None:
        self._spec = spec
        self._encoder: Encoder | None = None

    def __call__(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of sentences [sentence, dimension]."""
        if self._encoder is None:
            self._encoder = open_encoder(self._spec)
        return self._encoder.encode(sentences)


class Embedder:
    """Computes embeddings of sentences with an encoder, each distinct sentence once.

    ``model`` and ``revision``, ``prompt``, ``server`` and ``key_variable`` are those of ``EncoderSpec``. ``cache`` is a
    folder where vectors are kept by encoder and content, so that a second run, or one after a kill, computes only what
    is new; without one they are kept while the embedder lives. The model is loaded when it has to encode, here
    or where ``elsewhere`` sends sentences, which is called as ``map`` is. ``progress`` is called with
    0 and how many sentences there are to encode, and after each batch with how many it had and that number again.
    """

    def __init__(
        self,
        model: str,
        revision: str | None = None,
        cache: Path | str | None = None,
        *,
        prompt: str | None = None,
        server: str | None = None,
        key_variable: str = "OPENAI_API_KEY",
        progress: Callable[[int, int], None] | None = None,
        elsewhere: Each | None = None,
    ) -> None:
        self.spec = EncoderSpec(model, revision, prompt, server, key_variable)
        self._cache = Path(cache) if cache is not None else None
        self._progress = progress
        # Whoever asks a server has nothing to compute.
        self._elsewhere = elsewhere if server is None else None
        self._made: tempfile.TemporaryDirectory[str] | None = None
        self._store: VectorStore | None = None
        self._encoder: Encoder | None = None

    def _open_store(self) -> VectorStore:
        """Return where vectors are kept, opened once."""
        if self._store is None:
            if self._cache is None:
                self._made = tempfile.TemporaryDirectory(prefix="qosmatin-")
            folder = Path(self._made.name) if self._made else Path(str(self._cache))
            digest = hashlib.blake2b(identity(self.spec).encode(), digest_size=8).hexdigest()
            self._store = VectorStore(folder / f"embeddings-{digest}")
        return self._store

    def _encoding(self) -> tuple[int, Callable[[Iterable[list[str]]], Iterator[Any]]]:
        """Return how many sentences are encoded at once, and what encodes such batches."""
        if self._elsewhere is not None:
            return _BATCH, partial(self._elsewhere, EncoderThere(self.spec))
        if self._encoder is None:
            self._encoder = open_encoder(self.spec)
        return self._encoder.batch, partial(map, self._encoder.encode)

    def encode(self, sentences: Sequence[str]) -> Rows:
        """Return a unit vector for each sentence [sentence, dimension]."""
        if not sentences:
            return np.zeros((0, 1), dtype=np.float16)
        store, keys = self._open_store(), sentence_keys(sentences)
        first = np.unique(keys, return_index=True)[1]
        missing = np.sort(first[store.find(keys[first]) < 0])
        if not len(missing):
            return store.rows(keys)
        size, encode = self._encoding()
        batches = [missing[at : at + size] for at in range(0, len(missing), size)]
        if self._progress is not None:
            self._progress(0, len(missing))
        made = encode([sentences[one] for one in batch] for batch in batches)
        for batch, rows in zip(batches, made, strict=True):
            store.add(keys[batch], rows)
            if self._progress is not None:
                self._progress(len(batch), len(missing))
        return store.rows(keys)

    def encode_sides(self, source: Sequence[str], target: Sequence[str]) -> tuple[Rows, Rows]:
        """Return the vectors of both sides of a document."""
        vectors = self.encode([*source, *target])
        return vectors[: len(source)], vectors[len(source) :]
