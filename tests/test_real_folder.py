"""A folder as people have them: every kind of trouble, one run, and the good documents are published."""

import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from warm import TESTS, run_warm

from qosmatin.cli import EXIT_STATUS
from qosmatin.config.job import load_config
from qosmatin.corpus import ConfigError, InputError
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.job.problems import read_problems
from qosmatin.stages.order import STAGES

ROOT = Path(__file__).parent.parent
KK = "Сот {n} маусымда басталды. Белсенді сотқа келді. Журналистер залға кірмеді.\n"
EN = "The trial began on June {n}. The activist came to court. Journalists did not enter.\n"
CONFIG = """\
corpus: {name: house, version: 1.0.0, folder: out}
on_error: skip
sources: [{files: [kk], exclude: [drafts, "*.png"], lang: kaz}]
translations: [{name: en, lang: en-us, kind: human, files: ["en/**/*.{txt,docx}"]}]
scoring: {bootstrap: 0, trials: 0}
"""


def docx(path: Path, text: str) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph(text)
    document.save(path)


def make_folder(folder: Path, good: int = 4) -> Path:
    """A config, and documents in nested folders with every kind of trouble."""
    for lang, text in (("kk", KK), ("en", EN)):
        for n in range(1, good + 1):
            path = folder / lang / f"20{n % 3}0" / f"{n}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(n=n), encoding="utf-8")
        docx(folder / lang / "word.docx", text.format(n=30))
    kk, en = folder / "kk", folder / "en"
    whole = (kk / "word.docx").read_bytes()
    (kk / "cut.docx").write_bytes(whole[: len(whole) // 2])
    (kk / "liar.docx").write_text("This is no zip.", encoding="utf-8")
    with zipfile.ZipFile(kk / "empty-zip.docx", "w"):
        pass
    (kk / "nuls.txt").write_bytes(b"line\n\0\1\2binary")
    (kk / "bytes.txt").write_bytes(KK.encode() * 3 + b"\xff\xfe\xd1 \xff" + KK.encode())
    (kk / "blank.docx").write_bytes(b"")
    (kk / "table.xlsx").write_bytes(b"PK")
    (kk / "same.txt").write_text(KK.format(n=7), encoding="utf-8")
    docx(kk / "same.docx", KK.format(n=8))
    (kk / "alone.txt").write_text(KK.format(n=9), encoding="utf-8")
    (kk / "untold.txt").write_text(KK.format(n=10), encoding="utf-8")
    (en / "untold.txt").write_bytes(b"\0\0\0")
    for name in ("same", "nuls"):
        (en / f"{name}.txt").write_text(EN.format(n=7), encoding="utf-8")
    (en / "stranger.txt").write_text(EN.format(n=11), encoding="utf-8")
    for name in ("~$word.docx", ".DS_Store", "Thumbs.db", "desktop.ini", "old.tmp", "1.txt~"):
        (kk / name).write_bytes(b"\0junk")
    (kk / "drafts").mkdir()
    (kk / "drafts" / "new.txt").write_text("Жоба.", encoding="utf-8")
    (kk / "scan.png").write_bytes(b"\x89PNG")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    return folder / "job.yaml"


BAD = ("cut.docx", "liar.docx", "empty-zip.docx", "nuls.txt", "bytes.txt", "blank.docx", "table.xlsx", "same.docx")
"""Sources that cannot be published."""


def qosmatin(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_warm(*arguments, folder=folder)


def told(folder: Path, steps: str = "split") -> str:
    """Run a part of the job in this process, and return what it says."""
    said = io.StringIO()
    run_job(open_job(load_config(folder / "job.yaml"), Console(file=said, width=400)), STAGES, until=steps)
    return said.getvalue()


def test_the_first_attempt_publishes_what_is_good_and_lists_the_rest(tmp_path: Path) -> None:
    make_folder(tmp_path)
    checked = qosmatin(tmp_path, "config", "check", "--read", "job.yaml")
    assert checked.returncode == 4, checked.stderr
    done = qosmatin(tmp_path, "run", "job.yaml", "--log", "run.log")
    assert done.returncode == 4, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out/report/problems.jsonl").read_text("utf-8").splitlines()]
    said = "\n".join(row["origin"] + " " + row["problem"] for row in rows)
    assert all(row["problem"] and row["remedy"] for row in rows)
    for name in (*BAD, "untold.txt", "stranger.txt"):
        assert f"/{name}" in said, name
    assert "left out, since its source 'nuls' cannot be read" in said
    assert "source 'untold' stands without its translation 'en'" in said
    for text in (done.stdout, (tmp_path / "run.log").read_text("utf-8")):
        assert all(row["remedy"] in text and row["origin"] in text for row in rows)
    for name in BAD:
        assert name in checked.stdout
    assert "7 files of programs ignored" not in done.stdout
    assert "6 files of programs ignored" in done.stdout
    documents = pq.read_table(tmp_path / "out/documents.parquet").to_pylist()
    assert {row["lang"] for row in documents} == {"kk", "en-US"}
    sources = {row["id"] for row in documents if row["translation"] is None}
    assert sources == {"2010/1", "2020/2", "2000/3", "2010/4", "word", "same", "alone", "untold"}
    published = pq.read_table(next((tmp_path / "out/dataset").rglob("*.parquet"))).num_rows
    assert published == 3 * 6
    again = qosmatin(tmp_path, "run", "job.yaml", "--json")
    assert again.returncode == 4
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert not any(event["ran"] for event in events if event["event"] == "unit")
    assert sum(event["event"] == "problem" for event in events) == len(rows) == events[-1]["problems"]
    quiet = qosmatin(tmp_path, "run", "job.yaml", "--quiet")
    assert quiet.returncode == 4
    assert "unchanged" not in quiet.stdout
    assert rows[0]["origin"] in quiet.stdout


def test_stop_lists_all_that_is_bad_at_once(tmp_path: Path) -> None:
    make_folder(tmp_path)
    path = tmp_path / "job.yaml"
    path.write_text(CONFIG.replace("on_error: skip", "on_error: stop"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        told(tmp_path)
    for name in ("table.xlsx", "same.docx", "stranger.txt"):
        assert name in str(caught.value)
    for name in ("kk/table.xlsx", "kk/same.docx", "en/stranger.txt"):
        (tmp_path / name).unlink()
    with pytest.raises(InputError) as refused:
        told(tmp_path)
    for name in set(BAD) - {"table.xlsx", "same.docx"} | {"en/untold.txt"}:
        assert name in str(refused.value)
    assert "on_error: skip" in str(refused.value)


def small(folder: Path, count: int) -> None:
    for lang, text in (("kk", KK), ("en", EN)):
        (folder / lang).mkdir(parents=True)
        for n in range(count):
            (folder / lang / f"{n:03}.txt").write_text(text.format(n=n), encoding="utf-8")
    plain = CONFIG.replace(', exclude: [drafts, "*.png"]', "").replace("on_error: skip\n", "")
    (folder / "job.yaml").write_text(plain, encoding="utf-8")


def change(folder: Path) -> None:
    """Ten new, one edited, one removed on both sides."""
    for lang, text in (("kk", KK), ("en", EN)):
        for n in range(30, 40):
            (folder / lang / f"{n:03}.txt").write_text(text.format(n=n), encoding="utf-8")
        (folder / lang / "005.txt").write_text(text.format(n=99), encoding="utf-8")
        (folder / lang / "007.txt").unlink()


def tables(folder: Path) -> dict[str, bytes]:
    out = folder / "out"
    names = ("documents", "problems", "sentences", "cache/documents-keys", "cache/sentences-keys")
    return {name: (out / f"{name}.parquet").read_bytes() for name in names}


def test_only_what_changed_is_read_and_split_again(tmp_path: Path) -> None:
    small(tmp_path / "one", 30)
    told(tmp_path / "one")
    change(tmp_path / "one")
    planned = qosmatin(tmp_path / "one", "run", "job.yaml", "--plan").stdout
    assert "22 of 78 documents to read, 56 unchanged" in planned
    assert "22 of 78 documents to split at most, 56 unchanged" in planned
    said = told(tmp_path / "one")
    assert "22 of 78 documents read, 56 unchanged" in said
    assert "22 of 78 documents split, 56 unchanged" in said
    incremental = tables(tmp_path / "one")
    shutil.rmtree(tmp_path / "one" / "out")
    told(tmp_path / "one")
    assert tables(tmp_path / "one") == incremental


def test_tables_that_somebody_edited_are_not_reused(tmp_path: Path) -> None:
    small(tmp_path / "one", 5)
    told(tmp_path / "one")
    before = tables(tmp_path / "one")
    for name in ("documents", "sentences"):
        path = tmp_path / "one" / "out" / f"{name}.parquet"
        table = pq.read_table(path)
        pq.write_table(table.slice(0, len(table) - 1), path)
    told(tmp_path / "one")
    assert tables(tmp_path / "one") == before


def test_a_change_that_was_killed_ends_with_the_same_bytes(tmp_path: Path) -> None:
    small(tmp_path / "one", 30)
    told(tmp_path / "one")
    change(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    counts = tmp_path / "counts.json"
    counts.write_text(json.dumps({"read": 20_000, "split": 20_000}), encoding="utf-8")
    for unit, share in (("read", 0.2), ("read", 0.8), ("split", 0.3), ("split", 0.6)):
        run_warm(tmp_path / "one" / "job.yaml", unit, share, counts, program=TESTS / "dying_run.py")
    told(tmp_path / "one")
    told(tmp_path / "two")
    assert tables(tmp_path / "one") == tables(tmp_path / "two")


def test_a_drafted_manifest_works_in_a_config_as_it_is(tmp_path: Path) -> None:
    for name, text in (("закон-1_каз", KK), ("закон-2_каз", KK), ("үкім_каз", KK)):
        (tmp_path / "kk").mkdir(exist_ok=True)
        (tmp_path / "kk" / f"{name}.txt").write_text(text, encoding="utf-8")
    for name in ("zakon_001_eng", "zakon_002_eng", "other_eng"):
        (tmp_path / "en").mkdir(exist_ok=True)
        (tmp_path / "en" / f"{name}.txt").write_text(EN, encoding="utf-8")
    done = qosmatin(tmp_path, "manifest", "kk", "en", "-o", "lists")
    assert done.returncode == 0, done.stderr
    assert "2 pairs" in done.stderr
    assert "үкім_каз.txt" in done.stderr
    assert "other_eng.txt" in done.stderr
    text = CONFIG.replace('files: [kk], exclude: [drafts, "*.png"]', "manifest: lists/sources.tsv")
    text = text.replace('files: ["en/**/*.{txt,docx}"]', "manifest: lists/translations.tsv")
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    documents = open_job(load_config(tmp_path / "job.yaml"), Console(quiet=True)).documents
    assert [entry.id for entry in documents.sources] == ["закон-1_каз", "закон-2_каз"]
    assert [entry.provenance.of for entry in documents.translations["en"]] == ["закон-1_каз", "закон-2_каз"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("lang: en-us", "lang: kk_KZ", "'kk' to 'kk-KZ' is no translation"),
        ("lang: kaz", "lang: kz", "did you mean 'kk'"),
        ("scoring:", "splitter: {sat: models/here/none}\nscoring:", "no model folder models/here/none"),
        ("files: [kk]", "files: [kk, none, 'no/*.txt']", "none', '"),
        ("files: [kk]", "encoding: kz-koi, files: [kk]", "'kz-koi' is no known encoding"),
        ("folder: out", "folder: kk/same.txt", "same.txt is no folder"),
        ("folder: out", "folder: kk", "holds documents of the job"),
        ("scoring:", "aligner: {lexicon: none.lexicon}\nscoring:", "there is no file"),
        ("scoring:", "aligner: {lexicon: kk/same.txt}\nscoring:", "is no lexicon"),
        (
            "scoring:",
            "aligner: {lexicon: ru-en.lexicon}\nscoring:",
            "translation 'en': the lexicon is for ru-en, not kk-en",
        ),
        ("scoring:", "aligner: {dictionaries: [kk/table.xlsx]}\nscoring:", "unknown kind of dictionary"),
        ("scoring:", "aligner: {dictionaries: [none.tsv]}\nscoring:", "there is no file"),
        ("scoring:", "aligner: {embeddings: models/here/none}\nscoring:", "no model folder models/here/none"),
        ("scoring:", "aligner: {without: [words]}\nscoring:", "aligner.without.0"),
        ("scoring:", "aligner: {relearn: sometimes}\nscoring:", "aligner.relearn"),
        ("scoring:", "decisions: none.jsonl\nscoring:", "none.jsonl: cannot be read"),
        ("scoring:", "splitter: {abbreviations: none.tsv}\nscoring:", "none.tsv: cannot be read"),
        ("scoring:", "splitter: {boundaries: {zz: {forced: [1]}}}\nscoring:", "there is no document 'zz'"),
        ("scoring:", "filters: [{name: nothing}]\nscoring:", "nothing"),
        ("bootstrap: 0", "metrics: [bleuu], bootstrap: 0", "scoring.metrics.0"),
        ("bootstrap: 0", "comparisons: [{hypothesis: en, reference: zz}], bootstrap: 0", "compares 'zz'"),
        ("scoring:", "publish: {never_in_train: [{name: f, files: [none.txt]}]}\nscoring:", "there is no file"),
        ("scoring:", "publish: {card: {uses: none.md}}\nscoring:", "publish.card.uses: there is no file"),
        ("scoring:", "publish: {parallel: [en]}\nscoring:", "publish.parallel needs two"),
        ("kind: human, files", "engine: nope, files", "there is no such engine"),
        ('kind: human, files: ["en/**/*.{txt,docx}"]', "engine: memory, memories: [none.tmx]", "there is no memory"),
        ('kind: human, files: ["en/**/*.{txt,docx}"]', "engine: transformers, model: ./none", "no model folder ./none"),
    ],
)
def test_what_must_fail_later_is_refused_before(tmp_path: Path, old: str, new: str, fault: str) -> None:
    make_folder(tmp_path, 1)
    assert old in CONFIG
    (tmp_path / "ru-en.lexicon").write_text("# qosmatin lexicon 1\tru\ten\nмир\tpeace\t1\t1\t3\n", encoding="utf-8")
    (tmp_path / "job.yaml").write_text(CONFIG.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        open_job(load_config(tmp_path / "job.yaml"), Console(quiet=True))
    assert fault in str(caught.value)


def test_the_docs_list_every_exit_status() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert all(
        f"| {status} | {meaning.split(' (')[0].split(';')[0]}" in page for status, meaning in EXIT_STATUS.items()
    )


def unreachable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make files unreadable as they are between a listing and a run; returns what is to be done about each."""
    (folder / "kk" / "2010" / "gone.txt").symlink_to("nowhere.txt")
    refused = {
        "locked.txt": errno.EACCES,
        "broken-disk.txt": errno.EIO,
        "half-read.docx": errno.EIO,
        "away.txt": errno.ESTALE,
    }
    for name in refused:
        docx(folder / "kk" / name, KK) if name.endswith(".docx") else (folder / "kk" / name).write_text(KK)
    opened = os.open
    digested = hashlib.file_digest

    def open_(path: object, *arguments: Any, **more: Any) -> int:
        name = Path(str(path)).name
        if name in refused and name != "half-read.docx":
            raise OSError(refused[name], os.strerror(refused[name]), str(path))
        return opened(path, *arguments, **more)  # type: ignore[arg-type]

    def digest(stream: Any, *arguments: Any) -> Any:
        if Path(f"/proc/self/fd/{stream.fileno()}").readlink().name == "half-read.docx":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return digested(stream, *arguments)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(hashlib, "file_digest", digest)
    return {"gone.txt": "No such file", "locked.txt": "right to read",
            "broken-disk.txt": "copy it from elsewhere", "away.txt": "mount its network disk"}  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc to know a stream's file")
@pytest.mark.parametrize("on_error", ["skip", "stop"])
def test_what_cannot_be_opened_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_error: str
) -> None:
    for lang, text in (("kk", KK), ("en", EN)):
        (tmp_path / lang / "2010").mkdir(parents=True)
        (tmp_path / lang / "2010" / "1.txt").write_text(text, encoding="utf-8")
    (tmp_path / "kk" / "nuls.txt").write_bytes(b"line\n\0\1\2binary")
    plain = CONFIG.replace(', exclude: [drafts, "*.png"]', "").replace("on_error: skip", f"on_error: {on_error}")
    (tmp_path / "job.yaml").write_text(plain.replace("{txt,docx}", "txt"), encoding="utf-8")
    wanted = unreachable(tmp_path, monkeypatch)
    if on_error == "stop":
        with pytest.raises(InputError) as caught:
            told(tmp_path)
        said = str(caught.value)
    else:
        said = told(tmp_path)
        rows = (tmp_path / "out/report/problems.jsonl").read_text("utf-8") if (tmp_path / "out/report").exists() else ""
        said = "\n".join(map(str, read_problems(CorpusFolder(tmp_path / "out"), []))) + rows
    for name, remedy in wanted.items():
        assert any(name in line and remedy in line for line in said.splitlines()), (name, said)
    assert "nuls.txt" in said
    if on_error == "skip":
        monkeypatch.undo()
        assert "4 of 6 documents read" in told(tmp_path)
