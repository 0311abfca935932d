"""Translation memories: which pairs of earlier translations are like a sentence, or have some words, quickly.

``open_memory`` reads files of pairs and keeps an index beside each; ``Memory.find`` gives matches with a percentage,
``Memory.concordance`` the pairs that have words in any form, ``analyse`` what of some texts a memory knows.
"""

from .analysis import BANDS, DocumentLeverage, Tally, analyse
from .building import build_index
from .finding import ConcordanceLine, Match, Memory
from .index import Index, Unit
from .likeness import Likeness, likeness, prepare
from .opening import open_memories, open_memory

__all__ = [
    "BANDS",
    "ConcordanceLine",
    "DocumentLeverage",
    "Index",
    "Likeness",
    "Match",
    "Memory",
    "Tally",
    "Unit",
    "analyse",
    "build_index",
    "likeness",
    "open_memories",
    "open_memory",
    "prepare",
]
