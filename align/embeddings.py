"""Embeddings as evidence: vectors of meaning from a model that the user names, or computed before."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.regular import open_regular

from .evidence import split_ranges
from .similarity import Vectors, make_vectors

logger = logging.getLogger(__name__)

FloatArray = NDArray[np.float32]
BATCH = 64

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


def _centred(documents: Sequence[FloatArray]) -> NDArray[np.float16]:
    """Return rows of length one about the mean of their document; a row of zeros stays."""
    total, known = np.zeros(documents[0].shape[1] if documents else 0), 0
    for rows in documents:
        total += rows.sum(axis=0, dtype=np.float64)
        known += int(rows.any(axis=1).sum())
    mean = total / max(known, 1)
    centred = np.zeros((sum(len(rows) for rows in documents), len(mean)), dtype=np.float16)
    for (first, last), rows in zip(split_ranges([len(rows) for rows in documents]), documents, strict=True):
        some = np.asarray(rows.any(axis=1))
        own = (rows.sum(axis=0, dtype=np.float64) + _LEAN * mean) / (some.sum() + _LEAN)
        moved = np.where(some[:, None], rows - own, 0.0)
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        centred[first:last] = moved / np.where(norms > 1e-6, norms, np.inf)
    return centred


def load_vectors(path: Path | str) -> FloatArray:
    """Read vectors from a ``.npy`` file without unpickling anything."""
    try:
        with open_regular(Path(path)) as stream:
            array = np.load(stream, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"is no .npy file of numbers: {error}", path) from error
    return np.asarray(array, dtype=np.float32)


class Embedder:
    """Computes embeddings of sentences with a sentence-transformers model, each distinct sentence once.

    ``cache`` is a folder where vectors are kept by model and content, so that a second run computes only what is new.
    The model is loaded on first use, on a GPU when there is one; ``revision`` pins it.
    """

    def __init__(self, model: str, revision: str | None = None, cache: Path | str | None = None) -> None:
        self.name, self.revision = model, revision
        self._cache = Path(cache) if cache is not None else None
        self._model: Any = None

    def _load(self) -> Any:
        """Return the model, loaded once."""
        if self._model is None:
            try:
                module = import_module("sentence_transformers")  # slow to import, optional
            except ImportError as error:
                raise MissingExtraError("alignment with embeddings", "embed") from error
            logger.info("loading the embedding model %s", self.name)
            self._model = module.SentenceTransformer(self.name, revision=self.revision)
        return self._model

    def _key(self, sentence: str) -> str:
        """Return the name under which a sentence's vector is kept."""
        return hashlib.blake2b(f"{self.name}\0{self.revision}\0{sentence}".encode(), digest_size=16).hexdigest()

    def _cache_file(self) -> Path | None:
        """Return where the vectors of this model are kept."""
        if self._cache is None:
            return None
        digest = hashlib.blake2b(f"{self.name}\0{self.revision}".encode(), digest_size=8).hexdigest()
        return self._cache / f"embeddings-{digest}.npz"

    def _cached(self) -> dict[str, FloatArray]:
        """Return all vectors kept for this model; a broken file counts as none."""
        path = self._cache_file()
        if path is None or not path.exists():
            return {}
        try:
            with np.load(path, allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError) as error:
            logger.warning("%s cannot be read and is computed again: %s", path, error)
            return {}

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """Return a unit vector for each sentence [sentence, dimension]."""
        known = self._cached()
        missing = [text for text in dict.fromkeys(sentences) if self._key(text) not in known]
        if missing:
            vectors = self._load().encode(missing, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
            known |= {
                self._key(text): vector for text, vector in zip(missing, np.asarray(vectors, np.float32), strict=True)
            }
            self._store(known)
        if not sentences:
            return np.zeros((0, 1), dtype=np.float32)
        return np.stack([known[self._key(text)] for text in sentences])

    def encode_sides(self, source: Sequence[str], target: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Return the vectors of both sides of a document."""
        vectors = self.encode([*source, *target])
        return vectors[: len(source)], vectors[len(source) :]

    def _store(self, known: dict[str, FloatArray]) -> None:
        """Keep vectors for the next run: written beside, then renamed."""
        path = self._cache_file()
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".tmp.npz")
        np.savez(beside, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
        beside.replace(path)
