"""Encoders behind a server with the OpenAI protocol ``/v1/embeddings``: TEI, vLLM, Ollama, or a provider."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import EngineError, InputError, MissingExtraError

from .encoder import EncoderSpec, unit

_NAME = "embeddings"
_TRIES = 6
_LONGEST_PAUSE = 30.0
_TIMEOUT = 120.0


class ServerEncoder:
    """A server that is asked for a batch at a time; ``calls``, ``tokens`` and ``retried`` count what it took.

    A call is tried again, with growing random pauses, when the server is slow, busy or broken.
    """

    batch = 64

    def __init__(self, spec: EncoderSpec) -> None:
        try:
            self._httpx: Any = import_module("httpx")
        except ImportError:
            raise MissingExtraError("embeddings by a server", "llm") from None
        key = os.environ.get(spec.key_variable)
        if any(not 32 < ord(character) < 127 for character in key or ""):
            raise InputError(f"{spec.key_variable} holds characters that no key has; set it again")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = self._httpx.Client(base_url=str(spec.server), headers=headers, timeout=_TIMEOUT)
        self._spec = spec
        self.calls = self.tokens = self.retried = 0

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length one for each sentence.

        Raises ``EngineError`` when the server refuses, or all tries failed.
        """
        body = {"model": self._spec.model, "input": [f"{self._spec.prompt or ''}{text}" for text in sentences]}
        for attempt in range(_TRIES):
            problem, reply = self._try(body)
            if reply is not None:
                self.calls += 1
                self.tokens += (reply.get("usage") or {}).get("total_tokens") or 0
                return _rows(reply, len(sentences))
            self.retried += 1
            if attempt + 1 < _TRIES:
                time.sleep(min(_LONGEST_PAUSE, 0.5 * 2**attempt) * random.uniform(0.5, 1.0))
        raise EngineError(_NAME, problem, item=sentences[0][:60], attempt=_TRIES)

    def _try(self, body: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        """Make one call: return what went wrong, or the reply."""
        try:
            response = self._client.post("/embeddings", json=body)
            if response.is_success:
                reply = response.json()
                return ("", reply) if isinstance(reply, dict) else ("the reply is no JSON object", None)
        except self._httpx.TransportError as error:
            return f"{type(error).__name__} at {self._spec.server}: {error}", None
        except ValueError:
            return "the reply is no JSON", None
        problem = f"the server says {response.status_code}: {response.text[:200]}"
        if response.status_code not in (408, 409, 425, 429) and response.status_code < 500:
            raise EngineError(_NAME, problem)
        return problem, None


def _rows(reply: dict[str, Any], count: int) -> NDArray[np.float32]:
    """Return the vectors of a reply in the order of the sentences.

    Raises ``EngineError`` when they are not all there.
    """
    try:
        ordered = sorted(reply["data"], key=lambda one: one["index"])
        places = [one["index"] for one in ordered]
        rows = np.array([one["embedding"] for one in ordered], dtype=np.float32)
    except (KeyError, TypeError, ValueError):
        raise EngineError(_NAME, "the reply holds no vectors of numbers of one length") from None
    if places != list(range(count)) or rows.ndim != 2 or not np.isfinite(rows).all():
        raise EngineError(_NAME, f"the reply has {len(places)} vectors for {count} sentences, or some are not finite")
    return unit(rows)
