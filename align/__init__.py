"""Sentence alignment: which sentences of a text and of its translation belong together."""

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
