"""The types of paths in configs: each is made absolute where it is declared, by the folder of the file it stands in.

That folder comes as pydantic's validation context (``in_folder``). As serialization context it does the opposite: the
config that a corpus folder keeps names no place of this machine, and both may be moved together. Without a context
paths stay as they are written.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PlainSerializer, SerializationInfo, ValidationInfo

_FOLDER = "folder"


def in_folder(folder: Path) -> dict[str, Any]:
    """Return the validation or serialization context of a config whose file stands in ``folder``."""
    return {_FOLDER: folder}


def _absolute(path: Path, info: ValidationInfo) -> Path:
    return path if info.context is None else info.context[_FOLDER] / path.expanduser()


def _resolved(path: Path, info: ValidationInfo) -> Path:
    return path if info.context is None else _absolute(path, info).resolve()


def _glob(pattern: str, info: ValidationInfo) -> str:
    return pattern if info.context is None else str(_absolute(Path(pattern), info))


def _folder_or_name(text: str, info: ValidationInfo) -> str:
    if info.context is None:
        return text
    folder = _absolute(Path(text), info)
    return str(folder.resolve()) if folder.is_dir() else text


def _relative(path: Path | str, info: SerializationInfo) -> str:
    text = str(path)
    if info.context is None or not Path(text).is_absolute():
        return text
    try:
        return Path(os.path.relpath(text, info.context[_FOLDER])).as_posix()
    except ValueError:  # on another drive, as Windows has them: no way leads there from here
        return text


_KEPT = PlainSerializer(_relative, return_type=str, when_used="json")

ConfigPath = Annotated[Path, AfterValidator(_absolute), _KEPT]
"""A file, relative to the config."""

ConfigFolder = Annotated[Path, AfterValidator(_resolved), _KEPT]
"""A folder that is written, relative to the config; links on the way to it are followed once and for all."""

ConfigGlob = Annotated[str, AfterValidator(_glob), _KEPT]
"""A glob pattern, relative to the config."""

FolderOrName = Annotated[str, AfterValidator(_folder_or_name), _KEPT]
"""A folder relative to the config where there is one, else the name of a model or dataset on the hub."""
