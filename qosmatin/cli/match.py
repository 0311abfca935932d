"""``qosmatin match``: find which documents of two folders translate each other, by what they say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from qosmatin.align.matching import Hint, match_report
from qosmatin.align.matching.hints import day_of
from qosmatin.align.matching.report import rows
from qosmatin.align.matching.texts import DOCUMENTS
from qosmatin.align.threads import Hands
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.page_links import absolute
from qosmatin.corpus.languages import check_languages, primary_subtag
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.reading.saved_pages import linked_places, place_address, place_of
from qosmatin.job.drafting import documents_below, write_drafts
from qosmatin.job.sorting import language_of
from qosmatin.job.spreading import on_each, processes

from .console import error_console, open_output


def match_folders(
    source: Annotated[Path, typer.Argument(help="The folder of the source documents.", metavar="SRC_DIR")],
    target: Annotated[
        Path | None,
        typer.Argument(help="That of their translations; none where one folder has both.", metavar="TGT_DIR"),
    ] = None,
    *,
    source_lang: Annotated[str, typer.Option("--source-lang", "-s", help="Language of the sources.")],
    target_lang: Annotated[str, typer.Option("--target-lang", "-t", help="Language of the translations.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The list of matches, as TSV; default: standard output.")
    ] = None,
    manifests: Annotated[
        Path | None, typer.Option(help="A folder for sources.tsv and translations.tsv, as a config names them.")
    ] = None,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Cores to use.")] = os.cpu_count() or 1,
) -> None:
    """Match documents by content: one to one, and those without a partner are left alone.

    Names are evidence for as much as they agree in the pairs of which the texts are sure; none need agree.

    The list has a line for each document: source, target, confidence, and why. What found nobody is listed below with
    its best candidate. Of one folder with both, each document is sorted by its language.

    Example: qosmatin match examples/ilyashev/kk examples/ilyashev/en -s kk -t en
    """
    langs = check_languages(source_lang, target_lang)
    names = _by_language(source, langs) if target is None else (documents_below(source), documents_below(target))
    target = target or source
    read = _read((source, names[0], langs[0]), (target, names[1], langs[1]))
    (sources, hints), (targets, others) = read
    hands = Hands(jobs, on_each(processes(jobs), DOCUMENTS))
    report = match_report(sources, targets, *langs, hints=(hints, others), hands=hands)
    with open_output(output) as lines:
        lines.write("source\ttarget\tconfidence\twhy\n")
        for row in rows(report, *([path.as_posix() for path in side] for side in names)):
            lines.write("\t".join(row) + "\n")
    matches = report.matches
    if manifests is not None:
        write_drafts(manifests, source, target, [(names[0][one.source], names[1][one.target]) for one in matches])
    left = [len(side) - len(matches) for side in names]
    error_console().print(
        f"{len(matches):,} matches; without a partner: {left[0]:,} in {source}, {left[1]:,} in {target}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _by_language(folder: Path, langs: tuple[str, str]) -> tuple[list[Path], list[Path]]:
    """Return the documents of a folder that are in either language; what is in neither is told.

    What cannot be read stays among the sources, where reading tells it.
    """
    sides: tuple[list[Path], list[Path]] = [], []
    own, other = map(primary_subtag, langs)
    for path in documents_below(folder):
        found = language_of(folder / path)
        if found.unread or found.lang in (own, other):
            sides[found.lang == other].append(path)
        else:
            said = found.fault or f"it looks like {found.lang}, neither {own} nor {other}"
            error_console().print(f"{folder / path}: {said}; left out", markup=False, highlight=False, soft_wrap=True)
    return sides


def _read(*sides: tuple[Path, list[Path], str]) -> list[tuple[list[str], list[Hint]]]:
    """Return the texts of the documents of each side, and what is known of them beside.

    Raises ``InputError`` that names all that cannot be read.
    """
    root = Path(os.path.commonpath([folder.absolute() for folder, _, _ in sides]))
    read: list[tuple[list[str], list[Hint]]] = []
    faults: list[InputError] = []
    for folder, paths, lang in sides:
        read.append(([], []))
        for path in paths:
            try:
                found = read_file(folder / path, lang=lang)
            except InputError as fault:
                faults.append(fault)
                continue
            canonical, alternates = absolute(found.links, found.url)
            place = place_of(folder / path, root)
            alternates += linked_places(found.links.alternates, folder / path, place)
            texts, hints = read[-1]
            texts.append(found.text)
            said = alternates, canonical, place_address(place)
            hints.append(Hint(path.as_posix(), found.url, day_of(found.date), *said))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        shown = [f"  {fault}" for fault in faults]
        raise InputError("\n".join([f"{len(faults)} documents cannot be read; mend or move them:", *shown]))
    return read
