"""How each family of models wants to be asked: one table in data, a file of ``profiles/`` for each family.

A profile is found by what stands in the model's ``config.json`` and by its name, or set in the config (``profile``). A
language model that none knows is asked by the house prompt. What changes a prompt changes the engine's identity.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.corpus.languages import primary_subtag

from .language_codes import english_name
from .settings import Settings

HOUSE = "house"
"""The profile of language models that no other knows."""

Codes = Literal["nllb", "m2m100", "madlad", "marian", "mbart50", "seamless", "t5", "t5gemma"]
"""How a seq2seq model is told its languages (see ``codec``)."""

_AS_BEFORE = ("nllb", "m2m100", "madlad", "marian")
"""Codes that specs do not name where they are found by themselves: they were there before profiles, and keys hold."""


class KnownBy(Settings):
    """What a model has that the profile is for: one of the types, and what the others match, where they are set."""

    types: list[str] = Field(description="model_type in config.json; none: by the config's 'profile' alone")
    name: str = Field("", description="regular expression, found in the model's name, whatever its case")
    tokenizer: str = Field("", description="the same, of the tokenizer's class")


class Asks(Settings):
    """What a language model reads, and where its reply begins and ends; answers depend on all of it.

    Templates have ``{source}``, ``{target}`` (English names), ``{target_zh}`` (the Chinese name) and ``{text}``;
    ``with_terms`` also ``{terms}``, lines of ``term``; ``with_context`` also ``{context}``.
    """

    form: Literal["house", "text", "codes"] = Field(
        "house", description="house: our prompt; text: 'prompt'; codes: the template's content with language codes"
    )
    chat: bool = Field(True, description="false: no chat template, the model goes on from the prompt")
    prompt: str = ""
    prompt_zh: str = Field("", description="in place of 'prompt' where either language is Chinese")
    with_terms: str = Field("", description="in place of 'prompt' for a sentence with terms to obey")
    term: str = ""
    with_context: str = Field("", description="in place of 'prompt' for a sentence with others before it")
    names: dict[str, str] = Field(default_factory=dict, description="names of languages that are not the usual ones")
    opening: str = Field("", description="what stands before the reply, after the template's own prompt for it")
    template: dict[str, str] = Field(default_factory=dict, description="more variables of the chat template")
    stop: list[str] = Field(default_factory=list, description="where a reply ends, if it says more")

    def plain(self) -> dict[str, Any]:
        """Return it as plain data; ``prompt_zh`` came later, and is named where it is set alone."""
        return self.model_dump(mode="json", exclude=set() if self.prompt_zh else {"prompt_zh"})


class Profile(Settings):
    """A family of models; ``name`` is that of its file."""

    name: str
    card: str = Field(description="the model card that the profile follows")
    licence: str = Field(description="of the weights: open, conditions or non-commercial, and which")
    kazakh: str = Field(description="whether it speaks Kazakh, and who says so")
    verified: str = Field("", description="what the profile was checked against; none: it is from memory")
    asked: str = Field(description="how it is asked, in words; this and the next two are for docs/translation.md")
    needs: str = Field("", description="what it needs beside its files and licence")
    tried: str = Field("a tiny one, random weights", description="on which checkpoints of its kind it was tried here")
    known_by: KnownBy
    kind: Literal["chat", "seq2seq"]
    languages: list[str] = Field(default_factory=list, description="all that the card names; none: not listed")
    direction: str = Field("", description="the one direction of the model, as kk-ru")
    positions: int | None = Field(
        None, description="tokens of prompt and reply, where the card has fewer than config.json"
    )
    beams: int | None = Field(None, description="of the search, where the card has another number than is usual")
    asks: Asks = Asks()
    family: Codes | None = Field(None, description="how a seq2seq model is told its languages")

    def check_languages(self, source_lang: str, target_lang: str, folder: Path | None = None) -> None:
        """Raise ``InputError`` for a language that the model was not made for."""
        pair = [primary_subtag(source_lang), primary_subtag(target_lang)]
        if self.direction and pair != self.direction.split("-"):
            raise InputError(
                f"{self.card} translates {self.direction} alone, not {'-'.join(pair)}; take another model", folder
            )
        for lang in pair:
            if self.languages and lang not in self.languages:
                raise InputError(
                    f"the model does not speak {english_name(lang)}: its card ({self.card}) names others alone; "
                    "take another model, or set 'profile: house' if you know better",
                    folder,
                )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The profile of a model; ``found`` is the name of that which its files ask for, None where none does."""

    profile: Profile
    found: str | None

    def identity(self) -> dict[str, str]:
        """Return what the spec says of the profile: nothing where the model is asked as before there were profiles."""
        one = self.profile
        if one.name == (self.found or HOUSE) and one.asks == Asks() and one.family in (None, *_AS_BEFORE):
            return {}
        return {"profile": f"{one.name}/{fingerprint([one.asks.plain(), one.family])[:12]}"}

    def plan(self) -> str:
        """Say in a line which profile serves."""
        one = self.profile
        if one.name == HOUSE:
            return (
                "no profile knows this model: it is asked by the house prompt" if self.found is None else "house prompt"
            )
        how = "" if one.kind == "seq2seq" else "house prompt; " if one.asks.form == "house" else "its own prompt; "
        return f"profile {one.name} ({how}Kazakh: {one.kazakh}; licence: {one.licence})"


@cache
def profiles() -> dict[str, Profile]:
    """Return all profiles by name."""
    folder = files("qosmatin.translate") / "profiles"
    found = {}
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.endswith(".yaml"):
            name = path.name.removesuffix(".yaml")
            found[name] = Profile.model_validate({"name": name, **yaml.safe_load(path.read_text(encoding="utf-8"))})
    return found


def _known(name: str) -> str:
    if name not in profiles():
        raise ValueError(f"there is no profile '{name}'; there are {', '.join(profiles())}")
    return name


ProfileName = Annotated[str, AfterValidator(_known)]
"""The name of a profile that there is."""


def choose_profile(folder: Path, model: str, wanted: str | None) -> Chosen | None:
    """Return the profile of the model in a folder; None for one that no profile knows.

    ``model`` is what the config names it by, ``wanted`` the profile that the config sets. Raises ``InputError`` for a
    config.json that cannot be read.
    """
    config = read_json(folder / "config.json")
    # Of a path the folder's name counts alone: what stands above it says nothing of the model.
    names = [Path(model).expanduser().resolve().name if Path(model).expanduser().is_dir() else model]
    names.append(str(config.get("_name_or_path") or ""))
    fitting = [one for one in profiles().values() if _knows(one.known_by, folder, config, names)]
    # One that asks for a name stands above one that takes all of a type.
    best = max(fitting, key=lambda one: bool(one.known_by.name), default=None)
    chosen = best if wanted is None else profiles()[wanted]
    return None if chosen is None else Chosen(chosen, best.name if best else None)


def _knows(known_by: KnownBy, folder: Path, config: dict[str, Any], names: list[str]) -> bool:
    if config.get("model_type") not in known_by.types:
        return False
    if not any(re.search(known_by.name, name, re.IGNORECASE) for name in names):
        return False
    if not known_by.tokenizer:
        return True
    path = folder / "tokenizer_config.json"
    told = str(read_json(path).get("tokenizer_class", "")) if path.exists() else ""
    return re.search(known_by.tokenizer, told, re.IGNORECASE) is not None


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a model's file; raises ``InputError`` where there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("this file of the model is missing", path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"no JSON: {error}", path) from None
    if not isinstance(data, dict):
        raise InputError("is no JSON object", path)
    return data
