"""The words of the page: what can be shown, in which order, and what the keys do."""

SHOWS = (
    ("all", "all"), ("unreviewed", "unreviewed"), ("not-1-1", "not 1-1"), ("unpaired", "without a pair"),
    ("flagged", "flagged"), ("changed", "re-aligned"), ("accepted", "accepted"), ("edited", "edited"),
)  # fmt: skip

ORDERS = (("doubt", "doubt first"), ("text", "as in the text"))

TOOLBAR = (
    ("accept", "Accept", "Enter"), ("reject", "Refuse", "X"), ("edit", "Edit", "E"), ("flag", "Flag", "F"),
    ("merge", "Merge", "M"), ("split", "Split", "S"), ("undo", "Undo", "U"), ("redo", "Redo", "Shift+U"),
)  # fmt: skip
"""Buttons for those who have no keyboard at hand: command, words, key."""

HELP = (
    ("j, ↓", "next pair"),
    ("k, ↑", "pair before"),
    ("Enter", "accept the pair, go to the next"),
    ("x", "refuse: a wrong pair; it is never proposed again, and its sentences are aligned anew"),
    ("e", "edit the translation, or a typo in the source; Enter saves, Esc leaves"),
    ("o", "put the original text back, and make the pair unreviewed"),
    ("f", "flag with a category and a comment"),
    ("m", "merge with the pair that follows in the text"),
    ("s", "split in two"),
    ("c", "mend the boundaries of the sentences: one a line; Enter cuts, Backspace joins, Ctrl+Enter saves"),
    ("n", "no counterpart: none of these sentences has a translation here"),
    ("1", "give the first source sentence to the pair before"),
    ("2", "give the last source sentence to the pair after"),
    ("3", "give the first target sentence to the pair before"),
    ("4", "give the last target sentence to the pair after"),
    ("u", "undo; again, and it goes further back"),
    ("Shift+U", "redo"),
    ("/", "search; Enter finds, Esc goes back to the pairs"),
    ("?", "these keys"),
)
