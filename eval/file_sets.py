"""Scoring sets made of files of one segment a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Kind

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
    inputs: Sequence[str] = (),
) -> ScoringSet:
    """Read systems, references, and what is known of them; systems are called as their files.

    ``labels`` are words ``name=FILE``, files with a label for each segment. ``post_edit_of`` names the systems that the
    references are post-edits of. Raises ``InputError`` when files cannot be read or differ in length.
    """
    if not hypotheses or not references:
        raise InputError("at least one system and one reference are needed: qosmatin score HYPOTHESIS... REFERENCE")
    files = [*hypotheses, *references, *([source] if source else [])]
    if files.count("-") > 1:
        raise InputError("standard input can be read only once; name a file for the others")
    named = dict(_named_file(label) for label in labels)
    read = {path: read_segments(path) for path in dict.fromkeys([*files, *named.values()])}
    check_lengths(read)
    names = _names(hypotheses)
    unknown = [name for name in post_edit_of if name not in names]
    if unknown:
        raise InputError(f"no system '{unknown[0]}'; there are {', '.join(names)}")
    return ScoringSet(
        name=f"{', '.join(names)} against {', '.join(Path(path).name for path in references)}",
        systems={name: read[path] for name, path in zip(names, hypotheses, strict=True)},
        references=[read[path] for path in references],
        ids=[f"line {number}" for number in range(1, len(read[files[0]]) + 1)],
        sources=read[source] if source else None,
        target_lang=target_lang,
        source_lang=source_lang,
        labels={name: read[path] for name, path in named.items()},
        reference_kind=reference_kind,
        biased=frozenset(post_edit_of),
        inputs=tuple(inputs),
    )


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
