"""What the surface of a pair says: lengths, numbers, ends, repeats, copies, marks of a wrong encoding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.checks.form import loops
from qosmatin.corpus.checks.numbers import numbers
from qosmatin.corpus.checks.scripts import script_of, script_share

FloatArray = NDArray[np.float64]
Pair = tuple[str, str]

ASPECTS = (
    "ratio", "size", "sentences", "more_sentences", "end", "end_source", "end_target", "open_source", "open_target",
    "number_source", "number_target", "digit_source", "digit_target", "numbers", "same_words", "repeats_source",
    "repeats_target", "tail_source", "tail_target", "question_source", "question_target", "script_source",
    "script_target", "marks_source", "marks_target", "starts",
)  # fmt: skip
"""The columns of ``judge_surface``."""

_WORD = re.compile(r"\w+")
_FINAL = re.compile(r"[.!?…:;؟。]\W*$")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s+[\"'«“„‘(\[—–-]?\s?[^\W\d_a-zа-я])|[.!?…]\W*$")
_QUESTION = re.compile(r"\?(?=\w)|(?<=[^\W\d_])\?\s(?=[a-zа-яәғқңөұүһі])|\?\?")
_STRANGE = re.compile(
    "[\u0080-\u009f\u00a0-\u00aa\u00ac-\u00ba\u00bc-\u00bf\ufffd\u0402-\u040f\u0452-\u045f¤¦§©¬®°±µ¶Ã]"
)
_OPENERS, _CLOSERS = "(«“„", ")»”"
_QUOTES = '"”“„«»'


def judge_surface(pairs: Sequence[Pair], teaching: Sequence[Pair], source_lang: str, target_lang: str) -> FloatArray:
    """Return the aspects of each pair [pair, ``ASPECTS``]; the length of translations is learnt from ``teaching``."""
    logs = np.array([_log_ratio(*pair) for pair in teaching] + [0.0] * 3)
    usual = float(np.median(logs)) if len(logs) > 10 else float(np.mean(logs))
    scripts = script_of(source_lang), script_of(target_lang)
    return np.array([_judge(*pair, usual, scripts) for pair in pairs], dtype=np.float64).reshape(-1, len(ASPECTS))


def _log_ratio(source: str, target: str) -> float:
    return float(np.log((len(target) + 5.0) / (len(source) + 5.0)))


def _judge(source: str, target: str, usual: float, scripts: tuple[str | None, str | None]) -> list[float]:
    ratio = (_log_ratio(source, target) - usual) * min(1.5, np.sqrt((len(source) + len(target)) / 160.0))
    ends = [bool(_FINAL.search(text.rstrip())) for text in (source, target)]
    counts = [len(_SENTENCE_END.findall(text)) for text in (source, target)]
    words = [_WORD.findall(text.casefold()) for text in (source, target)]
    sets = [set(one) for one in words]
    shared = len(sets[0] & sets[1]) / max(1, min(len(sets[0]), len(sets[1])))
    found = [_digits(text) for text in (source, target)]
    missing = [len(found[0][0] - found[1][2]), len(found[1][0] - found[0][2])]
    small = [len(found[0][1] - found[1][2]), len(found[1][1] - found[0][2])]
    return [
        ratio,
        float(np.log(len(source) + len(target) + 2.0)),
        counts[1] - counts[0],
        max(counts),
        float(ends[0]) - float(ends[1]),
        *map(float, ends),
        *(_is_open(text) for text in (source, target)),
        *missing,
        *small,
        len(found[0][0] & found[1][2]),
        shared,
        *(_repeats(one) for one in words),
        *(float(loops(text)) + _tail_repeats(one) for text, one in zip((source, target), words, strict=True)),
        *(float(len(_QUESTION.findall(text))) for text in (source, target)),
        *(_share(text, script) for text, script in zip((source, target), scripts, strict=True)),
        *(100.0 * len(_STRANGE.findall(text)) / (len(text) + 20.0) for text in (source, target)),
        float(source[:1].isupper()) - float(target[:1].isupper()),
    ]


def _share(text: str, script: str | None) -> float:
    share = script_share(text, script) if script else None
    return 1.0 if share is None else share


def _digits(text: str) -> tuple[set[str], set[str], set[str]]:
    """Return the numbers of two digits or more, those of one, and all."""
    every = list(numbers(text))
    large = {one.significant for one in every if one.written > 1}
    return large, {one.significant for one in every if one.written == 1}, {one.significant for one in every}


def _is_open(text: str) -> float:
    """Return by how many marks a text opens more than it closes, and 1 for a quotation mark without its second."""
    opened = sum(map(text.count, _OPENERS)) - sum(map(text.count, _CLOSERS))
    return float(opened) + float(sum(map(text.count, _QUOTES)) % 2)


def _repeats(words: Sequence[str]) -> float:
    """Return the share of pairs of neighbouring words that came before."""
    grams = Counter(pairwise(words))
    return 1.0 - len(grams) / max(1, sum(grams.values())) if grams else 0.0


def _tail_repeats(words: Sequence[str]) -> float:
    """Return how often the last one to five words come in a row at the end, beyond once."""
    most = 0
    for size in range(1, 6):
        times, last = 1, words[len(words) - size :]
        while len(words) >= (times + 1) * size and words[len(words) - (times + 1) * size :][:size] == last:
            times += 1
        most = max(most, times - 1)
    return float(most)
