"""Every long command killed at random moments and asked again: it ends with the bytes of one that nobody disturbed.

``make faults`` runs it, with as many kills for each command as ``KILLS`` says (ten; twice as many for the server), and
prints the table that docs/reliability.md has; CI does not, where each command has kills of its own in the test of its
module.
"""

from __future__ import annotations

import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from campaign_material import write_campaign
from review_material import open_sqlite, review_server, rows_of

from qosmatin.review.store.database import open_database, sqlite_url
from qosmatin.review.store.rows import BeadRow

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("KILLS", "10"))

_TOLD_TIME = re.compile(rb'creationdate="[^"]*"')

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
    """A command, what has to be done before it, and where what it makes lies.

    ``prepare`` puts into the folder what the texts are not enough for; ``after`` is a command that tells, as files,
    what the database holds that the command wrote.
    """

    arguments: tuple[str, ...]
    makes: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    prepare: Callable[[Path], object] = lambda _folder: None
    after: tuple[str, ...] = ()


def make_training(folder: Path) -> None:
    pytest.importorskip("accelerate", reason="the extra 'train' is not installed")
    from test_training import PAIRS, row, write_config, write_dataset

    write_dataset(folder / "dataset", train=[row(*pair) for pair in PAIRS])
    write_config(folder, training={"max_steps": 60, "evaluate_every": 10})


def make_checkpoint(folder: Path) -> None:
    pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed")
    import tiny_models

    tiny_models.build("nllb", folder / "checkpoint")


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
    "train": Command(("train", "train.yaml"), ("model",), prepare=make_training),
    "convert": Command(("translate", "convert", "checkpoint"), ("cache",), prepare=make_checkpoint),
    "campaign": Command(
        ("campaign", "new", "campaign.yaml"), ("log.json",), prepare=write_campaign,
        after=("campaign", "export", "store", "-o", "log.json", "-f", "pearmut"),
    ),
}  # fmt: skip


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1",
                   "XDG_CACHE_HOME": str(folder / "cache")}  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "qosmatin", *arguments], cwd=folder, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip


def ask(folder: Path, *arguments: str) -> None:
    process = start(folder, *arguments)
    told = process.communicate()[0]
    assert process.returncode == 0, told


def content(folder: Path, made: tuple[str, ...]) -> dict[str, bytes]:
    """The files that a command made; not the times that TMX and manifest tell, nor what is remembered to save work."""
    found = {}
    for name in made:
        path = folder / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            remembered = "cache" in file.relative_to(path).parts or file.name == "manifest.json"
            if file.is_file() and not remembered and file.suffix != ".lock" and file.name != ".lock":
                found[file.relative_to(folder).as_posix()] = _TOLD_TIME.sub(b"", file.read_bytes(), count=1)
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


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Rows of a table of Markdown, which is printed when all have been tried."""
    rows: list[str] = []
    yield rows
    lines = ["| command | killed | compared with an undisturbed one | result |", "|---|---:|---|---|", *rows]
    day = datetime.now(UTC).date().isoformat()
    where = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write("\n" + "\n".join([*lines, f"({where}; {day})"]) + "\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_and_asked_again_it_makes_the_same(name: str, texts: Path, tmp_path: Path, table: list[str]) -> None:
    command = COMMANDS[name]
    prepared = tmp_path / "prepared"
    shutil.copytree(texts, prepared)
    command.prepare(prepared)
    for arguments in command.before:
        ask(prepared, *arguments)
    folder = tmp_path / "work"  # reports tell where a corpus lies

    def finish() -> dict[str, bytes]:
        ask(folder, *command.arguments)
        if command.after:
            ask(folder, *command.after)
        return content(folder, command.makes)

    shutil.copytree(prepared, folder)
    started = time.monotonic()
    ask(folder, *command.arguments)
    lasts = time.monotonic() - started
    wanted = finish()
    assert wanted
    moments = random.Random(name)
    killed = tries = 0
    while killed < KILLS:
        tries += 1
        assert tries <= 3 * KILLS, f"{killed} of {tries} kills came before the end"
        shutil.rmtree(folder)
        shutil.copytree(prepared, folder)
        process = start(folder, *command.arguments)
        try:
            process.wait(moments.uniform(0.3, 1.0) * lasts)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        assert finish() == wanted
    size = sum(map(len, wanted.values()))
    table.append(f"| `{' '.join(command.arguments)}` | {killed} | {len(wanted)} files, {size:,} bytes | equal |")


class Writer(Thread):
    """Edits one pair over and over until the server is gone; knows what was answered as saved, and what was asked."""

    def __init__(self, address: str, number: int, version: int) -> None:
        super().__init__()
        self.address, self.number, self.version = address, number, version
        self.saved = self.asked = ""
        self.answers = 0

    def run(self) -> None:
        import httpx

        with suppress(httpx.TransportError), httpx.Client(base_url=self.address) as client:
            token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
            assert token is not None
            head = {"Origin": self.address.rstrip("/"), "X-CSRF-Token": token.group(1)}
            while True:
                self.asked = f"Text {self.number} at {time.time_ns()}."
                body = {"kind": "edit", "document": 1, "number": self.number, "version": self.version}
                answer = client.post("/operations", json={**body, "target_text": self.asked}, headers=head)
                assert answer.status_code == 200, answer.text
                self.version, self.saved = answer.json()["operation"], self.asked
                self.answers += 1


def test_a_server_killed_under_writers_keeps_what_it_answered(job: Path, table: list[str]) -> None:
    moments = random.Random("server")
    answers = 0
    open_sqlite(job).dispose()
    for _ in range(2 * KILLS):
        rows = read_rows(job)
        with review_server(job.parent / "news") as (address, process):
            writers = [Writer(address, number, rows[number].version) for number in list(rows)[:4]]
            for writer in writers:
                writer.start()
            while not all(writer.answers or not writer.is_alive() for writer in writers):
                time.sleep(0.01)
            time.sleep(moments.uniform(0.0, 0.5))
            process.kill()
            for writer in writers:
                writer.join()
        found = read_rows(job)
        for writer in writers:
            before = writer.saved or rows[writer.number].target_text
            assert found[writer.number].target_text in (before, writer.asked)
            assert writer.answers
            answers += writer.answers
    table.append(f"| `review` under four writers | {2 * KILLS} | {answers:,} that were told as saved | all found |")


def read_rows(job: Path) -> dict[int, BeadRow]:
    engine = open_database(sqlite_url(job.parent / "news"))
    found = {row.number: row for row in rows_of(engine)}
    engine.dispose()
    return found
