"""What is said of the texts of configs as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .documents import DocumentsSummary
from .writing import ConfigSummary


def machines(summaries: Sequence[ConfigSummary]) -> list[str]:
    """Return the makers of all machine-made texts, of sources too."""
    makers = [pair for one in summaries for makers in one.makers for pair in (makers[:2], makers[2:])]
    return sorted({by for kind, by in makers if kind == "machine"})


def personal_told(configs: Sequence[ConfigSummary], documents: Sequence[DocumentsSummary]) -> str:
    """Say what was found by the look for personal data, in pairs and in whole documents."""
    in_pairs = _named(sum((one.personal for one in configs), Counter[str]()), "texts")
    in_documents = _named(sum((one.personal for one in documents), Counter[str]()), "sentences of whole documents")
    named = ", ".join([*in_pairs, *in_documents])
    if not named:
        return "No text has the form of an e-mail address, a telephone number or an identity number (IIN)."
    return f"What has the form of personal data: {named}. Names of people were not looked for."


def _named(found: Counter[str], what: str) -> list[str]:
    return [f"{name} in {count} {what}" for name, count in sorted(found.items())]
