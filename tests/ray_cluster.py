"""A Ray cluster for tests: nodes as `ray start` makes them, each in a session of its own, so that it can be killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Cluster:
    """``address`` is what jobs connect to; ``nodes`` are the sessions of their processes, the head's first."""

    def __init__(self, folder: Path) -> None:
        # Sockets below it have paths of at most 107 bytes.
        self.folder, self.nodes, self.address = folder, [], f"127.0.0.1:{free_port()}"

    def start_node(self, cpus: int) -> None:
        where = ["--address", self.address]
        if not self.nodes:
            port = self.address.rpartition(":")[2]
            where = ["--head", "--port", port, "--include-dashboard=false", "--temp-dir", str(self.folder)]
        # The interpreter's own `ray` beside the interpreter, since the environment need not be active.
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "ray"), "start", *where, "--node-ip-address=127.0.0.1",
             f"--num-cpus={cpus}", "--object-store-memory=80000000", "--disable-usage-stats"],
            start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "RAY_USAGE_STATS_ENABLED": "0"},
        )  # fmt: skip
        self.nodes.append(process.pid)
        # What it starts inherits the pipe, so that its end is no sign: wait for the command alone.
        assert process.wait(timeout=120) == 0, process.stdout.read()
        process.stdout.close()

    def kill_node(self, number: int) -> None:
        """Kill every process of a node at once, as a machine that loses its power."""
        for process in of_session(self.nodes[number]):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            with suppress(ChildProcessError):  # the command itself is our child, and stays until we ask for its end
                os.waitpid(process, os.WNOHANG)


def of_session(session: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(path.name)) == session:
                found.append(int(path.name))
    return found


@contextmanager
def running_cluster(cpus):
    """A cluster with a node for each number of CPUs; all its processes are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ray"))
    cluster = Cluster(folder)
    try:
        for count in cpus:
            cluster.start_node(count)
        yield cluster
    finally:
        for number in range(len(cluster.nodes)):
            for _ in range(100):
                if not of_session(cluster.nodes[number]):
                    break
                cluster.kill_node(number)
                time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)
