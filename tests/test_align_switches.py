"""What a user may switch in an alignment, from the command line and from a config; and languages that are guessed."""

from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from rich.console import Console
from small_corpus import EN, KK, qosmatin, run_job
from test_aligning import RIGHT, SOURCE, TARGET, make

from qosmatin.align import EVIDENCE, AlignSettings, settings_without
from qosmatin.config.job import Evidence, load_config
from qosmatin.corpus import ConfigError, InputError
from qosmatin.job.pipeline import open_job
from qosmatin.job.pipeline import run_job as run_stages
from qosmatin.stages.order import STAGES


def write_sides(folder: Path) -> None:
    for name, lines in (("kk.txt", SOURCE), ("en.txt", TARGET)):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def right(output: str) -> list[int]:
    """The source sentences whose one-to-one pair is right, of what `qosmatin align` wrote as TSV."""
    pairs = {tuple(line.split("\t")[:2]) for line in output.split("\n")}
    return [at for at, target in zip(RIGHT, TARGET, strict=True) if (SOURCE[at], target) in pairs]


def test_the_config_knows_every_switch() -> None:
    assert set(get_args(Evidence)) == set(EVIDENCE)
    assert all(not getattr(settings_without([name]), name) for name in EVIDENCE)
    assert {one.name for one in fields(AlignSettings) if isinstance(one.default, bool)} == set(EVIDENCE)


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="no evidence 'lengths'; known are length, lexicon"):
        settings_without(["lengths"])
    with pytest.raises(InputError, match="max_bead must be between 2 and 8, not 9"):
        settings_without([], max_bead=9)


def test_vectors_from_files_are_evidence(tmp_path: Path) -> None:
    write_sides(tmp_path)
    np.save(tmp_path / "kk.npy", np.eye(12, dtype=np.float32))
    np.save(tmp_path / "en.npy", np.eye(12, dtype=np.float32)[RIGHT])
    command = ("align", "kk.txt", "en.txt", "--sentences")
    assert right(qosmatin(tmp_path, *command).stdout) != RIGHT
    vectors = ("--embeddings", "kk.npy", "--embeddings", "en.npy")
    assert right(qosmatin(tmp_path, *command, *vectors).stdout) == RIGHT
    assert right(qosmatin(tmp_path, *command, *vectors, "--without", "embeddings").stdout) != RIGHT


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--embeddings", "kk.npy"], "takes one model, or two .npy files"),
        (["--embeddings", "a", "--embeddings", "b"], "takes one model, or two .npy files"),
        (["--embeddings", "kk.npy", "--embeddings", "kk.npy"], "target vectors have the shape (12, 12)"),
        (["--without", "luck"], "there is no evidence 'luck'"),
    ],
)
def test_what_cannot_be_evidence_is_refused(tmp_path: Path, options: list[str], said: str) -> None:
    write_sides(tmp_path)
    np.save(tmp_path / "kk.npy", np.eye(12, dtype=np.float32))
    done = qosmatin(tmp_path, "align", "kk.txt", "en.txt", "--sentences", *options)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_the_config_bounds_beads_and_leaves_evidence_out(tmp_path: Path) -> None:
    config = make(tmp_path, "aligner: {max_bead: 2, without: [lexicon, seed]}\n")
    run_stages(open_job(load_config(config), Console(file=StringIO())), STAGES, until="align")
    manifest = (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")
    assert "(0 not 1-1)" in manifest
    config.write_text(config.read_text(encoding="utf-8").replace("seed", "sead"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"aligner\.without\.1: .*'seed'"):
        load_config(config)


def test_a_language_is_guessed_when_asked(tmp_path: Path) -> None:
    for lang, texts in (("kk", KK), ("en", EN)):
        (tmp_path / lang).mkdir()
        for name, text in texts.items():
            (tmp_path / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    done = qosmatin(tmp_path, "split", "--lang", "auto", "kk/one.txt", "en/one.txt")
    assert done.returncode == 0
    assert done.stderr.split("\n")[:2] == ["kk/one.txt: taken for kk", "en/one.txt: taken for en"]
    assert len(done.stdout.strip().split("\n")) == 6
    (tmp_path / "said.jsonl").write_text("", encoding="utf-8")
    run_job(tmp_path, replacing={"lang: kk": "lang: auto", "lang: en": "lang: auto"})
    assert (tmp_path / "out" / "dataset" / "kk-en").is_dir()
    (tmp_path / "kk" / "two.txt").write_text("Вчера в городе прошёл снег, и дороги были закрыты.", encoding="utf-8")
    done = qosmatin(tmp_path, "config", "check", "job.yaml")
    assert done.returncode == 2
    assert "two.txt looks like ru; say which it is" in " ".join(done.stderr.split())


def test_a_text_of_no_known_language_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("12345 %", encoding="utf-8")
    done = qosmatin(tmp_path, "split", "--lang", "auto", "a.txt")
    assert done.returncode == 2
    assert "a.txt: the language cannot be guessed" in done.stderr
