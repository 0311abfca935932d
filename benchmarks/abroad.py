"""Human translations between languages far from the dev sets, in the form of the dev sets, from packages of Debian.

``apt-get install gnome-user-docs`` brings the help pages of GNOME in some twenty languages. Both sides of a pair are
translations of the same English page, paragraph by paragraph, so that a paragraph with as many sentences on both sides
gives beads of one and one, and one with a single sentence on either side a bead. Catalogues of messages, in a hundred
languages, Kazakh among them, come with ``evolution-common evolution-data-server-common gimp-data nautilus-data dpkg apt
gnome-control-center-data gnome-shell-common gnome-software-common epiphany-browser-data gnupg-l10n``: their longer
messages are beads of one and one, which say how an aligner does in a script. What is untranslated or stood there before
is left out. Documents are joined to 250 sentences and disturbed as ``foreign`` does.

The packages need not be installed: ``apt-get download`` them and unpack each by ``dpkg -x PACKAGE FOLDER``, then
``FOLDER/usr/share`` has it all.
"""

from __future__ import annotations

import gettext
import math
import random
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
from foreign import CONDITIONS, Unit, disturb, join, of_units
from gold import Aligner, GoldDocument, as_ids, evaluate_set
from lxml import etree

PAGE_PAIRS = ["de-fr", "en-de", "en-ru", "es-pl", "fi-hu", "cs-uk", "en-ko", "el-en", "ta-en", "en-ja", "ja-zh_CN"]
"""Pairs of languages of the help pages; the last ones are of scripts with marks, or without spaces."""

MESSAGE_PAIRS = ["kk-en", "kk-ru", "kk-tr", "kk-zh_CN", "kk-ja", "kk-th", "en-th", "en-km", "en-my", "en-ar", "en-he",
                 "en-fa", "en-bn", "en-ml", "en-ne", "en-ka", "en-hy", "en-vi", "en-mn", "en-uz"]  # fmt: skip
"""Pairs of languages of the messages."""

DISTURBED = ("natural", "merged", "gaps", "free")
"""The conditions of the help pages; ``natural`` is undisturbed."""

_MALLARD = "{http://projectmallard.org/1.0/}"
_END = re.compile(r"(?<=[.!?…।])[\"'»”)]*\s+(?=[\"'«„“(¿¡]*[^\W\d_a-zа-я])|(?<=[。！？])")
_MARKUP = re.compile(r"<[^>]*>|[_&](?=\w)")
_STRANGE = 0.8
"""How far the logarithm of two sentences' lengths may lie from the usual one of the languages."""


def show_abroad(
    share: Path, aligner: Aligner, peer: Aligner, calibration_error: Callable[[np.ndarray, np.ndarray], float]
) -> None:
    """Print strict/lax F1 and the calibration error of an aligner, beside the strict F1 of a peer."""
    kinds = [
        ("help pages", PAGE_PAIRS, DISTURBED, partial(from_pages, share / "help")),
        ("messages", MESSAGE_PAIRS, ("natural", "merged"), partial(from_messages, share / "locale")),
    ]
    for kind, pairs, conditions, read in kinds:
        print(f"\n| {kind} | sentences | " + " | ".join(f"{one} | Gale-Church" for one in conditions) + " | ECE |")
        print("|---" * (2 * len(conditions) + 3) + "|")
        for pair in pairs:
            languages = pair.split("-")
            sets = [read(*languages, condition) for condition in conditions]
            if not all(sets):
                print(f"| {pair} | not there: see benchmarks/abroad.py |")
                continue
            cells, sure, right = [], list[float](), list[bool]()
            for docs in sets:
                found = aligner(docs, *(one.partition("_")[0] for one in languages))
                ours, theirs = evaluate_set(docs, found), evaluate_set(docs, peer(docs, *languages))
                cells.append(f"{100 * ours.strict.f1:.1f}/{100 * ours.lax.f1:.1f} | {100 * theirs.strict.f1:.1f}")
                sure += [bead.confidence or 0.0 for beads in found for bead in beads]
                right += [as_ids(one) in doc.gold for doc, beads in zip(docs, found, strict=True) for one in beads]
            error = calibration_error(np.array(sure), np.array(right, dtype=float))
            sentences = sum(len(doc.source) for doc in sets[0])
            print(f"| {pair} | {sentences} | {' | '.join(cells)} | {error:.3f} |", flush=True)


