"""What a dataset says for its responsible use, in Croissant's vocabulary (RAI), from what config and rows know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .card import CardFacts
from .documents import DocumentsSummary
from .told import machines, personal_told
from .writing import ConfigSummary


def responsible_use(
    facts: CardFacts, configs: Sequence[ConfigSummary], documents: Sequence[DocumentsSummary] = ()
) -> dict[str, str | list[str]]:
    """Return properties of the vocabulary without their prefix; one of which nothing is known is not there."""
    reviewed, rows = sum(one.reviewed for one in configs), sum(one.rows for one in configs)
    flagged = sum(one.flagged.total() for one in configs)
    several = sum(one.several for one in facts.translations)
    agreed = sum(one.agreed for one in facts.translations)
    return {
        "dataCollection": facts.sections.get("collection") or _collection(facts),
        "dataPreprocessingProtocol": [
            "Documents were split into sentences and aligned; offsets refer to the raw texts.",
            *(f"Filter {one['name']}: {', '.join(_settings(one)) or 'as it is'}." for one in facts.filters),
        ],
        "dataAnnotationProtocol": facts.sections.get("annotation")
        or f"People accepted, edited, refused or flagged pairs; of {rows} pairs {reviewed} were reviewed, {flagged} "
        "flagged.",
        "dataAnnotationPlatform": ["Qosmätin review"] if reviewed else [],
        "dataAnnotationAnalysis": [f"On {several} pairs several people decided, and agreed on {agreed}."]
        if several
        else [],
        "machineAnnotationTools": [facts.tool, *facts.aligners, *machines(configs)],
        "personalSensitiveInformation": [
            personal_told(configs, documents),
            *filter(None, [facts.sections.get("personal_data")]),
        ],
        "dataLimitations": [
            "Boundaries and alignment are a machine's work except where the status says that a person decided.",
            "Filters judge by form, not by meaning.",
            *filter(None, [facts.sections.get("limits")]),
        ],
        "dataUseCases": facts.sections.get("uses", ""),
        "dataReleaseMaintenancePlan": "Each change of the rows raises the version; CHANGELOG.md tells what changed."
        + (f" Contact: {facts.contact}." if facts.contact else ""),
    }


def _collection(facts: CardFacts) -> str:
    kinds = Counter((str(one["lang"]), str(one["kind"])) for one in facts.documents)
    named = ", ".join(f"{count} in {lang} ({kind})" for (lang, kind), count in sorted(kinds.items()))
    return f"Documents: {named or 'none'}. Where each comes from stands in its rows."


def _settings(one: object) -> list[str]:
    assert isinstance(one, dict)
    return [f"{key} {value}" for key, value in one.items() if key != "name"]
