"""How published collections of pairs are laid out: one table in data, a file for each, with where it is described."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Kind

Names = str | list[str]
"""A column by its name, or by one of its names."""


class Preset(BaseModel):
    """A layout; ``columns`` names for fields of provenance the columns that hold them.

    ``columns``: a table with a column for each language, or as ``directions``. ``directions``: a table with two texts
    and a column that says which languages they are in. ``files-by-id``: a table for each language, rows joined by a
    column. ``lines``: a text file for each language, line by line the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    source: str = Field(description="where the layout is described")
    layout: Literal["columns", "directions", "files-by-id", "lines"]
    texts: list[str] = Field([], description="the two columns of a table with a direction; names of the text else")
    direction: str = ""
    direction_is: str = Field("", description="with {source} and {target}")
    document: list[str] = Field([], description="column by which neighbouring rows are a document")
    columns: dict[str, Names] = Field({}, description="fields of provenance, by the columns that hold them")
    id: str = ""
    files: str = Field("", description="names of the files of lines, with {code} for the language")
    documents: str = Field("", description="file with the document of each line")
    original: str = Field("", description="the language that the texts were written in; the other side is translated")
    kind: Kind | None = Field(None, description="who made the translations; none where nobody says")
    by: str | None = None
    licence: str = "unknown"
    domain: str | None = None

    def provenance(self, lang: str, source: bool) -> dict[str, str]:
        """Return what is known of all texts of a language: who made them, under which terms, where they are from."""
        is_original = lang == self.original
        said = {
            "kind": "original" if is_original else self.kind if self.original or not source else None,
            "by": None if is_original else self.by,
            "url": self.source,
            "licence": self.licence,
            "domain": self.domain,
        }
        return {name: value for name, value in said.items() if value is not None}


@cache
def presets() -> dict[str, Preset]:
    """Return all presets by name."""
    found = {}
    for path in sorted(files(__name__).iterdir(), key=lambda one: one.name):
        if path.name.endswith(".yaml"):
            name = path.name.removesuffix(".yaml")
            found[name] = Preset.model_validate({"name": name, **yaml.safe_load(path.read_text(encoding="utf-8"))})
    return found


def preset(name: str) -> Preset:
    """Return the preset of a name; raises ``InputError`` where there is none."""
    if name not in presets():
        raise InputError(f"there is no preset '{name}'; there are {', '.join(presets())}")
    return presets()[name]
