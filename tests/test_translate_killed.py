"""The command `qosmatin` with a real model, killed in the middle: the same bytes, and nothing asked twice.

Loading a model takes seconds, so there are four kills here; ``test_translate_jobs`` does ten with a stub.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")
pytest.importorskip("torch", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")

import tiny_models

from qosmatin.config import load_config
from qosmatin.corpus.folder import CorpusFolder
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.opening import open_engine

ROOT = Path(__file__).parent.parent
SENTENCES = 3000
JOB = """
corpus: {{name: tiny, version: 1.0.0, folder: {folder}}}
sources: [{{files: [kk/*.txt], lang: kk}}]
translations:
  - {{name: mt, lang: en, engine: ctranslate2, model: {model}, compute_type: float32, device: cpu, parallel: 1,
     batch_sentences: 20}}
"""


def start(folder, name):
    environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(folder / "conversions")}
    return subprocess.Popen(
        [sys.executable, "-m", "qosmatin", "translate", str(folder / f"{name}.yaml")], env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(folder, name):
    process = start(folder, name)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    return said


def test_killed_at_four_moments(models, tmp_path):
    texts = [source for source, _ in tiny_models.pairs(SENTENCES)]
    (tmp_path / "kk").mkdir()
    for number in range(3):
        # Each document begins with a sentence of the one before, which is not asked for again.
        rows = texts[max(0, number * 1000 - 1) : (number + 1) * 1000]
        (tmp_path / "kk" / f"{number}.txt").write_text("\n".join(rows))
    for name in ("whole", "killed"):
        (tmp_path / f"{name}.yaml").write_text(JOB.format(folder=name, model=models("nllb")))
    run(tmp_path, "whole")
    killed, kept = tmp_path / "killed", 0
    translation = load_config(tmp_path / "killed.yaml").translations[0]
    spec = open_engine(translation, "kk", "en").spec
    moments = random.Random(8)
    cache = killed / "cache" / "answers.sqlite"
    for _ in range(4):
        process = start(tmp_path, "killed")
        size = cache.with_name("answers.sqlite-wal")
        while not size.exists() or size.stat().st_size < 50_000:  # the first answers of this run
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.3))
        process.kill()
        process.communicate()
        assert not CorpusFolder(killed).table_path("translations", "mt").exists()
        with AnswerCache(cache) as answers:
            now = answers.rate(spec).asked
        assert kept < now < SENTENCES
        kept = now
    said = run(tmp_path, "killed")
    assert f"{SENTENCES + 2:,} sentences, {kept + 2:,} of them known before" in said
    with AnswerCache(cache) as answers:
        assert answers.rate(spec).asked == SENTENCES  # by all five runs together
    tables = [
        CorpusFolder(tmp_path / name).table_path("translations", "mt").read_bytes() for name in ("whole", "killed")
    ]
    assert tables[0] == tables[1]
