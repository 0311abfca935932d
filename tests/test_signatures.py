"""The nearest of the signatures that were seen: what a search through all of them finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.filters import signatures
from qosmatin.corpus.filters.signatures import Signatures

BANDS = [(0, 2), (2, 4), (4, 6)]
"""The last of seven values is in no band."""


@given(st.lists(st.lists(st.integers(0, 2), min_size=7, max_size=7), min_size=1, max_size=30))
def test_the_nearest_is_found_however_long_ago_it_was_seen(rows: list[list[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "LATELY", 4)
        seen = Signatures(BANDS)
        known: list[tuple[str, np.ndarray]] = []
        for number, row in enumerate(rows):
            wanted = np.array(row, dtype=np.uint32)
            meeting = [
                (float((other == wanted).mean()), name)
                for name, other in known
                if any((other[low:high] == wanted[low:high]).all() for low, high in BANDS)
            ]
            assert seen.nearest(wanted) == max(meeting, default=(0.0, ""))
            known.append((f"{number:02}", wanted))
            seen.add(f"{number:02}", wanted)
