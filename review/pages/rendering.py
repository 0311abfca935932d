"""Templates in the language of whoever reads them."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from qosmatin.corpus.diff import word_diff
from qosmatin.review.quality import KINDS
from qosmatin.review.words import LANGUAGES, Words, words_in

from .marks import mark_of, meaning_of


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
        _=words.gettext, ngettext=words.ngettext, languages=LANGUAGES,
        mark_of=mark_of, meaning_of=meaning_of, kinds=KINDS, word_diff=word_diff, zip=zip,
    )  # fmt: skip
    return environment


def render(words: Words, template: str, **values: Any) -> str:
    """Return a template, named without its ending, filled with values."""
    return templates_in(words.language).get_template(f"{template}.html.j2").render({**values, "words": words})
