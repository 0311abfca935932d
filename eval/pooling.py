"""Outputs whose sentences are not the reference's: what translates whole documents joins and parts them as it likes.

Such an output is aligned to the reference by its words (what mwerSegmenter does by edit distance, Matusov et al. 2005),
and scored on segments that all systems share: a reference sentence, or several where an output has one for them. What
an output says too much counts in the segment before it, and a reference sentence that it leaves out has an empty
output, so that nothing is gained by saying more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from qosmatin.corpus.model import Bead, Range, join_sentences

Aligner = Callable[[Sequence[str], Sequence[str]], Sequence[Bead]]
"""Aligns the reference's sentences with an output's."""


def pool_segments(
    references: Sequence[Sequence[str]], systems: Mapping[str, Sequence[str]], align: Aligner
) -> tuple[list[Range], dict[str, list[str]]]:
    """Return the segments as ranges of reference sentences, and each system's text for each of them.

    Every word of every output stands in exactly one segment. ``references`` are equally long; the first is aligned. A
    system of as many sentences as the reference is taken to have them line by line.
    """
    reference = references[0]
    count = len(reference)
    aligned = {
        name: _line_by_line(count) if len(texts) == count else align(reference, texts)
        for name, texts in systems.items()
    }
    segments = _segments(count, list(aligned.values()))
    return segments, {name: _texts(segments, aligned[name], texts) for name, texts in systems.items()}


def _line_by_line(count: int) -> list[Bead]:
    return [Bead((row, row + 1), (row, row + 1)) for row in range(count)]


def _segments(count: int, alignments: Sequence[Sequence[Bead]]) -> list[Range]:
    """Return the finest cut of the reference that parts no bead of any system."""
    inside = {row for beads in alignments for bead in beads for row in range(bead.source[0] + 1, bead.source[1])}
    starts = [row for row in range(count) if row not in inside]
    return list(zip(starts, [*starts[1:], count], strict=True))


def _texts(segments: Sequence[Range], beads: Sequence[Bead], sentences: Sequence[str]) -> list[str]:
    """Join an output's sentences by segment."""
    place = [number for number, (start, end) in enumerate(segments) for _ in range(start, end)]
    found: list[list[int]] = [[] for _ in segments]
    before = 0
    for bead in sorted(beads, key=lambda bead: bead.target):
        if bead.source[0] < bead.source[1]:
            before = place[bead.source[0]]
        found[before] += range(*bead.target)
    return [join_sentences([sentences[row] for row in rows]) for rows in found]
