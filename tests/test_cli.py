"""The command line as a person at a shell meets it."""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
from lxml import etree
from small_corpus import write_job
from warm import run_warm

from qosmatin.cli import COMMANDS, load_command, main

ROOT = Path(__file__).parent.parent
TEXT = "Ол 2020 ж.  келді.\nСосын \u200bкетті.\n"


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A shell in an empty folder."""
    return make_shell(tmp_path)


def make_shell(tmp_path: Path) -> Path:
    """Make a folder with the command ``qosmatin`` in ``bin``, and links to what the examples in the help texts name."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "qosmatin"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m qosmatin "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "configs").mkdir()
    for config in ("demo.yaml", "train-marian-small.yaml"):
        shutil.copy(ROOT / "configs" / config, tmp_path / "configs")
    shutil.copytree(ROOT / "configs" / "campaigns", tmp_path / "configs" / "campaigns")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def run(shell: Path, command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{shell / 'bin'}:{os.environ['PATH']}"}
    environment.pop("NO_COLOR", None)
    return subprocess.run(
        ["bash", "-c", command], cwd=shell, env=environment, input=stdin, capture_output=True, check=False, timeout=120
    )


def commands() -> Iterator[tuple[str, str]]:
    """Every command with its help text, those of groups too."""
    for name in COMMANDS:
        command = load_command(name)
        for sub, one in getattr(command, "commands", {}).items():
            yield f"{name} {sub}", one.help
        if not hasattr(command, "commands"):
            yield name, command.help


HELP = dict(commands())


def test_the_help_lists_every_command(shell: Path) -> None:
    told = run(shell, "qosmatin --help").stdout.decode()
    assert all(f"  {name} " in told for name in COMMANDS)


def test_split_writes_a_sentence_a_line(shell: Path) -> None:
    done = run(shell, "qosmatin split -", TEXT.encode())
    assert (done.returncode, done.stdout.decode()) == (0, "Ол 2020 ж. келді.\nСосын кетті.\n")


def test_split_gives_offsets_into_the_raw_text(shell: Path) -> None:
    (shell / "a.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    done = run(shell, "qosmatin split a.txt --format jsonl -o out.jsonl")
    assert (done.returncode, done.stdout) == (0, b"")
    raw = TEXT.replace("\n", "\r\n")
    rows = [json.loads(line) for line in (shell / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [raw[row["start"] : row["end"]] for row in rows] == ["Ол 2020 ж.  келді.", "Сосын \u200bкетті."]
    assert [row["text"] for row in rows] == ["Ол 2020 ж. келді.", "Сосын кетті."]


def test_split_explains_itself(shell: Path) -> None:
    lines = run(shell, "qosmatin split - --explain", "Ол 2020 ж. келді. Кетті.".encode()).stdout.decode().splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["10", "join"], ["17", "cut"]]


@pytest.mark.parametrize("form", ["tsv", "jsonl", "tmx", "ladder", "vecalign"])
def test_align_writes_each_format(tmp_path: Path, form: str) -> None:
    (tmp_path / "kk.txt").write_text("Сот басталды. Ол келді.", encoding="utf-8")
    done = run_here(tmp_path, ["align", "kk.txt", "-", "--format", form], b"The trial began. He came.")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    if form == "tsv":
        assert [line.split("\t")[:2] for line in text.splitlines()] == [
            ["Сот басталды.", "The trial began."],
            ["Ол келді.", "He came."],
        ]
    elif form == "jsonl":
        assert [json.loads(line)["source"] for line in text.splitlines()] == [[0], [1]]
    elif form == "tmx":
        segments = etree.fromstring(done.stdout).findall(".//seg")
        assert [segment.text for segment in segments] == [
            "Сот басталды.", "The trial began.", "Ол келді.", "He came."
        ]  # fmt: skip
    else:
        assert len(text.splitlines()) == (3 if form == "ladder" else 2)


def test_align_folders_reports_what_it_cannot_align_and_goes_on(shell: Path) -> None:
    for side in ("kk", "en"):
        shutil.copytree(ROOT / "examples" / "ilyashev" / side, shell / "in" / side)
    (shell / "in" / "kk" / "bad.txt").write_bytes(b"\x00\x01")
    (shell / "in" / "en" / "bad.txt").write_bytes(b"text")
    (shell / "in" / "kk" / "lonely.txt").write_bytes(b"text")
    done = run_here(shell, ["align", "in/kk", "in/en", "-o", "out", "-j", "2"])
    assert done.returncode == 1
    assert sorted(path.name for path in (shell / "out").iterdir()) == ["trial.tsv", "verdict.tsv"]
    told = done.stderr.decode().replace("\n", " ")
    assert "lonely.txt has no partner" in told
    assert "failed: bad: in/kk/bad.txt:1: the file holds NUL bytes" in told
    assert "2 of 3 documents aligned into out" in told


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("qosmatin split nowhere.txt", 2, "error: nowhere.txt: cannot be read: No such file or directory"),
        ("qosmatin split - --lang kz", 2, "error: 'kz' is no known language code (did you mean 'kk'?)"),
        ("qosmatin align - -", 2, "error: only one of the two texts can be standard input"),
        ("qosmatin align examples/ilyashev/kk examples/ilyashev/en", 2, "name it with -o"),
        ("qosmatin run nowhere.yaml", 2, "error: nowhere.yaml: cannot be read"),
        ("qosmatin run configs/demo.yaml --only aling", 2, "there is no stage 'aling'"),
        ("qosmatin splitt -", 2, "No such command 'splitt'"),
    ],
)
def test_what_the_user_can_mend_is_said_in_a_line(shell: Path, command: str, status: int, message: str) -> None:
    done = run_here(shell, command.split()[1:])
    assert (done.returncode, done.stdout) == (status, b"")
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_closed_pipe_ends_quietly(shell: Path) -> None:
    (shell / "long.txt").write_text("Ол келді. " * 200_000, encoding="utf-8")
    done = run(shell, "set -o pipefail; qosmatin split long.txt | head -1")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "Ол келді.\n", b"")


