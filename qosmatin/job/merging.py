"""Corpora that were made apart become one: the parts must be of one kind, and the whole is published as one.

Each part may have been made on another machine. What the parts say stays in them, people's word too; the whole is made
anew from them by the same command, and is not reviewed itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from qosmatin.config.job import JobConfig
from qosmatin.corpus.decisions import STORE_NAME
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.config_paths import in_folder
from qosmatin.corpus.storage.folder import CorpusFolder, Manifest
from qosmatin.corpus.storage.merging import check_disjoint, merge_tables
from qosmatin.corpus.storage.retraction import remove_documents

from .documents import JobDocuments
from .opened import open_corpus
from .pipeline import Job, kept_config

_OF_A_PART = (
    "jobs", "executor", "on_error", "decisions", "corpus.name", "corpus.folder", "splitter.boundaries",
)  # fmt: skip
"""Keys of a config in which parts may differ: they say how and where a part is made, not what it is."""

_OF_TEXTS = ("files", "exclude", "urls", "manifest", "encoding", "table", "matches")
"""Keys of a section of texts that say where its documents come from."""

_NAMED_FILES = ("abbreviations", "lexicon", "dictionaries", "memories", "model", "embeddings")
"""Keys whose values may be files or folders: of them the name counts, since the way there is each machine's own."""

Flat = dict[str, object]


def merge_corpora(paths: Sequence[Path], out: Path, name: str | None, console: Console) -> tuple[Job, int]:
    """Write the tables of all parts into ``out``, and return the job that publishes them, and how many documents.

    ``name`` is that of the merged corpus: the parts' own where they have one name, else it must be given. Raises
    ``InputError`` where the parts do not fit, before anything is written.
    """
    _check_places(paths, out)
    parts = [open_corpus(path, console) for path in paths]
    _check_alike(parts)
    config = _joined(parts, out, name)
    check_disjoint([part.folder for part in parts])
    folder = CorpusFolder(out)
    manifest = folder.manifest()
    with folder.writing():
        translations = [one.name for one in config.translations]
        count = merge_tables([part.folder for part in parts], folder, translations)
        gone = folder.retracted()
        for date in sorted(set(gone.values())):
            remove_documents(folder, [one for one in gone if gone[one] == date], translations, date)
        merged = [Path(os.path.relpath(path.resolve(), out.resolve())).as_posix() for path in paths]
        folder.save_manifest(
            Manifest(kept_config(config, out), manifest.units, manifest.published, merged=sorted(merged))
        )
    return Job(config, JobDocuments([], {}), folder, folder.manifest(), console), count - len(gone)


def _check_places(paths: Sequence[Path], out: Path) -> None:
    if len({path.resolve() for path in paths}) < len(paths):
        raise InputError("a part is named twice")
    if out.resolve() in {path.resolve() for path in paths}:
        raise InputError("the merged corpus needs a folder of its own; this is one of the parts", out)
    if not (out / "manifest.json").exists():
        return
    if not CorpusFolder(out).manifest().merged:
        raise InputError("this is a corpus of its own, which `qosmatin run` made; name another folder", out)
    if (out / STORE_NAME).exists():
        raise InputError("people reviewed here; a merged corpus is made anew from its parts: review those", out)


def _check_alike(parts: Sequence[Job]) -> None:
    """Raise ``InputError`` with every setting in which a part differs from the first, where both matter."""
    first = _settings(parts[0].config)
    faults = []
    for part in parts[1:]:
        other = _settings(part.config)
        here, there = parts[0].folder.path, part.folder.path
        faults += [
            f"  {key} is {first.get(key)!r} in {here}, and {other.get(key)!r} in {there}"
            for key in sorted(first.keys() | other.keys())
            if first.get(key) != other.get(key)
        ]
    if faults:
        lines = "\n".join(faults)
        raise InputError(f"the parts were made in different ways; make them with the same settings:\n{lines}")


def _settings(config: JobConfig) -> Flat:
    plain = config.model_dump(mode="json")
    sections = [*plain["sources"], *plain["translations"]]
    for section in sections:
        for key in _OF_TEXTS:
            section.pop(key, None)
    # Several sections of sources say the same of different documents: what they say stands in the documents.
    plain["sources"] = [section for at, section in enumerate(plain["sources"]) if section not in plain["sources"][:at]]
    return {key: value for key, value in _flat(plain) if not key.startswith(_OF_A_PART)}


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _flat(one, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and value:
        for at, one in enumerate(value):
            yield from _flat(one, f"{key}.{at}")
    else:
        is_file = isinstance(value, str) and any(name in key.split(".") for name in _NAMED_FILES)
        yield key, Path(str(value)).name if is_file else value


def _joined(parts: Sequence[Job], out: Path, name: str | None) -> JobConfig:
    """Return the config of the whole: the first part's, under its own name and folder."""
    names = sorted({part.config.corpus.name for part in parts})
    if name is None and len(names) > 1:
        raise InputError(f"the parts are called {', '.join(names)}; say what the whole is called: --name NAME")
    config = parts[0].config
    plain = kept_config(config, out)
    plain["corpus"] = {**plain["corpus"], "name": name or names[0], "folder": "."}
    plain["decisions"] = []  # they stand in the table
    return JobConfig.model_validate(plain, context=in_folder(out.resolve()))
