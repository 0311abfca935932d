"""Every long command killed at random moments and asked again: it ends with the bytes of one that nobody disturbed.

``make faults`` runs it, with as many kills for each command as ``KILLS`` says (ten); CI does not, where each command
has kills of its own in the test of its module.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("KILLS", "10"))

TEXTS = {
    "kk": "Бұл {0}-мәтін. Оны {1} адам оқыды. Содан кейін бәрі үйге қайтты. Ертең тағы келеді.",
    "en": "This is text {0}. {1} people read it. Then everybody went home. They will come again tomorrow.",
}

CONFIG = """
corpus: {name: small, version: 1.0.0, folder: out, licence: CC-BY-4.0}
sources:
  - {files: [kk/*.txt], lang: kk, licence: CC0-1.0}
translations:
  - {name: en, lang: en, files: [en/*.txt], kind: human, by: A bureau, licence: CC0-1.0}
  - {name: upper, lang: en, engine: command, command: [tr, a-z, A-Z]}
scoring: {bootstrap: 50, trials: 50}
"""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what has to be done before it, and where what it makes lies."""

    arguments: tuple[str, ...]
    makes: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()


RUN = ("run", "job.yaml")

COMMANDS = {
    "run": Command(RUN, ("out",)),
    "translate": Command(("translate", "job.yaml"), ("out/translations",)),
    "publish": Command(("publish", "out", "--to", "copy"), ("copy",), (RUN,)),
    "retract": Command(("retract", "d3", "--corpus", "out", "--yes"), ("out",), (RUN,)),
    "export": Command(("export", "out", "-f", "tmx", "-t", "en", "-o", "made.tmx"), ("made.tmx",), (RUN,)),
    "import": Command(
        ("import", "made.tmx", "--as", "documents", "-o", "imported"),
        ("imported",),
        (RUN, ("export", "out", "-f", "tmx", "-t", "en", "-o", "made.tmx")),
    ),
    "lexicon": Command(("lexicon", "learn", "kk", "en", "-o", "words.lexicon"), ("words.lexicon",)),
    "merge": Command(("merge", "out", "-o", "all", "--name", "all"), ("all",), (RUN,)),
    "backup": Command(("review", "backup", "out", "kept.db"), ("kept.db",), (RUN, ("review", "users", "out"))),
    "restore": Command(
        ("review", "restore", "out", "kept.jsonl", "--overwrite"),
        ("out/review.db",),
        (
            RUN,
            ("review", "sample", "out", "--translation", "en", "--size", "5"),
            ("review", "backup", "out", "kept.jsonl"),
        ),
    ),
}  # fmt: skip


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "qosmatin", *arguments], cwd=folder, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip


def ask(folder: Path, *arguments: str) -> None:
    process = start(folder, *arguments)
    told = process.communicate()[0]
    assert process.returncode == 0, told


def content(folder: Path, made: tuple[str, ...]) -> dict[str, bytes]:
    """The files that a command made; not the times in the manifest, and not what is remembered to save work."""
    found = {}
    for name in made:
        path = folder / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and "cache" not in file.parts and file.name not in ("manifest.json", ".lock"):
                found[file.relative_to(folder).as_posix()] = file.read_bytes()
    return found


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for lang, text in TEXTS.items():
        (folder / lang).mkdir()
        for at in range(8):
            (folder / lang / f"d{at}.txt").write_text(text.format(at, at + 3) + "\n", encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_and_asked_again_it_makes_the_same(name: str, texts: Path, tmp_path: Path) -> None:
    command = COMMANDS[name]
    prepared = tmp_path / "prepared"
    shutil.copytree(texts, prepared)
    for arguments in command.before:
        ask(prepared, *arguments)
    whole = tmp_path / "whole"
    shutil.copytree(prepared, whole)
    started = time.monotonic()
    ask(whole, *command.arguments)
    lasts = time.monotonic() - started
    wanted = content(whole, command.makes)
    assert wanted
    moments = random.Random(name)
    killed = 0
    for _ in range(KILLS):
        folder = tmp_path / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(prepared, folder)
        process = start(folder, *command.arguments)
        try:
            process.wait(moments.uniform(0.3, 1.0) * lasts)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        ask(folder, *command.arguments)
        assert content(folder, command.makes) == wanted
    assert killed, "no kill came before the end"
