"""Qosmätin for Python: what scripts and notebooks call, as ``qosmatin.split`` and so on (see docs/library.md).

The rooms have functions that take and give bare data, as ``qosmatin.align.align``; those here check what callers get
wrong, and give results that a notebook shows and that become tables of Arrow, pandas and polars.
"""

from .corpora import Corpus, open_corpus
from .functions import align, align_files, match, score, split, translate
from .results import AlignedFiles, AlignedTexts, Matches, Scores, SplitText, TableResult, Translations

__all__ = [
    "AlignedFiles",
    "AlignedTexts",
    "Corpus",
    "Matches",
    "Scores",
    "SplitText",
    "TableResult",
    "Translations",
    "align",
    "align_files",
    "match",
    "open_corpus",
    "score",
    "split",
    "translate",
]
