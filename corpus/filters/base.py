"""What a filter is: settings that the config may hold, and the check on pairs that they stand for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, get_args

from pydantic import BaseModel, ConfigDict

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Pair
from qosmatin.corpus.senses import Senses

PairCheck = Callable[[Pair], str | None]
"""Returns why a pair is refused, or None. A check may remember the pairs that it has seen."""


class Filter(BaseModel, ABC):
    """A named filter; its fields are what the config may set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    needs_quality: ClassVar[bool] = False
    """Whether it looks at ``Pair.quality``; a job then judges that before it filters."""

    takes_long: ClassVar[bool] = False
    """Whether its check takes long, and looks at one pair alone: several processes share it out then."""

    @abstractmethod
    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return a fresh check for pairs in these two languages (BCP 47 codes).

        Raises ``MissingExtraError`` where the filter needs packages that are not installed.
        """


class EncodedFilter(Filter):
    """A filter that goes by vectors of meaning; the encoder is the job's (``aligner: {embeddings: ...}``)."""

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Raise ``InputError``: there is no check without an encoder."""
        del source_lang, target_lang
        name = type(self).model_fields["name"].annotation
        raise InputError(f"the filter {get_args(name)[0]} needs an encoder: aligner: {{embeddings: e5-small}}")

    @abstractmethod
    def check_by(self, source: Senses, target: Senses) -> PairCheck:
        """Return a fresh check, by the vectors of both sides."""


class PairwiseFilter(Filter):
    """A filter that looks at one pair alone, whatever the languages and the pairs before it."""

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return the check."""
        del source_lang, target_lang
        return self.reason

    @abstractmethod
    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""


def is_confirmed(pair: Pair) -> bool:
    """Whether a person said that the pair is right: what a filter has against it is kept, and overruled."""
    return pair.status in ("accepted", "post-edited")
