"""Terms: glossaries as files (TBX, CSV), terms in texts in any form, and whether a translation obeys them."""

from .checking import Glossary, MissingTerm, TermCheck, missing_terms
from .concepts import Concept, glossary_of
from .files import read_terms, write_terms
from .finding import FoundTerm, TermFinder

__all__ = [
    "Concept",
    "FoundTerm",
    "Glossary",
    "MissingTerm",
    "TermCheck",
    "TermFinder",
    "glossary_of",
    "missing_terms",
    "read_terms",
    "write_terms",
]
