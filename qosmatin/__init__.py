"""Qosmätin: a translation and bilingual-corpus toolkit for Kazakh.

The rooms of the house are ``qosmatin.corpus``, ``qosmatin.align``, ``qosmatin.translate``, ``qosmatin.eval`` and
``qosmatin.review``.
"""

__version__ = "0.1.0"