def from_pages(folder: Path, source: str, target: str, condition: str) -> list[GoldDocument]:
    """Return at most five documents of a folder of help pages; none where one of the languages is not there."""
    seen: set[str] = set()
    pages = []
    for path in sorted((folder / "C" / "gnome-help").glob("*.page")):
        sides = [folder / _folder(lang) / "gnome-help" / path.name for lang in (source, target)]
        if all(side.exists() for side in sides):
            english, *both = (_paragraphs(one) for one in (path, *sides))
            if len(english) == len(both[0]) == len(both[1]):
                asis = set(english)
                kept = [
                    pair
                    for pair in zip(*both, strict=True)
                    if not any(one in asis and lang != "en" for one, lang in zip(pair, (source, target), strict=True))
                ]
                pages.append((path.stem, _units(kept, seen)))
    return _documents(pages, condition)[:5]


def from_messages(folder: Path, source: str, target: str, condition: str) -> list[GoldDocument]:
    """Return at most three documents of messages, in an order by chance; none where a language is not there.

    ``folder`` is that of the locales.
    """
    catalogues = [None if lang == "en" else _catalogue(folder / lang / "LC_MESSAGES") for lang in (source, target)]
    known = set[str].intersection(*(set(one) for one in catalogues if one is not None))
    long = sorted(one for one in known if len(_plain(one).split()) >= 6 and "\n" not in one)
    random.Random(0).shuffle(long)
    pairs = [tuple(_plain(one[key] if one else key) for one in catalogues) for key in long]
    seen: set[str] = set()
    units: list[Unit] = []
    for ours, theirs in pairs:
        if ours and theirs and ours != theirs and ours not in seen:
            seen.add(ours)
            units.append(([ours], [theirs]))
    return _documents([(str(at), units[at : at + 25]) for at in range(0, min(len(units), 1000) - 24, 25)], condition)[
        :3
    ]


def _folder(lang: str) -> str:
    """Return the folder of a language; the English pages are those of no language."""
    return "C" if lang == "en" else lang


def _paragraphs(path: Path) -> list[str]:
    """Return the paragraphs of a help page, titles and its description among them."""
    root = etree.parse(str(path)).getroot()
    found = []
    for element in root.iter(*(f"{_MALLARD}{name}" for name in ("p", "title", "desc"))):
        above = {one.tag for one in element.iterancestors()}
        if f"{_MALLARD}p" not in above and (element.tag == f"{_MALLARD}desc" or f"{_MALLARD}info" not in above):
            found.append(" ".join("".join(element.itertext()).split()))
    return found


def _units(pairs: Iterable[tuple[str, ...]], seen: set[str]) -> list[Unit]:
    """Return the beads of paragraphs, of those where they are sure."""
    units: list[Unit] = []
    for ours, theirs in pairs:
        if not ours or not theirs or ours == theirs or ours in seen:
            continue
        seen.add(ours)
        source, target = ([part.strip() for part in _END.split(one) if part and part.strip()] for one in (ours, theirs))
        if len(source) == len(target):
            units += [([one], [other]) for one, other in zip(source, target, strict=True)]
        elif min(len(source), len(target)) == 1 and max(len(source), len(target)) <= 3:
            units.append((source, target))
    return units


def _documents(parts: Sequence[tuple[str, list[Unit]]], condition: str) -> list[GoldDocument]:
    """Return the documents of some beads, without those of strange lengths, joined and disturbed."""
    ratios = sorted(_ratio(unit) for _, units in parts for unit in units)
    if not ratios:
        return []
    usual = ratios[len(ratios) // 2]
    kept = [(name, [unit for unit in units if abs(_ratio(unit) - usual) < _STRANGE]) for name, units in parts]
    whole = [of_units(name, units) for name, units in kept if len(units) > 4]
    how = CONDITIONS[condition][1] if condition != "natural" else None
    if how is not None:
        whole = [disturb(one, whole[at - 1], how, 0) for at, one in enumerate(whole)]
    return join(whole, 250, 0)


def _ratio(unit: Unit) -> float:
    """Return the logarithm of how much longer the target of a bead is."""
    return math.log(len("".join(unit[1])) / len("".join(unit[0])))


def _catalogue(folder: Path) -> dict[str, str]:
    """Return the messages of a language: the English one, and its translation."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.mo")):
        messages = {}
        with path.open("rb") as stream, suppress(IndexError, ValueError):  # some headers are not as Python wants them
            messages = vars(gettext.GNUTranslations(stream))["_catalog"]
        for key, text in messages.items():
            if isinstance(key, str) and key:
                found.setdefault(key, text)
    return found


def _plain(message: str) -> str:
    """Return a message without its context, markup and keys."""
    return " ".join(_MARKUP.sub("", message.rpartition("\x04")[2]).split())
