"""Naming documents that seem to be no translations of each other, with the likely partner of each.

A file that was given another's name aligns all the same, and is lost among thousands of pairs. Documents whose beads
are on the whole more likely wrong than right are asked for by content, among themselves: what finds its own partner
again is a hard text, and the others are named.
"""

from __future__ import annotations

import numpy as np

from qosmatin.align.matching import match
from qosmatin.corpus.storage.stored_table import runs
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job

DOUBTFUL = 0.5
"""Documents are looked at when the mean confidence of their beads, nulls counted as 0, is below this."""

_AT_MOST = 200
"""Documents that are asked for by content, the worst first: more are no slip of names."""

_NAMED = 20


def wrong_documents(job: Job, view: CorpusView, name: str) -> str:
    """Return a sentence that names the documents of a translation that seem to be wrong; empty where none does."""
    targets = dict(view.document_pairs(name))
    doubtful = [source for source in _doubtful(job, name) if source in targets]
    if not doubtful:
        return ""
    langs = job.config.sources[0].lang, job.config.translation(name).lang
    sources = [view.text(source) for source in doubtful]
    found = match(sources, [view.text(targets[source]) for source in doubtful], *langs)
    partner = {doubtful[one.source]: targets[doubtful[one.target]] for one in found}
    wrong = [source for source in doubtful if partner.get(source) != targets[source]]
    if not wrong:
        return ""
    told = [
        f"{source}" + (f" (its translation may be {partner[source]})" if source in partner else "")
        for source in wrong[:_NAMED]
    ]
    told += [f"{len(wrong) - _NAMED} more"] if len(wrong) > _NAMED else []
    return f"no translations of each other, it seems, are {len(wrong)} documents with their files: " + ", ".join(told)


def _doubtful(job: Job, name: str) -> list[str]:
    """Return the source documents whose beads are more likely wrong than right, the worst first."""
    beads = job.folder.read("beads", name, ["source_document", *_RANGES, "confidence"])
    ranges = {one: beads[one].to_numpy() for one in _RANGES}
    is_null = (ranges["source_start"] == ranges["source_end"]) | (ranges["target_start"] == ranges["target_end"])
    sure = np.where(is_null, 0.0, np.nan_to_num(beads["confidence"].to_numpy()))  # one that is not there is no number
    means = {source: float(sure[start:end].mean()) for source, (start, end) in runs(beads["source_document"]).items()}
    return sorted((source for source, mean in means.items() if mean < DOUBTFUL), key=lambda one: means[one])[:_AT_MOST]


_RANGES = ("source_start", "source_end", "target_start", "target_end")
