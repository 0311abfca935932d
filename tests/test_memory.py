"""Translation memories: files of pairs become one, and a job takes from it what it has of the sources."""

from dataclasses import replace
from pathlib import Path

import pytest

from qosmatin.config.job import MemoryTranslation
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import Heading, read_segments, write_segments
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.model import Kind
from qosmatin.job.importing import merge_memories
from qosmatin.job.memories import known_translations

OLD = SegmentPair("Оқу тегін болады.", "Old.", changed_at="2020-01-01T00:00:00+00:00")
NEW = SegmentPair("Оқу  тегін болады.", "Study is free.", changed_at="2024-01-01T00:00:00+00:00", kind="human")


def write(path: Path, *segments: SegmentPair) -> Path:
    write_segments(path.suffix[1:], path, segments, Heading("memory", "kk", "en"))
    return path


def test_memories_are_merged_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    first = write(tmp_path / "a.tmx", OLD, NEW, SegmentPair("Жоқ.", "No.", status="rejected"), SegmentPair("Бос.", " "))
    again = replace(NEW, source="Оқу тегін болады.", changed_at="2025-01-01T00:00:00+00:00")
    merged = merge_memories([first, write(tmp_path / "b.xlsx", again)], "kk", "en")
    assert [(one.target, (one.changed_at or "")[:4]) for one in merged.segments] == [
        ("Old.", "2020"), ("Study is free.", "2025"),
    ]  # fmt: skip
    assert (merged.repeated, merged.refused, merged.empty) == (1, 1, 1)


def test_a_job_takes_exact_matches_from_a_memory_as_what_they_are(small_job: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from small_corpus import copy_job, qosmatin, write_config

    copy_job(small_job, tmp_path)
    write(tmp_path / "old.tmx", OLD, SegmentPair("Астанада кеше қар жауды.", "It snowed.", kind="machine"))
    write(tmp_path / "new.xlsx", NEW, SegmentPair("Олар риза болды", "No match without the full stop"))
    done = qosmatin(tmp_path, "import", "old.tmx", "new.xlsx", "--as", "memory", "-o", "memory.tmx")
    assert "4 units" in done.stdout, done.stderr
    assert len(list(read_segments(tmp_path / "memory.tmx", "kk", "en"))) == 4
    write_config(tmp_path)
    job = (tmp_path / "job.yaml").read_text(encoding="utf-8")
    section = (
        "  - {name: tm, lang: en, engine: memory, memories: [memory.tmx], by: A bureau, licence: CC0-1.0}\npublish"
    )
    (tmp_path / "job.yaml").write_text(job.replace("publish", section, 1), encoding="utf-8")
    done = qosmatin(tmp_path, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    found = "1 of 9 sentences stand in the memory (2 sources); 1 units of another kind left out"
    assert found in done.stdout.replace("\n", " ") + done.stderr.replace("\n", " ")
    rows = [row for path in (tmp_path / "out/dataset/kk-en-tm").iterdir() for row in pq.read_table(path).to_pylist()]
    assert [(row["translation"]["en"], row["target_kind"], row["target_by"]) for row in rows] == [
        ("Study is free.", "human", "A bureau")
    ]
    card = (tmp_path / "out/dataset/README.md").read_text(encoding="utf-8")
    assert "one@tm" not in card or "machine" not in next(line for line in card.split("\n") if "one@tm" in line)
    # Another memory: the stage runs again. None: it is named before work starts.
    write(tmp_path / "memory.tmx", replace(NEW, target="Tuition is free."))
    done = qosmatin(tmp_path, "run", "job.yaml", "--until", "translate")
    assert "1 of 9 sentences stand in the memory (1 sources)" in done.stdout + done.stderr
    (tmp_path / "memory.tmx").unlink()
    done = qosmatin(tmp_path, "run", "job.yaml")
    assert done.returncode == 2
    assert "there is no memory" in done.stderr


@pytest.mark.parametrize(
    ("kind", "units", "message"),
    [
        (
            "human",
            ["machine", "machine"],
            r"a\.tmx: .*translation 'tm': the memories have 2 units, and none of kind 'human'",
        ),
        ("machine", ["human"], "the memories have 1 units, and none of kind 'machine'; name that under 'kind'"),
        ("post-edited", ["human", "machine"], "none of kind 'post-edited'"),
        ("human", ["machine", "human"], None),
        ("human", ["machine", None], None),  # what says nothing is what the config says
    ],
)
def test_a_memory_of_another_kind_is_an_error(
    kind: str, units: list[Kind | None], message: str | None, tmp_path: Path
) -> None:
    segments = [SegmentPair(f"Сөйлем {at}.", f"Sentence {at}.", kind=one) for at, one in enumerate(units)]
    path = write(tmp_path / "a.tmx", *segments)
    section = MemoryTranslation(
        name="tm", lang="en", engine="memory", memories=[path], kind=kind, by="A bureau", licence="CC0-1.0"
    )
    if message is None:
        assert known_translations(section, "kk", Told()) == ({"Сөйлем 1.": "Sentence 1."}, 1)
        return
    with pytest.raises(InputError, match=message):
        known_translations(section, "kk", Told())
