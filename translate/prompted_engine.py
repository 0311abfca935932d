"""What engines that run language models have in common: prompts out, replies read, halves where one cannot be.

The house prompt, that of the engine ``openai``, has the reply's beginning written into it, so that the model can only
go on with translations; what it wrote is read and counted all the same.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from .engine import Answer, TranslationRequest
from .language_models import PromptedModelSettings, chat_profile, open_prompts
from .prompt import ReplyError
from .windows import in_groups

LONGEST_SOURCE = 1024
"""Tokens of one sentence beyond which it is cut."""

_FORM = 24
"""Tokens that the form of a reply takes for each sentence, beside its text."""

Written = tuple[list[int], bool]
"""The ids that a model wrote, and whether it came to an end by itself."""


class PromptedEngine(ABC):
    """A language model at work. Translations come from one thread at a time, counts of tokens from any."""

    parallel = 1

    def __init__(self, settings: PromptedModelSettings, folder: Path, langs: tuple[str, str]) -> None:
        self.prompts = open_prompts(settings, folder, langs)
        self.decoding = settings.search(folder, usual=1)
        self.batch_tokens, self.batch_sentences = settings.batch_tokens, settings.batch_sentences
        self._bounds = [chat_profile(settings, folder).profile.positions]
        self._lock = threading.Lock()  # a tokenizer is not made for several threads
        self._sentences = settings.sentences
        # Sentences of one prompt stay together as they are in the document.
        self.sorts = settings.sentences == 1 and settings.windows() is None
        self.max_source_tokens = self.prompts.count([""])[0] + (settings.max_source_tokens or LONGEST_SOURCE)

    @abstractmethod
    def write(self, prompts: Sequence[list[int]], bounds: Sequence[int]) -> list[Written]:
        """Return how the model goes on from each prompt, by at most so many tokens."""

    def bound_by(self, positions: int | None) -> None:
        """Say how many tokens of prompt and reply the model has room for; a profile's own bound holds beside it."""
        self._bounds.append(positions)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens the prompt for each text has."""
        with self._lock:
            return self.prompts.count(texts)

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        """Return the answers.

        Sentences whose reply cannot be read are asked for again in halves; one alone is flagged, since asking again
        would bring the same.
        """
        answers: dict[int, Answer] = {}
        waiting = in_groups(requests, self._sentences)
        while waiting:
            with self._lock:
                prompts = [self.prompts.ids([requests[index] for index in group]) for group in waiting]
            fits = [self._fits(len(ids), len(group)) for ids, group in zip(prompts, waiting, strict=True)]
            asked = [index for index, fit in enumerate(fits) if fit]
            bounds = [self._bound(len(waiting[index])) for index in asked]
            replies = iter(self.write([prompts[index] for index in asked], bounds) if asked else [])
            again: list[list[int]] = []
            for group, ids, fit in zip(waiting, prompts, fits, strict=True):
                outcome = (
                    self._read(next(replies), len(ids), len(group)) if fit else Answer("", ("over-long",), len(ids))
                )
                if isinstance(outcome, list):
                    answers |= dict(zip(group, outcome, strict=True))
                elif len(group) == 1:
                    answers[group[0]] = outcome
                else:
                    middle = len(group) // 2
                    again += [group[:middle], group[middle:]]
            waiting = again
        return [answers[index] for index in range(len(requests))]

    def _bound(self, sentences: int) -> int:
        """Return the most tokens of a reply."""
        return sentences * (self.decoding.max_tokens + _FORM)

    def _fits(self, tokens: int, sentences: int) -> bool:
        return all(bound is None or tokens + self._bound(sentences) <= bound for bound in self._bounds)

    def _read(self, written: Written, asked: int, sentences: int) -> list[Answer] | Answer:
        """Return the answers in a reply, its tokens shared among them; one flagged answer where it is none."""
        reply, ended = written
        try:
            with self._lock:
                texts = self.prompts.read(reply, sentences)
        except ReplyError:
            return Answer("", ("unreadable" if ended else "truncated",), asked, len(reply))
        return [
            Answer(text.strip(), (), _share(asked, sentences, index), _share(len(reply), sentences, index))
            for index, text in enumerate(texts)
        ]


def _share(total: int, parts: int, index: int) -> int:
    """Return the share of one of so many parts, the remainder with the first."""
    return total // parts + (total % parts if index == 0 else 0)
