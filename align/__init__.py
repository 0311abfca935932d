"""Sentence alignment: which sentences of a text and of its translation belong together.

What stands here is imported when it is asked for: compiled kernels take a second to load, and much needs none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qosmatin.corpus.model import Bead

    from .aligner import Alignment, align, align_corpus, align_tasks
    from .dictionaries import read_dictionary
    from .learnt import Lexicon, load_lexicon, merge_lexicons, save_lexicon
    from .matching import Match, match
    from .quality import pair_quality
    from .settings import DEFAULT_SETTINGS, EVIDENCE, AlignSettings, settings_without
    from .tasks import Task
    from .word_links import WordLink, link_words

__all__ = [
    "DEFAULT_SETTINGS",
    "EVIDENCE",
    "AlignSettings",
    "Alignment",
    "Bead",
    "Lexicon",
    "Match",
    "Task",
    "WordLink",
    "align",
    "align_corpus",
    "align_tasks",
    "link_words",
    "load_lexicon",
    "match",
    "merge_lexicons",
    "pair_quality",
    "read_dictionary",
    "save_lexicon",
    "settings_without",
]

_HOMES = {
    "qosmatin.corpus.model": ("Bead",),
    ".aligner": ("Alignment", "align", "align_corpus", "align_tasks"),
    ".dictionaries": ("read_dictionary",),
    ".learnt": ("Lexicon", "load_lexicon", "merge_lexicons", "save_lexicon"),
    ".matching": ("Match", "match"),
    ".quality": ("pair_quality",),
    ".settings": ("DEFAULT_SETTINGS", "EVIDENCE", "AlignSettings", "settings_without"),
    ".tasks": ("Task",),
    ".word_links": ("WordLink", "link_words"),
}
"""The modules that names come from, as above."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
