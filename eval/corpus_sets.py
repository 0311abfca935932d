"""What there is to score in a corpus folder: machine translations against human and post-edited ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Kind
from qosmatin.corpus.storage.folder import CorpusFolder, check_folder
from qosmatin.corpus.storage.view import AlignedDocument, CorpusView

from .evaluation import Evaluation
from .groups import Aligned, LeftOut, ScoredGroup, join_groups, missing_document
from .scoring_set import ScoringSet, scoring_set

_REFERENCE_KINDS = ("human", "post-edited", "original")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Translations (``systems``) of one language to be scored against another one, the ``reference``."""

    reference: str
    systems: tuple[str, ...]


def find_comparisons(folder: CorpusFolder) -> list[Comparison]:
    """Return every human or post-edited translation with all machine translations into its language.

    Where a language has machine translations only, each later one is compared with the first.
    """
    check_folder(folder)
    kinds = _kinds(folder)
    comparisons = []
    for lang in dict.fromkeys(lang for lang, _ in kinds.values()):
        machines = [name for name, (of, kind) in kinds.items() if of == lang and kind == "machine"]
        references = [name for name, (of, kind) in kinds.items() if of == lang and kind in _REFERENCE_KINDS]
        comparisons += [Comparison(reference, tuple(machines)) for reference in references if machines]
        if not references and len(machines) > 1:
            comparisons.append(Comparison(machines[0], tuple(machines[1:])))
    return comparisons


def _kinds(folder: CorpusFolder) -> dict[str, tuple[str, str]]:
    """Map each translation to its language and who made it: what was read, and what engines and memories wrote."""
    columns = ["translation", "lang", "kind"]
    read = folder.read("documents", columns=columns).to_pylist()
    columns.append("settings")
    kinds = {row["translation"]: (row["lang"], row["kind"]) for row in read if row["translation"] is not None}
    for name in folder.parts("translations"):
        for row in folder.read("translations", name, columns).slice(0, 1).to_pylist():
            # What a memory had nearly is nobody's translation of these sentences: no reference.
            is_near = "min_match" in json.loads(row["settings"] or "{}")
            kinds.setdefault(name, (row["lang"], "machine" if is_near else row["kind"] or "machine"))
    return kinds


def corpus_scoring_set(
    folder: CorpusFolder, comparison: Comparison, min_confidence: float = 0.0, name: str | None = None
) -> ScoringSet:
    """Return the segments of a comparison: each document of the reference, joined with that of every system.

    ``min_confidence`` (0 to 1) leaves out segments whose alignment is less certain. Raises ``InputError`` when a
    translation is unknown or nothing can be compared.
    """
    view = CorpusView(folder)
    reference = comparison.reference
    systems = {name: _by_source(view, name) for name in comparison.systems}
    groups: list[ScoredGroup] = []
    left_out = LeftOut()
    documents = list(_by_source(view, reference).values())
    for document in documents:
        source = document.source
        found = {name: of_system[source.id] for name, of_system in systems.items() if source.id in of_system}
        if len(found) < len(systems):
            left_out += missing_document(document.beads)
            continue
        joined, not_scored = join_groups(
            source.id,
            source.texts,
            _aligned(document, edited=True),
            {name: _aligned(one, edited=False) for name, one in found.items()},
            min_confidence=min_confidence,
            domain=document.source_provenance.domain,
            reference_kind=_kind(document),
            origin=document.target_provenance.by,
        )
        groups += joined
        left_out += not_scored
    if not documents:
        raise InputError(f"translation '{reference}' has no aligned documents", folder.path)
    return scoring_set(
        name or f"{', '.join(comparison.systems)} against {reference}",
        groups,
        left_out,
        source_lang=documents[0].source.lang,
        target_lang=documents[0].target.lang,
        biased=_biased(documents, systems),
        inputs=_inputs(folder, comparison, min_confidence),
    )


def score_rows(evaluation: Evaluation, reference: str) -> Iterator[dict[str, Any]]:
    """Yield rows of the table ``scores``: of the whole set, of each part (``domain=law``), of each segment (its id).

    ``metric`` is the metric's key, so that two BLEUs of different tokenizers stay apart.
    """
    material = evaluation.material
    for score in evaluation.scores:
        yield _row(
            score.system,
            reference,
            group="corpus",
            metric=score.metric,
            score=score.score,
            segments=material.segments,
            signature=score.signature,
        )
    for part in evaluation.parts:
        for system, by_metric in part.scores.items():
            for metric, value in by_metric.items():
                signature = evaluation.score_of(system, metric).signature
                group = f"{part.dimension}={part.label}"
                yield _row(
                    system,
                    reference,
                    group=group,
                    metric=metric,
                    score=value,
                    segments=part.segments,
                    signature=signature,
                )
    for system, columns in evaluation.sentence_scores.items():
        for metric, values in columns.items():
            signature = evaluation.score_of(system, metric).signature
            for name, value in zip(material.ids, values.tolist(), strict=True):
                yield _row(system, reference, group=name, metric=metric, score=value, segments=1, signature=signature)


def _row(
    system: str, reference: str, *, group: str, metric: str, score: float, segments: int, signature: str
) -> dict[str, Any]:
    return {
        "hypothesis": system,
        "reference": reference,
        "group": group,
        "metric": metric,
        "score": score,
        "segments": segments,
        "signature": signature,
    }


def _by_source(view: CorpusView, translation: str) -> dict[str, AlignedDocument]:
    return {document.source.id: document for document in view.aligned_documents(translation)}


def _aligned(document: AlignedDocument, edited: bool) -> Aligned:
    """Return a translation with what people said of it; a reference has their edits, a system its own words."""
    refused = {(one.source, one.target) for one in document.decisions if one.decision.operation == "reject"}
    edits = {(one.source, one.target): one.decision.value for one in document.decisions if one.decision.value}
    return Aligned(document.target.texts, document.beads, frozenset(refused), edits if edited else {})


def _kind(document: AlignedDocument) -> Kind:
    return document.target_provenance.kind


def _biased(documents: Sequence[AlignedDocument], systems: dict[str, dict[str, AlignedDocument]]) -> frozenset[str]:
    """Return the systems whose output the reference is a post-edit of."""
    mended = {document.target_provenance.of for document in documents if _kind(document) == "post-edited"}
    return frozenset(
        name
        for name, of_system in systems.items()
        if any(document.target.id in mended for document in of_system.values())
    )


def _inputs(folder: CorpusFolder, comparison: Comparison, min_confidence: float) -> tuple[str, ...]:
    """Return the words of the command line that make the same set."""
    words = [printed_path(folder.path), "--reference", comparison.reference]
    words += [word for system in comparison.systems for word in ("--system", system)]
    return (*words, *(("--min-confidence", str(min_confidence)) if min_confidence else ()))


def printed_path(path: Path) -> str:
    """Return a folder as a report names it, which may be published: by where the command runs, else its name alone."""
    if not path.is_absolute():
        return str(path)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
