"""Joined sentences are encoded where the vectors of single ones leave doubt, and say there what sums do not."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from qosmatin.align import DEFAULT_SETTINGS, Alignment, AlignSettings, Bead, Task, align, align_corpus, align_tasks
from qosmatin.align.reordering import seams, taken
from qosmatin.corpus import InputError

SIZE = 128
ONLY_MEANING = replace(DEFAULT_SETTINGS, length=False, lexicon=False)
MERGED, UNTRANSLATED = (4, 9, 15, 22, 27), (7, 12, 19, 25)


def encode(texts: Sequence[str]) -> np.ndarray:
    """Vectors of what the words of a text mean, the same in both languages, and of one word's weight of noise."""
    seeds = [[zlib.crc32(text.encode()), *(int(word[1:]) for word in text.split())] for text in texts]
    rows = np.stack([sum(np.random.default_rng(seed).normal(size=SIZE) for seed in some) for some in seeds])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / 1.2 + 0.6 / np.sqrt(SIZE)).astype(np.float32)


class Asked:
    """An encoder that keeps what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return encode(texts)


def document(first: int = 0) -> tuple[Task, set[tuple[tuple[int, int], tuple[int, int]]]]:
    """A text of sentences of five words and some of one: these have a word in the target's sentence, or none."""
    words: Iterator[int] = iter(range(first, first + 1000))
    source, target, gold = list[str](), list[str](), set()
    for at in range(30):
        short = [next(words)] if at in (*MERGED, *UNTRANSLATED) else []
        long = [next(words) for _ in range(5)]
        begin = len(source)
        source += [" ".join(f"q{word}" for word in part) for part in (short, long) if part]
        target.append(" ".join(f"z{word}" for word in (short if at in MERGED else []) + long))
        whole = begin if at in MERGED else len(source) - 1
        gold.add(((whole, len(source)), (at, at + 1)))
    return Task(source, target, vectors=(encode(source), encode(target))), gold


def pairs(beads: Sequence[Bead]) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    return {(bead.source, bead.target) for bead in beads if not bead.is_null}


@pytest.fixture(scope="module")
def found() -> tuple[Alignment, Asked]:
    asked = Asked()
    task, _ = document()
    return align_tasks([task], "de", "fr", settings=ONLY_MEANING, encode=asked), asked


def test_what_sums_take_apart_joined_texts_keep_together(found: tuple[Alignment, Asked]) -> None:
    task, gold = document()
    by_sums = align_tasks([task], "de", "fr", settings=ONLY_MEANING).beads()
    assert len(pairs(by_sums) - gold) > 2
    assert pairs(found[0].beads()) == gold


def test_only_doubtful_texts_are_encoded_and_each_once(found: tuple[Alignment, Asked]) -> None:
    task, _ = document()
    texts = found[1].texts
    assert 0 < len(texts) < 0.5 * len(task.source)
    assert len(set(texts)) == len(texts)
    there = {
        " ".join(side[i : i + m]) for side in (task.source, task.target) for i in range(len(side)) for m in range(2, 6)
    }
    assert set(texts) <= there


@pytest.mark.parametrize("case", ["by threads", "elsewhere", "by align", "by align_corpus"])
def test_they_are_found_whoever_asks(found: tuple[Alignment, Asked], case: str) -> None:
    task, _ = document()
    options = {"settings": ONLY_MEANING, "encode": encode}
    if case == "by align":
        beads = align(task.source, task.target, "de", "fr", vectors=task.vectors, **options)
    elif case == "by align_corpus":
        (beads,) = align_corpus([(task.source, task.target)], "de", "fr", vectors=[task.vectors], **options)
    else:
        hands = {"workers": 2} if case == "by threads" else {"elsewhere": map}
        beads = align_tasks([task], "de", "fr", **hands, **options).beads()
    assert beads == found[0].beads()


def test_what_is_aligned_again_goes_by_them_too(found: tuple[Alignment, Asked]) -> None:
    _, gold = document()
    first, second, *_ = sorted(gold)
    again = found[0].realign(0, [Bead(*first)], [Bead(*second)])
    assert pairs(again.beads()) >= {pair for pair in gold if pair[0][0] > 4}
    assert pairs(again.realign(0, []).beads()) == gold


def test_they_go_with_their_sentences_into_another_order(found: tuple[Alignment, Asked]) -> None:
    texts = found[0].texts
    joined = texts.vectors[-1].joined
    assert joined is not None
    assert len(joined.gains) > 0
    order = np.array([*range(10, 30), *range(10)])
    (there,) = taken(texts, np.arange(len(texts.source.texts)), order, seams(order)).vectors
    assert there.joined is not None
    beads = there.joined.beads.copy()
    beads[:, 1] = order[beads[:, 1]]
    known = dict(zip(map(tuple, beads.tolist()), there.joined.gains, strict=True))
    assert known == dict(zip(map(tuple, joined.beads.tolist()), joined.gains, strict=True))
    (some,) = taken(texts, np.arange(5, 20), np.arange(30)).vectors
    assert some.joined is not None
    assert some.joined.beads[:, 0].tolist() == [i - 5 for i in joined.beads[:, 0] if 5 <= i < 20]


@pytest.mark.parametrize("settings", [replace(ONLY_MEANING, embeddings=False), DEFAULT_SETTINGS])
def test_without_vectors_nothing_is_encoded(settings: AlignSettings) -> None:
    def never(texts: Sequence[str]) -> np.ndarray:
        raise AssertionError(texts)

    task, _ = document()
    vectors = task.vectors if settings is not DEFAULT_SETTINGS else None
    bare = Task(task.source, task.target, vectors=vectors)
    align_tasks([bare], "de", "fr", settings=settings, encode=never)


def test_vectors_of_another_encoder_are_refused() -> None:
    task, _ = document()
    with pytest.raises(InputError, match=r"encode gives an array \(\d+, 3\) for \d+ texts; vectors have 128 numbers"):
        align_tasks([task], "de", "fr", settings=ONLY_MEANING, encode=lambda texts: np.ones((len(texts), 3)))
