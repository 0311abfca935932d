"""Which licences allow a text to be passed on, cut into sentences and paired."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

# SPDX identifiers that allow redistribution of the text and of adaptations of it.
_FREE = re.compile(
    r"CC0-1\.0|CC-BY(-NC)?(-SA)?-\d\.\d(-[A-Z]{2,3})?|CC-PDDC|PDDL-1\.0|ODC-BY-1\.0|ODBL-1\.0|C-UDA-1\.0"
    r"|CDLA-(PERMISSIVE|SHARING)-\d\.\d|OGL-UK-\d\.\d|APACHE-2\.0|MIT|BSD-\d-CLAUSE|ISC|UNLICENSE|WTFPL"
    r"|(L|A)?GPL-\d\.\d(-ONLY|-OR-LATER)?|GFDL-\d\.\d(-ONLY|-OR-LATER)?|EUPL-\d\.\d|MPL-2\.0"
)

# The hub's own identifiers for what it knows; anything else is `other` there, with a name.
_HUB = re.compile(
    r"cc0-1\.0|cc-by-(2\.0|2\.5|3\.0|4\.0)|cc-by-sa-(3\.0|4\.0)|cc-by-nc-(2\.0|3\.0|4\.0)|cc-by-nc-sa-(2\.0|3\.0|4\.0)"
    r"|cc-by-nd-4\.0|cc-by-nc-nd-(3\.0|4\.0)|pddl|odc-by|odbl|c-uda|apache-2\.0|mit|bsd-[23]-clause|isc|unlicense|wtfpl"
    r"|(l|a)?gpl-[23]\.[01]|gfdl|eupl-1\.[12]|mpl-2\.0|unknown"
)


def obstacle(licence: str) -> str | None:
    """Return why a text under this licence may not be passed on in a corpus, or None where it may."""
    if licence.casefold() == "unknown":
        return "nobody stated a licence"
    if _FREE.fullmatch(licence.upper()):
        return None
    if re.fullmatch(r"CC-BY(-NC)?-ND-\d\.\d(-[A-Z]{2,3})?", licence.upper()):
        return f"{licence} forbids adaptations, and aligned sentences are one"
    return f"'{licence}' is no SPDX identifier of a licence that is known to allow it"


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

    A permission for ``*`` speaks of the corpus as a whole too.
    """
    obstacles = []
    whole = obstacle(corpus_licence)
    if whole is not None and not any(permission.covers("*") for permission in permissions):
        obstacles.append(f"the corpus as a whole: {whole}; state 'licence' under 'corpus'")
    for document in documents:
        fault = obstacle(document["licence"])
        if fault is not None and not any(permission.covers(document["id"]) for permission in permissions):
            obstacles.append(f"document {document['id']}: {fault}")
    return obstacles
