"""Build the reference of the library as pages that need no network: ``python docs/reference.py FOLDER``.

``make docs`` runs it. Any warning ends it: a name that cannot be read, an annotation that cannot be evaluated.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pdoc
from pdoc.render import configure

import qosmatin

MODULES = (
    "qosmatin", "!qosmatin[.]translate[.]", "qosmatin.library", "qosmatin.library.tables",
    "qosmatin.corpus", "qosmatin.corpus.model", "qosmatin.corpus.errors", "qosmatin.corpus.splitting",
    "qosmatin.corpus.storage.folder", "qosmatin.corpus.storage.view",
    "qosmatin.align.aligner", "qosmatin.align.batch", "qosmatin.align.matching", "qosmatin.align.settings",
    "qosmatin.align.tasks", "qosmatin.eval", "qosmatin.eval.evaluation",
    "qosmatin.translate.engine", "qosmatin.translate.engines", "qosmatin.translate.settings",
)  # fmt: skip
"""What is meant to be called from outside; the rest of the house is told in architecture.md.

Of a package with ``__all__`` pdoc takes no modules along, so they are named; without, all (then some are left out).
"""

NO_FAULTS = (
    # The fields of a named tuple, seen where it is handed on: pdoc evaluates them there.
    r"Error parsing type annotation ForwardRef\('Range'\) for qosmatin.align.WordLink",
    # Types that are generic for checkers alone.
    r"Error parsing type annotation .* type 'pyarrow\.lib\.\w+' is not subscriptable",
)


def build(folder: Path) -> None:
    """Write the pages into a folder; raises what pdoc warns of."""
    for name in qosmatin.__all__:  # pdoc sees what is there, not what comes when it is asked for
        setattr(qosmatin, name, getattr(qosmatin, name))
    configure(docformat="restructuredtext", show_source=False, footer_text="Qosmätin")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        for known in NO_FAULTS:
            warnings.filterwarnings("ignore", known)
        pdoc.pdoc(*MODULES, output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
