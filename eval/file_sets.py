"""Scoring sets made of files of one segment a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Kind, Range, join_sentences

from .pooling import Aligner, pool_segments
from .scoring_set import ScoringSet
from .segment_files import check_lengths, read_segments


def file_scoring_set(
    hypotheses: Sequence[str],
    references: Sequence[str],
    *,
    source: str | None = None,
    labels: Sequence[str] = (),
    source_lang: str | None = None,
    target_lang: str | None = None,
    reference_kind: Kind | None = None,
    post_edit_of: Sequence[str] = (),
    align: Aligner | None = None,
    inputs: Sequence[str] = (),
) -> ScoringSet:
    """Read systems, references, and what is known of them; systems are called as their files.

    ``labels`` are words ``name=FILE``, files with a label for each segment. ``post_edit_of`` names the systems that the
    references are post-edits of. ``align``, where given, re-aligns systems of another number of lines to the reference
    (see ``pooling``). Raises ``InputError`` when files cannot be read or differ in length.
    """
    if not hypotheses or not references:
        raise InputError("at least one system and one reference are needed: qosmatin score HYPOTHESIS... REFERENCE")
    files = [*hypotheses, *references, *([source] if source else [])]
    if files.count("-") > 1:
        raise InputError("standard input can be read only once; name a file for the others")
    named = dict(_named_file(label) for label in labels)
    read = {path: read_segments(path) for path in dict.fromkeys([*files, *named.values()])}
    check_lengths({path: lines for path, lines in read.items() if align is None or path not in hypotheses})
    names = _names(hypotheses)
    unknown = [name for name in post_edit_of if name not in names]
    if unknown:
        raise InputError(f"no system '{unknown[0]}'; there are {', '.join(names)}")
    line_by_line = ScoringSet(
        name=f"{', '.join(names)} against {', '.join(Path(path).name for path in references)}",
        systems={name: read[path] for name, path in zip(names, hypotheses, strict=True)},
        references=[read[path] for path in references],
        ids=[f"line {number}" for number in range(1, len(read[references[0]]) + 1)],
        sources=read[source] if source else None,
        target_lang=target_lang,
        source_lang=source_lang,
        labels={name: read[path] for name, path in named.items()},
        reference_kind=reference_kind,
        biased=frozenset(post_edit_of),
        inputs=tuple(inputs),
    )
    return line_by_line if align is None else _pooled(line_by_line, align)


def _pooled(material: ScoringSet, align: Aligner) -> ScoringSet:
    """Return the set with segments on which all systems agree; a segment has the labels of its first line."""
    uneven = [name for name, texts in material.systems.items() if len(texts) != material.segments]
    if not uneven:
        return material
    segments, systems = pool_segments(material.references, material.systems, align)
    firsts = [start for start, _ in segments]
    counts = ", ".join(f"{name} {len(material.systems[name])}" for name in uneven)
    return replace(
        material,
        systems=systems,
        references=[_joined(texts, segments) for texts in material.references],
        ids=[f"line {start + 1}" if end == start + 1 else f"lines {start + 1}-{end}" for start, end in segments],
        sources=None if material.sources is None else _joined(material.sources, segments),
        labels={name: [labels[row] for row in firsts] for name, labels in material.labels.items()},
        realigned=f"sentences of {', '.join(uneven)} were re-aligned to the reference: {len(segments)} segments of "
        f"{material.segments} lines ({counts} lines)",
    )


def _joined(texts: Sequence[str], segments: Sequence[Range]) -> list[str]:
    return [join_sentences(texts[start:end]) for start, end in segments]


def _names(paths: Sequence[str]) -> list[str]:
    """Return the systems' names: their file names, or their paths where two files are called alike."""
    names = ["standard input" if path == "-" else Path(path).name for path in paths]
    if len(set(names)) < len(names):
        names = list(paths)
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise InputError(f"'{repeated}' is given twice; a system is compared with another one")
    return names


def _named_file(word: str) -> tuple[str, str]:
    name, equals, path = word.partition("=")
    if not equals or not name or not path:
        raise InputError(f"'{word}' is not of the form NAME=FILE, such as domain=domains.txt")
    return name, path
