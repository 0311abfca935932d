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

from .similarity import Vectors, make_vectors

logger = logging.getLogger(__name__)

FloatArray = NDArray[np.float32]
BATCH = 64


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


def embedding_vectors(source: FloatArray, target: FloatArray) -> Vectors:
    """Return vectors [sentence, dimension] of both sides as evidence; a row of zeros is no evidence."""
    return make_vectors(_unit(source), _unit(target), len(source), len(target))


def _unit(array: FloatArray) -> FloatArray:
    """Return rows of length one; rows of zeros stay."""
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    return np.ascontiguousarray(array / np.where(norms > 0, norms, 1.0), dtype=np.float32)


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
