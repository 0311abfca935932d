"""What ``jobs: 2`` gains over ``jobs: 1``, by stage, in one run: seconds, their ratio, the memory of all processes.

    python benchmarks/spread.py 60000 quality
    python benchmarks/spread.py 9000 quality --block 1500
    python benchmarks/spread.py 60000 match

The documents are those of ``growth.py``, so many sentences of them; the stages before are run once. The tables that
both make must be the same to the byte.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from growth import CONFIG, write_documents
from rich.console import Console

from qosmatin.align.quality import scoring
from qosmatin.config.job import load_config
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.order import STAGES

TABLES = {"quality": "quality/en", "match": "candidates/en"}


def memory() -> float:
    """Return what this process and those that it started hold now, in megabytes; pages they share count once."""
    total = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(path.name)) == os.getpgid(0):
                lines = (path / "smaps_rollup").read_text().split("\n")
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue  # it ended, or is not ours
    return total / 1024


def measured(folder: Path, stage: str, jobs: int) -> tuple[float, float, bytes]:
    """Run a stage anew; return its seconds, the most memory, and the table that it made."""
    job = open_job(load_config(folder / "job.yaml").model_copy(update={"jobs": jobs}), Console(quiet=True))
    done, seen = Event(), [memory()]

    def watch() -> None:
        while not done.wait(0.5):
            seen.append(memory())

    watching = Thread(target=watch)
    watching.start()
    started = time.monotonic()
    run_job(job, STAGES, force=stage, only=stage)
    seconds = time.monotonic() - started
    done.set()
    watching.join()
    return seconds, max(seen), (folder / "out" / f"{TABLES[stage]}.parquet").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=int)
    parser.add_argument("stage", choices=list(TABLES))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--block", type=int, default=scoring.BLOCK, help="pairs that are judged together")
    asked = parser.parse_args()
    scoring.BLOCK = asked.block
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_documents(folder, asked.sentences)
        more = "quality: true\n" if asked.stage == "quality" else ""
        config = CONFIG if more else CONFIG.replace("kind: human", "kind: human, pairing: content")
        (folder / "job.yaml").write_text(config + more, encoding="utf-8")
        job = open_job(load_config(folder / "job.yaml"), Console(quiet=True))
        run_job(job, STAGES, until=asked.stage if asked.stage == "match" else "align")  # kernels are compiled by then
        found = {jobs: measured(folder, asked.stage, jobs) for jobs in (1, asked.jobs)}
    for jobs, (seconds, megabytes, _) in found.items():
        print(f"{asked.stage}, {asked.sentences:,} sentences, jobs {jobs}: {seconds:.1f} s, {megabytes:,.0f} MB")
    assert found[1][2] == found[asked.jobs][2], "the tables differ"
    print(f"{found[1][0] / found[asked.jobs][0]:.2f} times as fast, the same bytes; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
