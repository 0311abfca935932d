"""Evidence beyond words: paragraphs, machine translations, vectors; and folders of documents."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from qosmatin.align import align, align_corpus
from qosmatin.align.boundaries import FRAGMENT, PARAGRAPH, PLAIN, boundary_classes
from qosmatin.align.embeddings import Embedder, load_vectors
from qosmatin.corpus import InputError, MissingExtraError

SOURCE = [f"qwe{at} rty{at}." for at in range(12)]
TARGET = [f"Bbb{at} ccc{at} ddd{at}." for at in range(12) if at not in (3, 4)]
GOLD = [((at, at + 1), (at - 2 * (at > 4), at - 2 * (at > 4) + 1)) for at in range(12) if at not in (3, 4)]


def found(beads: list) -> int:
    return sum((bead.source, bead.target) in GOLD for bead in beads)


def test_translations_are_evidence() -> None:
    translated = [f"bbb{at} ccc{at} eee" if at != 6 else "" for at in range(12)]
    assert found(align(SOURCE, TARGET, "de", "fr", translated=translated)) == 10
    with pytest.raises(InputError, match="11 translations for 12"):
        align(SOURCE, TARGET, "de", "fr", translated=translated[1:])


def test_vectors_are_evidence() -> None:
    random = np.random.default_rng(0)
    source = random.normal(size=(12, 32)).astype(np.float32)
    kept = [at for at in range(12) if at not in (3, 4)]
    target = (source[kept] + 0.5 * random.normal(size=(10, 32))).astype(np.float32)
    assert found(align(SOURCE, TARGET, "de", "fr", vectors=(source, target))) == 10
    with pytest.raises(InputError, match="expected one row for each of 12"):
        align(SOURCE, TARGET, "de", "fr", vectors=(source[1:], target))
    with pytest.raises(InputError, match="differ in dimension"):
        align(SOURCE, TARGET, "de", "fr", vectors=(source, target[:, 1:]))
    with pytest.raises(InputError, match="not finite"):
        align(SOURCE, TARGET, "de", "fr", vectors=(source * np.float32(np.nan), target))
    with pytest.raises(InputError, match="has no vectors"):
        align_corpus([(SOURCE, TARGET)] * 2, "de", "fr", vectors=[(source, target), None])


def test_vectors_from_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.eye(3))
    assert load_vectors(tmp_path / "v.npy").dtype == np.float32
    (tmp_path / "x.npy").write_bytes(b"no")
    with pytest.raises(InputError, match=r"x\.npy: is no \.npy"):
        load_vectors(tmp_path / "x.npy")


def test_an_embedder_computes_each_sentence_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Model:
        def __init__(self, name: str, revision: str | None) -> None:
            self.name = name, revision

        def encode(self, texts: list[str], **_: object) -> np.ndarray:
            asked.extend(texts)
            return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Model))
    first = Embedder("m", cache=tmp_path).encode(["a", "bb", "a"])
    assert first.tolist() == [[1, 1], [2, 1], [1, 1]]
    Embedder("m", cache=tmp_path).encode(["bb", "ccc"])
    assert asked == ["a", "bb", "ccc"]

    def elsewhere(work: Callable[[Any], Any], batches: Iterable[Any]) -> Iterator[Any]:
        other = pickle.loads(pickle.dumps(work))
        return (other(pickle.loads(pickle.dumps(batch))) for batch in batches)

    texts = ["ccc", *(f"{number} of many" for number in range(1200)), "ccc"]
    here, there = Embedder("m"), Embedder("m", cache=tmp_path, elsewhere=elsewhere)
    assert there.encode(texts).tolist() == here.encode(texts).tolist()


def test_a_missing_extra_names_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match=r"qosmatin\[embed\]"):
        Embedder("m").encode(["a"])


def test_boundaries() -> None:
    sentences = ["Ол келді,", "бірақ кетті.", "Иә", "«Жоқ»", "деді."]
    assert boundary_classes(sentences, None).tolist() == [PLAIN, FRAGMENT, PLAIN, PLAIN, FRAGMENT]
    assert boundary_classes(sentences, [0, 0, 0, 1, 1])[3] == PARAGRAPH


def test_paragraphs_help_where_they_agree_and_do_no_harm_where_not() -> None:
    source = [f"x{'y' * (at % 3)} {at}a." for at in range(20)]
    target = [f"u{'v' * (at % 3)}." for at in range(20)]
    paragraphs = [at // 4 for at in range(20)]
    odd = [at // 3 for at in range(20)]
    for other in (paragraphs, odd):
        beads = align(source, target, "de", "fr", source_paragraphs=paragraphs, target_paragraphs=other)
        assert sum(bead.shape == "1-1" for bead in beads) >= 18
    with pytest.raises(InputError, match="3 target paragraph numbers"):
        align(source, target, "de", "fr", source_paragraphs=paragraphs, target_paragraphs=[0, 0, 0])
