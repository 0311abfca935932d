"""Random corpora go out, through another program, and come back: translate-toolkit for TMX and XLIFF, LibreOffice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qosmatin.corpus.formats.files import Heading, pair_format, read_segments, write_segments
from qosmatin.corpus.formats.segments import STATUSES, SegmentPair
from qosmatin.corpus.model import Tag

# Reads each file and writes it again, one line of the input a command, so that one process serves all examples.
TOOLKIT = """
import json, sys
from translate.storage import tmx, xliff, xliff2
for line in sys.stdin:
    kind, path, to = json.loads(line)
    if kind == "tmx":
        with open(path, "rb") as stream:
            store = tmx.tmxfile(stream, "kk", "en")
    elif kind == "xliff":
        store = xliff.xlifffile.parsefile(path)
    else:
        store = xliff2.Xliff2File.parsefile(path)
    seen = [[unit.source, unit.target] for unit in store.units if unit.istranslatable()]
    with open(to, "wb") as stream:
        store.serialize(stream)
    print(json.dumps(seen), flush=True)
"""

WORDS = st.lists(st.text("абвқңө<>&\"' .,!?-—1", min_size=1, max_size=8), min_size=1, max_size=4)
TEXTS = WORDS.map(lambda words: " ".join(" ".join(words).split()) or "а")


@st.composite
def segments(draw: st.DrawFn) -> list[SegmentPair]:
    """A few pairs with ids of their own, statuses and tags that both sides have."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        source, target = draw(TEXTS), draw(TEXTS)
        tags = [
            tuple(sorted((Tag(draw(st.integers(0, len(text))), "alone", "1", "x:y"),), key=lambda tag: tag.at))
            if draw(st.booleans())
            else ()
            for text in (source, target)
        ]
        found.append(
            SegmentPair(
                source, target, id=f"p{number}", document="d", status=draw(st.sampled_from(STATUSES)),
                note=draw(st.none() | st.just("a note")), source_tags=tags[0], target_tags=tags[1],
            )
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def toolkit(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    # In a process of its own, elsewhere: its package is called `translate`, as a folder of ours is.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, "-c", TOOLKIT],
        cwd=tmp_path_factory.mktemp("toolkit"),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("kind", ["tmx", "xliff", "xliff2"])
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_=segments())
def test_pairs_come_back_from_translate_toolkit(  # type: ignore[no-untyped-def]
    kind: str, given_: list[SegmentPair], tmp_path: Path, toolkit
) -> None:
    path, to = (tmp_path / f"{name}{pair_format(kind).written}" for name in ("ours", "theirs"))
    write_segments(kind, path, given_, Heading("title", "kk", "en"))
    toolkit.stdin.write(json.dumps([kind, str(path), str(to)]) + "\n")
    toolkit.stdin.flush()
    seen = json.loads(toolkit.stdout.readline())
    assert seen == [[one.source, one.target] for one in given_]
    found = list(read_segments(to, "kk", "en"))
    for before, after in zip(given_, found, strict=True):
        for name in ("source", "target", "id", "status", "document", "note"):
            assert getattr(after, name) == getattr(before, name), name
        for name in ("source_tags", "target_tags"):
            assert [(tag.at, tag.kind) for tag in getattr(after, name)] == [
                (tag.at, tag.kind) for tag in getattr(before, name)
            ]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_sheet_comes_back_from_libreoffice(tmp_path: Path) -> None:
    texts = [
        "Сот басталды.",
        "=1+1",
        "2024-05-01",
        "007",
        "1e5",
        "a  b",
        "«Иә», — деді ол.",
        "50 %",
        "TRUE",
        "'x",
        "1/2",
    ]
    pairs = [
        SegmentPair(text, f"{text} en", id=f"p{number}", document="d", position=number, confidence=0.5,
                    status=STATUSES[number % 4], note="a note", changed_at="2026-01-02T03:04:05+00:00")
        for number, text in enumerate(texts)
    ]  # fmt: skip
    write_segments("xlsx", tmp_path / "pairs.xlsx", pairs, Heading("title", "kk", "en"))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", "out", "pairs.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    found = list(read_segments(tmp_path / "out" / "pairs.xlsx", "kk", "en"))
    assert found == pairs
