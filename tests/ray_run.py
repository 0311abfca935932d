"""``qosmatin run`` with shards so small that a small corpus has many: ``python tests/ray_run.py ARGUMENTS OF RUN``."""

import sys

from qosmatin.cli import main
from qosmatin.corpus import filters
from qosmatin.stages import align, split

if __name__ == "__main__":
    split.CHARACTERS, align.DOCUMENTS, filters.PAIRS = 400, 1, 4
    main(["run", *sys.argv[1:]])
