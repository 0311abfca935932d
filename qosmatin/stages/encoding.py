"""The encoder of a job: the model whose vectors of meaning its stages go by, and where these are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qosmatin.align.embeddings import Embedder
from qosmatin.job.pipeline import Job
from qosmatin.job.progress import progress


@contextmanager
def encoding(job: Job) -> Iterator[Embedder | None]:
    """Open the encoder that the config names, with progress while it encodes; None without one.

    It loads when there is something to encode, and keeps its vectors in the corpus folder, for other stages and runs.
    """
    aligner = job.config.aligner
    if aligner.embeddings is None:
        yield None
        return
    with progress(job.console, "encode", None) as advance:
        yield Embedder(
            aligner.embeddings,
            aligner.embeddings_revision,
            job.folder.path / "cache",
            prompt=aligner.embeddings_prompt,
            server=aligner.embeddings_server,
            key_variable=aligner.embeddings_key_variable,
            progress=advance,
        )


def encoder_settings(job: Job) -> object:
    """Return what vectors depend on beside their texts, as plain data; None without an encoder."""
    aligner = job.config.aligner
    return aligner.embeddings and [
        aligner.embeddings, aligner.embeddings_revision, aligner.embeddings_prompt, aligner.embeddings_server
    ]  # fmt: skip
