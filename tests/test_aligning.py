"""What the align stage takes from the rest of a job as evidence."""

import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages import machine
from qosmatin.stages.order import STAGES
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.jobs import LazyEngine

# Words that nothing knows: without evidence, lengths alone would have to do.
SOURCE = [f"Зж{letter * 3} дф{letter * 2}." for letter in "абвгдеклмноп"]
MEANT = [f"Qw{letter * 3} xj{letter * 2}" for letter in "zyqvutsrhfgk"]
TARGET = [f"{meant}." for at, meant in enumerate(MEANT) if at not in (3, 4)]
RIGHT = [at for at in range(12) if at not in (3, 4)]
CONFIG = """\
corpus: {name: small, version: 1.0.0, folder: out}
sources:
  - {files: [kk/*.txt], lang: kk}
translations:
  - {name: en, lang: en, kind: human, files: [en/*.txt]}
"""


class Stub:
    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 4096, 64, 1, None, False

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [1 for _ in texts]

    def translate(self, requests: list[TranslationRequest]) -> list[Answer]:
        return [Answer(MEANT[SOURCE.index(one.text)]) for one in requests]

    def close(self) -> None:
        pass


def make(folder: Path, more: str) -> Path:
    for name, lines in (("kk", SOURCE), ("en", TARGET)):
        (folder / name).mkdir()
        (folder / name / "a.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "job.yaml"
    path.write_text(CONFIG + more, encoding="utf-8")
    return path


def pairs_found(config: Path) -> list[int]:
    """The source sentences whose one-to-one bead is right."""
    run_job(open_job(load_config(config), Console(file=StringIO())), STAGES, until="align")
    beads = pq.read_table(config.parent / "out" / "beads" / "en.parquet").to_pylist()
    spans = {(one["source_start"], one["source_end"], one["target_start"], one["target_end"]) for one in beads}
    return [at for number, at in enumerate(RIGHT) if (at, at + 1, number, number + 1) in spans]


def test_an_engines_translation_is_evidence_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = EngineSpec("stub", "stub", None, None)
    monkeypatch.setattr(machine, "open_engine", lambda *_: LazyEngine(spec, Stub))
    config = make(tmp_path, "  - {name: mt, lang: en, engine: openai, model: stub}\n")
    assert pairs_found(config) == RIGHT


def test_embeddings_of_a_named_model_are_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    means = {text: np.eye(12, dtype=np.float32)[at] for at, text in enumerate(SOURCE)}
    means |= {text: np.eye(12, dtype=np.float32)[at] for at, text in zip(RIGHT, TARGET, strict=True)}
    loaded: list[tuple[str, str | None]] = []

    class Model:
        def __init__(self, name: str, revision: str | None) -> None:
            loaded.append((name, revision))

        def encode(self, texts: list[str], **_: object) -> np.ndarray:
            return np.stack([means[text] for text in texts])

    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Model))
    config = make(tmp_path, "aligner: {embeddings: some/model, embeddings_revision: abc}\n")
    assert pairs_found(config) == RIGHT
    assert loaded == [("some/model", "abc")]


def test_without_evidence_the_same_text_is_not_all_right(tmp_path: Path) -> None:
    assert pairs_found(make(tmp_path, "")) != RIGHT
