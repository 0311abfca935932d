"""What an encoder is, and which one a user means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

E5_SMALL = "e5-small"
"""The name of the model that the extra ``semantic`` brings."""

E5_SMALL_WEIGHTS = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""The SHA-256 of its weights."""


class Encoder(Protocol):
    """Turns sentences into vectors."""

    batch: int
    """How many sentences it likes at once; each batch is kept before the next is begun."""

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length one for each sentence [sentence, dimension]."""
        ...


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """The encoder that a user means.

    ``model`` is ``e5-small``, a folder, a name on the hub, or with a ``server`` (an address up to ``/v1``) what that
    server calls it; ``revision`` pins a model on the hub. ``prompt`` stands before each sentence; None for what the
    model itself asks for. ``key_variable`` names the environment variable with the key of a server.
    """

    model: str
    revision: str | None = None
    prompt: str | None = None
    server: str | None = None
    key_variable: str = "OPENAI_API_KEY"


def identity(spec: EncoderSpec) -> str:
    """Return what the vectors of an encoder depend on, without loading it: of a folder, its files as they are.

    Of the weights behind a server nothing is known but the name that it has for them.
    """
    folder = Path(spec.model)
    files = sorted(folder.rglob("*")) if spec.server is None and folder.is_dir() else []
    state = [(str(one.relative_to(folder)), one.stat().st_size, one.stat().st_mtime_ns) for one in files]
    weights = E5_SMALL_WEIGHTS if spec.server is None and spec.model == E5_SMALL else ""
    return json.dumps([spec.model, spec.revision, spec.prompt, spec.server, weights, state])


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of length one; rows of zeros stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)
