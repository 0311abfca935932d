"""Which document of one side translates which of the other, by what their texts say (see docs/matching.md)."""

from .matcher import Match, match

__all__ = ["Match", "match"]
