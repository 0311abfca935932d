"""Every path of a config is relative to its file, may be absolute, and may begin with ``~``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from qosmatin.config.job import JobConfig, load_config
from qosmatin.config.training import load_training_config
from qosmatin.translate.training.settings import TrainingConfig

JOB: dict[str, Any] = {
    "corpus": {"name": "c", "version": "1.0.0", "folder": "x"},
    "sources": [{"lang": "kk", "files": ["x"]}],
}
TRAINING: dict[str, Any] = {"output": "x", "data": {"dataset": "x", "source": "kk", "target": "en"}}
PUBLISHED = {"name": "flores", "files": ["x"]}
TABLE = {"text": "t"}
HUMAN = {"name": "en", "lang": "en", "kind": "human"}
MACHINE = {"name": "en", "lang": "en", "model": "x"}
MEMORY = {"name": "en", "lang": "en", "engine": "memory"}

PATHS: list[tuple[dict[str, Any], tuple[str | int, ...]]] = [
    (JOB, ("corpus", "folder")),
    (JOB, ("sources", 0, "files", 0)),
    ({**JOB, "sources": [{"lang": "kk", "manifest": "x"}]}, ("sources", 0, "manifest")),
    ({**JOB, "sources": [{"lang": "kk", "table": {**TABLE, "files": ["x"]}}]}, ("sources", 0, "table", "files", 0)),
    ({**JOB, "sources": [{"lang": "kk", "table": {**TABLE, "dataset": "x"}}]}, ("sources", 0, "table", "dataset")),
    ({**JOB, "translations": [{**HUMAN, "files": ["x"]}]}, ("translations", 0, "files", 0)),
    ({**JOB, "translations": [{**HUMAN, "manifest": "x"}]}, ("translations", 0, "manifest")),
    ({**JOB, "translations": [{**MEMORY, "memories": ["x"]}]}, ("translations", 0, "memories", 0)),
    ({**JOB, "translations": [{**MACHINE, "engine": "transformers"}]}, ("translations", 0, "model")),
    ({**JOB, "translations": [{**MACHINE, "engine": "ctranslate2"}]}, ("translations", 0, "model")),
    ({**JOB, "decisions": "x"}, ("decisions",)),
    ({**JOB, "memories": ["x"]}, ("memories", 0)),
    ({**JOB, "glossaries": ["x"]}, ("glossaries", 0)),
    ({**JOB, "marked_errors": ["x"]}, ("marked_errors", 0)),
    ({**JOB, "splitter": {"abbreviations": "x"}}, ("splitter", "abbreviations")),
    ({**JOB, "splitter": {"sat": "x"}}, ("splitter", "sat")),
    ({**JOB, "aligner": {"lexicon": "x"}}, ("aligner", "lexicon")),
    (
        {**JOB, "translations": [{**HUMAN, "files": ["y"], "pairing": "content", "matches": "x"}]},
        ("translations", 0, "matches"),
    ),
    ({**JOB, "aligner": {"dictionaries": ["x"]}}, ("aligner", "dictionaries", 0)),
    ({**JOB, "aligner": {"embeddings": "x"}}, ("aligner", "embeddings")),
    ({**JOB, "publish": {"judgements": ["x"]}}, ("publish", "judgements", 0)),
    ({**JOB, "publish": {"never_in_train": [PUBLISHED]}}, ("publish", "never_in_train", 0, "files", 0)),
    *(
        ({**JOB, "publish": {"card": {name: "x"}}}, ("publish", "card", name))
        for name in ("uses", "collection", "annotation", "personal_data", "limits")
    ),
    ({**TRAINING, "from_scratch": {}}, ("output",)),
    ({**TRAINING, "from_scratch": {}}, ("data", "dataset")),
    ({**TRAINING, "base": {"model": "x"}}, ("base", "model")),
]


def with_value(config: Any, place: tuple[str | int, ...], value: str) -> Any:
    """A config with another value in one place."""
    if not place:
        return value
    copy = config.copy()
    copy[place[0]] = with_value(config[place[0]], place[1:], value)
    return copy


def value_at(config: Any, place: tuple[str | int, ...]) -> str:
    for key in place:
        config = config[key] if isinstance(key, int) else getattr(config, key)
    # Where one path or a list of them may stand, one becomes a list.
    return str(config[0] if isinstance(config, list) else config)


@pytest.mark.parametrize(
    ("written", "stands"), [("in/text.d", "home/project/in/text.d"), ("~/text.d", "home/text.d"), ("/text.d", "")]
)
@pytest.mark.parametrize(("config", "place"), PATHS, ids=[".".join(map(str, place)) for _, place in PATHS])
def test_paths(
    config: dict[str, Any],
    place: tuple[str | int, ...],
    written: str,
    stands: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    given = written if stands else str(tmp_path / "text.d")
    expected = tmp_path / (stands or "text.d")
    expected.mkdir(parents=True)
    file = tmp_path / "home" / "project" / "job.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(with_value(config, place, given)), encoding="utf-8")
    loaded = load_training_config(file) if "data" in config else load_config(file)
    assert value_at(loaded, place) == str(expected)
    # A config that was made absolute is read again from a corpus folder, with no file to be relative to.
    again = type(loaded).model_validate(loaded.model_dump(mode="json"))
    assert value_at(again, place) == str(expected)


@pytest.mark.parametrize("place", [("aligner", "embeddings"), ("splitter", "sat")])
def test_a_name_on_the_hub_stays_a_name(place: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(json.dumps({**JOB, place[0]: {place[1]: "someone/model"}}), encoding="utf-8")
    assert value_at(load_config(file), place) == "someone/model"


def test_the_table_has_every_path() -> None:
    told = {tuple(part for part in place if isinstance(part, str)) for _, place in PATHS}
    found = {*paths_of(JobConfig), *paths_of(TrainingConfig)} - {("translations", "folder")}
    assert found <= told


def paths_of(annotation: Any) -> Iterator[tuple[str, ...]]:
    """The places in a model that are paths by their type."""
    if isinstance(annotation, type) and issubclass(annotation, Path):
        yield ()
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            declared = "config_paths" in repr(field.metadata)
            for place in [()] if declared else paths_of(field.annotation):
                yield (name, *place)
    elif get_origin(annotation) is not None:
        if "config_paths" in repr(getattr(annotation, "__metadata__", "")):
            yield ()
            return
        for argument in get_args(annotation):
            yield from paths_of(argument)
