"""Settings of models that run here: which checkpoint, which profile it follows, and how it searches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qosmatin.corpus.files.config_paths import FolderOrName

from .model_files import find_model
from .profiles import Chosen, ProfileName, choose_profile
from .settings import Decoding, Idle, MachineSettings, ModelRetry, Retried, Settings


class CheckpointSettings(Settings):
    """Which model, and its codes of the languages; also what a training starts from."""

    model: Annotated[FolderOrName, Idle()] = Field(description="hub id, or folder relative to this file")
    revision: Annotated[str | None, Idle()] = Field(
        None, description="commit on the hub; default: the one on this machine"
    )
    download: Annotated[bool, Idle()] = Field(
        False, description="fetch the model from the hub where it is not on this machine"
    )
    family: Literal["auto", "nllb", "m2m100", "madlad", "marian"] = Field("auto", description="of the model's codes")
    source_code: str | None = Field(None, description="the model's own code of the source language, as kaz_Cyrl")
    target_code: str | None = Field(None, description="the model's own code of the target language, as eng_Latn")

    def wanted_profile(self) -> str | None:
        """Return the profile that the config sets, by its older name or by its own; None where it is to be found."""
        return None if self.family == "auto" else self.family

    def profile_in(self, folder: Path) -> Chosen | None:
        """Return the profile of the checkpoint in a folder; None where no profile knows it."""
        return choose_profile(folder, self.model, self.wanted_profile())


class ModelSettings(CheckpointSettings, MachineSettings):
    """Which model translates, and how; what every engine that runs a model itself has in common."""

    # Named in the spec as what it is, with a hash of what it says.
    profile: Annotated[ProfileName | None, Idle()] = Field(
        None, description="how the model is asked, by a name of docs/translation.md; default: as its files say"
    )
    decoding: Decoding = Decoding()
    # The answers of a second try have keys of their own.
    retry: Annotated[ModelRetry | None, Idle()] = Field(
        None, description="a second try for flagged translations; the better one stands"
    )
    max_source_tokens: int | None = Field(None, ge=8, description="longer sentences are cut at clauses; default: 256")
    batch_tokens: Annotated[int, Idle()] = Field(4096, ge=1, description="source tokens with padding in one batch")
    batch_sentences: Annotated[int, Idle()] = Field(256, ge=1, description="sentences in one batch")

    @model_validator(mode="after")
    def _profile_once(self) -> Self:
        if self.profile is not None and self.family != "auto":
            raise ValueError("'family' is the older name of 'profile'; leave one of them out")
        return self

    @model_validator(mode="after")
    def _retries_otherwise(self) -> Self:
        if self.retry is not None and self.retry.decoding == self.decoding:
            raise ValueError("retry.decoding is that of the first try")
        return self

    def wanted_profile(self) -> str | None:
        """Return the profile that the config sets; None where it is to be found."""
        return self.profile or super().wanted_profile()

    def plan(self) -> str:
        """Say in a line how the model is asked; raises ``InputError`` when it is not here."""
        chosen = self.profile_in(find_model(self.model, self.revision, download=False).folder)
        return chosen.plan() if chosen else "no profile knows this model"

    def profile_identity(self, folder: Path) -> dict[str, str]:
        """Return what the spec says of the profile; ``family`` is in it by itself."""
        chosen = self.profile_in(folder)
        return chosen.identity() if chosen and self.family == "auto" else {}

    def search(self, folder: Path, usual: int = 4) -> Decoding:
        """Return the search made definite: so many beams as are set, as the profile has, or as are ``usual``."""
        chosen = self.profile_in(folder)
        return self.decoding.definite(beams=(chosen.profile.beams if chosen else None) or usual)

    def retried(self) -> list[Retried]:
        """Return the flags that call for a second try; none where none is asked for."""
        return self.retry.when if self.retry else []

    def second(self, spent: float) -> Self:  # noqa: ARG002 - costs nothing
        """Return the settings with the decoding of the second try."""
        return self.model_copy(update={"decoding": self.retry.decoding}) if self.retry else self
