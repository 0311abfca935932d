"""Workers in processes of their own: order, sharing, deaths, faults."""

import dataclasses
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from stub_worker import SPEC, let_go, noted, open_stub

from qosmatin.corpus.errors import ConfigError, EngineError, InputError, MissingExtraError
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import LazyEngine, Workers, translate_requests
from qosmatin.translate.pool import NoRoomError, Pool, WorkerLostError
from qosmatin.translate.processes import ProcessWorker
from qosmatin.translate.tally import Tally

TEXTS = [f"sentence {number * 7919 % 500}" for number in range(600)]  # every sixth comes twice


def processes(opener, count=2, restarts=2, rows=50, key=SPEC.key):
    return Workers(
        lambda: Pool([ProcessWorker(f"process {number}", opener, key, {}) for number in range(count)], restarts), rows
    )


def run(texts, path, workers, tally=None):
    def none():
        raise AssertionError("the job's own process opens no model")

    with AnswerCache(path) as cache:
        tally = tally or Tally()
        answers = translate_requests(
            map(TranslationRequest, texts), LazyEngine(SPEC, none), cache, tally, workers=workers
        )
        return [one.text for one in answers]


def test_processes_share_the_work_and_answers_come_in_order(tmp_path):
    notes, tally = tmp_path / "notes", Tally()
    workers = processes(partial(open_stub, notes, seconds=0.01))
    assert run(TEXTS, tmp_path / "a.sqlite", workers, tally) == [text.upper() for text in TEXTS]
    asked = noted(notes)
    assert sorted(text for _, text in asked) == sorted(set(TEXTS))  # those of several shards once
    assert len({process for process, _ in asked}) == 2
    assert (tally.done, tally.asked) == (600, 500)
    again = run([*TEXTS, "new"], tmp_path / "a.sqlite", workers)
    assert again[-1] == "NEW"
    assert noted(notes)[500:] == [(noted(notes)[-1][0], "new")]


def test_what_a_dead_process_did_not_answer_is_asked_of_another(tmp_path, caplog):
    notes = tmp_path / "notes"
    opener = partial(open_stub, notes, seconds=0.005, dies_of="sentence 77", dies_once=True)
    with caplog.at_level(logging.WARNING):
        assert run(TEXTS, tmp_path / "a.sqlite", processes(opener)) == [text.upper() for text in TEXTS]
    assert "goes to another" in caplog.text or "go to another" in caplog.text
    asked = [text for _, text in noted(notes)]
    assert set(asked) == set(TEXTS)
    # One model, so one batch at a time was under way there; a second may have been on its way back.
    assert len(asked) - len(set(asked)) <= 20


def test_a_shard_that_every_process_dies_of_is_an_error_and_the_rest_is_kept(tmp_path):
    opener = partial(open_stub, tmp_path / "notes", dies_of="sentence 77")
    with pytest.raises(EngineError, match="died"):
        run(TEXTS, tmp_path / "a.sqlite", processes(opener, restarts=1))
    answered = {text for _, text in noted(tmp_path / "notes")}
    assert 0 < len(answered) < 500
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        assert 0 < cache.rate(SPEC).asked <= len(answered)


@pytest.mark.parametrize(
    ("text", "error", "message"), [("broken", EngineError, "stub: broken"), ("bug", EngineError, "ZeroDivisionError")]
)
def test_faults_of_an_engine_elsewhere_are_raised_here_and_what_was_answered_is_kept(tmp_path, text, error, message):
    notes = tmp_path / "notes"
    with pytest.raises(error, match=message):
        run([*TEXTS[:40], text], tmp_path / "a.sqlite", processes(partial(open_stub, notes), count=1))
    answered = {one for _, one in noted(notes)}
    assert len(answered) >= 10
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        assert cache.rate(SPEC).asked == len(answered)


def missing_model():
    raise InputError("there is no such model folder", "models/x")


def missing_package():
    raise MissingExtraError("engine: ctranslate2", "mt")


@pytest.mark.parametrize(
    ("opener", "error", "message"),
    [
        (missing_model, InputError, "models/x: there is no such model"),
        (missing_package, MissingExtraError, r"pip install 'qosmatin\[mt\]'"),
        (partial(open_stub, "notes", spec=dataclasses.replace(SPEC, weights="other")), InputError, "another model"),
    ],
)
def test_a_worker_that_cannot_begin_says_why(tmp_path, opener, error, message):
    with pytest.raises(error, match=message):
        run(["a"], tmp_path / "a.sqlite", processes(opener, count=1))


