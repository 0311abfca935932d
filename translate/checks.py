"""The flags of translations: those that the two texts earn, and those that only job and engine can know.

None drops anything: what is flagged is what a person should see first.
"""

from __future__ import annotations

from qosmatin.corpus.checks import PAIR_FLAGS, check_pair
from qosmatin.corpus.checks.language import LanguageCheck

FLAGS = {
    "empty-source": "there was nothing to translate",
    "unreadable": "the engine failed on the sentence, or its reply was no translation in the form asked for",
    "empty-output": "the engine gave nothing",
    "unknown-script": "the model knows no character of the source; it was not asked",
    "over-long": "the source has a word longer than the model takes; it was not asked",
    "split": "the source was too long for the model and was translated in pieces",
    "second-try": "the first try was flagged more often; this is the second, with other decoding",
    "truncated": "the translation reached the model's bound and may lack its end",
    "unprotected": "what was to be protected got lost on its way, so that it was translated without protection",
    "without-context": "with its context it was not answered as asked; it was asked for once more without",
    **PAIR_FLAGS,
}
"""Every flag, and what it says to a person."""


def flag_answer(
    source: str, target: str, source_lang: str, target_lang: str, language: LanguageCheck | None = None
) -> list[str]:
    """Return the flags that the two texts earn, in the order of ``FLAGS``; ``language`` as for ``check_pair``."""
    if not source.strip():
        return ["empty-source"]
    if not target.strip():
        return ["empty-output"]
    return check_pair(source, target, source_lang, target_lang, language)
