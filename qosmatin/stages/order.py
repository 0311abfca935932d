"""The stages of a job in the order in which they run: each is a function from tables to tables, in a module of its own.

Decisions come before splitting, because a boundary that a confirmed bead needs is forced there.
"""

from __future__ import annotations

from qosmatin.job.pipeline import Stage

from .align import STAGE as ALIGN
from .decisions import STAGE as DECISIONS
from .filter import STAGE as FILTER
from .join import STAGE as JOIN
from .match import STAGE as MATCH
from .pair import STAGE as PAIR
from .publish import STAGE as PUBLISH
from .quality import STAGE as QUALITY
from .read import STAGE as READ
from .score import STAGE as SCORE
from .split import STAGE as SPLIT
from .translate import STAGE as TRANSLATE

STAGES: tuple[Stage, ...] = (
    READ,
    MATCH,
    DECISIONS,
    PAIR,
    JOIN,
    SPLIT,
    TRANSLATE,
    ALIGN,
    QUALITY,
    FILTER,
    SCORE,
    PUBLISH,
)
"""The stages in the order in which they run."""
