"""Scoring the translations of a corpus folder against each other, over the pieces on which their alignments agree."""

from __future__ import annotations

from collections.abc import Iterable

from qosmatin.corpus.model import Bead, Provenance
from qosmatin.corpus.view import AlignedDocument, CorpusView
from qosmatin.eval.evaluation import Evaluation, Settings, evaluate
from qosmatin.eval.groups import Aligned, LeftOut, ScoredGroup, join_groups, missing_document
from qosmatin.eval.scoring_set import ScoringSet, scoring_set

from .config import JobConfig


def evaluate_corpus(config: JobConfig, view: CorpusView, settings: Settings) -> list[Evaluation]:
    """Evaluate the comparisons that the config names, one evaluation for each reference."""
    references = dict.fromkeys(comparison.reference for comparison in config.scoring.comparisons)
    return [
        evaluate(
            corpus_scoring_set(
                config,
                view,
                reference,
                [one.hypothesis for one in config.scoring.comparisons if one.reference == reference],
            ),
            settings,
        )
        for reference in references
    ]


def corpus_scoring_set(config: JobConfig, view: CorpusView, reference: str, systems: list[str]) -> ScoringSet:
    """Return what there is to score: each document that the reference has, joined with that of every system.

    Raises ``InputError`` when nothing can be compared.
    """
    groups: list[ScoredGroup] = []
    left_out = LeftOut()
    aligned = {name: _by_source(view.aligned_documents(name)) for name in systems}
    for document in view.aligned_documents(reference):
        name = document.source.document.id
        if not all(name in of_system for of_system in aligned.values()):
            left_out += missing_document(document.beads)
            continue
        joined, not_scored = join_groups(
            name,
            document.source.texts,
            _aligned(document),
            {system: _aligned(of_system[name]) for system, of_system in aligned.items()},
            domain=document.source.document.provenance.domain,
            reference_kind=document.target.document.provenance.kind,
            origin=_origin(document.target.document.provenance),
        )
        groups += joined
        left_out += not_scored
    return scoring_set(
        f"{config.corpus.name}: {', '.join(systems)} against {reference}",
        groups,
        left_out,
        source_lang=config.sources[0].lang,
        target_lang=config.translation(reference).lang,
        inputs=(str(config.corpus.folder),),
    )


def _by_source(documents: Iterable[AlignedDocument]) -> dict[str, AlignedDocument]:
    return {document.source.document.id: document for document in documents}


def _aligned(document: AlignedDocument) -> Aligned:
    """Return a translation as the scorer takes it, without the beads that a person refused being trusted."""
    refused = {(one.source, one.target) for one in document.decisions if one.decision.operation == "reject"}
    beads = [
        Bead(bead.source, bead.target, 0.0) if (bead.source, bead.target) in refused else bead
        for bead in document.beads
    ]
    return Aligned(document.target.texts, beads)


def _origin(provenance: Provenance) -> str | None:
    return provenance.by
