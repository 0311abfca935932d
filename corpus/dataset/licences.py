"""What licences ask for: whether a text may be passed on in a corpus at all, and what it demands of the whole.

Sentences that were cut out, paired and perhaps mended are treated as an adaptation of their documents. This is help for
people who know their sources, by the classes of SPDX identifiers; it is no legal advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

LicenceClass = Literal[
    "public domain", "attribution", "share-alike", "non-commercial", "non-commercial share-alike", "no-derivatives",
    "model terms", "unknown",
]  # fmt: skip

_CLASSES: tuple[tuple[LicenceClass, str], ...] = (
    ("unknown", r"|UNKNOWN"),
    ("public domain", r"CC0-1\.0|CC-PDDC|CC-PDM-1\.0|PDDL-1\.0|UNLICENSE|WTFPL|0BSD|MIT-0"),
    ("no-derivatives", r"CC-BY(-NC)?-ND-\d\.\d(-[A-Z]{2,3})?"),
    ("non-commercial share-alike", r"CC-BY-NC-SA-\d\.\d(-[A-Z]{2,3})?"),
    ("non-commercial", r"CC-BY-NC-\d\.\d(-[A-Z]{2,3})?"),
    (
        "share-alike",
        r"CC-BY-SA-\d\.\d(-[A-Z]{2,3})?|ODBL-1\.0|CDLA-SHARING-1\.0|(L|A)?GPL-\d\.\d(-ONLY|-OR-LATER)?|GPL-\d\.\d\+"
        r"|GFDL-\d\.\d(-ONLY|-OR-LATER)?|EUPL-\d\.\d|MPL-2\.0",
    ),
    (
        "attribution",
        r"CC-BY-\d\.\d(-[A-Z]{2,3})?|ODC-BY-1\.0|C-UDA-1\.0|CDLA-PERMISSIVE-\d\.\d|OGL-UK-\d\.\d|APACHE-2\.0|MIT"
        r"|BSD-\d-CLAUSE|ISC",
    ),
    (
        "model terms",
        r"(.*-)?OPENRAIL.*|LLAMA.*|GEMMA|DEEPSEEK.*|QWEN.*",
    ),
)
"""The classes, each with the identifiers that are of it (SPDX; of models, as the hub has them), in capitals."""

# Of share-alike licences, which other ones their own text allows for what is made of the work.
_ALSO_UNDER = {"CC-BY-SA-4.0": ("GPL-3.0",), "MPL-2.0": ("GPL-2.0", "GPL-3.0", "LGPL-2.1", "LGPL-3.0", "AGPL-3.0")}

# The hub's own identifiers for what it knows; anything else is `other` there, with a name.
_HUB = re.compile(
    r"cc0-1\.0|cc-by-(2\.0|2\.5|3\.0|4\.0)|cc-by-sa-(3\.0|4\.0)|cc-by-nc-(2\.0|3\.0|4\.0)|cc-by-nc-sa-(2\.0|3\.0|4\.0)"
    r"|cc-by-nd-4\.0|cc-by-nc-nd-(3\.0|4\.0)|pddl|odc-by|odbl|c-uda|apache-2\.0|mit|bsd-[23]-clause|isc|unlicense|wtfpl"
    r"|(l|a)?gpl-[23]\.[01]|gfdl|eupl-1\.[12]|mpl-2\.0|unknown"
)


def licence_class(licence: str) -> LicenceClass | None:
    """Return the class of a licence by its identifier, or None for one that is not known."""
    spelt = licence.strip().upper()
    return next((name for name, pattern in _CLASSES if re.fullmatch(pattern, spelt)), None)


def obstacle(licence: str) -> str | None:
    """Return why a text under this licence may not be passed on in a corpus, or None where it may."""
    found = licence_class(licence)
    if found == "unknown":
        return "nobody stated a licence"
    if found is None:
        return f"'{licence}' is no SPDX identifier of a licence that is known to allow it"
    if found == "no-derivatives":
        return f"{licence} forbids adaptations, and aligned sentences are one"
    if found == "model terms":
        return f"'{licence}' are the terms of a model: whether what it writes may be passed on stands there"
    return None


def demand(licence: str) -> str:
    """Return what a text under this licence asks of a corpus that it is part of."""
    return {
        "public domain": "nothing",
        "attribution": "that its authors are named",
        "share-alike": "that its authors are named, and the whole is under the same licence",
        "non-commercial": "that its authors are named, and nobody sells the whole",
        "non-commercial share-alike": "that its authors are named, and the whole is under the same licence",
        "no-derivatives": "that nothing is made of it",
        "model terms": "what the terms of the model say",
        "unknown": "not known",
    }[licence_class(licence) or "unknown"]


def conflict(licence: str, whole: str) -> str | None:
    """Return why a text under a licence may not be part of a corpus under the licence ``whole``, or None."""
    fault = obstacle(licence)
    if fault is not None or obstacle(whole) is not None:
        return fault
    asked, given = licence_class(licence), licence_class(whole)
    if asked in ("share-alike", "non-commercial share-alike") and not _shares_alike(licence, whole):
        return f"{licence} asks that what is made of it is under the same licence, and the corpus is under {whole}"
    if asked == "non-commercial" and given not in ("non-commercial", "non-commercial share-alike"):
        return f"{licence} forbids commercial use, and {whole}, which the corpus is under, allows it"
    if asked == "attribution" and given == "public domain":
        return f"{licence} asks that its authors are named, and {whole}, which the corpus is under, asks nothing"
    return None


_FAMILY = re.compile(r"(?P<name>.+?)-(?P<version>\d\.\d)(?P<port>-[A-Z]{2,3})?(?P<later>-ONLY|-OR-LATER|\+)?")


def _shares_alike(licence: str, whole: str) -> bool:
    """Whether a share-alike licence lets what is made of a work be under ``whole``: the same, or a later version."""
    own, other = (_FAMILY.fullmatch(one.strip().upper()) for one in (licence, whole))
    if own is None or other is None:
        return False
    if f"{other['name']}-{other['version']}" in _ALSO_UNDER.get(licence.strip().upper(), ()):
        return True
    if own["name"] != other["name"]:
        return False
    if own["version"] == other["version"]:
        return True
    # Those of Creative Commons allow later versions by themselves, from 2.0 on; the others where it is said.
    later = own["later"] in ("-OR-LATER", "+") or own["name"] in ("CC-BY-SA", "CC-BY-NC-SA", "EUPL", "MPL")
    return later and own["version"] >= "1.1" and own["version"] < other["version"]


def hub_licence(licence: str) -> dict[str, str]:
    """Return the licence as the head of a card on the hub states it."""
    spelt = re.sub(r"-(only|or-later)$", "", licence.casefold())
    spelt = {"pddl-1.0": "pddl", "odc-by-1.0": "odc-by", "odbl-1.0": "odbl", "c-uda-1.0": "c-uda"}.get(spelt, spelt)
    return {"license": spelt} if _HUB.fullmatch(spelt) else {"license": "other", "license_name": licence}


@dataclass(frozen=True, slots=True)
class Permission:
    """Documents (ids or patterns as ``laws/*``) that may be published whatever their licence, and why."""

    documents: tuple[str, ...]
    reason: str

    def covers(self, document: str) -> bool:
        """Whether the permission speaks of a document; that of a source speaks of its translations too."""
        names = (document, document.split("@", 1)[0])
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.documents)


def licence_obstacles(
    corpus_licence: str, documents: Iterable[Mapping[str, str]], permissions: Sequence[Permission]
) -> list[str]:
    """Return, as sentences, what stands against publishing documents (rows with ``id`` and ``licence``) openly.

    That is what a document's licence forbids, and what it asks of the whole and the corpus' licence does not give. A
    permission for ``*`` speaks of the corpus as a whole too.
    """
    obstacles = []
    whole = obstacle(corpus_licence)
    if whole is not None and not any(permission.covers("*") for permission in permissions):
        obstacles.append(f"the corpus as a whole: {whole}; state 'licence' under 'corpus'")
    for document in documents:
        fault = conflict(document["licence"], corpus_licence)
        if fault is not None and not any(permission.covers(document["id"]) for permission in permissions):
            obstacles.append(f"document {document['id']}: {fault}")
    return obstacles
