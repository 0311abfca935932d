"""The words of the page: what can be shown, in which order, and which key does what."""

from __future__ import annotations

from dataclasses import dataclass

from qosmatin.review.words import N_

SHOWS = (
    ("all", N_("all")), ("unreviewed", N_("unreviewed")), ("not-1-1", N_("not 1-1")),
    ("unpaired", N_("without a pair")), ("flagged", N_("flagged")), ("changed", N_("re-aligned")),
    ("accepted", N_("accepted")), ("edited", N_("edited")), ("bookmarked", N_("my bookmarks")),
)  # fmt: skip

ORDERS = (("doubt", N_("doubt first")), ("text", N_("as in the text")))


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a key does. ``keys`` are what it has at the beginning, as ``static/keys.js`` names keys.

    ``button`` are the words of its button in the toolbar, for those who have no keyboard at hand; empty for none.
    """

    name: str
    keys: str
    words: str
    button: str = ""


COMMANDS = (
    Command("down", "KeyJ ArrowDown", N_("next pair")),
    Command("up", "KeyK ArrowUp", N_("pair before")),
    Command("accept", "Enter", N_("accept the pair, go to the next"), N_("Accept")),
    Command(
        "reject",
        "KeyX",
        N_("refuse: a wrong pair; it is never proposed again, and its sentences are aligned anew"),
        N_("Refuse"),
    ),
    Command("edit", "KeyE", N_("edit the translation, or a typo in the source; Enter saves, Esc leaves"), N_("Edit")),
    Command("restore", "KeyO", N_("put the original text back, and make the pair unreviewed")),
    Command("flag", "KeyF", N_("flag with a category and a comment"), N_("Flag")),
    Command("merge", "KeyM", N_("merge with the pair that follows in the text"), N_("Merge")),
    Command("split", "KeyS", N_("split in two"), N_("Split")),
    Command(
        "mend",
        "KeyC",
        N_("mend the boundaries of sentences, one a line: Enter cuts, Backspace joins, Ctrl+Enter saves"),
    ),
    Command("unpair", "KeyN", N_("no counterpart: none of these sentences has a translation here")),
    Command("source-up", "Digit1", N_("give the first source sentence to the pair before")),
    Command("source-down", "Digit2", N_("give the last source sentence to the pair after")),
    Command("target-up", "Digit3", N_("give the first target sentence to the pair before")),
    Command("target-down", "Digit4", N_("give the last target sentence to the pair after")),
    Command("shift-up", "Digit5", N_("shift the targets up by one pair, from this pair to the next confirmed one")),
    Command("shift-down", "Digit6", N_("shift the targets down by one pair, from this pair to the next confirmed one")),
    Command("bookmark", "KeyB", N_("bookmark, for yourself; again, and it is gone")),
    Command("bulk", "Shift+KeyA", N_("all rows of this filter and search at once, after a look at what will change")),
    Command("replace", "Shift+KeyF", N_("find and replace, after a look at what will change")),
    Command(
        "compare", "KeyV", N_("compare with another translation, or with the text before it was edited"), N_("Compare")
    ),
    Command("word", "KeyW", N_("show which word means which; again, and the next word is shown")),
    Command("undo", "KeyU", N_("undo; again, and it goes further back"), N_("Undo")),
    Command("redo", "Shift+KeyU", N_("redo"), N_("Redo")),
    Command("search", "Slash", N_("search; Enter finds, Esc goes back to the pairs")),
    Command("help", "?", N_("these keys")),
)
"""All that keys do, in the order of the help."""
