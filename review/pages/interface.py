"""The words of the page: what can be shown, in which order, and which key does what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qosmatin.review.editing import catalogue
from qosmatin.review.editing.catalogue import OPERATIONS
from qosmatin.review.editing.in_bulk import RowsRequest
from qosmatin.review.editing.operation import Operation
from qosmatin.review.quality import KINDS as MARKS
from qosmatin.review.store.hints import KINDS
from qosmatin.review.words import N_

SHOWS = (
    ("all", N_("all")), ("unreviewed", N_("unreviewed")), ("not-1-1", N_("not 1-1")),
    ("unpaired", N_("without a pair")), ("flagged", N_("flagged")), ("changed", N_("re-aligned")),
    ("accepted", N_("accepted")), ("edited", N_("edited")), ("bookmarked", N_("my bookmarks")),
    ("commented", N_("commented")),
)  # fmt: skip

HINTS = (("hinted", N_("any hint")), *((f"hint-{kind}", MARKS[kind]) for kind in KINDS))
"""The filters by what looks wrong in a pair."""

ORDERS = (("doubt", N_("doubt first")), ("text", N_("as in the text")))


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a key does. ``key`` are the keys that it has at the beginning, as ``static/keys.js`` names them.

    ``button`` are the words of its button in the toolbar, for those who have no keyboard at hand; empty for none. With
    ``touch`` it is there where there is no keyboard at all. ``data`` are the ``data-`` attributes by which the page's
    script knows what to do, where it is an operation.
    """

    name: str
    key: str
    label: str
    button: str = ""
    touch: bool = False
    data: Mapping[str, str] = field(default_factory=dict)


_FOR_TOUCH = frozenset({"unpair", "mend", "bookmark", "source-up", "source-down", "target-up", "target-down"})
"""Operations that have a button where there is nothing but touch: what a keyboard does better."""


def _command(operation: Operation) -> Command:
    """Return an operation as the page has it."""
    data = {"bulk" if operation.apply is None else "operation": operation.name}
    data |= {"dialog": operation.name} if operation.dialog else {}
    data |= {"regroups": ""} if operation.regroups else {}
    data |= {"neighbour": operation.neighbour} if operation.neighbour else {}
    data |= {"goes-on": ""} if operation.goes_on else {}
    touch = operation.name in _FOR_TOUCH
    return Command(operation.name, operation.key, operation.label, operation.button, touch, data)


COMMANDS = (
    Command("down", "KeyJ ArrowDown", N_("next pair")),
    Command("up", "KeyK ArrowUp", N_("previous pair")),
    *(_command(operation) for operation in OPERATIONS if operation.key),
    Command(
        "bulk",
        "Shift+KeyA",
        N_("all rows of this filter and search at once, after a look at what will change"),
        data={"bulk": "accept"},
    ),
    Command(
        "compare", "KeyV", N_("compare with another translation, or with the text before it was edited"), N_("Compare")
    ),
    Command("desk", "KeyI", N_("show or hide what memories and the glossary have for the pair"), N_("Memory")),
    Command("take", "KeyT Alt+KeyT", N_("take the best match into the edit box; again (Alt), and it is the next one")),
    Command("concordance", "Shift+KeyC", N_("look for the marked words, in any form, in memories and confirmed pairs")),
    Command(
        "context",
        "KeyG",
        N_("show what stands around the chosen pair in its text; again, and it is hidden"),
    ),
    Command("history", "KeyH", N_("what became of the pair: who did what and when, and what was before")),
    Command("word", "KeyW", N_("show which word means which; again, and the next word is shown")),
    Command("moved", "KeyP", N_("next pair of a paragraph that moved")),
    Command("next-doubtful", "KeyD", N_("next doubtful pair: on this page, then of all"), data={"next": "doubtful"}),
    Command("next-changed", "KeyA", N_("next re-aligned pair in the text"), data={"next": "changed"}),
    Command("next-flagged", "KeyL", N_("next flagged pair in the text"), data={"next": "flagged"}),
    Command("next-page", "BracketRight", N_("next page")),
    Command("previous-page", "BracketLeft", N_("previous page")),
    Command("undo", "KeyU", N_("undo; again, and it goes further back"), N_("Undo")),
    Command("redo", "Shift+KeyU", N_("redo"), N_("Redo")),
    Command("search", "Slash", N_("search; Enter finds, Esc goes back to the pairs")),
    Command("help", "?", N_("these keys")),
)
"""All that keys do, in the order of the help."""

IN_BULK = {name: way for name, way in catalogue.IN_BULK.items() if issubclass(way.request, RowsRequest)}
"""What can be done to all rows of a query."""