def test_output_that_is_no_terminal_has_no_colours(shell: Path) -> None:
    write_job(shell)
    for arguments, no_color in ((), ""), (("--dry-run",), "1"):
        done = run_warm("run", "job.yaml", *arguments, folder=shell, environment={"NO_COLOR": no_color})
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def after_the_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shell in a folder where the demo has run, and with the lexicons that the examples name."""
    folder = make_shell(tmp_path_factory.mktemp("demo"))
    assert run_here(folder, ["run", "configs/demo.yaml"]).returncode == 0
    learn = "qosmatin lexicon learn examples/ilyashev/kk examples/ilyashev/en -o news.lexicon"
    assert run_here(folder, learn.split()[1:]).returncode == 0
    for name in ("laws", "kk-en"):
        shutil.copy(folder / "news.lexicon", folder / f"{name}.lexicon")
    (folder / "password.txt").write_text("four words or five\n", encoding="utf-8")
    for name in ("aigul", "dias"):
        account = f"review account corpora/ilyashev {name} --password-stdin"
        assert run_here(folder, account.split(), b"four words or five\n").returncode == 0
    return folder


# `translate convert` needs a model: tests/test_translate_models.py runs it on one of its own.
@pytest.mark.parametrize("name", [name for name in HELP if name != "translate convert"])
def test_the_example_of_each_help_text_works_when_pasted(after_the_demo: Path, shell: Path, name: str) -> None:
    assert "Example:" in HELP[name], f"qosmatin {name} --help has no example"
    done = paste(shell if name in SHOWING else after_the_demo, " ".join(HELP[name].split("Example:")[1].split()))
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout or name not in SHOWING


SHOWING = ("score", "diff", "evaluate split", "evaluate align")
"""Commands whose examples print what they find, and need nothing but what they write themselves."""


def paste(folder: Path, command: str) -> subprocess.CompletedProcess[bytes]:
    """Run an example; return how its last command ended.

    Each would start Python and import all that it needs. What asks the shell for nothing runs in this process, which
    has that behind it.
    """
    for one in command.split(" && "):
        is_plain = not any(mark in one for mark in "|<>&;$`*\\")
        done = run_here(folder, shlex.split(one)[1:]) if is_plain else run(folder, one)
        if done.returncode:
            break
    return done


def run_here(folder: Path, arguments: list[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command in this process, as far from a shell as that is: its streams are those of Python."""
    out, err, status = io.BytesIO(), io.BytesIO(), 0
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    told, complained = (io.TextIOWrapper(one, encoding="utf-8", write_through=True) for one in (out, err))
    with chdir(folder), redirect_stdout(told), redirect_stderr(complained), mock.patch("sys.stdin", given):
        try:
            main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())
