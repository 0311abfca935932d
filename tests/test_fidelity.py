"""The fidelity bench itself, on the formats that LibreOffice writes: what comes out is what stood there."""

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
    return importlib.import_module("fidelity")


@pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not here: apt-get install --no-install-recommends libreoffice-calc libreoffice-writer",
)
@pytest.mark.parametrize("kind", ["docx", "docx, tracked", "html", "pdf", "xlsx"])
def test_what_libreoffice_writes_comes_out_whole(bench: ModuleType, tmp_path: Path, kind: str) -> None:
    found = bench.measure(kind, tmp_path, peers=False)["qosmatin"]
    assert found.faults <= bench.BOUNDS.get(kind, 1.0)
    assert (found.order <= 1.0, found.headings, found.added) == (True, 1.0, 0.0)


@pytest.mark.parametrize("kind", ["epub", "srt", "vtt"])
def test_what_libraries_write_comes_out_whole(bench: ModuleType, tmp_path: Path, kind: str) -> None:
    found = bench.measure(kind, tmp_path, peers=False)["qosmatin"]
    assert found.faults <= 1.0
    assert (found.order, found.headings) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "lost", "doubled", "glued", "torn"),
    [
        ("бір екі үш төрт", 0, 0, 0, 0),
        ("бір үш төрт", 1, 0, 0, 0),
        ("бір екі екі үш төрт", 0, 1, 0, 0),
        ("бірекі үш төрт", 0, 0, 1, 0),
        ("бір екі4 үш төрт", 0, 0, 1, 0),
        ("бір ек і үш төрт", 0, 0, 0, 1),
    ],
)
def test_the_bench_counts_what_it_says(
    bench: ModuleType, text: str, lost: int, doubled: int, glued: int, torn: int
) -> None:
    counted = bench.count(text, bench.Truth(["бір екі үш төрт"]))
    assert [counted.lost, counted.doubled, counted.glued, counted.torn] == [
        250.0 * one for one in (lost, doubled, glued, torn)
    ]
