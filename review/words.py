"""The words of the pages in each interface language: gettext catalogues in ``locale``, one for each but English.

The catalogues are text (``.po``) and are read when the server starts, so that nothing has to be compiled. What is
translated: ``_()``, ``ngettext()`` and ``N_()`` in templates, Python and JavaScript, and the messages of
``RefusedError`` and ``ConflictError``. Placeholders are those of gettext, ``%(name)s``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
"""The interface languages, each by its own name."""

COOKIE = "language"
"""The cookie that remembers which language a person chose."""


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark a message that is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Words:
    """One interface language. ``for_scripts`` is JSON: what JavaScript says, by its English text."""

    language: str
    translations: NullTranslations
    for_scripts: str
    names: Mapping[str, str] = field(default_factory=dict)

    def who(self, reviewer: str | None) -> str:
        """Return what a reviewer is called: by the pseudonym, or by name where the team wants that."""
        return self.names.get(reviewer or "", reviewer or "")

    def gettext(self, message: str, **values: object) -> str:
        """Return a message in this language, its placeholders filled."""
        return self.translations.ugettext(message) % values

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """Return a message about ``num`` things; ``%(num)s`` in it is the number as this language writes it."""
        return self.translations.ungettext(one, many, num) % {"num": self.number(num), **values}

    def number(self, value: int) -> str:
        """Return a whole number with the separators of this language."""
        return format_decimal(value, locale=self.language)

    def decimal(self, value: float, digits: int = 1) -> str:
        """Return a number with so many decimal places."""
        return format_decimal(value, f"#,##0.{'0' * digits}", locale=self.language)

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share, 0 to 1, as a percentage."""
        return _percent(share, digits, self.language)

    def day(self, moment: str) -> str:
        """Return the day of a moment (ISO 8601) as this language writes it."""
        return format_date(date.fromisoformat(moment[:10]), "medium", locale=self.language)

    def moment(self, moment: str) -> str:
        """Return a moment (ISO 8601, in UTC) as this language writes day and time, with the whole year."""
        found = datetime.fromisoformat(moment)
        day = format_date(found, "medium", locale=self.language)
        return f"{day}, {format_time(found, 'short', locale=self.language)} UTC"


@lru_cache(1_000)
def _percent(share: float, digits: int, language: str) -> str:
    """Write a share: pages have hundreds, of which few differ, and each is formatted by many steps."""
    return format_percent(share, f"#,##0.{'0' * digits}%" if digits else None, locale=language)


@cache
def words_in(language: str) -> Words:
    """Return an interface language by its code."""
    if language == "en":
        return Words("en", NullTranslations(), "{}")
    content = files("qosmatin.review").joinpath("locale", language, "LC_MESSAGES", "messages.po").read_bytes()
    catalogue = read_po(BytesIO(content), locale=Locale.parse(language))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    scripts = {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str) and any(path.endswith(".js") for path, _ in message.locations)
    }
    return Words(language, Translations(compiled), json.dumps(scripts, ensure_ascii=False))


def choose_language(cookies: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the language that a person chose, or else the one that the browser likes best of those there are."""
    if cookies.get(COOKIE) in LANGUAGES:
        return cookies[COOKIE]
    return next((code for code in _liked(headers.get("accept-language", "")) if code in LANGUAGES), "en")


def words_of(request: Any) -> Words:
    """Return the words for whoever sent a request (Starlette's ``HTTPConnection``), with names if they see any."""
    words = words_in(choose_language(request.cookies, request.headers))
    names = request.scope.get("names")
    return replace(words, names=names) if names else words


def _liked(header: str) -> list[str]:
    """Return the primary languages of an Accept-Language header, the best liked first."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(","):
        code, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((float(quality or 1), code.split("-")[0].lower()))
        except ValueError:
            continue
    ranked.sort(key=lambda liked: -liked[0])
    return [code for liking, code in ranked if liking > 0]
