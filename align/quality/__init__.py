"""How likely the two sides of a pair say the same, all of it and nothing else, without a model of meaning.

Words, names, numbers, letters, lengths and marks of each pair are measured against what the other pairs teach
(``features``). A classifier learns what they are like in pairs that were made wrong on purpose (``damage``) against
those that look right, as bicleaner does; few pairs are judged by a classifier that is shipped (``trees``).
"""

from .scoring import pair_quality

__all__ = ["pair_quality"]
