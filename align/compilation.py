"""Says that the search is being compiled, which happens once after an install and takes some seconds."""

from __future__ import annotations

import logging
from pathlib import Path

from . import search

logger = logging.getLogger("qosmatin.align")


def is_compiled() -> bool:
    """Whether the kernels are in memory or in numba's cache on disk; with ``NUMBA_DISABLE_JIT`` they stay Python."""
    if not hasattr(search.best_path, "signatures") or search.best_path.signatures:
        return True
    folder = search.best_path.stats.cache_path
    return folder is not None and any(Path(folder).glob("search.best_path-*.nbi"))


def announce_compilation() -> None:
    """Log, when the kernels have yet to be compiled, that this is done now and only once."""
    if not is_compiled():
        logger.info("compiling the alignment search: some twenty seconds, only once after an install")
