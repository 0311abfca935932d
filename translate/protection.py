"""Keeping what must not be translated: it is masked before the engine sees it, and put back into the translation.

A mask is a letter and a number (``X1``), which models copy as they copy the names of products. A translation in which
a mask is missing or doubled is thrown away: the sentence is translated as it stands, and flagged ``unprotected``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qosmatin.corpus.checks.markup import ADDRESS, PLACEHOLDER, TAG
from qosmatin.corpus.checks.numbers import NUMBER

from .engine import Answer, Engine, TranslationRequest
from .settings import Protected

UNPROTECTED = "unprotected"

_PATTERNS: dict[Protected, re.Pattern[str]] = {
    "urls": ADDRESS,
    "tags": TAG,
    "placeholders": PLACEHOLDER,
    "numbers": re.compile(rf"(?<![^\W_]){NUMBER.pattern}(?![0-9A-Za-z])"),  # not the 5 of X5, nor that of 5G
}
_LETTERS = {"X": "XХ", "Z": "Z", "Q": "Q", "W": "W"}
"""Letters of masks, the first that the text does not use so; a model that writes Cyrillic may write Kha for X."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with masks, and what each stands for; ``glued`` says for each whether a space was put before or after."""

    text: str
    letter: str
    kept: tuple[str, ...]
    glued: tuple[tuple[bool, bool], ...]

    @property
    def is_all(self) -> bool:
        """Whether nothing is left to translate."""
        return not re.search(r"[^\W\d_]", self._masks().sub("", self.text))

    def _masks(self) -> re.Pattern[str]:
        letters = _LETTERS[self.letter]
        # Kazakh endings may follow, without or with a hyphen; Latin letters or digits would make it another word.
        return re.compile(rf"( ?)(?<![^\W_])[{letters}](\d+)(?![0-9A-Za-z])( ?)")

    def is_whole(self, translation: str) -> bool:
        """Whether each mask is in the translation, and just once."""
        found = sorted(int(number) for _, number, _ in self._masks().findall(translation))
        return found == list(range(1, len(self.kept) + 1))

    def put_back(self, translation: str) -> str:
        """Return the translation with what each mask stands for in its place."""

        def back(match: re.Match[str]) -> str:
            number = int(match[2]) - 1
            if not 0 <= number < len(self.kept):
                return match[0]
            before, after = self.glued[number]
            return ("" if before else match[1]) + self.kept[number] + ("" if after else match[3])

        return self._masks().sub(back, translation)


def mask(text: str, kinds: Sequence[Protected]) -> Masked | None:
    """Return the text with masks for what is to be kept, None where there is nothing, or no letter is free."""
    spans = _joined(match.span() for kind in kinds for match in _PATTERNS[kind].finditer(text))
    letter = next((letter for letter, all_of in _LETTERS.items() if not re.search(rf"[{all_of}]\d", text)), None)
    if not spans or letter is None:
        return None
    parts: list[str] = []
    glued: list[tuple[bool, bool]] = []
    at = 0
    for number, (start, end) in enumerate(spans, 1):
        before = start > 0 and _is_word(text[start - 1])
        after = end < len(text) and _is_word(text[end])
        parts += [text[at:start], " " * before, f"{letter}{number}", " " * after]
        glued.append((before, after))
        at = end
    return Masked("".join([*parts, text[at:]]), letter, tuple(text[start:end] for start, end in spans), tuple(glued))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, those that overlap or touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class ProtectingEngine:
    """An engine that keeps what it is told to keep; all else is the engine's own."""

    def __init__(self, engine: Engine, kinds: Sequence[Protected]) -> None:
        self._engine, self._kinds = engine, kinds
        self.batch_tokens = engine.batch_tokens
        self.batch_sentences = engine.batch_sentences
        self.parallel = engine.parallel
        self.max_source_tokens = engine.max_source_tokens
        self.sorts = engine.sorts

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has with its masks."""
        return self._engine.count_tokens([one.text if (one := mask(text, self._kinds)) else text for text in texts])

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers, with everything in its place; sentences that lost a mask are asked for once more."""
        masked = [mask(request.text, self._kinds) for request in requests]
        answers = self._ask_masked(requests, masked)
        lost = [index for index, answer in enumerate(answers) if UNPROTECTED in answer.flags]
        plain = [index for index in lost if self._fits(requests[index].text)]
        if plain:
            second = self._engine.translate([requests[index] for index in plain])
            for index, answer in zip(plain, second, strict=True):
                answers[index] = _added(answers[index], answer)
        return answers

    def _ask_masked(self, requests: Sequence[TranslationRequest], masked: Sequence[Masked | None]) -> list[Answer]:
        """Return the answers to the requests with masks; flagged where a mask was lost."""
        # What is masked as a whole is its own translation.
        answers = [Answer(request.text) for request in requests]
        asked = [index for index, masking in enumerate(masked) if masking is None or not masking.is_all]
        texts = [_with_masks(requests[index], masked[index]) for index in asked]
        for index, answer in zip(asked, self._engine.translate(texts) if texts else [], strict=True):
            masking = masked[index]
            if masking is not None:
                flags = answer.flags if masking.is_whole(answer.text) else (*answer.flags, UNPROTECTED)
                answer = replace(answer, text=masking.put_back(answer.text), flags=flags)  # noqa: PLW2901
            answers[index] = answer
        return answers

    def _fits(self, text: str) -> bool:
        bound = self.max_source_tokens
        return bound is None or self._engine.count_tokens([text])[0] <= bound

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


def _with_masks(request: TranslationRequest, masked: Masked | None) -> TranslationRequest:
    return request if masked is None else replace(request, text=masked.text)


def _added(first: Answer, second: Answer) -> Answer:
    """Return the second answer with what both took, flagged."""
    whole = second.with_spent(first.tokens_in, first.tokens_out, first.cost)
    return replace(whole, flags=(*second.flags, UNPROTECTED))
