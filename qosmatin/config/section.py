"""What all sections of a config have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A name that can be part of a file name on every system."""


class Section(BaseModel):
    """A section of a config: it rejects what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
