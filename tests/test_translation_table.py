"""The one table of docs/translation.md: a row for each engine and each profile, which says what its file says.

``python tests/test_translation_table.py`` prints the rows of the profiles as they should stand there.
"""

import re
import sys
import tomllib
from pathlib import Path

from qosmatin.translate.engines import BUILT_IN
from qosmatin.translate.profiles import Profile, profiles

ROOT = Path(__file__).parent.parent
HEAD = "| engine or model | speaks Kazakh | how it is asked | what it needs | tested how |"
READY_MADE = ("files", "memory")


def rows() -> list[list[str]]:
    """The cells of the table's rows."""
    text = (ROOT / "docs" / "translation.md").read_text(encoding="utf-8")
    assert text.count(HEAD) == 1
    below = text.split(HEAD)[1].split("\n\n")[0].strip().splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in below[1:]]


def row_of(profile: Profile) -> list[str]:
    """The cells that a profile should have."""
    source = f"checked against {profile.verified}" if profile.verified else "from memory"
    return [
        f"`profile: {profile.name}`, {profile.card}",
        f"{profile.kazakh}; {source}",
        profile.asked,
        "; ".join(filter(None, [profile.needs, profile.licence])),
        profile.tried,
    ]


def test_each_profile_has_the_row_that_its_file_says():
    found = [row for row in rows() if row[0].startswith("`profile: ")]
    assert found == [row_of(one) for one in profiles().values()]


def test_each_engine_has_a_row_and_names_an_extra_that_there_is():
    engines = {row[0].split("`")[1].removeprefix("engine: "): row for row in rows() if "`engine: " in row[0]}
    assert set(engines) == {*BUILT_IN, *READY_MADE}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for name, row in engines.items():
        assert len(row) == 5, name
        assert all(row), name
        assert set(re.findall(r"extra `([\w-]+)`", row[3])) <= set(extras), name


if __name__ == "__main__":
    sys.stdout.writelines(f"| {' | '.join(row_of(one))} |\n" for one in profiles().values())
