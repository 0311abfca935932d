"""Comments that come back in a file: new, changed and deleted ones, through each format that people fill in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from review_material import do, make_corpus, open_sqlite, rows_of
from small_corpus import qosmatin_here
from sqlalchemy import Engine

from qosmatin.corpus.decisions import flag_to_json, read_decisions, read_flags
from qosmatin.corpus.formats.files import Heading, pair_format, read_segments, write_segments
from qosmatin.corpus.formats.remarked import Known, find_remarks
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.model import Pair, Provenance
from qosmatin.corpus.remarks import Remark, read_remarks, remark_to_json
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.comments import all_comments, import_comments
from qosmatin.review.exchange.exporting import export_lines
from qosmatin.review.store import log
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.rows import BeadRow

AT, NOW = "2026-11-20T10:30:00+00:00", "2026-11-29T08:00:00+00:00"
STAMP = "[2026-11-20 10:30 r2]"
ASKED = Known("Which court?", AT)
FLAGGED = Known("Not our term.")
MINE = Provenance("human", "A bureau")
PAIR = Pair(
    "p1", "a", "a@en", "en", 0, "Сот басталды.", "The trial began.", ((0, 13),), ((0, 16),), "1-1", 0.9, "", MINE, MINE
)
SEGMENT = SegmentPair("Сот басталды.", "The trial began.", id="p1")


def found_in(said: SegmentPair, *known: Known) -> tuple[list[str], list[tuple[str, str]], int]:
    """The new remarks of a row, the conflicts as words taken and reason, and how many known ones are missing."""
    texts = {"a": PAIR.source_text, "a@en": PAIR.target_text}
    found = find_remarks(
        [said], {"p1": PAIR}, texts, {"p1": list(known)}, reviewer="A. B.", at=NOW, file="f.xlsx", first_row=2
    )
    return (
        [one.text for one in found.remarks],
        [(one.remark.text, one.reason.partition(";")[0]) for one in found.conflicts],
        found.missing,
    )


OTHER = "the comment of [2026-11-20 10:30 r2] is “Which court?”, and “Which town?” in the file"
GONE = "no comment of [2026-11-21 09:00] stands beside the pair: “Was here.”"


@pytest.mark.parametrize(
    ("note", "comments", "expected"),
    [
        # As it was written: nothing new.
        ("Not our term.", f"{STAMP} Which court?", ([], [], 0)),
        (f"⚑ Terminology, major\nNot our term.\n{STAMP} Which court?", None, ([], [], 0)),
        ("Not  our term.", f"{STAMP}  Which\ncourt?", ([], [], 0)),
        ("Not our term.", "[2026-11-20 10:30] Which court?", ([], [], 0)),  # by somebody who is not named
        # New: in a cell of its own, below, on the same line, in the note, several, with a time that is not a stamp.
        ("Not our term.", f"{STAMP} Which court?\nThe city court.", (["The city court."], [], 0)),
        ("Not our term.", f"{STAMP} Which court? The city court.", (["The city court."], [], 0)),
        ("Not our term. It is.", f"{STAMP} Which court?", (["Not our term. It is."], [], 1)),
        ("Not our term.\nЖаңа сөз\nЕкінші", f"{STAMP} Which court?", (["Жаңа сөз", "Екінші"], [], 0)),
        ("Not our term.\nTwice\nTwice", f"{STAMP} Which court?", (["Twice"], [], 0)),
        ("[at 10:30] said", None, (["[at 10:30] said"], [], 0)),
        # Words that begin as a known comment does are others.
        ("Not our term.", f"{STAMP} Which court", ([], [("Which court", OTHER.replace("town?", "court"))], 1)),
        # Changed.
        ("Not our term.", f"{STAMP} Which town?", ([], [("Which town?", OTHER)], 1)),
        ("Not our term.", f"{STAMP} Which town? [2026-11-21 09:00] Was here.",
         ([], [("Which town?", OTHER), ("Was here.", GONE)], 1)),
        # Deleted: what is missing stays; a file that has none of them was written without.
        ("Not our term.", None, ([], [], 1)),
        (None, None, ([], [], 0)),
        (None, "New.", (["New."], [], 0)),
    ],
)  # fmt: skip
def test_what_a_row_says_beside_what_is_known(
    note: str | None, comments: str | None, expected: tuple[list[str], list[tuple[str, str]], int]
) -> None:
    said = replace(SEGMENT, note=note, comments=comments)
    assert found_in(said, ASKED, FLAGGED) == expected
    # The same again says nothing new.
    again = [Known(text, NOW) for text in expected[0]]
    assert found_in(said, ASKED, FLAGGED, *again)[0] == []


def test_longer_comments_that_begin_as_another_are_told_apart() -> None:
    thread = [Known("Yes", AT), Known("Yes, but not here", AT), Known("Yes (twice)", AT)]
    cell = " ".join(f"{STAMP} {one.text}" for one in thread)
    assert found_in(replace(SEGMENT, comments=cell), *thread) == ([], [], 0)


def test_remarks_are_read_as_they_are_written(tmp_path: Path) -> None:
    one = Remark("p1", (), "A “word”.\tНегізінде", "r1", AT, "review.xlsx:12")
    path = tmp_path / "said.jsonl"
    path.write_text(f"{remark_to_json(one)}\n{remark_to_json(replace(one, origin=None))}\n", encoding="utf-8")
    assert read_remarks(path) == [one, replace(one, origin=None)]
    assert read_decisions(path) == read_flags(path) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("remarks"))


@pytest.fixture
def engine(made: Path) -> Iterator[Engine]:
    (made.parent / "news" / "review.db").unlink(missing_ok=True)
    engine = open_sqlite(made)
    yield engine
    engine.dispose()


def thread(engine: Engine, row: BeadRow) -> list[tuple[str, str, str | None]]:
    with engine.connect() as connection:
        found = comments_in(connection, [1]).get((1, row.number), [])
    return [(one.reviewer, one.text, one.origin) for one in found]


Fill = Callable[[Path, list[SegmentPair]], None]


def in_place(path: Path, segments: list[SegmentPair]) -> None:
    """What a spreadsheet or a script leaves: the file anew, with other cells."""
    kind = next(one for one in ("xlsx", "csv", "tsv", "jsonl") if path.suffix == f".{one}")
    write_segments(kind, path, segments, Heading("", "kk", "en"))


DOORS = ["xlsx", "csv", "tsv", "jsonl", "xliff", "xliff2", "tmx"]


@pytest.mark.parametrize("kind", DOORS)
def test_what_is_written_in_a_file_comes_into_the_thread(made: Path, engine: Engine, kind: str) -> None:
    review, work = Review(engine), made.parent
    asked, other = rows_of(engine)[1], rows_of(engine)[2]
    do(review, "comment", asked, reviewer="r2", text="Which court?")
    path = work / f"back{pair_format(kind).written}"
    assert not qosmatin_here(work, "export", "news", "-f", kind, "-o", str(path)).returncode
    if kind in ("xliff", "xliff2", "tmx"):
        with_notes(path, {asked.pair_id: "The city court.", other.pair_id: "Is this right?"})
    else:
        said = [
            replace(one, comments=f"{one.comments}\nThe city court.") if one.id == asked.pair_id
            else replace(one, note="Is this right?") if one.id == other.pair_id else one
            for one in read_segments(path, "kk", "en")
        ]  # fmt: skip
        in_place(path, said)
    number = {one.id: at for at, one in enumerate(read_segments(path, "kk", "en"), pair_format(kind).first_row)}
    told = work / f"{kind}.jsonl"
    words = ("import", path.name, "--corpus", "news", "--reviewer", "A. B.", "-o", told.name)
    done = qosmatin_here(work, *words)
    assert "0 decisions, " in done.stdout, done.stdout + done.stderr
    assert "2 new comments, 0 conflicts" in done.stdout
    # The same file again, before and after its words came into the store, says nothing more.
    assert "new comments" not in qosmatin_here(work, *words).stdout
    assert import_comments(engine, read_remarks(told)) == (2, 0)
    assert set(thread(engine, asked)) == {
        ("r2", "Which court?", None),
        ("A. B.", "The city court.", f"{path.name}:{number[asked.pair_id]}"),
    }
    assert thread(engine, other) == [("A. B.", "Is this right?", f"{path.name}:{number[other.pair_id]}")]
    assert "new comments" not in qosmatin_here(work, *words).stdout
    assert import_comments(engine, read_remarks(told)) == (0, 0)
    told.unlink()
    assert "new comments" not in qosmatin_here(work, *words).stdout


def with_notes(path: Path, notes: dict[str, str]) -> None:
    """Put a note into units, as a CAT tool does."""
    text = path.read_text(encoding="utf-8")
    for name, note in notes.items():
        if path.suffix == ".tmx":
            text = re.sub(rf'(<tu [^>]*tuid="{name}"[^>]*>)', rf"\1<note>{note}</note>", text)
        elif "<notes>" in text or 'version="2' in text:
            text = re.sub(
                rf'(<unit [^>]*id="{name}"[^>]*>)(?:<notes>(.*?)</notes>)?',
                lambda found, note=note: f"{found[1]}<notes>{found[2] or ''}<note>{note}</note></notes>", text,
            )  # fmt: skip
        else:
            text = re.sub(rf'(<trans-unit [^>]*id="{name}".*?)(</trans-unit>)', rf"\1<note>{note}</note>\2", text)
    path.write_text(text, encoding="utf-8")


def test_a_changed_comment_is_a_conflict_and_a_deleted_one_stays(made: Path, engine: Engine) -> None:
    work, row = made.parent, rows_of(engine)[1]
    do(Review(engine), "comment", row, reviewer="r2", text="Which court?")
    do(Review(engine), "comment", rows_of(engine)[3], reviewer="r2", text="Stays.")
    path = work / "changed.csv"
    assert not qosmatin_here(work, "export", "news", "-f", "csv", "-o", path.name).returncode
    text = path.read_text(encoding="utf-8-sig")
    stamp = re.search(r"\[[^]]*\](?= Stays)", text)
    assert stamp is not None
    path.write_text(text.replace("Which court?", "Which town?").replace(f"{stamp[0]} Stays.", ""), encoding="utf-8")
    words = ("import", path.name, "--corpus", "news", "--reviewer", "A. B.", "-o", "changed.jsonl")
    done = qosmatin_here(work, *words)
    assert "0 decisions, " in done.stdout, done.stdout + done.stderr
    assert ", 1 conflicts" in done.stdout
    assert f"({row.pair_id}): the comment of [" in done.stdout
    assert "is “Which court?”, and “Which town?” in the file; --take-conflicts adds that below" in done.stdout
    done = qosmatin_here(work, *words, "--take-conflicts")
    assert "1 new comments, 0 conflicts" in done.stdout
    assert import_comments(engine, read_remarks(work / "changed.jsonl")) == (1, 0)
    assert {text for _, text, _ in thread(engine, row)} == {"Which court?", "Which town?"}
    assert [text for _, text, _ in thread(engine, rows_of(engine)[3])] == ["Stays."]


def test_what_was_taken_back_does_not_return_and_what_moved_is_found(engine: Engine) -> None:
    review, rows = Review(engine), rows_of(engine)
    with engine.connect() as connection:
        document = log.read_document(connection, 1)
    said = [
        Remark(row.pair_id, row.decision(document, "accept").anchors, text, "A. B.", NOW, "f.xlsx:3")
        for row, text in ((rows[1], "One."), (rows[2], "Two."))
    ]
    assert import_comments(engine, said[:1]) == (1, 0)
    review.undo("A. B.")
    assert import_comments(engine, said[:1]) == (0, 0)
    assert thread(engine, rows[1]) == []
    # The pair went into another.
    merged = do(review, "merge", rows_of(engine)[1]).rows[0]
    assert import_comments(engine, said) == (1, 0)
    assert thread(engine, merged) == [("A. B.", "Two.", "f.xlsx:3")]
    anchors = tuple(replace(one, text="no such text") for one in said[1].anchors)
    elsewhere = replace(said[1], pair_id="none", text="Three.", anchors=anchors)
    assert import_comments(engine, [elsewhere]) == (0, 1)


def test_an_export_of_decisions_carries_comments_to_another_store(made: Path, engine: Engine) -> None:
    row = rows_of(engine)[1]
    do(Review(engine), "comment", row, reviewer="r2", text="Which court?")
    do(Review(engine), "flag", row, category="Terminology", severity="major", comment="Not our term.")
    path = made.parent / "said.jsonl"
    path.write_text("".join(export_lines(engine)), encoding="utf-8")
    said = list(all_comments(engine))
    assert read_remarks(path) == said
    engine.dispose()
    (made.parent / "news" / "review.db").unlink()
    again = open_sqlite(made)
    assert import_comments(again, said) == (1, 0)
    assert list(all_comments(again)) == said
    again.dispose()


def test_flags_in_the_file_that_is_added_to_stay(made: Path, engine: Engine) -> None:
    do(Review(engine), "flag", rows_of(engine)[1], category="Terminology", severity="major", comment="Not our term.")
    work = made.parent
    path = work / "kept.jsonl"
    path.write_text("".join(export_lines(engine)), encoding="utf-8")
    flags = read_flags(path)
    assert flags
    assert not qosmatin_here(work, "export", "news", "-f", "csv", "-o", "kept.csv").returncode
    words = ("import", "kept.csv", "--corpus", "news", "--reviewer", "A. B.", "-o", path.name)
    assert not qosmatin_here(work, *words).returncode
    assert [flag_to_json(one) for one in read_flags(path)] == [flag_to_json(one) for one in flags]
