"""The engines' files in ``configs/``, run as they are but for a tiny model, a CPU and sources of our own.

Searches of transformers end at 40 tokens, thrice as many as an answer has: second guesses would go on to 256.
"""

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")
pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed: pip install 'qosmatin[mt]'")

import tiny_models
from ray_cluster import running_cluster
from warm import ROOT, run_warm

from qosmatin.config.job import load_config
from qosmatin.corpus.storage.folder import CorpusFolder

PAIRS = tiny_models.pairs()


@pytest.fixture
def place(models, tmp_path):
    """A folder as the checkout is, with two little documents, and the command ``qosmatin``."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "qosmatin"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m qosmatin "$@"\n')
    command.chmod(0o755)
    (tmp_path / "configs").mkdir()
    documents = tmp_path / "examples" / "ilyashev" / "kk"
    documents.mkdir(parents=True)
    sources = [source for source, _ in PAIRS]
    (documents / "one.txt").write_text("\n".join(sources[:30]))
    (documents / "two.txt").write_text("\n".join(sources[30:]))
    return tmp_path


def put(place, name, **changes):
    """Copy a config there; each of ``changes`` is a text in it and what to put for it."""
    text = (ROOT / "configs" / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text, f"{name}.yaml no longer has {old!r}"
        text = text.replace(old, str(new))
    (place / "configs" / f"{name}.yaml").write_text(text, encoding="utf-8")


def surroundings(place):
    return {
        "PYTHONPATH": str(ROOT),
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(place.parent / "conversions"),
    }


def start(place, *words, **environment):
    return subprocess.Popen(
        words, cwd=place, env=os.environ | surroundings(place) | environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(place, *words, **environment):
    done = run_warm(*words, folder=place, environment=surroundings(place) | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def translated(place, corpus, name):
    """The sentences of a translation, document after document."""
    rows = CorpusFolder(place / "corpora" / corpus).read("translations", name).to_pylist()
    return [sentence["text"] for row in rows for sentence in row["sentences"]]


def exact(found):
    """The share that is as the model learnt it; CTranslate2's two beams miss a few (see test_translate_models)."""
    return sum(one == target for one, (_, target) in zip(found, PAIRS, strict=True)) / len(PAIRS)


def test_nllb_on_a_cpu(place, models):
    put(place, "nllb-cpu", model=("facebook/nllb-200-distilled-600M\n    device", f"{models('nllb')}\n    device"),
        decoding=("{beams: 4}", "{beams: 4, max_tokens: 40}"))  # fmt: skip
    run(place, "translate", "configs/nllb-cpu.yaml")
    assert exact(translated(place, "ilyashev-nllb", "nllb-en")) >= 0.98


def test_tilmash_but_for_the_gpu(place, models):
    shipped = load_config(ROOT / "configs" / "tilmash-gpu.yaml").translations[0]
    assert (shipped.device, shipped.dtype) == ("cuda", "bfloat16")
    put(place, "tilmash-gpu", model=("model: issai/tilmash", f"model: {models('nllb')}"),
        device=("device: cuda", "device: cpu"),
        dtype=("dtype: bfloat16", "dtype: float32\n    decoding: {max_tokens: 40}"))  # fmt: skip
    run(place, "translate", "configs/tilmash-gpu.yaml")
    assert exact(translated(place, "ilyashev-tilmash", "tilmash-en")) >= 0.98


def put_ctranslate2(place, models):
    put(
        place,
        "nllb-ctranslate2",
        model=("model: facebook/nllb-200-distilled-600M", f"model: {models('nllb')}"),
        arithmetic=("engine: ctranslate2", "engine: ctranslate2\n    compute_type: float32\n    device: cpu"),
    )


