"""Skeletons of many words at once are those of each by itself."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from qosmatin.align.skeleton import MAX_LETTERS, encode
from qosmatin.corpus.skeleton import LETTERS, skeleton, skeletons

words = st.text(alphabet="abcdexyzhшщчжьйёғқңäéßłı'’\n-1", max_size=30)


@given(st.lists(words, max_size=8))
@example(["", "дж", "", "\n", "école", "Ёлка", "йод", "s", "sch"])
def test_many_at_once(texts: list[str]) -> None:
    assert skeletons(texts) == [skeleton(text) for text in texts]
    codes, lengths = encode(texts)
    for row, length, text in zip(codes, lengths, texts, strict=True):
        assert "".join(LETTERS[letter] for letter in row[:length]) == skeleton(text)[:MAX_LETTERS]
        assert (row[length:] == -1).all()
