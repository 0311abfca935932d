"""Measures of translations, alignments and sentence boundaries.

``score`` is the shortest way from lists of segments to figures; ``evaluate`` takes a ``ScoringSet``, which files
(``file_scoring_set``) and corpora (``corpus_scoring_set``) give too, and ``write_report`` lays its figures out.
"""

from .alignment import AlignmentReport, evaluate_alignments
from .boundaries import BoundaryReport, Text, evaluate_boundaries
from .corpus_sets import Comparison, corpus_scoring_set, find_comparisons
from .evaluation import Evaluation, Settings, SystemScore, evaluate
from .file_sets import file_scoring_set
from .pairwise import PairedTest
from .report import render, write_report
from .scores import ScoredSystems, score_systems
from .scoring import score
from .scoring_set import ScoringSet
from .significance import Interval

__all__ = [
    "AlignmentReport",
    "BoundaryReport",
    "Comparison",
    "Evaluation",
    "Interval",
    "PairedTest",
    "ScoredSystems",
    "ScoringSet",
    "Settings",
    "SystemScore",
    "Text",
    "corpus_scoring_set",
    "evaluate",
    "evaluate_alignments",
    "evaluate_boundaries",
    "file_scoring_set",
    "find_comparisons",
    "render",
    "score",
    "score_systems",
    "write_report",
]
