"""Measures of translations, alignments and sentence boundaries."""
