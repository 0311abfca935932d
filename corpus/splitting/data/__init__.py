"""The tables of the sentence splitter, as text files that a linguist reads and extends; see docs/splitting.md."""
