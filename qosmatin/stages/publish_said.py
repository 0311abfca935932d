"""What people flagged, and what filters have against what people confirmed, as publishing needs it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from qosmatin.corpus.dataset import Remarks, find_flags, flags_from_table
from qosmatin.corpus.storage.pairs import PairBatch
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job


class Said:
    """What people flagged, and what filters have against what people confirmed."""

    def __init__(self, job: Job, view: CorpusView) -> None:
        self._job, self._view = job, view
        self._drop = job.config.publish.flagged == "drop"
        flags = flags_from_table(job.folder.read("flags"))
        found = {one.name: find_flags(view, one.name, flags) for one in job.config.translations}
        self.flags = {name: of_pair for name, (of_pair, _) in found.items()}
        self.lost = sum(lost for _, lost in found.values())

    def remarks(self, translation: str) -> Remarks:
        """Return what adds the remarks on pairs as columns."""
        return Remarks(self._job.folder.read("overruled", translation).to_pylist(), self.flags[translation])

    def left_out(self, translation: str) -> list[str]:
        """Return the pairs of a translation that are left out because they are flagged."""
        return list(self.flags[translation]) if self._drop else []

    def kept_batches(
        self,
        translation: str,
        sources: Collection[str] | None = None,
        beside: Callable[[PairBatch], PairBatch] = lambda batch: batch,
    ) -> Iterator[PairBatch]:
        """Yield the pairs that are published, some thousand at a time; ``beside`` sees those that are not, too."""
        filtered = self._job.folder.read("filtered", translation, ["pair_id"])["pair_id"].combine_chunks()
        refused = pa.concat_arrays([filtered, pa.array(self.left_out(translation), pa.string())])
        for batch in self._view.pair_batches(translation, sources):
            yield beside(batch).where(pc.invert(pc.is_in(batch.table["id"], refused)))
