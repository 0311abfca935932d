"""The types of paths in configs: each is made absolute where it is declared, by the folder of the file it stands in.

That folder comes as pydantic's validation context (``in_folder``). Without one, as when a config that was made
absolute before is read again, paths stay as they are written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo

_FOLDER = "folder"


def in_folder(folder: Path) -> dict[str, Any]:
    """Return the validation context of a config whose file stands in ``folder``."""
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


ConfigPath = Annotated[Path, AfterValidator(_absolute)]
"""A file, relative to the config."""

ConfigFolder = Annotated[Path, AfterValidator(_resolved)]
"""A folder that is written, relative to the config; links on the way to it are followed once and for all."""

ConfigGlob = Annotated[str, AfterValidator(_glob)]
"""A glob pattern, relative to the config."""

FolderOrName = Annotated[str, AfterValidator(_folder_or_name)]
"""A folder relative to the config where there is one, else the name of a model or dataset on the hub."""
