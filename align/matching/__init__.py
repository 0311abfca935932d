"""Which document of one side translates which of the other, by what their texts say (see docs/matching.md)."""

from .hints import Hint
from .matcher import Match, match
from .report import Alone, Copy, MatchReport, Part, match_report

__all__ = ["Alone", "Copy", "Hint", "Match", "MatchReport", "Part", "match", "match_report"]
