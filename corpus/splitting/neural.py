"""A neural splitter behind the interface of ``split``: Segment any Text (SaT) through the ``wtpsplit`` package.

It is opt-in: the extra ``sat`` brings the package, and the model is a folder or a name on the Hugging Face hub that
wtpsplit loads (names are downloaded unless they are in its cache). Frohmann et al. 2024, arXiv:2406.16678.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import EngineError, MissingExtraError
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.model import Sentence

from .lines import paragraphs
from .overrides import overrides_of, sentences_between


class SatSplitter:
    """Splits with a SaT model; called as ``split`` is, for any language that the model knows.

    ``model`` is a folder or a name such as ``sat-3l-sm``; ``threshold`` is the probability from which a boundary counts
    (None: the model's own); ``device`` is torch's name for where to run (None: the processor). Raises
    ``MissingExtraError`` when wtpsplit is not installed.
    """

    def __init__(self, model: str | Path, *, threshold: float | None = None, device: str | None = None) -> None:
        try:
            from wtpsplit import SaT  # noqa: PLC0415  # an extra, and seconds to import
        except ImportError as error:
            raise MissingExtraError("the neural sentence splitter", "sat") from error
        self._model: Any = SaT(str(model))
        if device is not None:
            self._model.to(device)
        self._options = {} if threshold is None else {"threshold": threshold}

    def __call__(
        self, text: str, lang: str, *, forced: Iterable[int] = (), joined: Iterable[int] = ()
    ) -> list[Sentence]:
        """Split ``text``; new lines, ``forced`` and ``joined`` mean what they mean for ``split``.

        Raises ``EngineError`` when the model returns another text than it was given.
        """
        check_language(lang)
        ranges = paragraphs(text)
        # The model would cut at every new line that is left in a paragraph, so a hard wrap goes in as a space.
        plain = [text[start:end].replace("\n", " ") for start, end in ranges]
        cuts: dict[int, int] = {}
        for number, ((start, end), given, pieces) in enumerate(
            zip(ranges, plain, self._model.split(plain, **self._options) if plain else [], strict=True)
        ):
            if "".join(pieces) != given:
                raise EngineError("sat", "returned another text than it was given", item=f"paragraph {number}")
            at = start
            for piece in pieces[:-1]:
                at += len(piece)
                cuts[at] = number
            cuts[end] = number
        for override in overrides_of(text, forced, joined):
            within = [cut for cut in cuts if override.end <= cut <= override.begin]
            number = next((n for n, (_, end) in enumerate(ranges) if override.end <= end), len(ranges) - 1)
            for cut in within:
                number = cuts.pop(cut)
            if override.cut:
                cuts[override.end] = number
        return sentences_between(text, cuts)