def test_a_slurm_array_whose_tasks_start_at_once(place, models):
    put_ctranslate2(place, models)
    config = "configs/nllb-ctranslate2.yaml"
    script = ROOT / "configs" / "slurm-array.sh"
    said = script.read_text()
    for command in (f"qosmatin run {config} --until split", f"qosmatin run {config}\n"):
        assert command in said
    run(place, "run", config, "--until", "split")
    tasks = [
        start(place, "bash", str(script), config, SLURM_ARRAY_TASK_ID=str(task), SLURM_ARRAY_TASK_COUNT="2")
        for task in (1, 2)
    ]
    outputs = [task.communicate(timeout=120)[0] for task in tasks]
    assert [task.returncode for task in tasks] == [0, 0], outputs
    shards = sorted(path.name for path in (place / "corpora" / "ilyashev-nllb-int8" / "cache").glob("shard-*.sqlite"))
    assert shards == ["shard-1-of-2.sqlite", "shard-2-of-2.sqlite"]
    whole = run(place, "translate", config)
    assert "60 sentences, 60 of them known before" in whole
    assert exact(translated(place, "ilyashev-nllb-int8", "nllb-en")) >= 0.9
    assert len(translated(place, "ilyashev-nllb-int8", "nllb-ru")) == 60


def test_processes_on_this_machine_give_the_same(place, models):
    put_ctranslate2(place, models)
    config = place / "configs" / "nllb-ctranslate2.yaml"
    config.write_text(config.read_text() + "executor: {rows: 10}\n")
    run(place, "translate", str(config), "--only", "nllb-en", "--workers", "2")
    assert exact(translated(place, "ilyashev-nllb-int8", "nllb-en")) >= 0.9


def test_a_server(place):
    put(place, "llm-server", per_minute=("    per_minute: 300\n", ""))
    log = place / "log"
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "failing_server.py"), str(log), ""], stdout=subprocess.PIPE, text=True
    )
    try:
        config = place / "configs" / "llm-server.yaml"
        port = server.stdout.readline().strip()
        config.write_text(config.read_text().replace("localhost:8000", f"127.0.0.1:{port}"))
        run(place, "translate", str(config))
    finally:
        server.kill()
        server.communicate()
    assert translated(place, "ilyashev-llm", "llm-en") == [source.upper() for source, _ in PAIRS]


def test_a_ray_cluster(place, models):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'qosmatin[ray]'")
    shipped = load_config(ROOT / "configs" / "ray-cluster.yaml")
    assert (shipped.executor.kind, shipped.executor.gpus, shipped.translations[0].device) == ("ray", 1, "cuda")
    put(place, "ray-cluster", model=("model: facebook/nllb-200-distilled-600M", f"model: {models('nllb')}"),
        device=("device: cuda ", "device: cpu "), gpus=("gpus: 1 ", "gpus: 0 "), cpus=("cpus: 4 ", "cpus: 1 "),
        arithmetic=("int8_float16", "float32"), rows=("rows: 2000", "rows: 10"))  # fmt: skip
    with running_cluster([1, 1]) as cluster:
        missing = start(place, "qosmatin", "translate", "configs/ray-cluster.yaml", RAY_ADDRESS="127.0.0.1:1")
        assert "ray start --head" in missing.communicate(timeout=60)[0]
        assert missing.returncode == 2
        run(place, "translate", "configs/ray-cluster.yaml", RAY_ADDRESS=cluster.address,
            XDG_CACHE_HOME=str(place / "cache"))  # fmt: skip
    assert exact(translated(place, "ilyashev-nllb-ray", "nllb-en")) >= 0.9
    assert not (place / "corpora" / "ilyashev-nllb-ray" / "cache" / "answers.sqlite-wal").exists()


def test_every_config_is_tried_here():
    tried = {"nllb-cpu", "nllb-ctranslate2", "tilmash-gpu", "ray-cluster", "llm-server"}
    elsewhere = {"demo", "llm-local", "match", "semantic", "train-llm-lora", "train-marian-small",
                 "train-nllb-lora", "web"}  # fmt: skip
    assert {path.stem for path in (ROOT / "configs").glob("*.yaml")} == tried | elsewhere
