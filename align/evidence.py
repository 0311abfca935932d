"""All that a search knows of a corpus: its texts made ready, what is learnt, and the score of beads from both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.model import Range

from . import scoring
from .boundaries import BoundaryModel
from .lattice import Lattice, bead_types, type_numbers
from .length import LengthModel
from .lexicon import TranslationTable
from .parameters import LENIENCE, Shapes
from .settings import AlignSettings
from .similarity import SimilarityModel, Vectors, node_dots
from .tokens import SideTokens

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Shape = tuple[Range, Range]

COPY = 6.0
"""The log-odds that a sentence stands in both texts letter for letter because it was left as it is."""

REFUSED = -1e12
"""The score of a null that a person refused."""


@dataclass(frozen=True, slots=True)
class SideTexts:
    """The sentences of all documents on one side, one after the other.

    ``lengths`` are cumulative characters (one more than sentences), ``boundaries`` the class of the boundary before
    each sentence, ``gaps`` what a null there costs (0, or ``REFUSED``). ``texts`` numbers the texts of sentences, the
    same ones on both sides. ``seams`` says which sentences do not follow the one before (see ``reordering``).
    """

    tokens: SideTokens
    lengths: FloatArray
    boundaries: IntArray
    gaps: FloatArray
    texts: IntArray
    seams: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Texts:
    """Both sides of all documents, and vectors of their sentences: of meanings and of machine translations."""

    source: SideTexts
    target: SideTexts
    has_paragraphs: bool
    vectors: tuple[Vectors, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """All that is learnt. ``similarities`` belong to the vectors of the texts, in the same order.

    ``lenience`` is what the path that is chosen adds to each bead (see ``lenience_of_choice``).
    """

    shapes: Shapes
    length: LengthModel
    boundaries: BoundaryModel
    forward: TranslationTable
    backward: TranslationTable
    similarities: tuple[SimilarityModel, ...] = ()
    lenience: float = LENIENCE


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that is searched by itself: ranges of sentences, counted over all documents.

    ``forbidden`` are beads with two sides that may not be proposed.
    """

    source: Range
    target: Range
    forbidden: frozenset[Shape] = field(default_factory=frozenset)

    @property
    def size(self) -> tuple[int, int]:
        """How many source and target sentences it has."""
        return self.source[1] - self.source[0], self.target[1] - self.target[0]


def score_beads(
    piece: Piece, lattice: Lattice, texts: Texts, model: Model, settings: AlignSettings
) -> NDArray[np.float32]:
    """Return the log-odds of all beads of a lattice [node, type]; -inf where none can be."""
    types_m, types_n = bead_types(settings.max_bead)
    (s0, s1), (t0, t1) = piece.source, piece.target
    nodes = (lattice.low, lattice.high, lattice.offsets)
    beads: NDArray[np.float32] = scoring.start_beads(*nodes, types_m, types_n, model.shapes.types + LENIENCE)
    if settings.length:
        lengths = texts.source.lengths[s0 : s1 + 1], texts.target.lengths[t0 : t1 + 1]
        scoring.add_length(beads, *nodes, types_m, types_n, *lengths, model.length.as_array(), settings.length_weight)
    if settings.lexicon:
        _add_lexical(beads, piece, lattice, texts=texts, model=model, settings=settings)
    if settings.boundaries:
        classes = texts.source.boundaries[s0:s1], texts.target.boundaries[t0:t1]
        scoring.add_boundaries(
            beads, *nodes, types_m, types_n, *classes, model.boundaries.inside, model.boundaries.joint
        )
    if settings.copies:
        scoring.add_copies(beads, *nodes, texts.source.texts[s0:s1], texts.target.texts[t0:t1], COPY)
    for vectors, similarity in zip(texts.vectors, model.similarities, strict=True):
        _add_similarity(beads, piece, lattice, vectors, similarity=similarity, settings=settings)
    _forbid(beads, piece, lattice, types_m, types_n)
    if texts.target.seams[t0:t1].any():
        scoring.forbid_seams(beads, *nodes, types_n, texts.target.seams[t0:t1])
    return beads


def _add_lexical(
    beads: NDArray[np.float32], piece: Piece, lattice: Lattice, *, texts: Texts, model: Model, settings: AlignSettings
) -> None:
    """Add the log-odds of words in both directions, each by half."""
    types_m, types_n = bead_types(settings.max_bead)
    source, target = texts.source.tokens, texts.target.tokens
    starts_s = source.starts[piece.source[0] : piece.source[1] + 1]
    starts_t = target.starts[piece.target[0] : piece.target[1] + 1]
    column_low, column_high = lattice.columns()
    where = (lattice.low, lattice.offsets)
    weight = 0.5 * settings.lexical_weight
    scoring.add_lexical(
        beads, lattice.low, lattice.high, *where, False, types_m, types_n, source.ids, starts_s,
        target.ids, starts_t, *model.forward.arrays(), weight,
    )  # fmt: skip
    scoring.add_lexical(
        beads, column_low, column_high, *where, True, types_n, types_m, target.ids, starts_t,
        source.ids, starts_s, *model.backward.arrays(), weight,
    )  # fmt: skip


def _add_similarity(
    beads: NDArray[np.float32],
    piece: Piece,
    lattice: Lattice,
    vectors: Vectors,
    *,
    similarity: SimilarityModel,
    settings: AlignSettings,
) -> None:
    """Add the log-odds of how alike the vectors of both sides are, of joined texts where these are known."""
    types_m, types_n = bead_types(settings.max_bead)
    (s0, s1), (t0, t1) = piece.source, piece.target
    nodes = (lattice.low, lattice.high, lattice.offsets)
    dots = node_dots(vectors, lattice, piece.source, piece.target)
    norms = vectors.source_norms[s0:s1], vectors.target_norms[t0:t1]
    weight = settings.similarity_weight * similarity.slope
    scoring.add_similarity(beads, *nodes, types_m, types_n, dots, *norms, similarity.middle, weight)
    if vectors.joined is None:
        return
    rows = slice(*np.searchsorted(vectors.joined.beads[:, 0], [s0, s1]))
    i, j, m, n = (vectors.joined.beads[rows] - np.array([s0, t0, 0, 0])).T
    there = (m + n <= settings.max_bead) & (lattice.low[i] <= j) & (j < lattice.high[i])
    node, kind = (lattice.offsets[i] + j - lattice.low[i])[there], type_numbers(types_m, types_n)[m[there], n[there]]
    beads[node, kind] += (weight * vectors.joined.gains[rows][there]).astype(np.float32)


def _forbid(beads: NDArray[np.float32], piece: Piece, lattice: Lattice, types_m: IntArray, types_n: IntArray) -> None:
    """Rule out the forbidden beads of a piece."""
    for source, target in piece.forbidden:
        kind = np.nonzero((types_m == source[1] - source[0]) & (types_n == target[1] - target[0]))[0]
        i, j = source[0] - piece.source[0], target[0] - piece.target[0]
        if len(kind) and 0 <= i < len(lattice.low) and lattice.low[i] <= j < lattice.high[i]:
            beads[lattice.offsets[i] + j - lattice.low[i], kind[0]] = -np.inf


def cumulative(lengths: NDArray[np.int32]) -> FloatArray:
    """Return sums of the first 0, 1, ... lengths."""
    return np.concatenate([[0.0], np.cumsum(lengths, dtype=np.float64)])


def split_ranges(sizes: Sequence[int]) -> list[Range]:
    """Return the ranges of stretches of these sizes that follow each other."""
    ends = np.cumsum([0, *sizes]).tolist()
    return list(pairwise(ends))
