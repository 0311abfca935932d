"""Backups by a timer: tried out, the newest kept, encrypted by the programs that users have for it."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from qosmatin.cli import main
from qosmatin.corpus.errors import InputError
from qosmatin.review.store import kept_backups
from qosmatin.review.store.backup import Summary, back_up
from qosmatin.review.store.database import open_database, sqlite_url
from qosmatin.review.store.encryption import check_recipient
from qosmatin.review.store.kept_backups import back_up_into


def status(*arguments: str) -> int:
    """Run a command in this process, and return how it ended."""
    try:
        main(list(arguments))
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "news").mkdir()
    engine = open_database(sqlite_url(tmp_path / "news"))
    yield engine
    engine.dispose()


def test_the_newest_are_kept_and_other_files_stay(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("review-20200101T000000000Z.jsonl.gz", "review.jsonl.gz", "review-2020.jsonl.gz", "notes.txt"):
        (folder / name).write_text("older")
    made = [back_up_into(engine, folder, people=True, keep=2) for _ in range(3)]
    assert [len(one.removed) for one in made] == [0, 1, 1]
    assert {path.name for path in folder.iterdir()} == {
        made[1].file.name, made[2].file.name, "review.jsonl.gz", "review-2020.jsonl.gz", "notes.txt",
    }  # fmt: skip
    assert all(stat.S_IMODE(one.file.stat().st_mode) == 0o600 for one in made[1:])


def test_a_clock_that_was_put_back_does_not_cost_the_newest(engine: Engine, tmp_path: Path) -> None:
    for year in (2098, 2099):
        (tmp_path / f"review-{year}0101T000000000Z.jsonl.gz").write_text("from the future")
    made = back_up_into(engine, tmp_path, people=False, keep=2)
    assert made.file.exists()
    assert [one.name for one in made.removed] == ["review-20980101T000000000Z.jsonl.gz"]


def test_one_that_does_not_restore_removes_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = back_up_into(engine, tmp_path / "backups", people=False, keep=1).file
    monkeypatch.setattr(kept_backups, "restore", lambda *_arguments, **_keys: Summary(7, people=False))
    with pytest.raises(InputError, match="7 operations of 0: do not rely on it"):
        back_up_into(engine, tmp_path / "backups", people=False, keep=1)
    assert old.exists()


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed: apt-get install age")
def test_age_closes_and_opens(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["age-keygen", "-o", tmp_path / "key"], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", tmp_path / "key"], check=True, capture_output=True, text=True).stdout
    engine.dispose()
    arguments = ["review", "backup", str(tmp_path / "news"), str(tmp_path / "kept"), "--keep", "3"]
    assert status(*arguments, "--encrypt-to", public.strip()) == 0
    [file] = (tmp_path / "kept").iterdir()
    assert file.read_bytes().startswith(b"age-encryption.org/")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    back = ["review", "restore", str(tmp_path / "news"), str(file), "--overwrite"]
    assert status(*back) == 2
    assert "--identity KEY" in capsys.readouterr().err
    assert status(*back, "--identity", str(tmp_path / "key")) == 0
    subprocess.run(["age-keygen", "-o", tmp_path / "other"], check=True, capture_output=True)
    assert status(*back, "--identity", str(tmp_path / "other")) == 2
    assert "cannot be decrypted" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("gpg") is None, reason="GnuPG is not installed: apt-get install gnupg")
def test_gnupg_closes_and_opens(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    key = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", "backup@example.org", "future-default"]
    subprocess.run([*key, "default", "never"], check=True, capture_output=True)
    try:
        made = back_up_into(engine, tmp_path / "kept", people=True, keep=1, recipient="backup@example.org")
        engine.dispose()
        assert made.file.suffix == ".gpg"
        assert status("review", "restore", str(tmp_path / "news"), str(made.file), "--overwrite") == 0
        with pytest.raises(InputError, match=r"gpg knows no key of nobody@example\.org"):
            check_recipient("nobody@example.org")
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False, env={**os.environ, "GNUPGHOME": str(home)})


def test_without_the_program_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="age is not installed: apt-get install age"):
        check_recipient("age1qqqq")
    with pytest.raises(InputError, match="gpg is not installed: apt-get install gnupg"):
        check_recipient("a@example.org")


def test_a_folder_without_keep_and_keep_with_a_file_are_refused(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    back_up(engine, tmp_path / "one.jsonl.gz", people=False)
    news = str(tmp_path / "news")
    for arguments, told in (
        ([str(tmp_path)], "--keep 7"),
        ([str(tmp_path / "one.jsonl.gz"), "--keep", "2"], "for a folder"),
        ([str(tmp_path / "two.jsonl.gz"), "--encrypt-to", "age1q"], "goes with --keep"),
    ):
        assert status("review", "backup", news, *arguments) == 2
        assert told in capsys.readouterr().err