class Elsewhere:
    """A worker that is lost, or finds no room, as often as it is told."""

    def __init__(self, name, losses=0, room=True):
        self.name, self.losses, self.room, self.starts = name, losses, room, 0

    def start(self):
        self.starts += 1
        if not self.room:
            raise NoRoomError(self.name, "no room")
        if self.losses >= self.starts:
            raise WorkerLostError(self.name, "died on the way")

    def answer(self, missing):
        yield dict(zip(missing, self._answers(missing), strict=True))

    def _answers(self, missing):
        from qosmatin.translate.engine import Answer

        return [Answer(one.text.upper()) for one in missing.values()]

    def stop(self):
        pass

    close = stop


def test_workers_without_room_are_done_without_and_the_last_one_is_an_error(tmp_path):
    some = [Elsewhere("a", room=False), Elsewhere("b", losses=2)]
    assert run(["x", "y"], tmp_path / "a.sqlite", Workers(lambda: Pool(some, restarts=2), 1)) == ["X", "Y"]
    assert some[1].starts == 3
    with pytest.raises(NoRoomError):
        run(["z"], tmp_path / "a.sqlite", Workers(lambda: Pool([Elsewhere("a", room=False)], restarts=2), 1))
    with pytest.raises(WorkerLostError):
        run(["z"], tmp_path / "a.sqlite", Workers(lambda: Pool([Elsewhere("b", losses=9)], restarts=2), 1))


DOOMED = """
import sys
from functools import partial
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from stub_worker import open_stub
from test_translate_pool import TEXTS, processes, run
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    run(TEXTS, folder / "a.sqlite", processes(partial(open_stub, folder / "notes", holds_at=40)))
"""


def start_doomed(folder):
    (folder / "doomed.py").write_text(DOOMED)
    tests = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, str(folder / "doomed.py"), str(folder), str(tests.parent), str(tests)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    # Both hold at their fourth batch of ten.
    while not (folder / "notes").exists() or len(noted(folder / "notes")) < 80:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_when_the_job_dies_its_processes_end_and_a_resume_asks_for_the_rest(tmp_path, end):
    process = start_doomed(tmp_path)
    process.send_signal(end)
    if end == signal.SIGKILL:
        process.wait()
    let_go(tmp_path / "notes")
    process.communicate(timeout=200)
    while any(alive(one) for one in {one for one, _ in noted(tmp_path / "notes")}):
        time.sleep(0.05)  # pytest-timeout bounds it
    before = [text for _, text in noted(tmp_path / "notes")]
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as cache:
        kept = cache.execute("SELECT count(*) FROM answers").fetchone()[0]
    workers = processes(partial(open_stub, tmp_path / "notes"))
    assert run(TEXTS, tmp_path / "a.sqlite", workers) == [text.upper() for text in TEXTS]
    after = [text for _, text in noted(tmp_path / "notes")][len(before) :]
    # Whatever was kept is not asked for again. Stopped, and not killed, all that was asked was kept.
    assert len(after) == len(set(after)) == len(set(TEXTS)) - kept
    assert end == signal.SIGKILL or kept == len(set(before))


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [
        (Pool, "next_results", True),
        (Pool, "forget", False),
        (Pool, "forget", True),
        (AnswerCache, "add", False),
        (AnswerCache, "add", True),
    ],
)
def test_ctrl_c_at_any_moment_loses_no_answer(tmp_path, monkeypatch, owner, name, after):
    method, calls = getattr(owner, name), []

    def interrupted(self, *arguments):
        calls.append(name)
        if len(calls) == 3 and not after:
            raise KeyboardInterrupt
        found = method(self, *arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(owner, name, interrupted)
    notes = tmp_path / "notes"
    with pytest.raises(KeyboardInterrupt):
        run(TEXTS, tmp_path / "a.sqlite", processes(partial(open_stub, notes, seconds=0.02)))
    monkeypatch.undo()
    answered = {text for _, text in noted(notes)}
    assert len(answered) >= 20
    run(TEXTS, tmp_path / "a.sqlite", processes(partial(open_stub, notes)))
    assert sorted(text for _, text in noted(notes)) == sorted(set(TEXTS))  # none of them twice


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_errors_survive_the_way_between_processes():
    import pickle

    for error in (InputError("bad", "a.txt", 3), EngineError("nllb", "bad", "x", 2), ConfigError(["a", "b"])):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), copy.__dict__) == (type(error), str(error), error.__dict__)
