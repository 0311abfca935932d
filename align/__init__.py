"""Sentence alignment: which sentences of a text and of its translation belong together."""

from qosmatin.corpus.model import Bead

from .aligner import align, align_corpus
from .settings import AlignSettings

__all__ = ["AlignSettings", "Bead", "align", "align_corpus"]
