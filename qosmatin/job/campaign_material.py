"""The documents of a campaign, with the outputs of all systems: from a corpus, from files of lines, from JSONL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qosmatin.config.campaign import CampaignConfig, CorpusMaterial, FileMaterial, JsonlMaterial
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.eval.corpus_sets import Comparison, corpus_scoring_set
from qosmatin.eval.segment_files import check_lengths, read_segments

Material = list[list[dict[str, Any]]]
"""Documents, each a list of items as ``qosmatin.review.campaigns.model`` has them."""


def read_material(config: CampaignConfig) -> Material:
    """Return the documents that a campaign's config names, all of them; raises ``InputError``."""
    if config.corpus is not None:
        return _of_corpus(config.folder, config.corpus)
    if config.files is not None:
        return _of_files(config.files)
    assert config.jsonl is not None
    return _of_jsonl(config.jsonl)


def _of_corpus(folder: Path, wanted: CorpusMaterial) -> Material:
    systems = tuple(wanted.systems)
    # Where nothing is to be compared with, the first system gives the grouping: its own words are judged all the same.
    comparison = Comparison(wanted.reference or systems[0], systems)
    found = corpus_scoring_set(CorpusFolder(folder), comparison, wanted.min_confidence)
    domains = found.labels.get("domain")
    return _grouped(
        found.labels["document"],
        [
            _item(
                name,
                source=(found.sources or [])[at],
                outputs={system: found.systems[system][at] for system in systems},
                reference=found.references[0][at] if wanted.reference else None,
                domain=domains[at] if domains and domains[at] != "unknown" else None,
            )
            for at, name in enumerate(found.ids)
        ],
    )


def _of_files(wanted: FileMaterial) -> Material:
    others = {"reference": wanted.reference, "documents": wanted.documents, "domains": wanted.domains}
    paths = {"source": wanted.source, **wanted.systems}
    paths |= {name: path for name, path in others.items() if path is not None}
    if len(paths) < 1 + len(wanted.systems) + sum(path is not None for path in others.values()):
        raise InputError("a system cannot be called source, reference, documents or domains: give it another name")
    lines = {name: read_segments(str(path)) for name, path in paths.items()}
    check_lengths({str(paths[name]): found for name, found in lines.items()})
    documents = lines.get("documents", ["text"] * len(lines["source"]))
    counts: dict[str, int] = {}
    items = []
    for at, document in enumerate(documents):
        counts[document] = counts.get(document, 0) + 1
        items.append(
            _item(
                f"{document}:{counts[document]}",
                source=lines["source"][at],
                outputs={system: lines[system][at] for system in wanted.systems},
                reference=lines["reference"][at] if "reference" in lines else None,
                domain=lines["domains"][at] if "domains" in lines else None,
            )
        )
    return _grouped(documents, items)


_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_PASSAGE = re.compile(r"\s*</?p\s*>\s*|\n[ \t\r]*\n\s*", re.IGNORECASE)


def _passages(text: str) -> list[str]:
    """Return the passages of a text: what stands in <p>, or between empty lines; <br> is a line end."""
    return [one.strip() for one in _PASSAGE.split(_BREAK.sub("\n", text)) if one.strip()]


def _of_jsonl(wanted: JsonlMaterial) -> Material:
    sources = _rows(wanted.source, ("src", "source", "src_text", "text"))
    outputs = {name: _rows(path, ("hypothesis",)) for name, path in wanted.systems.items()}
    references = _rows(wanted.reference, ("reference", "ref", "hypothesis")) if wanted.reference else {}
    for name, rows in {**outputs, **({"the reference": references} if references else {})}.items():
        if missing := next((document for document in sources if document not in rows), None):
            raise InputError(f"{name} has no document '{missing}'", wanted.systems.get(name, wanted.reference))
    material = []
    for document, (text, domain) in sources.items():
        texts = {"": text, **{name: rows[document][0] for name, rows in outputs.items()}}
        if references:
            texts |= {" reference": references[document][0]}
        cut = {name: _passages(one) for name, one in texts.items()}
        if len({len(one) for one in cut.values()}) > 1:
            # Not all have as many passages: then they can be compared as a whole alone.
            cut = {
                name: [_BREAK.sub("\n", one).replace("<p>", "").replace("</p>", "\n")] for name, one in texts.items()
            }
        material.append(
            [
                _item(
                    f"{document}:{at + 1}",
                    source=source,
                    outputs={name: cut[name][at] for name in outputs},
                    reference=cut[" reference"][at] if references else None,
                    domain=domain or _domain(document),
                )
                | {"doc_id": document}
                for at, source in enumerate(cut[""])
            ]
        )
    return [items for items in material if items]


def _domain(document: str) -> str | None:
    """Return the domain in a name as WMT gives them: ``WMT26_###_domain_###_src_###_tgt_###_id``."""
    parts = document.split("_###_")
    return parts[1] if len(parts) == 5 else None


def _rows(path: Path, keys: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return text and domain by document; raises ``InputError`` for a line that is none."""
    found: dict[str, tuple[str, str | None]] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"no JSON: {error}", path, number) from None
        key = next((one for one in keys if isinstance(row, dict) and isinstance(row.get(one), str)), None)
        if key is None or not isinstance(row.get("doc_id"), str):
            raise InputError(f"a line has doc_id and {' or '.join(keys)}, as text", path, number)
        if row["doc_id"] in found:
            raise InputError(f"document '{row['doc_id']}' stands here twice", path, number)
        domain = row.get("domain")
        found[row["doc_id"]] = (row[key], domain if isinstance(domain, str) else None)
    if not found:
        raise InputError("the file is empty; a line for each document is expected", path)
    return found


def _item(
    name: str, *, source: str, outputs: Mapping[str, str], reference: str | None, domain: str | None
) -> dict[str, Any]:
    item: dict[str, Any] = {"item_id": name, "src": source, "tgt": dict(outputs)}
    if reference is not None:
        item["ref"] = reference
    return item | ({"domain": domain} if domain else {})


def _grouped(documents: Sequence[str], items: Sequence[dict[str, Any]]) -> Material:
    """Return items by document, in the order in which documents begin."""
    found: dict[str, list[dict[str, Any]]] = {}
    for document, item in zip(documents, items, strict=True):
        found.setdefault(document, []).append(item | {"doc_id": document})
    return list(found.values())
