"""What a job adds to a bare client of ``engine: openai`` and ``command``: the part ``clients`` of ``translate.py``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.command_engine import CommandSettings
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.openai_engine import OpenAISettings
from qosmatin.translate.opening import open_engine
from qosmatin.translate.questions import Questions
from qosmatin.translate.settings import MachineSettings
from qosmatin.translate.tally import Tally

CALLS, SENTENCES, PARALLEL = 40, 8, 4
SECONDS_A_CALL = 0.25
"""What the server, or the program, takes for a call or a batch: a quick model, so that overhead weighs rather more."""

PROGRAM = f"import sys, time; text = sys.stdin.read(); time.sleep({SECONDS_A_CALL}); sys.stdout.write(text.upper())"


class _Server(BaseHTTPRequestHandler):
    """Upper-cases after a pause."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer a call."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sentences = json.loads(asked["messages"][1]["content"])["sentences"]
        rows = [{"id": one["id"], "text": one["text"].upper()} for one in sentences]
        content = json.dumps({"translations": rows}, ensure_ascii=False)
        data = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        time.sleep(SECONDS_A_CALL)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    print(server.server_port, flush=True)
    server.serve_forever()


def bench_clients(folder: Path, sentences: Sequence[str], rounds: int) -> None:
    """Print the overhead of a job by each of the two engines against a bare client, in the same run."""
    texts = list(sentences[: CALLS * SENTENCES])
    calls = [texts[start : start + SENTENCES] for start in range(0, len(texts), SENTENCES)]
    server = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    chat = OpenAISettings(engine="openai", model="stub", url=url, sentences=SENTENCES, parallel=PARALLEL)
    program = [sys.executable, "-X", "utf8", "-S", "-c", PROGRAM]
    command = CommandSettings(engine="command", command=program, sentences=SENTENCES, parallel=PARALLEL)
    for name, settings, bare in (
        ("openai", chat, lambda: _bare_chat(chat, calls)),
        ("command", command, lambda: _bare_program(program, calls)),
    ):
        _compare(name, bare, _through_job(folder, settings, texts), rounds)
    server.kill()
    server.wait()


def _bare_chat(settings: OpenAISettings, calls: Sequence[Sequence[str]]) -> None:
    import httpx

    questions = Questions(settings, "kk", "en")

    def call(texts: Sequence[str]) -> None:
        body = questions.body([TranslationRequest(text) for text in texts])
        said = client.post(f"{settings.url}/chat/completions", json=body).json()
        rows = json.loads(said["choices"][0]["message"]["content"])["translations"]
        assert len(rows) == len(texts)

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(PARALLEL) as threads:
        list(threads.map(call, calls))


def _bare_program(program: Sequence[str], calls: Sequence[Sequence[str]]) -> None:
    def call(texts: Sequence[str]) -> None:
        told = "".join(f"{text}\n" for text in texts)
        said = subprocess.run(program, input=told, capture_output=True, text=True, check=True, encoding="utf-8").stdout
        assert len(said.splitlines()) == len(texts)

    with ThreadPoolExecutor(PARALLEL) as threads:
        list(threads.map(call, calls))


def _through_job(folder: Path, settings: MachineSettings, texts: Sequence[str]) -> Callable[[], None]:
    number = 0

    def work() -> None:
        nonlocal number
        number += 1
        engine = open_engine(settings, "kk", "en")
        with AnswerCache(folder / f"{settings.engine}-{number}.sqlite") as cache:
            for _ in translate_requests(map(TranslationRequest, texts), engine, cache, Tally()):
                pass
        engine.close()

    return work


def _compare(name: str, bare: Callable[[], None], job: Callable[[], None], rounds: int) -> None:
    """Print how much longer the job takes; both orders, so that a machine that grows busier favours neither."""
    bare(), job()
    ratios, cpu = [], []
    for _ in range(rounds):
        seconds, spent = [], []
        for work in (bare, job, job, bare):
            started = time.perf_counter(), time.process_time()
            work()
            seconds.append(time.perf_counter() - started[0])
            spent.append(time.process_time() - started[1])
        ratios.append((seconds[1] + seconds[2]) / (seconds[0] + seconds[3]))
        cpu.append((spent[1] + spent[2] - spent[0] - spent[3]) / 2)
    print(
        f"clients: engine {name} through a job takes {statistics.median(ratios) - 1:+.1%} of a bare client's time "
        f"({min(ratios) - 1:+.1%} to {max(ratios) - 1:+.1%}; {CALLS} calls of {SENTENCES} sentences, {PARALLEL} at "
        f"once, {SECONDS_A_CALL:g} s each); {1000 * statistics.median(cpu) / CALLS:.1f} ms of processor more a call"
    )


if __name__ == "__main__":
    _serve()
