"""``qosmatin merge``: parts that were made apart publish what one run over all documents would."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_corpus import EN, KK, qosmatin_here

MORE_KK = {f"more{at}": f"Бұл {at}-мәтін. Оны {at + 3} адам оқыды. Бәрі разы болды." for at in range(4)}
MORE_EN = {f"more{at}": f"This is text {at}. {at + 3} people read it. All were pleased." for at in range(4)}

# What is learnt from all documents would differ; without it every number must be the same.
CONFIG = """
corpus: {name: all, version: 1.0.0, folder: FOLDER, licence: CC-BY-4.0}
sources:
  - {files: [KK], lang: kk, licence: CC0-1.0}
translations:
  - {name: en, lang: en, files: [EN], kind: human, by: A bureau, licence: CC0-1.0}
  - {name: upper, lang: en, engine: command, command: [tr, a-z, A-Z]}
aligner: {without: [learning], recalibrate: false}
publish: {test: 0.3, validation: 0.1, documents: true, context: 1}
quality: true
filters: [{name: identical}, {name: length-ratio}]
scoring: {bootstrap: 50, trials: 50}
"""


def write_job(folder: Path, name: str, kk: str, en: str, more: str = "") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(CONFIG.replace("FOLDER", name).replace("KK", kk).replace("EN", en) + more, encoding="utf-8")
    return path


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    """Run a command in ``folder`` and in this process; return what it told."""
    done = qosmatin_here(folder, *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two parts, and the whole as one run makes it."""
    folder = tmp_path_factory.mktemp("merged")
    for lang, texts in (("kk", KK | MORE_KK), ("en", EN | MORE_EN)):
        (folder / lang).mkdir()
        for name, text in texts.items():
            (folder / lang / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
    # `more0` and `more1` are in the second part, between documents of the first.
    write_job(folder, "first", "'kk/{one,two,three,more2,more3}.txt'", "'en/{one,two,three,more2,more3}.txt'")
    write_job(folder, "second", "'kk/more[01].txt'", "'en/more[01].txt'")
    write_job(folder, "whole", "kk/*.txt", "en/*.txt")
    for name in ("first", "second", "whole"):
        run(folder, "run", f"{name}.yaml")
    return folder


def rows_below(corpus: Path) -> dict[str, list[dict[str, object]]]:
    """All rows of all tables and shards but what each part has learnt from its own documents."""
    found = {}
    for path in corpus.rglob("*.parquet"):
        if "cache" not in path.parts:
            rows = pq.read_table(path).to_pylist()
            found[path.relative_to(corpus).as_posix()] = [
                {name: None if name in ("confidence", "quality") else value for name, value in row.items()}
                for row in rows
            ]
    return found


def test_two_parts_publish_what_one_run_does(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "all"
    assert "14 documents of 2 corpora" in run(made, "merge", "second", "first", "-o", str(out))
    whole = rows_below(made / "whole")
    assert rows_below(out) == whole
    assert sum(len(rows) for name, rows in whole.items() if name.startswith("dataset/kk-en/")) > 15
    # The order in which parts are named is nothing.
    before = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    told = run(made, "merge", "first", "second", "-o", str(out))
    assert {path: path.read_bytes() for path in out.rglob("*.parquet")} == before
    assert "publish unchanged" in " ".join(told.split())


def test_what_was_taken_down_of_the_whole_stays_down(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "all"
    run(made, "merge", "first", "second", "-o", str(out))
    run(made, "retract", "more1", "--corpus", str(out), "--yes")
    run(made, "merge", "first", "second", "-o", str(out))
    rows = [row for path in (out / "dataset").rglob("*.parquet") for row in pq.read_table(path).to_pylist()]
    assert rows
    assert not any("more1" in str(row) for row in rows)


@pytest.mark.parametrize(
    ("parts", "more", "told"),
    [
        (["first", "first"], "", "a part is named twice"),
        (["first", "whole"], "", "'more2' is in"),
        (["first", "nowhere"], "", "there is no corpus here"),
        (["first", "other"], "text: {mend: []}\n", "text.mend"),
        (["first", "other"], "splitter: {abbreviations: nowhere.tsv}\n", "splitter.abbreviations"),
    ],
)
def test_parts_that_do_not_fit_are_refused(made: Path, tmp_path: Path, parts: list[str], more: str, told: str) -> None:
    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    if "other" in parts:
        (folder / "nowhere.tsv").write_text("qs.\ttitle\n", encoding="utf-8")
        write_job(folder, "other", "'kk/more[01].txt'", "'en/more[01].txt'", more)
        run(folder, "run", "other.yaml")
    assert told in run(folder, "merge", *parts, "-o", "all", status=2)
    assert not (folder / "all").exists()


def test_a_corpus_of_its_own_is_not_overwritten(made: Path) -> None:
    assert "is one of the parts" in run(made, "merge", "first", "second", "-o", "first", status=2)
    assert "is a corpus of its own" in run(made, "merge", "first", "second", "-o", "whole", status=2)


def test_a_part_with_unheard_words_is_run_first(made: Path, tmp_path: Path) -> None:
    from review_material import do, open_sqlite, rows_of

    from qosmatin.review.editing.operations import Review

    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    (folder / "news").symlink_to("second")
    engine = open_sqlite(folder / "second.yaml")
    do(Review(engine), "reject", rows_of(engine)[0])
    engine.dispose()
    assert "`qosmatin run` it first" in run(folder, "merge", "first", "second", "-o", "all", status=2)
    run(folder, "run", "second.yaml")
    run(folder, "merge", "first", "second", "-o", "all")
    decisions = pq.read_table(folder / "all" / "decisions.parquet").to_pylist()
    assert [row["operation"] for row in decisions] == ["reject"]
    # Nobody reviews the whole: the next merge would not know it.
    assert "review its parts" in run(folder, "review", "users", "all", status=2)
