"""Reading a YAML file into a typed model, with every fault named by file, line, key and remedy."""

from __future__ import annotations

import types
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, Tag, ValidationError

from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.files.config_paths import in_folder
from qosmatin.corpus.files.text import read_text

_Model = TypeVar("_Model", bound=BaseModel)


def read_model(path: Path, model: type[_Model]) -> _Model:
    """Read a YAML file as ``model``; its paths come back absolute (see ``corpus.files.config_paths``).

    Raises ``ConfigError`` with every fault found, each as ``file:line: key: what is wrong; what is allowed``.
    """
    root, data = read_yaml(path)
    if not isinstance(data, dict) or root is None:
        raise ConfigError([f"{path}:1: a config is a mapping; see `qosmatin config schema`"])
    repeated = [f"{path}:{line}: {key}: stands twice" for key, line in _repeated_keys(root)]
    try:
        config = model.model_validate(data, context=in_folder(path.resolve().parent))
    except ValidationError as error:
        faults = [_describe(dict(fault), root, path, model) for fault in error.errors()]
        raise ConfigError(repeated + faults) from None
    if repeated:
        raise ConfigError(repeated)
    return config


def read_yaml(path: Path) -> tuple[yaml.Node | None, Any]:
    """Read a YAML file, as nodes that know their lines and as plain data; raises ``ConfigError`` if it is none."""
    try:
        text = read_text(path)
    except InputError as error:
        raise ConfigError([str(error)]) from None
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"{path}:{line}: no YAML: {error.problem}"]) from None


def _repeated_keys(node: yaml.Node) -> list[tuple[str, int]]:
    """Return the keys that stand twice in one mapping, with their lines; YAML itself would take the last silently."""
    repeated: list[tuple[str, int]] = []
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for number, (key, value) in enumerate(node.value):
            if key.value in keys[:number]:
                repeated.append((str(key.value), key.start_mark.line + 1))
            repeated += _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            repeated += _repeated_keys(item)
    return repeated


def _describe(fault: dict[str, Any], root: yaml.Node, path: Path, model: type[BaseModel]) -> str:
    """Return a fault that pydantic found as a sentence with file, line, key and remedy."""
    tagged: tuple[int | str, ...] = fault["loc"]
    location = tuple(part for part in tagged if not str(part).startswith("engine="))
    line, keys = _find(root, location)
    key = ".".join(str(part) for part in location if part in keys or part == location[-1])
    if fault["type"] == "extra_forbidden":
        legal = _legal_keys(tagged[:-1], model)
        near = get_close_matches(str(location[-1]), legal, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'? " if near else ""
        return f"{path}:{line}: {key}: unknown key; {hint}known are {', '.join(legal)}"
    if fault["type"] == "missing":
        return f"{path}:{line}: {key}: is missing"
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "string_type":
        message = "must be text: put it in quotes"
    return f"{path}:{line}: {key}: {message}" if key else f"{path}:{line}: {message}"


def _find(root: yaml.Node, location: Sequence[int | str]) -> tuple[int, list[int | str]]:
    """Return the line (from 1) of the deepest node on the way to ``location``, and the keys that lead to it.

    Parts of the location that name no node (the tags of unions) are passed over.
    """
    node, line, keys = root, root.start_mark.line + 1, []
    for part in location:
        if isinstance(node, yaml.MappingNode):
            entries = [(key, value) for key, value in node.value if key.value == part]
            if entries:
                node, line = entries[0][1], entries[0][0].start_mark.line + 1
                keys.append(part)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
            keys.append(part)
    return line, keys


def _legal_keys(location: Sequence[int | str], root: type[BaseModel]) -> list[str]:
    """Return the keys that are legal in the section at ``location``."""
    models: list[tuple[str | None, type[BaseModel]]] = [(None, root)]
    for part in location:
        if not isinstance(part, str):
            continue
        fields = [model.model_fields[part] for _, model in models if part in model.model_fields]
        if any(tag == part for tag, _ in models):
            models = [(tag, model) for tag, model in models if tag == part]
        elif fields:
            models = _models_in(fields[0].annotation)
        else:
            # The tag of a union: the member whose literal it is.
            models = [(tag, one) for tag, one in models if part in get_args(one.model_fields["name"].annotation)]
    return sorted({name for _, model in models for name in model.model_fields})


def _models_in(annotation: Any, tag: str | None = None) -> list[tuple[str | None, type[BaseModel]]]:
    """Return the models that an annotation such as ``list[A | B]`` speaks of, with the tags that tell them apart."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [(tag, annotation)] if issubclass(annotation, BaseModel) else []
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        return _models_in(inner, next((note.tag for note in notes if isinstance(note, Tag)), tag))
    if get_origin(annotation) in (list, Union, types.UnionType):
        return [model for argument in get_args(annotation) for model in _models_in(argument)]
    return []
