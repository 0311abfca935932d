"""Actors and stages on a Ray cluster of two nodes, one of which is killed in the middle."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'qosmatin[ray]'")

from ray_cluster import ROOT, of_session, running_cluster
from ray_job import result, start
from small_corpus import EN, KK
from stub_worker import let_go, noted
from test_translate_pool import TEXTS, run

from qosmatin.corpus.errors import InputError
from qosmatin.translate.cluster import connect, count_actors
from qosmatin.translate.settings import ExecutorSettings


@pytest.fixture(scope="module")
def cluster():
    with running_cluster([2, 1]) as cluster:
        yield cluster


def test_actors_answer_and_say_why_they_cannot(cluster, tmp_path):
    notes = tmp_path / "notes"
    found, _ = result(start(TEXTS, tmp_path / "a.sqlite", cluster, notes, seconds=0.05))
    assert found["texts"] == [text.upper() for text in TEXTS]
    assert sorted(text for _, text in noted(notes)) == sorted(set(TEXTS))
    assert len({process for process, _ in noted(notes)}) >= 2
    cases = [
        ("other key", notes, {"key": "other"}, r"InputError: Ray node .*another model"),
        ("package", None, {"count": 1}, r"InputError: .*lacks a package.*no_such_package.*pip install"),
        ("room", notes, {"cpus": 9, "patience": 1.0}, r"NoRoomError: .*9 CPUs and 0 GPUs found no room.*has 3 CPUs"),
    ]
    for name, noting, more, message in cases:
        found, _ = result(start(["a"], tmp_path / f"{name}.sqlite", cluster, noting, **more))
        assert re.search(message, f"{found['error']}: {found['message']}")


def test_a_node_killed_in_the_middle_loses_nothing(cluster, tmp_path):
    texts = [f"sentence {number * 7919 % 1500}" for number in range(1800)]
    notes = tmp_path / "notes"
    # A busy machine may take minutes to start an actor, and two would go on without the third. It comes late and gets
    # what the others leave, who hold shards of forty: so all hold at fifty.
    job = start(texts, tmp_path / "a.sqlite", cluster, notes, holds_at=50, patience=200.0)
    second = cluster.nodes[1]
    # All three actors hold, so much is done and much is not; one of them is on the second node.
    while True:
        assert job.poll() is None, job.stderr.read()
        asked = noted(notes) if notes.exists() else []
        hold = {worker for worker, count in Counter(worker for worker, _ in asked).items() if count >= 50}
        if len(hold) == 3 and hold & {*of_session(second)}:
            break
        time.sleep(0.02)
    assert len(asked) < 1400
    cluster.kill_node(1)
    let_go(notes)
    found, told = result(job)
    killed = found["texts"]
    assert "unanswered sentences go to another worker" in told
    undisturbed = "\n".join(text.upper() for text in texts)
    assert "\n".join(killed) == undisturbed
    asked = [text for _, text in noted(notes)]
    assert set(asked) == set(texts)
    # The dead actor was at one batch of ten; one or two more may have been on their way to the job.
    assert len(asked) - len(set(asked)) <= 30
    assert run(texts, tmp_path / "a.sqlite", None) == killed  # all of it is in the cache


RUN = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: [kk/*.txt], lang: kk}]
translations: [{name: en, lang: en, files: [en/*.txt], kind: human}]
filters: [{name: language}, {name: repeated}]
"""


def start_run(folder, *more, **environment):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "ray_run.py"), "job.yaml", "--until", "filter", *more],
        cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )  # fmt: skip


def is_at_work(process):
    """Whether a process of Ray does a piece of a stage; its title says so."""
    try:
        return (Path("/proc") / str(process) / "cmdline").read_bytes().startswith(b"ray::_do_there")
    except OSError:
        return False


def test_a_run_whose_node_is_killed_writes_what_one_machine_does(cluster, tmp_path):
    pytest.importorskip("lingua", reason="the extra 'filters' is not installed")
    here, there = tmp_path / "here", tmp_path / "there"
    for lang, texts in (("kk", KK), ("en", EN)):
        (here / lang).mkdir(parents=True)
        for at in range(12):
            one, other = (list(texts.values())[(at + by) % 3] for by in (0, 1))
            (here / lang / f"{at}.txt").write_text(f"{one} {other} {at}.", encoding="utf-8")
    (here / "job.yaml").write_text(RUN, encoding="utf-8")
    shutil.copytree(here, there)
    alone = start_run(here)
    if len(cluster.nodes) == 2:  # the second one was killed
        cluster.start_node(1)
    job = start_run(there, "--executor", "ray", RAY_ADDRESS=cluster.address)
    while not ((there / "out" / "sentences.parquet").exists() and any(map(is_at_work, of_session(cluster.nodes[-1])))):
        assert job.poll() is None, job.stdout.read()
        time.sleep(0.01)
    cluster.kill_node(len(cluster.nodes) - 1)
    for one in (job, alone):
        told = one.communicate(timeout=200)[0]
        assert one.returncode == 0, told
    for name in ("sentences", "beads/en", "filtered/en"):
        assert (there / "out" / f"{name}.parquet").read_bytes() == (here / "out" / f"{name}.parquet").read_bytes(), name


def test_without_a_cluster_the_command_to_start_one_is_named(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(InputError, match="ray start --head"):
        connect(ExecutorSettings(kind="ray"))
    for address in ("ray://localhost:10001", "local"):
        with pytest.raises(InputError, match="name the cluster itself"):
            connect(ExecutorSettings(kind="ray", address=address))


def test_as_many_actors_as_there_is_room_for():
    class Free:
        @staticmethod
        def available_resources():
            return {"CPU": 16.0, "GPU": 3.0}

    assert count_actors(Free, ExecutorSettings(kind="ray"), 4, 1) == 3
    assert count_actors(Free, ExecutorSettings(kind="ray"), 8, 0) == 2
    assert count_actors(Free, ExecutorSettings(kind="ray"), 99, 0) == 1
    assert count_actors(Free, ExecutorSettings(kind="ray", workers=5), 99, 0) == 5
