"""What is said of the texts of configs as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .writing import ConfigSummary


def machines(summaries: Sequence[ConfigSummary]) -> list[str]:
    """Return the makers of all machine-made texts, of sources too."""
    makers = [pair for one in summaries for makers in one.makers for pair in (makers[:2], makers[2:])]
    return sorted({by for kind, by in makers if kind == "machine"})


def personal_told(configs: Sequence[ConfigSummary]) -> str:
    """Say what was found by the look for personal data."""
    found = sum((one.personal for one in configs), Counter[str]())
    if not found:
        return "No text has the form of an e-mail address, a telephone number or an identity number (IIN)."
    named = ", ".join(f"{name} in {count} texts" for name, count in sorted(found.items()))
    return f"What has the form of personal data: {named}. Names of people were not looked for."
