"""What the splitter knows of its languages: abbreviations by kind and words by role, read from the files in ``data``.

The form of the files is told in their own headers and in docs/splitting.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import read_utf8

KINDS = ("title", "number", "year", "place", "degree", "unit", "closer", "final")
"""The kinds of abbreviation; what each means for a boundary stands in ``rules.py`` and docs/splitting.md."""

AFTER_NUMBER = frozenset({"year", "unit"})
"""The kinds that hold only behind a number: elsewhere the same letters are an ordinary word."""

ROLES = (
    "opener",
    "noun",
    "plural",
    "speech",
    "finite",
    "finite-ending",
    "verb-ending",
    "question",
    "surname-ending",
    "heading",
    "month",
    "common",
)

# A text may hold words of the languages that its readers share: Kazakh texts quote Russian and English ones.
_READS = {"kk": ("kk", "ru", "en"), "ru": ("ru", "en"), "en": ("en",)}

_LOOKALIKES = str.maketrans("iəh", "іәһ")
_LAST_LETTERS = re.compile(r"[\W\d_]+")

Abbreviations = Mapping[str, frozenset[str]]
"""From a form without its last stop to its kinds; a form in small letters stands for any case."""


@dataclass(frozen=True)
class Tables:
    """The tables of one language; ``lang`` is its code, ``words`` maps a role to its words or endings."""

    lang: str
    abbreviations: Abbreviations
    words: Mapping[str, frozenset[str]]

    def with_abbreviations(self, extra: Mapping[str, Iterable[str]]) -> Tables:
        """Return tables in which each form of ``extra`` has the kinds given there, whatever it had before.

        Raises ``InputError`` for a kind that is none of ``KINDS``.
        """
        added = {abbreviation_key(form): frozenset(kinds) for form, kinds in extra.items()}
        for form, kinds in extra.items():
            for kind in set(kinds) - set(KINDS):
                raise InputError(f"abbreviation '{form}' has the unknown kind '{kind}'; known are {', '.join(KINDS)}")
        return replace(self, abbreviations={**self.abbreviations, **added})

    def kinds(self, form: str) -> frozenset[str]:
        """Return the kinds of an abbreviation as it stands in the text, without its last stop."""
        found = self.abbreviations.get(form)
        if found is None and not (len(form) > 1 and form.isupper()):
            found = self.abbreviations.get(form.lower())
            if found is None and self.lang == "kk":
                found = self.abbreviations.get(fold(form))
        return found or frozenset()

    def has(self, role: str, word: str) -> bool:
        """Whether ``word`` is listed under ``role``, whatever its case and, for Kazakh, its script."""
        words = self.words[role]
        return word.lower() in words or (self.lang == "kk" and fold(word) in words)

    def ends(self, role: str, word: str) -> bool:
        """Whether ``word`` has an ending listed under ``role`` and at least two letters before it."""
        lowered = fold(word) if self.lang == "kk" else word.lower()
        return lowered[2:].endswith(self._endings[role])

    def opens(self, word: str) -> bool:
        """Whether a capitalised ``word`` opens a sentence rather than being a name."""
        return self.has("opener", word) or self.ends("plural", word)

    def closes(self, word: str) -> bool:
        """Whether ``word`` is a finite verb or another word that ends a clause."""
        return self.has("finite", word) or self.ends("finite-ending", word) or self.has("question", word)

    @cached_property
    def tails(self) -> frozenset[str]:
        """How every abbreviation and word of headings ends: a reason to look more closely at a plain stop.

        The last four letters, or all of a shorter form with the space before it.
        """
        forms = (*self.abbreviations, *self.words["heading"])
        return frozenset((" " + _LAST_LETTERS.split(form.rstrip("!"))[-1].lower())[-4:] for form in forms)

    @cached_property
    def speech_heads(self) -> frozenset[str]:
        """The first three letters of every verb of speech: behind a quotation, a reason to look."""
        return frozenset(word[:3] for word in self.words["speech"])

    @cached_property
    def _endings(self) -> dict[str, tuple[str, ...]]:
        return {role: tuple(self.words[role]) for role in ("plural", "finite-ending", "verb-ending", "surname-ending")}

    @cached_property
    def heading(self) -> re.Pattern[str]:
        """Matches what is only the number of a heading or of a list item: ``3-бап``, ``Глава IV``, ``1.2``, ``б``."""
        words = "|".join(sorted(map(re.escape, self.words["heading"]), key=len, reverse=True))
        number = r"(?:\d{1,4}(?:[.‑–-]\d{1,3}){0,4}|[IVXLCІХ]{1,6})"
        item = r"(?:\d{1,3}(?:[.‑–-]\d{1,3}){0,4}|[IVXLCІХ]{1,6}|[^\W\d_])"
        return re.compile(
            rf"[(\[]?(?:(?:№|§)\s?{number}|{item}|{number}[\s‑–-]{{0,3}}(?:{words})|(?:{words})\s{number})\s?", re.I
        )


def abbreviation_key(form: str) -> str:
    """Return how a form is looked up: without its last stop."""
    return form.strip().removesuffix(".")


def read_abbreviations(path: Path) -> dict[str, set[str]]:
    """Read an abbreviations file: a form, a tab and its kind on each line; ``#`` begins a comment line.

    Raises ``InputError`` with the file and line for what cannot be read so, and for a kind that is none of ``KINDS``.
    """
    return _abbreviations(read_utf8(path), path)


def _abbreviations(text: str, path: Path) -> dict[str, set[str]]:
    kinds_of: dict[str, set[str]] = {}
    for number, fields in _fields(text):
        if len(fields) < 2 or not fields[0]:
            raise InputError("expected a form, a tab and a kind, such as 'проф.<TAB>title'", path, number)
        if fields[1] not in KINDS:
            raise InputError(f"unknown kind '{fields[1]}'; known are {', '.join(KINDS)}", path, number)
        kinds_of.setdefault(abbreviation_key(fields[0]), set()).add(fields[1])
    return kinds_of


def _words(text: str, path: Path) -> dict[str, set[str]]:
    words: dict[str, set[str]] = {}
    for number, fields in _fields(text):
        if len(fields) < 2 or fields[0] not in ROLES:
            raise InputError(f"expected a role ({', '.join(ROLES)}), a tab and words", path, number)
        words.setdefault(fields[0], set()).update(fields[1].split())
    return words


def _fields(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number (from 1) and the fields of each line that is neither empty nor a comment."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [field.strip() for field in line.split("\t")]


@cache
def tables(lang: str) -> Tables:
    """Return the tables that the package ships for ``kk``, ``ru`` or ``en``."""
    abbreviations: dict[str, frozenset[str]] = {}
    words: dict[str, set[str]] = {role: set() for role in ROLES}
    for read in reversed(_READS[lang]):
        # What a form means in the text's own language goes before what it means in a language that is quoted.
        for form, kinds in _abbreviations(*_data(f"abbreviations.{read}.tsv")).items():
            abbreviations.update(dict.fromkeys(_scripts(form) if read == "kk" else (form,), frozenset(kinds)))
        for role, listed in _words(*_data(f"words.{read}.tsv")).items():
            words[role].update(*(_scripts(word) for word in listed) if read == "kk" else (listed,))
    return Tables(lang, abbreviations, {role: frozenset(listed) for role, listed in words.items()})


@cache
def common_words(lang: str) -> frozenset[str]:
    """Return the words by which a text of ``lang`` is told from one of the other languages."""
    listed = _words(*_data(f"words.{lang}.tsv"))["common"]
    return frozenset(form for word in listed for form in (_scripts(word) if lang == "kk" else (word,)))


def _data(name: str) -> tuple[str, Path]:
    return files("qosmatin.corpus.splitting.data").joinpath(name).read_text(encoding="utf-8"), Path(name)


@cache
def _letters() -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Return the maps of letters: Cyrillic to folded Latin, Cyrillic to Arabic, and Latin to what it folds to."""
    to_latin, to_arabic, latin_fold = {}, {}, {}
    for _, fields in _fields(_data("scripts.kk.tsv")[0]):
        letter, latin, arabic = [*fields, "", ""][:3]
        if _is_cyrillic(letter):
            to_latin[ord(letter)], to_arabic[ord(letter)] = latin, arabic
        else:
            latin_fold[ord(letter)] = latin
    return to_latin, to_arabic, latin_fold


def _scripts(form: str) -> tuple[str, ...]:
    """Return a Kazakh form in Cyrillic, in folded Latin and in Arabic letters."""
    to_latin, to_arabic, _ = _letters()
    return form, form.translate(to_latin), form.translate(to_arabic)


def _is_cyrillic(word: str) -> bool:
    return "\u0400" <= word[:1] <= "\u04ff"


def fold(word: str) -> str:
    """Return a Kazakh word in Latin or Arabic letters as the tables have it, and a Cyrillic one in lower case.

    Older Cyrillic texts have Latin i, h and schwa in the place of their own: ``дедi``, ``əлi``.
    """
    if _is_cyrillic(word) or word[:1] in "ƏəhH":
        folded = word.lower().translate(_LOOKALIKES)
        if _is_cyrillic(folded[1:]) or len(folded) == 1:
            return folded
    if word[:1] >= "\u0600":
        return word.replace("\u0621", "").replace("\u0674", "")
    lowered = word.lower().translate(_letters()[2])
    return "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c) and c not in "'’ʼ")
