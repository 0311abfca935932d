"""A job on a Ray cluster in a process of its own, as a user's is: Ray ends the process whose node is lost.

``python tests/ray_job.py JOB`` runs what the JSON says (see ``main``), and prints what became of it as JSON.
"""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from stub_worker import SPEC, missing_package, open_stub
from test_translate_pool import run

from qosmatin.corpus.errors import QosmatinError
from qosmatin.translate.cluster import RayWorker, connect
from qosmatin.translate.jobs import Workers
from qosmatin.translate.pool import Pool
from qosmatin.translate.settings import ExecutorSettings


def main(job: dict[str, Any]) -> dict[str, Any]:
    opener = partial(open_stub, job["notes"], **job["stub"]) if job["notes"] else missing_package

    def open_pool():
        connected = connect(ExecutorSettings(kind="ray", address=job["address"]))
        actors = [
            RayWorker(
                connected,
                f"actor {one}",
                opener,
                job.get("key", SPEC.key),
                cpus=job["cpus"],
                gpus=0,
                patience=job["patience"],
            )
            for one in range(job["count"])
        ]
        return Pool(actors, restarts=2, on_close=connected.shutdown)

    try:
        return {"texts": run(job["texts"], Path(job["cache"]), Workers(open_pool, rows=40))}
    except QosmatinError as error:
        return {"error": type(error).__name__, "message": str(error)}


def start(texts, cache, cluster, notes, *, count=3, cpus=1, patience=60.0, key=SPEC.key, **stub) -> subprocess.Popen:
    """Start a job; ``notes`` is where the stub notes what it is asked, None for one that lacks a package."""
    job = {
        "texts": texts, "cache": str(cache), "address": cluster.address, "notes": notes and str(notes), "count": count,
        "cpus": cpus, "patience": patience, "key": key, "stub": stub,
    }  # fmt: skip
    tests = Path(__file__).parent
    path = Path(cache).with_suffix(".json")
    path.write_text(json.dumps(job), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, __file__, str(path)], cwd=tests.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=os.environ | {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"},
    )  # fmt: skip


def result(process: subprocess.Popen) -> tuple[dict[str, Any], str]:
    """What became of a job, and what it told on the way."""
    with process:
        try:
            output, told = process.communicate(timeout=200)
        finally:
            process.kill()
    assert process.returncode == 0, told
    return json.loads(output.splitlines()[-1]), told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
