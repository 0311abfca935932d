"""Croissant metadata (MLCommons, version 1.0): what is in the dataset, for search engines and loaders of all kinds.

The format: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

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


def write_croissant(
    folder: Path,
    configs: Sequence[str],
    *,
    name: str,
    version: str,
    description: str,
    licence: str,
    languages: Sequence[str],
    citation: str,
    date: str,
) -> None:
    """Write ``croissant.json`` for the Parquet files that stand below ``folder``; ``date`` is ISO 8601."""
    data = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "version": version,
        "description": description or f"A bilingual corpus: {name}.",
        "license": licence,
        "inLanguage": list(languages),
        "citeAs": citation,
        "datePublished": date,
        "distribution": [entry for config in configs for entry in _distribution(folder, config)],
        "recordSet": [_record_set(folder, config) for config in configs],
    }
    text = json.dumps(data, ensure_ascii=False, indent=2)
    (folder / "croissant.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _distribution(folder: Path, config: str) -> list[dict[str, Any]]:
    """Return the files of a config: each with its checksum, and the set of them that the records come from."""
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
                "contentUrl": name,
                "contentSize": f"{path.stat().st_size} B",
                "encodingFormat": "application/x-parquet",
                "sha256": digest,
            }
        )
    # Contained in nothing: the pattern is relative to this file's folder.
    file_set = {
        "@type": "cr:FileSet",
        "@id": f"{config}-files",
        "name": f"{config}-files",
        "encodingFormat": "application/x-parquet",
        "includes": f"{config}/*.parquet",
    }
    return [*objects, file_set]


def _record_set(folder: Path, config: str) -> dict[str, Any]:
    schema = pq.read_schema(next((folder / config).glob("*.parquet")))
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "key": {"@id": f"{config}/id"},
        "field": [_field(config, config, column, column.name) for column in schema],
    }


def _field(config: str, parent: str, column: pa.Field[Any], path: str) -> dict[str, Any]:
    """Return a column as a field; the parts of a struct, also of a list of structs, are its sub-fields."""
    name = f"{parent}/{column.name}"
    described: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": name}
    of_type: Any = column.type
    if pa.types.is_list(of_type):
        described["repeated"] = True
        of_type = of_type.value_type
    if pa.types.is_struct(of_type):
        return {**described, "subField": [_field(config, name, part, path) for part in of_type]}
    extract: dict[str, Any] = {"column": path}
    source: dict[str, Any] = {"fileSet": {"@id": f"{config}-files"}, "extract": extract}
    if path != column.name:
        source["transform"] = {"jsonPath": f"$.{column.name}"}
    kind = "sc:Boolean" if pa.types.is_boolean(of_type) else "sc:Integer" if pa.types.is_integer(of_type) else None
    return {
        **described,
        "dataType": kind or ("sc:Float" if pa.types.is_floating(of_type) else "sc:Text"),
        "source": source,
    }
