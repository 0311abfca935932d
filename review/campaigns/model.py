"""What a campaign is: documents with the outputs of systems, protocols, and what annotators say.

A document is a list of items, an item a mapping as Pearmut has it: ``tgt`` maps systems to their outputs, ``src``,
``ref``, ``item_id``, ``instructions``, ``error_spans`` and ``validation`` are there or not, and what else stands in it
is kept. Of our own are ``doc_id``, ``domain``, ``prefilled`` and ``calibration``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from qosmatin.review.editing.flagging import CATEGORIES
from qosmatin.review.words import N_

Protocol = Literal["ESA", "cESA", "MQM", "DA", "pairwise"]
Part = Literal["welcome", "data", "random", "goodbye"]
"""Where a document stands: before all others (tutorials, calibration), what is ranked, drawn in between (attention
checks), and after all others (calibration again)."""

PARTS: tuple[Part, ...] = get_args(Part)

Item = Mapping[str, Any]
Line = Mapping[str, Any]
"""A line of Pearmut's log: ``annotation`` (for each item, by system), ``actions``, ``item``, and what else is there."""

SEVERITIES: Mapping[str, float] = {"minor": 1, "major": 5, "critical": 25}
"""What a span costs in MQM, by its severity (Freitag et al. 2021, who have 25 for what is no translation)."""

SEVERITY_WORDS = {"minor": N_("minor"), "major": N_("major"), "critical": N_("critical")}

RESET = "__RESET__"
"""What Pearmut writes in place of an annotation to say that all before it, of this annotator, counts no more."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a protocol asks of an annotator: spans, by which severities, with categories or not; a score; a choice."""

    severities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    score: bool = True
    choice: bool = False


MQM_CATEGORIES = tuple("/".join(part.strip() for part in one.split(":", 1)) for one in CATEGORIES)
"""The categories of flags, as Pearmut writes them: ``Accuracy/mistranslation``."""

CATEGORY_WORDS = dict(zip(MQM_CATEGORIES, CATEGORIES, strict=True))

RULES: Mapping[str, Rules] = {
    "ESA": Rules(("minor", "major")),
    "cESA": Rules(("minor", "major")),
    "MQM": Rules(("minor", "major", "critical"), MQM_CATEGORIES, score=False),
    "DA": Rules(),
    "pairwise": Rules(score=False, choice=True),
}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of the store. ``info`` are its settings, as Pearmut names them; ours stand under ``qosmatin``."""

    id: int
    name: str
    info: Mapping[str, Any]
    rest: Mapping[str, Any]
    made: str

    @property
    def protocol(self) -> str:
        """Its protocol; ESA where it says none, as in Pearmut."""
        return str(self.info.get("protocol", "ESA"))

    @property
    def rules(self) -> Rules:
        """What annotators are asked for; of a protocol that is not known here, spans and a score."""
        return RULES.get(self.protocol, RULES["ESA"])

    @property
    def assignment(self) -> str:
        """How documents come to annotators: ``task-based``, ``single-stream`` or ``dynamic``."""
        return str(self.info["assignment"])

    @property
    def own(self) -> Mapping[str, Any]:
        """Our own settings."""
        found: Mapping[str, Any] = self.info.get("qosmatin", {})
        return found

    @property
    def seed(self) -> str:
        """What all that is random in it depends on."""
        return f"{self.info.get('seed', 0)}/{self.name}"


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a campaign: where it stands (``owner`` is empty for everybody's), and its items."""

    part: Part
    owner: str
    place: int
    items: Sequence[Item]

    @property
    def key(self) -> tuple[Part, int]:
        """What an annotator's judgement of it is kept by."""
        return self.part, self.place

    @property
    def systems(self) -> list[str]:
        """The systems that translated it, in the order in which they are kept."""
        return list(self.items[0].get("tgt", {}))

    @property
    def is_form(self) -> bool:
        """Whether it asks for something about the annotator (Pearmut has such documents; no page here does)."""
        return "form" in self.items[0]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an annotator said of a document, and how many seconds they took."""

    annotator: str
    part: Part
    place: int
    at: str
    seconds: float
    line: Line
    imported: bool = False


def item_key(part: Part, place: int) -> int | str:
    """Return how Pearmut names a document: its place, or ``welcome_0``."""
    return place if part == "data" else f"{part}_{place}"


def parse_item_key(key: object) -> tuple[Part, int]:
    """Return part and place of what ``item_key`` gives; raises ``ValueError``."""
    if isinstance(key, int):
        return "data", key
    name, _, number = str(key).rpartition("_")
    for part in PARTS:
        if name == part and number.isascii() and number.isdigit() and len(number) < 9:
            return part, int(number)
    if str(key).isascii() and str(key).isdigit() and len(str(key)) < 9:
        return "data", int(str(key))
    raise ValueError(f"there is no document {key!r}")


def identify(item: Item, place: int) -> tuple[str, str, str | None]:
    """Return the document, the name and the domain of an item.

    They are what it says itself, or else what its ``item_id`` does in the form of WMT, ``en-kk_#_news_#_doc7_#_3``.
    """
    name = str(item.get("item_id", place))
    parts = name.split("_#_")
    document, domain = item.get("doc_id"), item.get("domain")
    if len(parts) == 4:
        document, domain = document or parts[2], domain or parts[1]
    return str(document or name), name, None if domain is None else str(domain)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, which is what offsets of spans count (as JavaScript does)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
