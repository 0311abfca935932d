"""Jobs that are killed in the middle: the same bytes, and nothing asked twice but what was under way.

The command `qosmatin` with a real model is killed three times, since loading takes seconds; then each engine that there
is, ten times where it asks a server or a program, three times where it runs a model. ``test_translate_batches`` does
ten with batches, ``test_translate_jobs`` with a stub.
"""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")
pytest.importorskip("torch", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")

import service_servers
import tiny_models
import tiny_profiles
from warm import TESTS, run_warm

from qosmatin.config.job import load_config
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engines import BUILT_IN
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


def run(folder, name, dies_at=None):
    """Run ``qosmatin translate``, which kills itself when the engine gets a batch; returns what it said."""
    command = ["translate", folder / f"{name}.yaml"]
    environment = {"XDG_CACHE_HOME": str(folder / "conversions")}
    if dies_at is None:
        done = run_warm(*command, environment=environment)
    else:
        done = run_warm(dies_at, *command, environment=environment, program=TESTS / "dying_answers.py")
    said = done.stdout + done.stderr
    assert done.returncode == (0 if dies_at is None else -signal.SIGKILL), said
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
        run(tmp_path, "killed", moments.randint(3, 15))
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


TEN = ("openai", "command", "yandex", "azure", "deepl", "google", "amazon")
"""What asks a server or a program."""

THREE = ("transformers", "transformers-chat", "ctranslate2", "vllm")
"""What runs a model."""

UPPER = "import sys; sys.stdout.write(sys.stdin.read().upper())"


@pytest.fixture(scope="module")
def ended(models, tmp_path_factory):
    """What came of each job that died, by its name."""
    folder = tmp_path_factory.mktemp("dying")
    chat = tiny_profiles.build_chat("hunyuan-mt", folder)
    few = {"decoding": {"beams": 1, "max_tokens": 6}}
    torch = few | {"device": "cpu", "dtype": "float32", "threads": 1}
    services = {name: {"engine": name, **more} for name, more in service_servers.MORE.items()}
    with service_servers.serving() as (url, _):
        settings = {name: {**one, "url": service_servers.address(name, url)} for name, one in services.items()}
        settings |= {
            "openai": {"engine": "openai", "model": "stub", "url": f"{url}/v1"},
            "command": {"engine": "command", "command": [sys.executable, "-S", "-c", UPPER]},
            "transformers": {"engine": "transformers", "model": str(models("nllb")), **torch},
            "transformers-chat": {"engine": "transformers", "model": str(chat), **torch},
            "ctranslate2": {"engine": "ctranslate2", "model": str(models("nllb")), "device": "cpu", **few},
            "vllm": {"engine": "vllm", "model": str(chat), "dtype": "float32",
                     "decoding": {"max_tokens": 6}},
        }  # fmt: skip
        jobs = {name: {"settings": one, "deaths": 10 if name in TEN else 3} for name, one in settings.items()}
        (folder / "jobs.json").write_text(json.dumps(jobs))
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "stand_ins")])
        here = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(folder)}
        said = subprocess.run(
            [sys.executable, str(ROOT / "tests" / "dying_translation.py"), str(folder / "jobs.json"), str(folder)],
            env=os.environ | service_servers.KEYS | here,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return {name: rest for name, *rest in map(json.loads, said.stdout.splitlines())}


def test_every_engine_is_killed_here():
    assert {name.removesuffix("-chat") for name in TEN + THREE} == set(BUILT_IN)


@pytest.mark.timeout(900)  # the first has all the jobs to wait for
@pytest.mark.parametrize("name", TEN + THREE)
def test_every_engine_goes_on_where_it_was_killed(name, ended):
    died, (whole, asked), (last, asked_in_all) = ended[name]
    assert died == (10 if name in TEN else 3)
    assert last == whole
    assert len(whole) == 101
    assert asked == asked_in_all == 100  # each once, by all runs together
