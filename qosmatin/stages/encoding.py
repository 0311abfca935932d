"""The encoder of a job: the model whose vectors of meaning its stages go by, and where these are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console

from qosmatin.align.embeddings import Embedder
from qosmatin.corpus.senses import Senses
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job
from qosmatin.job.progress import Advance, progress
from qosmatin.job.spreading import elsewhere


@contextmanager
def encoding(job: Job) -> Iterator[Embedder | None]:
    """Open the encoder that the config names, with progress while it encodes; None without one.

    It loads when there is something to encode, and keeps its vectors in the corpus folder, for other stages and runs.
    """
    aligner = job.config.aligner
    if aligner.embeddings is None:
        yield None
        return
    with elsewhere(job.config, 1) as each, ExitStack() as shown:
        yield Embedder(
            aligner.embeddings,
            aligner.embeddings_revision,
            job.folder.path / "cache",
            prompt=aligner.embeddings_prompt,
            server=aligner.embeddings_server,
            key_variable=aligner.embeddings_key_variable,
            progress=_Shown(job.console, shown),
            elsewhere=each,
        )


class _Shown:
    """The progress of an encoder, shown while it has something to encode; each time it is asked begins anew."""

    def __init__(self, console: Console, shown: ExitStack) -> None:
        self._console, self._shown = console, shown
        self._left = 0
        self._advance: Advance | None = None

    def __call__(self, items: int, total: int) -> None:
        """Show that so many more of ``total`` texts are encoded; 0 of them open it."""
        if not items:
            self._shown.close()
            self._left, self._advance = total, self._shown.enter_context(progress(self._console, "encode", total))
        if self._advance is not None:
            self._advance(items, total)
        self._left -= items
        if not self._left:
            self._shown.close()


def senses_of(embedder: Embedder, view: CorpusView, name: str) -> tuple[Senses, Senses]:
    """Return the vectors of both sides of a translation's pairs, all of which are encoded by then.

    So what asks for them afterwards finds them, and loads no model.
    """

    def texts(side: str) -> Iterator[str]:
        return (text for batch in view.pair_batches(name) for text in batch.texts(side) if text)

    for batch in view.pair_batches(name):
        embedder.encode([text for side in ("source", "target") for text in batch.texts(side) if text])
    return Senses(embedder.encode, texts("source")), Senses(embedder.encode, texts("target"))


def encoder_settings(job: Job) -> object:
    """Return what vectors depend on beside their texts, as plain data; None without an encoder."""
    aligner = job.config.aligner
    return aligner.embeddings and [
        aligner.embeddings, aligner.embeddings_revision, aligner.embeddings_prompt, aligner.embeddings_server
    ]  # fmt: skip
