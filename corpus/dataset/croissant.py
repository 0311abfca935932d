"""Croissant metadata (MLCommons, version 1.0): what is in the dataset, for search engines and loaders of all kinds.

Each config is a record set with a field ``split``, and so is each of its splits alone, so that nobody trains on test.
The format: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html; what concerns responsible use (RAI):
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .columns import describe
from .splits import SPLITS

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True, slots=True)
class CroissantFacts:
    """What the metadata say of the dataset as a whole.

    ``licence`` is an SPDX identifier, or ``unknown``; ``date`` is ISO 8601; ``rai`` are properties of the
    vocabulary for responsible use without their prefix, as ``dataCollection``.
    """

    name: str
    version: str
    description: str
    licence: str
    languages: Sequence[str]
    citation: str
    date: str
    creators: Sequence[str] = ()
    url: str = ""
    rai: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def write_croissant(folder: Path, configs: Sequence[str], facts: CroissantFacts) -> None:
    """Write ``croissant.json`` for the Parquet files that stand below ``folder``."""
    splits = {config: _splits(folder, config) for config in configs}
    data = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": facts.name,
        "version": facts.version,
        "description": facts.description or f"A bilingual corpus: {facts.name}.",
        "license": licence_address(facts.licence),
        "inLanguage": list(facts.languages),
        **({"url": facts.url} if facts.url else {}),
        **(
            {"creator": [{"@type": "sc:Organization", "name": name} for name in facts.creators]}
            if facts.creators
            else {}
        ),
        "citeAs": facts.citation,
        "datePublished": facts.date,
        **{f"rai:{name}": value for name, value in facts.rai.items() if value},
        "distribution": [entry for config, found in splits.items() for entry in _distribution(folder, config, found)],
        "recordSet": [
            _split_names(),
            *(one for config, found in splits.items() for one in _record_sets(folder, config, found)),
        ],
    }
    text = json.dumps(data, ensure_ascii=False, indent=2)
    (folder / "croissant.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def licence_address(licence: str) -> str:
    """Return where the text of a licence stands, for an SPDX identifier; anything else stays what it is."""
    return licence if licence == "unknown" or " " in licence else f"https://spdx.org/licenses/{licence}.html"


def _splits(folder: Path, config: str) -> list[str]:
    return [split for split in SPLITS if any((folder / config).glob(f"{split}-*.parquet"))]


def _distribution(folder: Path, config: str, splits: Sequence[str]) -> list[dict[str, Any]]:
    """Return the files of a config: each with its checksum, the set of them all, and the sets of each split."""
    objects = []
    for path in sorted((folder / config).glob("*.parquet")):
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        name = path.relative_to(folder).as_posix()
        objects.append(
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "description": f"Rows of {config}, as Parquet.",
                "contentUrl": name,
                "contentSize": f"{path.stat().st_size} B",
                "encodingFormat": "application/x-parquet",
                "sha256": digest,
            }
        )
    every = _file_set(f"{config}-files", f"{config}/*.parquet", f"All files of {config}.")
    of_splits = [
        _file_set(_files_of(config, split), f"{config}/{split}-*.parquet", f"The files of {config} for {split}.")
        for split in splits
    ]
    return [*objects, every, *of_splits]


def _file_set(name: str, includes: str, description: str) -> dict[str, Any]:
    """Return a set of files, contained in nothing: the pattern is relative to this file's folder."""
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": description,
        "encodingFormat": "application/x-parquet",
        "includes": includes,
    }


def _files_of(config: str, split: str) -> str:
    return f"{config}-files/{split}"


def _split_names() -> dict[str, Any]:
    """Return the record set that lists the splits, which are the values of the fields ``split``."""
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "The splits: what is in one is in no other, near-duplicates included.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": "splits/name",
                "name": "splits/name",
                "description": "the name of a split",
                "dataType": "sc:Text",
            }
        ],
        "data": [{"splits/name": split} for split in SPLITS],
    }


def _record_sets(folder: Path, config: str, splits: Sequence[str]) -> list[dict[str, Any]]:
    """Return the record set of a config, with the split of each row, and one for each split alone."""
    schema = pq.read_schema(next((folder / config).glob("*.parquet")))
    whole = _record_set(config, f"{config}-files", schema, f"The rows of {config} in {', '.join(splits)}.")
    parts = [
        _record_set(f"{config}/{split}", _files_of(config, split), schema, f"The rows of {config} for {split} alone.")
        for split in splits
    ]
    return [whole, *parts]


def _record_set(name: str, files: str, schema: pa.Schema, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "key": {"@id": f"{name}/id"},
        "field": [_field(files, name, column, [column.name]) for column in schema],
    }


def _field(files: str, parent: str, column: pa.Field[Any], path: Sequence[str]) -> dict[str, Any]:
    """Return a column as a field; the parts of a struct, also of a list of structs, are its sub-fields."""
    name = f"{parent}/{column.name}"
    described: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": describe("/".join(path)),
    }
    of_type: Any = column.type
    if pa.types.is_list(of_type):
        described["repeated"] = True
        of_type = of_type.value_type
    if pa.types.is_struct(of_type):
        return {**described, "subField": [_field(files, name, part, [*path, part.name]) for part in of_type]}
    source: dict[str, Any] = {"fileSet": {"@id": files}, "extract": {"column": path[0]}}
    if len(path) > 1:
        source["transform"] = {"jsonPath": f"$.{column.name}"}
    if path == ["split"]:
        # The column says it too, but mlcroissant 1.1 filters by file names alone; with a reference to splits/name
        # beside it, it reads the records once and then none.
        source |= {
            "extract": {"fileProperty": "filename"},
            "transform": {"regex": f"^({'|'.join(SPLITS)})(?:-.*)?$"},
        }
        return {**described, "dataType": ["sc:Text", "cr:Split"], "source": source}
    kind = "sc:Boolean" if pa.types.is_boolean(of_type) else "sc:Integer" if pa.types.is_integer(of_type) else None
    return {
        **described,
        "dataType": kind or ("sc:Float" if pa.types.is_floating(of_type) else "sc:Text"),
        "source": source,
    }
