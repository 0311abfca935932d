"""The command `qosmatin` with a real model, killed in the middle: the same bytes, and nothing asked twice.

Loading a model takes seconds, so there are three kills here; ``test_translate_jobs`` does ten with a stub.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")
pytest.importorskip("torch", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")

import tiny_models

from qosmatin.config.job import load_config
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.opening import open_engine

ROOT = Path(__file__).parent.parent
SENTENCES = 1000
JOB = """
corpus: {{name: tiny, version: 1.0.0, folder: {folder}}}
sources: [{{files: [kk/*.txt], lang: kk}}]
translations:
  - {{name: mt, lang: en, engine: ctranslate2, model: {model}, compute_type: float32, device: cpu, parallel: 1,
     batch_sentences: 20, decoding: {{beams: 2, max_tokens: 12}}}}
"""


# The command as it is, but that it kills itself when the engine gets its Nth batch and some answers are kept.
DYING = """
import os, signal, sys, threading
from qosmatin.cli import main
from qosmatin.translate import answering
from qosmatin.translate.cache import AnswerCache

batch, add, ask, kept = int(sys.argv.pop(1)), AnswerCache.add, answering._ask, threading.Event()

def adding(*arguments):
    add(*arguments)
    kept.set()

def asking(*arguments):
    global batch
    batch -= 1
    if batch == 0:
        kept.wait()
        os.kill(os.getpid(), signal.SIGKILL)
    return ask(*arguments)

AnswerCache.add, answering._ask = adding, asking
main()
"""


def start(folder, name, dies_at=None):
    environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(folder / "conversions")}
    command = ["-m", "qosmatin"] if dies_at is None else ["-c", DYING, str(dies_at)]
    return subprocess.Popen(
        [sys.executable, *command, "translate", str(folder / f"{name}.yaml")], env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(folder, name):
    process = start(folder, name)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    return said


def test_killed_at_three_moments(models, tmp_path):
    texts = [source for source, _ in tiny_models.pairs(SENTENCES)]
    (tmp_path / "kk").mkdir()
    (tmp_path / "kk" / "one.txt").write_text("\n".join(texts[:600]))
    (tmp_path / "kk" / "two.txt").write_text("\n".join(texts[500:]))  # what stands in both is asked for once
    for name in ("whole", "killed"):
        (tmp_path / f"{name}.yaml").write_text(JOB.format(folder=name, model=models("nllb")))
    run(tmp_path, "whole")
    killed, kept = tmp_path / "killed", 0
    translation = load_config(tmp_path / "killed.yaml").translations[0]
    spec = open_engine(translation, "kk", "en").spec
    moments = random.Random(8)
    cache = killed / "cache" / "answers.sqlite"
    for _ in range(3):
        process = start(tmp_path, "killed", moments.randint(3, 15))
        said = process.communicate()[0]
        assert process.returncode == -signal.SIGKILL, said
        assert not CorpusFolder(killed).table_path("translations", "mt").exists()
        with AnswerCache(cache) as answers:
            now = answers.rate(spec).asked
        assert kept < now < SENTENCES
        kept = now
    said = run(tmp_path, "killed")
    assert f"{SENTENCES + 100:,} sentences, {kept + 100:,} of them known before" in said
    with AnswerCache(cache) as answers:
        assert answers.rate(spec).asked == SENTENCES  # by all four runs together
    tables = [
        CorpusFolder(tmp_path / name).table_path("translations", "mt").read_bytes() for name in ("whole", "killed")
    ]
    assert tables[0] == tables[1]
