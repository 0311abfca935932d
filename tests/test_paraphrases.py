"""The same in other words: kept from training and refused as a repeat, by vectors; texts near each other are found."""

import json
import re
import zlib
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from small_corpus import EN, KK

from qosmatin.config.job import load_config
from qosmatin.corpus.dataset import ParaphraseCheck
from qosmatin.corpus.errors import ConfigError
from qosmatin.corpus.senses import SAME, Nearby, Senses
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages import encoding
from qosmatin.stages.order import STAGES


def by_words(texts: Sequence[str]) -> NDArray[np.floating]:
    """Return vectors as an encoder does: texts of the same words in any order say the same."""
    words = [[np.random.default_rng(zlib.crc32(word.encode())).normal(size=64) for word in re.findall(r"\w+", text)] or
             [np.zeros(64)] for text in texts]  # fmt: skip
    return np.stack([np.sum(one, axis=0) + 3.0 for one in words])


SOURCES = [text for document in KK.values() for text in document.split(". ")]
TARGETS = [text for document in EN.values() for text in document.split(". ")]


def reversed_words(text: str) -> str:
    return " ".join(reversed(text.split()))


@pytest.mark.parametrize(
    ("source", "target", "rule", "said"),
    [
        (reversed_words(SOURCES[0]), "", "held-out", "the source says the same as held-out pair p0"),
        ("", reversed_words(TARGETS[1]), "held-out", "the target says the same as held-out pair p1"),
        ("Бұл", reversed_words(TARGETS[5]), "benchmark", "the target says the same as a sentence of benchmark flores"),
        ("Мүлде басқа сөйлем осында тұр", "Something else altogether stands here", None, ""),
        ("", "", None, ""),
    ],
)
def test_what_is_said_in_other_words_is_kept_from_training(
    source: str, target: str, rule: str | None, said: str
) -> None:
    senses = Senses(by_words, SOURCES), Senses(by_words, TARGETS)
    held = [(f"p{at}", SOURCES[at], TARGETS[at]) for at in range(2)]
    (leak,) = ParaphraseCheck(by_words, senses, held, {"flores": [TARGETS[5]], "own": []}).leaks([source], [target])
    assert (leak and leak.rule) == rule
    assert said in (leak.reason if leak else "")
    (leak,) = ParaphraseCheck(by_words, senses, [], {}).leaks([source], [target])
    assert leak is None


def test_near_rows_are_found_and_far_ones_seldom_proposed() -> None:
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(400, 96))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    near = Nearby(96)
    assert [near.add(row) for row in rows] == list(range(400))
    found, proposed = 0, 0
    for at, row in enumerate(rows):
        beside = draw.normal(size=96)
        beside -= (beside @ row) * row
        other = (0.85 * row + np.sqrt(1 - 0.85**2) * beside / np.linalg.norm(beside)).astype(np.float32)
        numbers = near.find(other)
        found, proposed = found + (at in numbers), proposed + len(numbers)
    assert found >= 0.97 * 400
    assert proposed < 0.15 * 400 * 400


def test_few_texts_lean_on_what_is_usual() -> None:
    usual = Senses(by_words, SOURCES)
    alone = Senses(by_words, [SOURCES[0]], like=[usual])
    assert np.linalg.norm(alone.vectors([SOURCES[0]])) == pytest.approx(1.0)
    assert not Senses(by_words, [SOURCES[0]]).vectors([SOURCES[0]]).any(), "its own middle says nothing"
    assert usual.vectors([]).shape == (0, 64)
    assert not usual.vectors([" "]).any()


class Words:
    """Stands for the encoder of a job."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def encode(self, texts: Sequence[str]) -> NDArray[np.floating]:
        return by_words(texts)


CONFIG = """
corpus: {{name: small, version: 1.0.0, folder: out}}
sources: [{{files: [kk/*.txt], lang: kk}}]
translations: [{{name: en, lang: en, files: [en/*.txt], kind: human}}]
{more}
"""


def run(folder: Path, more: str) -> Any:
    for lang, texts in (("kk", KK), ("en", EN)):
        (folder / lang).mkdir()
        for name, text in texts.items():
            (folder / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG.format(more=more), encoding="utf-8")
    job = open_job(load_config(folder / "job.yaml"), Console(file=StringIO()))
    run_job(job, STAGES)
    return job.folder


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_job_keeps_paraphrases_of_a_benchmark_from_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_asked: bool
) -> None:
    monkeypatch.setattr(encoding, "Embedder", Words)
    (tmp_path / "flores.txt").write_text(reversed_words(SOURCES[0]) + "\n", encoding="utf-8")
    publish = f"{{never_in_train: [{{name: flores, files: [flores.txt]}}], paraphrases: {str(is_asked).lower()}}}"
    corpus = run(tmp_path, f"aligner: {{embeddings: words}}\nfilters: [{{name: paraphrase}}]\npublish: {publish}")
    rows = corpus.read("withheld").to_pylist()
    assert [row["filter"] for row in rows] == ["benchmark"] * is_asked
    assert all("the source says the same as a sentence of benchmark flores" in row["reason"] for row in rows)
    assert not corpus.read("filtered", "en").to_pylist(), "no pair of this corpus says what another says"


@pytest.mark.parametrize("asked", ["filters: [{name: paraphrase}]", "publish: {paraphrases: true}"])
def test_without_an_encoder_the_config_is_refused(tmp_path: Path, asked: str) -> None:
    (tmp_path / "job.yaml").write_text(CONFIG.format(more=asked), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no encoder is named: aligner\.embeddings"):
        load_config(tmp_path / "job.yaml")
    schema = json.loads((Path(__file__).parent.parent / "configs" / "config.schema.json").read_text(encoding="utf-8"))
    assert "ParaphraseFilter" in schema["$defs"]
    assert SAME == 0.8
