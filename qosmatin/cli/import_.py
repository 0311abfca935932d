"""``qosmatin import``: files from CAT tools and spreadsheets, as reviewers' decisions or as documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.atomic import write_text
from qosmatin.corpus.decisions import decision_to_json, read_decisions
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.review import review
from qosmatin.corpus.formats.segments import Segment
from qosmatin.corpus.model import Decision
from qosmatin.corpus.view import CorpusView
from qosmatin.opened import choose_translations, open_corpus


class Purpose(StrEnum):
    """What a file is taken for."""

    decisions = "decisions"
    documents = "documents"


def import_files(
    files: Annotated[list[Path], typer.Argument(help="TMX, XLIFF, XLSX, TSV, CSV or JSONL.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="decisions: a JSONL; documents: a folder.")],
    purpose: Annotated[Purpose, typer.Option("--as", help="What the files are taken for.")] = Purpose.decisions,
    corpus: Annotated[Path | None, typer.Option(help="decisions: the corpus that they speak of.")] = None,
    reviewer: Annotated[str | None, typer.Option(help="decisions: who made them.")] = None,
    source_lang: Annotated[str, typer.Option("--source-lang", "-s", help="documents: language of the sources.")] = "kk",
    target_lang: Annotated[str, typer.Option("--target-lang", "-t", help="documents: that of the targets.")] = "en",
) -> None:
    """Take in what people made elsewhere.

    decisions: an exported file that a reviewer worked on; what differs from the corpus is added to the JSONL that the
    config names under `decisions`, and what contradicts it is listed and left out. documents: each document of the
    files becomes one of a new corpus, as manifests that a config can name; `--as documents` keeps no alignment.

    Example: qosmatin export corpora/ilyashev -f tmx -t en -o reviewed.tmx &&
    qosmatin import reviewed.tmx --corpus corpora/ilyashev --reviewer 'A. B.' -o decisions.jsonl
    """
    console = Console(soft_wrap=True)
    if purpose is Purpose.documents:
        _import_documents(console, files, output, source_lang, target_lang)
    elif corpus is None or reviewer is None:
        raise InputError("decisions need --corpus FOLDER and --reviewer NAME")
    else:
        _import_decisions(console, files, output, corpus, reviewer)


def _import_decisions(console: Console, files: Iterable[Path], output: Path, corpus: Path, reviewer: str) -> None:
    job = open_corpus(corpus, console)
    view = CorpusView(job.folder)
    pairs = {pair.id: pair for name in choose_translations(job, []) for pair in view.pairs(name)}
    names = {name for pair in pairs.values() for name in (pair.source_document, pair.target_document)}
    texts = {name: view.text(name) for name in names}
    langs = {pair.id: job.config.translation(pair.translation).lang for pair in pairs.values()}
    decisions: list[Decision] = []
    for path in files:
        segments = _read_for_review(path, job.config.sources[0].lang, list(dict.fromkeys(langs.values())))
        found = review(segments, pairs, texts, reviewer, datetime.now(UTC).isoformat(timespec="seconds"))
        decisions += found.decisions
        counts = f"{len(found.decisions)} decisions, {found.unchanged} rows unchanged, {len(found.conflicts)} conflicts"
        console.print(f"{path}: {counts}", markup=False, highlight=False)
        for conflict in found.conflicts:
            console.print(f"  {conflict.row}: {conflict.reason}", markup=False, highlight=False)
    earlier = read_decisions(output) if output.exists() else []
    write_text(output, "".join(decision_to_json(one) + "\n" for one in [*earlier, *decisions]))
    same = job.config.decisions is not None and job.config.decisions.resolve() == output.resolve()
    hint = "" if same else f"; name {output} under 'decisions' in the config, and run the job"
    console.print(f"{len(decisions)} decisions added to {output}{hint}", markup=False, highlight=False)


def _read_for_review(path: Path, source_lang: str, target_langs: list[str]) -> list[Segment]:
    """Read a file in whichever of the corpus' target languages it is."""
    fault: InputError | None = None
    for lang in target_langs:
        try:
            return list(read_segments(path, source_lang, lang))
        except InputError as error:
            fault = fault or error
    raise fault or InputError("the corpus has no translation", path)


def _import_documents(
    console: Console, files: Iterable[Path], folder: Path, source_lang: str, target_lang: str
) -> None:
    documents: dict[str, list[Segment]] = {}
    for path in files:
        for segment in read_segments(path, source_lang, target_lang):
            documents.setdefault(segment.document or path.stem, []).append(segment)
    for lang in (source_lang, target_lang):
        rows = []
        for name, segments in documents.items():
            texts = [line_text(one.source if lang == source_lang else one.target) for one in segments]
            rows.append(json.dumps({"id": name, "lang": lang, "text": "\n".join(texts)}, ensure_ascii=False))
        path = folder / f"{lang}.jsonl"
        write_text(path, "".join(row + "\n" for row in rows))
        console.print(f"{path}: {len(rows)} documents", markup=False, highlight=False)
    console.print("name these under 'manifest' in a config, as sources and as a translation", highlight=False)
