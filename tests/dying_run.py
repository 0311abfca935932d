"""Run a job in a process that kills itself: ``python tests/dying_run.py CONFIG UNIT SHARE COUNTS``.

Counts the Python and C calls made inside each unit of work. With SHARE between 0 and 1 the process sends itself
SIGKILL in unit UNIT, at that share of the calls that COUNTS (a JSON file of an undisturbed run) has for it; with
SHARE 1 it runs through and writes COUNTS.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.job.pipeline import Job, Stage, open_job, run_job, unit_name
from qosmatin.stages.order import STAGES

calls: Counter[str] = Counter()


def watched(stage: Stage, doomed: str, last_call: int) -> Stage:
    """The stage, counting the calls of each unit and dying at the ``last_call`` of the doomed one."""

    def run(job: Job, part: str) -> str:
        name = unit_name(stage, part)

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            if event in ("call", "c_call"):
                calls[name] += 1
                if name == doomed and calls[name] >= last_call:
                    os.kill(os.getpid(), signal.SIGKILL)

        return watching(count, lambda: stage.run(job, part))

    return replace(stage, run=run)


def watching(profile: Callable[[FrameType, str, object], None], work: Callable[[], str]) -> str:
    sys.setprofile(profile)
    try:
        return work()
    finally:
        sys.setprofile(None)


def main() -> None:
    config, doomed, share, counts = sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(sys.argv[4])
    known = json.loads(counts.read_text(encoding="utf-8")) if share < 1 else {}
    last_call = max(1, int(known.get(doomed, 0) * share))
    stages = tuple(watched(stage, doomed if share < 1 else "", last_call) for stage in STAGES)
    run_job(open_job(load_config(Path(config)), Console(stderr=True)), stages)
    counts.write_text(json.dumps(calls), encoding="utf-8")


if __name__ == "__main__":
    main()
