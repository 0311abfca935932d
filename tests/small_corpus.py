"""A corpus of three documents and its job, and the command as a user runs it; run once, copied by each test."""

import contextlib
import io
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from hub_server import Hub
from warm import Warm, finished

KK = {
    "one": "Бүгін Алматыда жаңа мектеп ашылды. Оған мыңнан аса бала барады. Оқу тегін болады.",
    "two": "Астанада кеше қар жауды. Жолдар жабылып қалды. Мектептер онлайн оқытты.",
    "three": "Шымкентте гүлдер көрмесі өтті. Көрмеге қонақтар келді. Олар риза болды.",
}
EN = {
    "one": "A new school opened in Almaty today. More than a thousand children will go there. Study will be free.",
    "two": "Snow fell in Astana yesterday. Roads were closed. Schools taught online.",
    "three": "A flower show was held in Shymkent. Guests came to the show. They were pleased.",
}

SPLITS = "test: 0.4, split_key: a"
"""Document `two` is for test, the others are for training."""

CONFIG = """
corpus: {name: small, version: 1.0.0, folder: out, licence: CC-BY-4.0}
sources:
  - {files: [kk/*.txt], lang: kk, licence: CC0-1.0}
translations:
  - {name: en, lang: en, files: [en/*.txt], kind: human, by: A bureau, licence: LICENCE}
publish: {PUBLISH}
filters: [{name: identical}, {name: script}]
"""


def start_qosmatin(
    folder: Path, *arguments: str, hub: Hub | None = None, token: str = "secret", program: Path | None = None
) -> Warm:
    """Start the command in a process of its own, with the hub as the one that it knows; ``program`` in its place."""
    environment = {"HF_HUB_DISABLE_XET": "1", "HF_TOKEN": token, "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                   "HF_ENDPOINT": hub.url if hub else "http://127.0.0.1:9", "HF_HOME": str(folder / "hf")}  # fmt: skip
    return Warm(*arguments, folder=folder, environment=environment, program=program)


def qosmatin(
    folder: Path, *arguments: str, hub: Hub | None = None, token: str = "secret"
) -> subprocess.CompletedProcess[str]:
    return finished(start_qosmatin(folder, *arguments, hub=hub, token=token))


def write_config(folder: Path, licence: str = "CC0-1.0", publish: str = SPLITS, more: str = "") -> None:
    text = CONFIG.replace("LICENCE", licence).replace("PUBLISH", publish)
    (folder / "job.yaml").write_text(f"{text}{more}\n", encoding="utf-8")


def run_job(
    folder: Path,
    licence: str = "CC0-1.0",
    publish: str = SPLITS,
    more: str = "",
    replacing: Mapping[str, str] | None = None,
) -> Path:
    write_config(folder, licence, publish, more)
    config = folder / "job.yaml"
    for old, new in (replacing or {}).items():
        config.write_text(config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = qosmatin(folder, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    return folder / "out"


def make_job(folder: Path) -> Path:
    write_job(folder)
    run_job(folder)
    return folder


def write_job(folder: Path) -> None:
    for lang, texts in (("kk", KK), ("en", EN)):
        (folder / lang).mkdir()
        for name, text in texts.items():
            (folder / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "said.jsonl").write_text("", encoding="utf-8")
    write_config(folder)


def copy_job(job: Path, to: Path) -> None:
    shutil.copytree(job, to, dirs_exist_ok=True)


def qosmatin_here(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has its imports behind it; returns what it wrote and its exit status."""
    from qosmatin.cli import main

    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())
