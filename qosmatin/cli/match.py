"""``qosmatin match``: find which documents of two folders translate each other, by what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qosmatin.align.matching.matcher import Matching, find_matching, matches_of
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import document_suffixes
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.reading.entries import TEXT_SUFFIXES

from .console import error_console, open_output


def match_folders(
    source: Annotated[Path, typer.Argument(help="The folder of the source documents.", metavar="SRC_DIR")],
    target: Annotated[Path, typer.Argument(help="The folder of their translations.", metavar="TGT_DIR")],
    *,
    source_lang: Annotated[str, typer.Option("--source-lang", "-s", help="Language of the sources.")],
    target_lang: Annotated[str, typer.Option("--target-lang", "-t", help="Language of the translations.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The list of matches, as TSV; default: standard output.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="A manifest of the translations, for a job config (columns path and of).")
    ] = None,
) -> None:
    """Match documents by content, whatever their names: one to one, and those without a partner are left alone.

    The list has a line for each document: source, target, confidence, and why. What found nobody is listed below with
    its best candidate.

    Example: qosmatin match examples/ilyashev/kk examples/ilyashev/en -s kk -t en
    """
    for lang in (source_lang, target_lang):
        check_language(lang)
    sides = [_read_folder(source, source_lang), _read_folder(target, target_lang)]
    matching = find_matching(list(sides[0].values()), list(sides[1].values()), source_lang, target_lang)
    names = [
        [path.relative_to(folder).as_posix() for path in side]
        for folder, side in zip((source, target), sides, strict=True)
    ]
    with open_output(output) as lines:
        lines.write("source\ttarget\tconfidence\twhy\n")
        for row in _rows(matching, names[0], names[1]):
            lines.write("\t".join(row) + "\n")
    matches = matches_of(matching)
    if manifest is not None:
        with open_output(manifest) as lines:
            lines.write("path\tof\n")
            for one in matches:
                path = (target / names[1][one.target]).resolve()
                lines.write(f"{path}\t{Path(names[0][one.source]).with_suffix('').as_posix()}\n")
    left = [len(side) - len(matches) for side in sides]
    error_console().print(
        f"{len(matches):,} matches; without a partner: {left[0]:,} in {source}, {left[1]:,} in {target}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _read_folder(folder: Path, lang: str) -> dict[Path, str]:
    """Return the texts of a folder's documents, in the order of their paths; raises ``InputError`` without any."""
    if not folder.is_dir():
        raise InputError("is no folder; give the two folders whose documents are to be matched", folder)
    known = (*TEXT_SUFFIXES, *document_suffixes())
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix.lower() in known and path.name[0] not in ".~"
    )
    if not paths:
        raise InputError(f"holds no document; known are {', '.join(filter(None, known))}", folder)
    return {path: read_file(path, lang=lang).text for path in paths}


def _rows(matching: Matching, sources: list[str], targets: list[str]) -> list[tuple[str, str, str, str]]:
    """Return the lines of the list: matches first, then what found nobody, with its best candidate."""
    pairs = matching.candidates
    matches = matches_of(matching)
    place = {(int(pairs.source[at]), int(pairs.target[at])): at for at in range(len(pairs.source))}
    rows = []
    for one in matches:
        covered = matching.covered[place[one.source, one.target]]
        why = f"{covered:.0%} of both texts have a counterpart"
        rows.append((sources[one.source], targets[one.target], f"{one.confidence:.3f}", why))
    taken = {one.source for one in matches}, {one.target for one in matches}
    for side, (names, others) in enumerate(((sources, targets), (targets, sources))):
        own, other = (pairs.source, pairs.target) if side == 0 else (pairs.target, pairs.source)
        best: dict[int, int] = {}
        for at in range(len(own)):
            if int(own[at]) not in best or matching.covered[at] > matching.covered[best[int(own[at])]]:
                best[int(own[at])] = at
        for number, name in enumerate(names):
            if number not in taken[side]:
                near = best.get(number)
                why = (
                    "no candidate"
                    if near is None
                    else (f"nearest: {others[int(other[near])]}, {matching.covered[near]:.0%} of both texts")
                )
                rows.append((name, "", "", why) if side == 0 else ("", name, "", why))
    return rows
