"""The command `qosmatin` with a real model, killed in the middle: the same bytes, and nothing asked twice.

Loading a model takes seconds, so there are three kills here; ``test_translate_jobs`` does ten with a stub.
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
        process = start(tmp_path, "killed")
        journal, moment = cache.with_name("answers.sqlite-wal"), moments.randint(20_000, 250_000)
        while not journal.exists() or journal.stat().st_size < moment:  # so many bytes of answers in this run
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.001)
        process.kill()
        process.communicate()
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
