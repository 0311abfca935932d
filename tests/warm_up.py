"""What the fork server of ``warm.py`` does before the first program: a small job, so that all it needs is in memory.

A first run in a process reads the compiled search from disk, imports what stages import when they run, and compiles the
templates of cards and reports: four seconds of processor time, of which the second run needs half a second.
"""

import gc
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock
from small_corpus import qosmatin_here, write_job
from unsynced import sync_no_store, sync_nothing

from qosmatin.cli import COMMANDS, load_command

sync_nothing()
sync_no_store()
for name in COMMANDS:
    load_command(name)
with suppress(ImportError):  # what runs and trains models is an extra
    from transformers import M2M100ForConditionalGeneration, Seq2SeqTrainer  # noqa: F401
# After an install the first compiles the search for all. Both at once, as tests begin, would compile all of it twice.
alone = FileLock(Path(tempfile.gettempdir()) / f"qosmatin-tests-{os.getuid()}.lock")
with alone, tempfile.TemporaryDirectory() as folder:
    write_job(Path(folder))
    done = qosmatin_here(Path(folder), "run", "job.yaml")
    assert done.returncode == 0, done.stderr
# What is here stays, and no program that is forked from here looks through it for garbage, which would copy its pages.
gc.collect()
gc.freeze()
