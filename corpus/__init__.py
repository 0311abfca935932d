"""The data of a bilingual corpus: documents, sentences, pairs; reading, splitting, filtering and publishing them."""

from .errors import ConfigError, EngineError, InputError, MissingExtraError, QosmatinError
from .grouping import common_groups
from .model import (
    Anchor,
    Bead,
    Decision,
    Document,
    Group,
    Pair,
    Provenance,
    Sentence,
    check_beads,
    collapse,
    join_sentences,
    pair_id,
    sentence_text,
)
from .splitting import split

__all__ = [
    "Anchor",
    "Bead",
    "ConfigError",
    "Decision",
    "Document",
    "EngineError",
    "Group",
    "InputError",
    "MissingExtraError",
    "Pair",
    "Provenance",
    "QosmatinError",
    "Sentence",
    "check_beads",
    "collapse",
    "common_groups",
    "join_sentences",
    "pair_id",
    "sentence_text",
    "split",
]
