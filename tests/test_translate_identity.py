"""What a model is: its weights, config and tokenizer, hashed once; and what is told before any weights are read."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed")
pytest.importorskip("transformers", reason="the extra 'mt' is not installed")

import tiny_models
from small_corpus import qosmatin_here as qosmatin
from test_translate_openai import server

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.translate import weight_hashes
from qosmatin.translate.cache import AnswerCache, request_key
from qosmatin.translate.cache_peek import CachePeek
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.opening import open_engine
from qosmatin.translate.transformers_engine import TransformersSettings
from qosmatin.translate.weight_hashes import UNREAD, hash_model, weights_unread

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _own_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    weight_hashes._remembered.cache_clear()
    yield
    weight_hashes._remembered.cache_clear()


def folder_of(path: Path, **more: bytes) -> Path:
    path.mkdir()
    files = {"config.json": b"{}", "model.safetensors": b"w" * 3_000_000, "tokenizer.json": b"[]"} | more
    for name, content in files.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(content)
    return path


CHANGES = {
    "README.md": (b"# card", False),
    "LICENSE.txt": (b"MIT", False),
    "NOTICE.txt": (b"no", False),
    ".gitattributes": (b"*", False),
    "trainer_state.json": (b"{}", False),
    "onnx/model.onnx": (b"w", False),
    "original/consolidated.safetensors": (b"w", False),
    "pytorch_model.bin": (b"the same weights again", False),
    "logo.png": (b"x", False),
    "config.json": (b'{"a": 1}', True),
    "model.safetensors": (b"v" * 3_000_000, True),
    "tokenizer.json": (b"[1]", True),
    "generation_config.json": (b"{}", True),
    "chat_template.jinja": (b"x", True),
    "additional_chat_templates/tool.jinja": (b"x", True),
    "merges.txt": (b"x", True),
    "source.spm": (b"x", True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_model_is_what_changes_its_answers(tmp_path, name):
    content, changes = CHANGES[name]
    before = hash_model(folder_of(tmp_path / "a"))
    after = hash_model(folder_of(tmp_path / "elsewhere", **{name: content}))
    assert (before != after) is changes


def test_weights_of_another_kind_count_where_they_are_alone(tmp_path):
    one, two = (folder_of(tmp_path / name, **{"pytorch_model.bin": name.encode()}) for name in "ab")
    assert hash_model(one) == hash_model(two)
    for folder in (one, two):
        (folder / "model.safetensors").unlink()
    assert hash_model(one) != hash_model(two)


def test_weights_are_read_once_for_all_processes(tmp_path, monkeypatch):
    folder = folder_of(tmp_path / "a")
    with weights_unread():
        assert hash_model(folder) == UNREAD
        assert not weight_hashes.memory_path().exists()
    script = "import sys; from pathlib import Path; from qosmatin.translate.weight_hashes import hash_model;"
    command = [sys.executable, "-c", f"{script} print(hash_model(Path(sys.argv[1])))", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    monkeypatch.setattr(weight_hashes, "hash_path", fail_if_large)
    with weights_unread():
        assert hash_model(folder) == said
    assert hash_model(folder) == said
    # Written anew, though with the same size: read again.
    (folder / "model.safetensors").write_bytes(b"v" * 3_000_000)
    with pytest.raises(AssertionError, match="read"):
        hash_model(folder)


def fail_if_large(path):
    assert path.stat().st_size < 2**20, "weights were read"
    return hash_path(path)


def test_a_memory_that_is_damaged_is_none(tmp_path):
    folder = folder_of(tmp_path / "a")
    found = hash_model(folder)
    for text in ("", "[]", "{", '{"x": 1}'):
        weight_hashes.memory_path().write_text(text)
        weight_hashes._remembered.cache_clear()
        assert hash_model(folder) == found


def spec(model="one", weights="w", revision=None, **settings):
    return EngineSpec("transformers", model, revision, weights, {"beams": 4, **settings})


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (spec("another name"), True),
        (spec(revision="abc"), True),
        (spec(weights=UNREAD), True),
        (spec("another name", weights=UNREAD), False),
        (spec(weights="v"), False),
        (spec(beams=5), False),
        (spec(weights=None), False),
    ],
)
def test_the_same_model_by_another_name_is_not_asked_again(tmp_path, other, is_same):
    request = TranslationRequest("сот")
    path = tmp_path / "a.sqlite"
    with AnswerCache(path) as cache:
        cache.add(spec(), {request_key(spec().key, request): Answer("court")}, 1.0)
        assert (cache.known_key(other) == spec().key) is is_same
        cache.add(other, {}, 1.0)
        assert (cache.known_key(other) == spec().key) is is_same  # and no new key hides what is there
    peek = CachePeek([path, tmp_path / "none.sqlite"])
    key = peek.known_key(other)
    assert peek.count({request_key(key, request)}) == is_same
    assert (peek.rate(spec().key) or 0) != 0


def test_what_a_killed_run_left_in_its_journal_is_seen(tmp_path):
    path, request = tmp_path / "a.sqlite", TranslationRequest("сот")
    with AnswerCache(path) as cache:
        cache.add(spec(), {request_key(spec().key, request): Answer("court")}, 1.0)
        (tmp_path / "killed").mkdir()
        for file in tmp_path.glob("a.sqlite*"):
            shutil.copy(file, tmp_path / "killed")
    assert (tmp_path / "killed" / "a.sqlite-wal").stat().st_size
    before = {file.name: file.read_bytes() for file in (tmp_path / "killed").iterdir()}
    peek = CachePeek([tmp_path / "killed" / "a.sqlite"])
    assert peek.count({request_key(spec().key, request), b"other"}) == 1
    assert before == {file.name: file.read_bytes() for file in (tmp_path / "killed").iterdir()}


JOB = """
corpus: {name: tiny, version: 1.0.0, folder: out}
sources: [{files: [kk.txt], lang: kk}]
translations: [TRANSLATION]
"""
LOCAL = "{name: mt, lang: LANG, engine: transformers, model: MODEL, device: cpu, decoding: {beams: 1, max_tokens: 12}}"


def write_job(folder: Path, translation: str) -> None:
    texts = [source for source, _ in tiny_models.pairs(6)]
    (folder / "kk.txt").write_text("\n".join(texts), encoding="utf-8")
    (folder / "job.yaml").write_text(JOB.replace("TRANSLATION", translation), encoding="utf-8")


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_writes_nothing_and_a_renamed_model_is_not_asked_again(models, tmp_path):
    shutil.copytree(models("nllb"), tmp_path / "one")
    write_job(tmp_path, LOCAL.replace("LANG", "en").replace("MODEL", "one"))
    before = listing(tmp_path)
    done = qosmatin(tmp_path, "translate", "job.yaml", "--dry-run")
    assert "6 sentences, 6 different, 6 to ask" in " ".join(done.stdout.split()), done.stderr
    assert listing(tmp_path) == before
    assert qosmatin(tmp_path, "translate", "job.yaml", "--limit", "4").returncode == 0
    before = listing(tmp_path)
    assert "2 to ask" in " ".join(qosmatin(tmp_path, "translate", "job.yaml", "--dry-run").stdout.split())
    assert listing(tmp_path) == before
    (tmp_path / "one").rename(tmp_path / "two")
    (tmp_path / "two" / "README.md").write_text("a card")
    write_job(tmp_path, LOCAL.replace("LANG", "en").replace("MODEL", "two"))
    assert "2 to ask" in " ".join(qosmatin(tmp_path, "translate", "job.yaml", "--dry-run").stdout.split())
    assert "6 sentences, 4 of them known before" in qosmatin(tmp_path, "translate", "job.yaml").stdout


def test_what_would_fail_is_told_without_weights(models, tmp_path):
    shutil.copytree(models("nllb"), tmp_path / "one")
    (tmp_path / "one" / "model.safetensors").write_bytes(b"no weights at all")
    for lang, fault in (("en", ""), ("tr", "does not know the language token tur_Latn"), ("xx-zz", "xx")):
        write_job(tmp_path, LOCAL.replace("LANG", lang).replace("MODEL", "one"))
        for command in (("config", "check", "--read", "job.yaml"), ("translate", "job.yaml", "--dry-run")):
            done = qosmatin(tmp_path, *command)
            assert (done.returncode, "Traceback" in done.stderr) == (2 if fault else 0, False), done.stderr
            assert fault in done.stderr


@pytest.mark.parametrize(
    ("model", "fault"), [("stub", ""), ("other", "has no model 'other'; it has stub"), ("gone", "ConnectError")]
)
def test_a_server_is_asked_for_its_models(tmp_path, model, fault):
    with server(tmp_path / "log") as url:
        where = "http://127.0.0.1:9/v1" if model == "gone" else url
        write_job(tmp_path, f"{{name: mt, lang: en, engine: openai, model: {model}, url: '{where}'}}")
        for command in (("config", "check", "--read", "job.yaml"), ("translate", "job.yaml", "--dry-run")):
            done = qosmatin(tmp_path, *command)
            assert (done.returncode, fault in done.stderr) == (2 if fault else 0, True), done.stderr
    assert (tmp_path / "log").read_text() == ""


@pytest.mark.parametrize("method", ["awq", "gptq", "bitsandbytes", "mxfp4", "nonsense"])
def test_a_quantized_model_whose_packages_are_not_here_is_one_line(models, tmp_path, method):
    folder = tmp_path / "quantized"
    shutil.copytree(models("nllb"), folder)
    config = json.loads((folder / "config.json").read_text())
    quantization = {"quant_method": method, "bits": 4, "load_in_4bit": True, "group_size": 128, "zero_point": True}
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": quantization}))
    settings = TransformersSettings(engine="transformers", model=str(folder), device="cpu")
    with pytest.raises(InputError) as caught:
        open_engine(settings, "kk", "en").get()
    assert f"quantized by {method}" in str(caught.value)
    assert "pip install" in str(caught.value)
    assert "\n" not in str(caught.value)
