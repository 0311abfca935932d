"""A corpus folder, opened for reading: its pairs, documents, decisions and scores as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.pairs import PairBatch
from qosmatin.corpus.storage.view import CorpusView

from .results import TableResult

_PAIRS = (
    "id", "source_document", "target_document", "position", "source_text", "target_text", "shape", "confidence",
    "aligner", "status", "reviewer", "reviewed_at",
)  # fmt: skip


def open_corpus(path: Path | str) -> Corpus:
    """Open the corpus in a folder that ``qosmatin run`` made, for reading; what it has is read when asked for.

    Raises ``InputError`` where there is no corpus.
    """
    if not isinstance(path, str | Path):
        raise InputError(f"path is of the type {type(path).__name__}, and the path of a corpus folder is meant")
    folder = CorpusFolder(Path(path))
    if not (folder.path / "manifest.json").exists():
        what = (
            "is a file" if folder.path.is_file() else "has no manifest.json" if folder.path.exists() else "is not there"
        )
        raise InputError(f"{what}; name the folder of a corpus, which `qosmatin run` makes", folder.path)
    folder.manifest()
    return Corpus(folder.path)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus folder. Nothing is held: each question reads what is there now."""

    path: Path

    @property
    def translations(self) -> dict[str, str]:
        """The names of the translations that are aligned, each with the languages of its pairs, as ``kk-en``."""
        documents = self._folder.read("documents", columns=["lang", "translation"]).to_pylist()
        source = next((one["lang"] for one in documents if one["translation"] is None), "")
        names = self._folder.parts("beads")
        return {name: f"{source}-{self._lang(name)}" for name in names}

    def pairs(self, translation: str, *, everything: bool = False) -> TableResult:
        """Return the pairs of a translation, by its name (``en``) or, where it is alone, its languages (``kk-en``).

        They are those with a text on both sides that no filter and no person refused; with ``everything``, all.
        Provenance is in the columns ``source_kind``, ``target_by`` and so on. Raises ``InputError`` for an unknown one.
        """
        name = self._named(translation)
        view = CorpusView(self._folder)
        batches = view.pair_batches(name) if everything else view.kept_batches(name)
        tables = [_pairs_table(batch) for batch in batches]
        table = pa.concat_tables(tables) if tables else _pairs_table_empty()
        if not everything:
            texts = (pc.field("source_text") != "") & (pc.field("target_text") != "")
            table = table.filter(texts & (pc.field("status") != "rejected"))
        return TableResult(f"pairs {name}", table)

    def documents(self) -> TableResult:
        """Return the documents that were read: id, language, text, provenance; ``translation`` is null for sources."""
        return TableResult("documents", self._folder.read("documents"))

    def sentences(self) -> TableResult:
        """Return the sentences of the documents, as offsets into their texts and as people see them."""
        return TableResult("sentences", self._folder.read("sentences"))

    def decisions(self) -> TableResult:
        """Return what people said, in order, as far as the last run has read it."""
        return TableResult("decisions", self._folder.read("decisions"))

    def scores(self) -> TableResult:
        """Return the scores of translations against each other, by system, group and metric."""
        return TableResult("scores", self._folder.read("scores"))

    @property
    def _folder(self) -> CorpusFolder:
        return CorpusFolder(self.path)

    def _lang(self, name: str) -> str:
        langs = self._folder.read("translations", name, ["lang"])["lang"]
        return str(langs[0].as_py()) if len(langs) else ""

    def _named(self, translation: str) -> str:
        known = self.translations
        if translation in known:
            return translation
        found = [name for name, langs in known.items() if langs == translation]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"several translations are {translation}; name one: {', '.join(found)}", self.path)
        told = ", ".join(f"{name} ({langs})" for name, langs in known.items()) or "none"
        raise InputError(f"there is no aligned translation '{translation}'; there are {told}", self.path)

    def _repr_html_(self) -> str:
        """Return what notebooks show: the folder and its translations."""
        rows = "".join(f"<li>{escape(name)} ({escape(langs)})</li>" for name, langs in self.translations.items())
        return f"<p>{escape(str(self.path))}</p><ul>{rows}</ul>"


_PROVENANCE = ("kind", "by", "licence", "date", "domain")


def _pairs_table(batch: PairBatch) -> pa.Table:
    """Return pairs as columns of texts and numbers, provenance among them."""
    table = batch.table.select(list(_PAIRS))
    for side, number in (("source", 0), ("target", 1)):
        for name in _PROVENANCE:
            values: Sequence[str | None] = [getattr(both[number], name) for both in batch.provenances]
            table = table.append_column(f"{side}_{name}", batch.by_provenance(values, pa.string()))
    return table


def _pairs_table_empty() -> pa.Table:
    kinds: dict[str, Any] = dict.fromkeys(_PAIRS, pa.string()) | {"position": pa.int64(), "confidence": pa.float64()}
    sides = [f"{side}_{name}" for side in ("source", "target") for name in _PROVENANCE]
    return pa.schema([*kinds.items(), *((name, pa.string()) for name in sides)]).empty_table()
