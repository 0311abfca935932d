"""The words of the page: what can be shown, in which order, and what the keys do."""

from .words import N_

SHOWS = (
    ("all", N_("all")), ("unreviewed", N_("unreviewed")), ("not-1-1", N_("not 1-1")),
    ("unpaired", N_("without a pair")), ("flagged", N_("flagged")), ("changed", N_("re-aligned")),
    ("accepted", N_("accepted")), ("edited", N_("edited")),
)  # fmt: skip

ORDERS = (("doubt", N_("doubt first")), ("text", N_("as in the text")))

TOOLBAR = (
    ("accept", N_("Accept"), "Enter"), ("reject", N_("Refuse"), "X"), ("edit", N_("Edit"), "E"),
    ("flag", N_("Flag"), "F"), ("merge", N_("Merge"), "M"), ("split", N_("Split"), "S"), ("undo", N_("Undo"), "U"),
    ("redo", N_("Redo"), "Shift+U"),
)  # fmt: skip
"""Buttons for those who have no keyboard at hand: command, words, key."""

HELP = (
    ("j, ↓", N_("next pair")),
    ("k, ↑", N_("pair before")),
    ("Enter", N_("accept the pair, go to the next")),
    ("x", N_("refuse: a wrong pair; it is never proposed again, and its sentences are aligned anew")),
    ("e", N_("edit the translation, or a typo in the source; Enter saves, Esc leaves")),
    ("o", N_("put the original text back, and make the pair unreviewed")),
    ("f", N_("flag with a category and a comment")),
    ("m", N_("merge with the pair that follows in the text")),
    ("s", N_("split in two")),
    ("n", N_("no counterpart: none of these sentences has a translation here")),
    ("1", N_("give the first source sentence to the pair before")),
    ("2", N_("give the last source sentence to the pair after")),
    ("3", N_("give the first target sentence to the pair before")),
    ("4", N_("give the last target sentence to the pair after")),
    ("u", N_("undo; again, and it goes further back")),
    ("Shift+U", N_("redo")),
    ("/", N_("search; Enter finds, Esc goes back to the pairs")),
    ("?", N_("these keys")),
)
