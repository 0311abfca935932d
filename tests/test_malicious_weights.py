"""Weights as pickle may run code when they are opened; ours are not: the tensors are read, or the model is refused."""

import json
import os
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed")
pytest.importorskip("transformers", reason="the extra 'mt' is not installed")

import tiny_models
import torch
from safetensors.torch import load_file

from qosmatin.corpus.errors import QosmatinError
from qosmatin.translate.conversion import convert
from qosmatin.translate.model_files import ModelFiles
from qosmatin.translate.opening import open_engine
from qosmatin.translate.transformers_engine import TransformersSettings


class Payload:
    """What pickle makes of it is the result of a call of its own choice."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


@pytest.fixture(scope="module")
def marian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.build("marian", tmp_path_factory.mktemp("marian"), steps=1)


@pytest.fixture
def pickled(marian: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A model whose weights are a pickle that makes a folder when it is opened trustingly, and that folder."""
    model, trace = tmp_path / "model", tmp_path / "ran"
    model.mkdir()
    for file in marian.iterdir():
        if file.suffix != ".safetensors":
            (model / file.name).write_bytes(file.read_bytes())
    weights = {**load_file(marian / "model.safetensors"), "extra": Payload(trace)}
    torch.save(weights, model / "pytorch_model.bin")
    return model, trace


def test_the_payload_works(pickled: tuple[Path, Path]) -> None:
    """The tests below would prove nothing with one that does not."""
    model, trace = pickled
    torch.load(model / "pytorch_model.bin", weights_only=False)
    assert trace.exists()


def test_the_engine_runs_nothing(pickled: tuple[Path, Path]) -> None:
    model, trace = pickled
    settings = TransformersSettings(engine="transformers", model=str(model), device="cpu", threads=1)
    with pytest.raises(QosmatinError, match="would run code when it is opened"):
        open_engine(settings, "kk", "en").get()
    assert not trace.exists()


def test_converting_runs_nothing(pickled: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    model, trace = pickled
    monkeypatch.setenv("XDG_CACHE_HOME", str(model.parent / "cache"))
    with pytest.raises(QosmatinError, match="would run code when it is opened"):
        convert(ModelFiles(model, "marian", None))
    assert not trace.exists()


@pytest.mark.parametrize("kind", ["marian", "never-heard-of"])
def test_code_beside_the_weights_does_not_run(marian: Path, tmp_path: Path, kind: str) -> None:
    """Hubs let a model bring its own classes (``trust_remote_code``); they are never asked for."""
    model, trace = tmp_path / "model", tmp_path / "ran"
    shutil.copytree(marian, model)
    own = {"AutoConfig": "evil.Evil", "AutoModelForSeq2SeqLM": "evil.Evil", "AutoTokenizer": ["evil.Evil", None]}
    for name in ("config.json", "tokenizer_config.json"):
        told = json.loads((model / name).read_text(encoding="utf-8")) | {"auto_map": own}
        told |= {"model_type": kind} if name == "config.json" else {}
        (model / name).write_text(json.dumps(told), encoding="utf-8")
    (model / "evil.py").write_text(f"import os\nos.mkdir({str(trace)!r})\nclass Evil: pass\n", encoding="utf-8")
    settings = TransformersSettings(engine="transformers", model=str(model), device="cpu", threads=1)
    with nullcontext() if kind == "marian" else pytest.raises(QosmatinError):
        open_engine(settings, "kk", "en").get().close()
    assert not trace.exists()
