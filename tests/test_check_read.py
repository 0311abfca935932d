"""`config check --read`: memories, dictionaries, lexicons and models' folders are opened before a job runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qosmatin.config.job import load_config
from qosmatin.corpus.errors import ConfigError
from qosmatin.job.checking import list_and_read

UNIT = '<tu>{}<tuv xml:lang="kk"><seg>Бір</seg></tuv><tuv xml:lang="{}"><seg>One</seg></tuv></tu>'
LEXICON = "# qosmatin lexicon 1\tkk\ten\nбір\tone\t1\t1\t1\n"


def tmx(lang: str = "en", props: str = "") -> str:
    return f'<tmx version="1.4"><header/><body>{UNIT.format(props, lang)}</body></tmx>'


FILES = {
    "kk/a.txt": "Бір. Екі.\n",
    "en/a.txt": "One. Two.\n",
    "memory.tmx": tmx(),
    "words.tsv": "бір\tone\n",
    "kk-en.lexicon": LEXICON,
    "held-out.txt": "Екі.\n",
    "model/config.json": "{}",
    "model/model.safetensors": "weights",
}
CONFIG = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{lang: kk, files: ['kk/*.txt'], kind: original, by: A, licence: CC0-1.0}]
translations:
  - {name: en, lang: en, files: ['en/*.txt'], kind: human, by: A, licence: CC0-1.0}
  - {name: tm, lang: en, engine: memory, memories: [memory.tmx], kind: human, by: A, licence: CC0-1.0}
aligner: {lexicon: kk-en.lexicon, dictionaries: [words.tsv], embeddings: ./model}
publish: {never_in_train: [{name: held, files: [held-out.txt]}]}
"""


def faults_of(folder: Path, changed: dict[str, str | bytes | None]) -> list[str]:
    """Check a job in whose folder these files are changed, or missing."""
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if text is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    config = load_config(folder / "job.yaml")
    try:
        return [str(one) for one in list_and_read(config)[1]]
    except ConfigError as error:
        return str(error).split("\n")


KIND = '<prop type="x-kind">machine</prop>'
TROUBLE = [
    ({"memory.tmx": None}, "there is no memory .*memory.tmx"),
    ({"memory.tmx": tmx("ru")}, "memory.tmx: no unit has both 'kk' and 'en'; languages here: kk, ru"),
    ({"memory.tmx": tmx("en", KIND)}, "the memories have 1 units, and none of kind 'human'"),
    ({"memory.tmx": tmx()[:-20]}, "memory.tmx:1: no well-formed XML"),
    ({"memory.tmx": "<xliff/>"}, "memory.tmx:1: this is no TMX"),
    ({"words.tsv": None}, "aligner: there is no file .*words.tsv"),
    ({"words.tsv": "бір one\n"}, "words.tsv:1: has no tab"),
    ({"words.tsv": "бір\t\n"}, "words.tsv: holds no entry for kk and en"),
    ({"words.tsv": b"\xff\xfe\xfa"}, "words.tsv: cannot be read"),
    ({"kk-en.lexicon": None}, "aligner: there is no file .*kk-en.lexicon"),
    ({"kk-en.lexicon": "бір\tone\n"}, "kk-en.lexicon:1: is no lexicon"),
    ({"kk-en.lexicon": LEXICON + "екі\ttwo\n"}, "kk-en.lexicon:3: is no pair"),
    ({"kk-en.lexicon": LEXICON.split("\n", maxsplit=1)[0] + "\n"}, "kk-en.lexicon: holds no pair of words"),
    ({"held-out.txt": None}, "never_in_train: there is no file .*held-out.txt"),
    ({"held-out.txt": b"\0" * 100}, "held-out.txt:1: .*NUL"),
    ({"model/config.json": None}, "model: this is no model folder: it has no config.json"),
    ({"model/model.safetensors": None}, "model: there are no weights"),
    ({"model/model.safetensors": ""}, "model: there are no weights"),
    ({"kk/a.txt": ""}, "a.txt: there is no text in it"),
    ({"en/a.txt": b"\0" * 100}, "en/a.txt:1: .*NUL"),
]  # fmt: skip


def test_what_is_whole_passes(tmp_path: Path) -> None:
    assert faults_of(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("changed", "message"), TROUBLE, ids=[f"{next(iter(one))}-{message}" for one, message in TROUBLE]
)
def test_what_must_fail_later_fails_now(changed: dict[str, str | bytes | None], message: str, tmp_path: Path) -> None:
    faults = "\n".join(faults_of(tmp_path, changed))
    assert re.search(message, faults), faults


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    faults = "\n".join(
        faults_of(
            tmp_path, {"memory.tmx": "<x/>", "words.tsv": "x\n", "kk-en.lexicon": "x\n", "model/config.json": None}
        )
    )
    for name in ("memory.tmx", "words.tsv", "kk-en.lexicon", "model: this is no model folder"):
        assert name in faults
