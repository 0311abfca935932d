"""A disk that reports errors, a quota, a network folder that is lost, a clock that jumps: told in a line, nothing lost.

The faults are those of a library that is preloaded (``faulty_system.c``); ``under_faults.py`` plays the scenes.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

_COMPILER = shutil.which("cc") or shutil.which("gcc")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="preloads a library, as Linux does it"),
    pytest.mark.skipif(_COMPILER is None, reason="there is no C compiler: apt-get install gcc libc6-dev"),
]


@pytest.fixture(scope="module")
def scenes(small_job: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each scene."""
    folder = tmp_path_factory.mktemp("faulty")
    library = folder / "faulty_system.so"
    assert _COMPILER is not None
    build = [_COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "faulty_system.c"), "-ldl"]
    subprocess.run(build, check=True)
    done = subprocess.run(
        [sys.executable, str(HERE / "under_faults.py"), str(small_job), str(folder / "work")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LD_PRELOAD": str(library)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {one["scene"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ("writing", "the disk reports an error"),
        ("reading texts", "its disk is at fault"),
        ("reading tables", "its disk is at fault"),
        ("quota", "no room is left for"),
        ("lost network folder", "the folder of the network was lost"),
        ("export", "the disk reports an error"),
    ],
)
def test_a_disk_that_fails_is_told_and_the_next_run_goes_on(
    scenes: dict[str, dict[str, Any]], scene: str, words: str
) -> None:
    found = scenes[scene]
    assert found["failed"] > 0
    for status, told in found["ended"]:
        assert "Traceback" not in told
        assert status == 2, told
        assert [line for line in told.splitlines() if line.startswith("error: ")], told
        assert words in told
    assert found["left"] == []
    assert found["status"] == 0
    assert found["same"]


def test_a_review_on_a_failing_disk_loses_nothing_that_it_said_was_saved(scenes: dict[str, dict[str, Any]]) -> None:
    found = scenes["review"]
    assert found["saved"] == [200, 200]
    for status, text in found["refused"]:
        assert status == 503
        assert "nothing was written" in text
    assert set(found["pages"]) <= {200, 503}
    assert {status for status, _ in found["unread"]} == {503}
    assert found["texts"][0] == "Saved before."
    assert found["texts"][2] == "Saved after."
    assert "Never saved" not in " ".join(found["texts"])


def test_the_last_word_stands_whatever_the_clock_said(scenes: dict[str, dict[str, Any]]) -> None:
    assert scenes["shifted"]["days"] in (399, 400)
    found = scenes["words"]
    assert set(found["statuses"]) == {200}
    assert found["status"] == 0
    assert found["first"] == "Said last, yesterday."
    assert found["exported"] == ["Said last, yesterday."]


def test_a_run_does_not_go_by_the_clock(scenes: dict[str, dict[str, Any]]) -> None:
    found = scenes["run under a jumping clock"]
    assert found["status"] == 0, found["told"]
    assert found["same"]
