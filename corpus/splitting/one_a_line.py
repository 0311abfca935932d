"""The splitter of texts that have one sentence a line already."""

from __future__ import annotations

from collections.abc import Iterable

from qosmatin.corpus.model import Sentence

from .overrides import overrides_of, sentences_between


def split_lines(text: str, lang: str, *, forced: Iterable[int] = (), joined: Iterable[int] = ()) -> list[Sentence]:
    """Return each line that is not blank as a sentence and a paragraph, whatever the language.

    ``forced`` and ``joined`` mean what they mean for ``split``.
    """
    del lang
    cuts: dict[int, int] = {}
    end = -1
    for number, line in enumerate(text.split("\n")):
        end += len(line) + 1
        cuts[end] = number
    for override in overrides_of(text, forced, joined):
        within = [cut for cut in cuts if override.end <= cut <= override.begin]
        number = min((cuts[cut] for cut in within), default=text.count("\n", 0, override.end))
        for cut in within:
            del cuts[cut]
        if override.cut:
            cuts[override.end] = number
    return sentences_between(text, cuts)
