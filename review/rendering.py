"""Templates in the language of whoever reads them."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from qosmatin.corpus.diff import word_diff

from .marks import mark_of
from .words import LANGUAGES, words_in


@cache
def templates_in(language: str) -> Environment:
    """Return the templates in an interface language; ``_`` and ``ngettext`` in them speak it."""
    words = words_in(language)
    environment = Environment(
        loader=PackageLoader("qosmatin.review", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        _=words.gettext, ngettext=words.ngettext, words=words, languages=LANGUAGES,
        mark_of=mark_of, word_diff=word_diff, zip=zip,
    )  # fmt: skip
    return environment
