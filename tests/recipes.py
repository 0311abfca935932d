"""The recipes of CONTRIBUTING.md, for the tests that follow them."""

import re
from pathlib import Path

CONTRIBUTING = Path(__file__).parent.parent / "CONTRIBUTING.md"


def recipe_text(title: str) -> str:
    """The text of the recipe under a heading."""
    found = re.search(
        rf"^### {re.escape(title)}\n(.*?)(?=^### |\Z)", CONTRIBUTING.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found is not None, f"CONTRIBUTING.md has no recipe '{title}'"
    return found[1]
