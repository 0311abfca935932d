"""Actors on a Ray cluster of two nodes, one of which is killed in the middle."""

import threading
from functools import partial

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'qosmatin[ray]'")

from ray_cluster import of_session, running_cluster
from stub_worker import SPEC, noted, open_stub
from test_translate_pool import TEXTS, run

from qosmatin.corpus.errors import InputError
from qosmatin.translate.cluster import RayWorker, connect, count_actors
from qosmatin.translate.jobs import Workers
from qosmatin.translate.pool import NoRoomError, Pool
from qosmatin.translate.settings import ExecutorSettings


def actors(cluster, opener, count=3, cpus=1, restarts=2, patience=60.0, key=SPEC.key):
    def open_pool():
        connected = connect(ExecutorSettings(kind="ray", address=cluster.address))
        made = [RayWorker(connected, f"actor {one}", opener, key, cpus, 0, patience) for one in range(count)]
        return Pool(made, restarts, on_close=connected.shutdown)

    return Workers(open_pool, rows=40)


@pytest.fixture(scope="module")
def cluster():
    with running_cluster([2, 1]) as cluster:
        yield cluster


def test_actors_answer_and_say_why_they_cannot(cluster, tmp_path):
    notes = tmp_path / "notes"
    workers = actors(cluster, partial(open_stub, notes, seconds=0.05))
    assert run(TEXTS, tmp_path / "a.sqlite", workers) == [text.upper() for text in TEXTS]
    assert sorted(text for _, text in noted(notes)) == sorted(set(TEXTS))
    assert len({process for process, _ in noted(notes)}) >= 2
    with pytest.raises(InputError, match=r"Ray node .*another model"):
        run(["a"], tmp_path / "b.sqlite", actors(cluster, partial(open_stub, notes), key="other"))
    with pytest.raises(InputError, match=r"lacks a package.*no_such_package.*pip install"):
        run(["a"], tmp_path / "b.sqlite", actors(cluster, missing_package, count=1))
    with pytest.raises(NoRoomError, match=r"9 CPUs and 0 GPUs found no room.*cluster has 3 CPUs"):
        run(["a"], tmp_path / "b.sqlite", actors(cluster, partial(open_stub, notes), cpus=9, patience=1.0))


def missing_package():
    raise ModuleNotFoundError("No module named 'no_such_package'")


def test_a_node_killed_in_the_middle_loses_nothing(cluster, tmp_path, caplog):
    texts = [f"sentence {number * 7919 % 1500}" for number in range(1800)]
    notes = tmp_path / "notes"
    second = cluster.nodes[1]

    over = threading.Event()
    killed_at = []

    def kill():
        """Kill the second node when an actor there has begun, and much is done and much is not."""
        while not over.wait(0.01):
            asked = noted(notes) if notes.exists() else []
            if len(asked) > 300 and {one for one, _ in asked} & {*of_session(second)}:
                cluster.kill_node(1)
                killed_at.append(len(asked))
                return

    killer = threading.Thread(target=kill)
    killer.start()
    workers = actors(cluster, partial(open_stub, notes, seconds=0.05))
    try:
        killed = run(texts, tmp_path / "a.sqlite", workers)
    finally:
        over.set()
        killer.join()
    assert killed_at
    assert killed_at[0] < 1400
    assert "unanswered sentences go to another worker" in caplog.text
    undisturbed = "\n".join(text.upper() for text in texts)
    assert "\n".join(killed) == undisturbed
    asked = [text for _, text in noted(notes)]
    assert set(asked) == set(texts)
    # The dead actor was at one batch of ten; one or two more may have been on their way to the job.
    assert len(asked) - len(set(asked)) <= 30
    assert run(texts, tmp_path / "a.sqlite", None) == killed  # all of it is in the cache


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
