"""The same work on many documents: whoever does it, the same comes out, in the same order; the rest is in
``test_translate_ray.py``, which has a cluster."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from matched_documents import write_folders
from rich.console import Console
from small_corpus import EN, KK, write_config
from spread_work import squared

from qosmatin.align.quality import scoring
from qosmatin.config.job import load_config
from qosmatin.corpus.errors import EngineError, InputError
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.job import spreading as spreading_module
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.job.spreading import Spread, in_chunks, spreading
from qosmatin.stages import match, read, split
from qosmatin.stages.order import STAGES


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are started after the first thing."""
    monkeypatch.setattr(spreading_module, "HERE_FIRST", 0.0)


def opened(jobs: int) -> Iterator[Spread]:
    with spreading(SimpleNamespace(executor=SimpleNamespace(kind="local"), workers=jobs)) as spread:  # type: ignore[arg-type]
        yield spread


@pytest.fixture
def spread() -> Iterator[Spread]:
    yield from opened(2)


def test_results_come_in_order_from_several_processes(spread: Spread) -> None:
    results = spread(squared, iter([*range(40), 99, 4]))
    made = [next(results) for _ in range(40)]
    assert [one for one, _ in made] == [number * number for number in range(40)]
    assert [process == os.getpid() for _, process in made] == [True, *[False] * 39]
    with pytest.raises(InputError, match=r"numbers\.txt:7: this is no number"):
        next(results)
    with pytest.raises(EngineError, match="a worker process died"):
        list(spread(squared, [1, 2, 3, -9, 4]))


def test_little_work_is_done_here(spread: Spread, monkeypatch: pytest.MonkeyPatch) -> None:
    for alone in opened(1):
        assert {process for _, process in alone(squared, range(9))} == {os.getpid()}
    monkeypatch.setattr(spreading_module, "HERE_FIRST", 10.0)
    assert {process for _, process in spread(squared, range(9))} == {os.getpid()}


def test_where_there_is_much_to_do_processes_do_all_of_it() -> None:
    with spreading(SimpleNamespace(executor=SimpleNamespace(kind="local"), workers=2), at_once=True) as spread:  # type: ignore[arg-type]
        made = list(spread(squared, range(4)))
    assert [one for one, _ in made] == [0, 1, 4, 9]
    assert os.getpid() not in {process for _, process in made}


@pytest.mark.parametrize(
    ("sizes", "chunks"),
    [([], []), ([5], [[5]]), ([4, 6, 1], [[4, 6], [1]]), ([30, 1], [[30], [1]]), ([1] * 3, [[1] * 3])],
)  # fmt: skip
def test_chunks_are_of_like_size(sizes: list[int], chunks: list[list[int]]) -> None:
    assert list(in_chunks(sizes, lambda one: one, 10)) == chunks


WAITING = """
import sys, time
from types import SimpleNamespace
from qosmatin.job import spreading as module
from qosmatin.job.spreading import spreading
module.HERE_FIRST = 0.0
if __name__ == "__main__":
    with spreading(SimpleNamespace(executor=SimpleNamespace(kind="local"), workers=2)) as spread:
        for _ in spread(time.sleep, [0.01] * 4 + [600] * 8):
            print("made", flush=True)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to see processes")
def test_a_killed_job_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text(WAITING)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "waiting.py")], stdout=subprocess.PIPE, env=environment, start_new_session=True
    )
    assert process.stdout is not None
    for _ in range(3):  # the second is of another process
        process.stdout.readline()
    session = os.getsid(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 20
    while left := of_session(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def of_session(session: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(state[3]) == session and state[0] != "Z":
            found.append(int(path.name))
    return found


def by_one_and_by_two(folder: Path, until: str, *tables: str) -> list[list[bytes]]:
    """Run the job of a folder up to a stage, by one process and by two; returns the tables that each made."""
    made = []
    for jobs in (1, 2):
        config = load_config(folder / "job.yaml").model_copy(update={"jobs": jobs})
        shutil.rmtree(folder / "out", ignore_errors=True)
        run_job(open_job(config, Console(quiet=True)), STAGES, until=until)
        made.append([(folder / "out" / f"{table}.parquet").read_bytes() for table in tables])
    return made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for lang, texts in (("kk", KK), ("en", EN)):
        (tmp_path / lang).mkdir()
        for name, text in texts.items():
            (tmp_path / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def test_documents_are_read_and_split_alike_by_one_process_and_by_several(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "CHARACTERS", 300)
    monkeypatch.setattr(read, "BYTES", 300)
    write_config(small)
    one, two = by_one_and_by_two(small, "split", "documents", "sentences")
    assert one == two


def test_what_cannot_be_read_is_told_alike_by_one_process_and_by_several(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "BYTES", 1)
    for path in (small / "kk" / "three.txt", small / "en" / "one.txt"):
        path.write_text(" \n", encoding="utf-8")
    write_config(small, more="on_error: skip")
    one, two = by_one_and_by_two(small, "read", "documents", "problems")
    assert one == two
    told = CorpusFolder(small / "out").read("problems").to_pylist()
    assert {row["document"] for row in told} == {"one", "one@en", "three", "three@en"}


def test_pairs_are_judged_alike_by_one_process_and_by_several(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "BLOCK", 3)  # of nine pairs
    write_config(small, more="quality: true")
    one, two = by_one_and_by_two(small, "quality", "quality/en")
    assert one == two


def test_documents_find_each_other_alike_by_one_process_and_by_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match, "DOCUMENTS", 2)
    write_folders(tmp_path, 6)
    (tmp_path / "job.yaml").write_text(MATCHED)
    one, two = by_one_and_by_two(tmp_path, "match", "candidates/en", "relations/en")
    assert one == two


MATCHED = """\
corpus: {name: found, version: 1.0.0, folder: out}
sources: [{files: [a], lang: kk}]
translations: [{name: en, lang: en, kind: human, files: [b], pairing: content}]
"""
