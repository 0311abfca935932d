"""A chat-completions server that fails in every way it is told to; run as a process: ``failing_server.py LOG FAULTS``.

It upper-cases. What is asked at ``/responses`` is answered in the form of the Responses API.

``FAULTS`` is a comma-separated list: each call takes the next one, and when they are used up, none.
A sentence with a word of ``POISONS`` in it makes every call that it is in fail, in the way of that word. Each sentence
that was answered rightly is written to ``LOG``; the port is printed first.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOG, FAULTS = open(sys.argv[1], "a", buffering=1), sys.argv[2].split(",") if sys.argv[2] else []  # noqa: SIM115, PTH123
LOCK = threading.Lock()


POISONS = {
    "(refusal)": {"message": {"content": None, "refusal": "I will not."}, "finish_reason": "stop"},
    "(null)": {"message": {"content": None}, "finish_reason": "stop"},
    "(filter)": {"message": {"content": ""}, "finish_reason": "content_filter"},
    "(long)": {"message": {"content": '{"translations": [{"id": 1, "te'}, "finish_reason": "length"},
    "(sorry)": {"message": {"content": "I'm sorry, but I can't help with that."}, "finish_reason": "stop"},
    "(think)": {"message": {"content": "<think>Hmm. Wait. Hmm."}, "finish_reason": "length"},
    "(parts)": {"message": {"content": [{"type": "image"}]}, "finish_reason": "stop"},
    "(none)": None,
}
FILTERED = {"error": {"code": "content_filter", "message": "The prompt triggered our policy.", "status": 400}}
QUOTA = {"error": {"code": "insufficient_quota", "type": "insufficient_quota", "message": "You exceeded your quota."}}


def as_response(body):
    """A chat completion in the form of the Responses API."""
    choice = (body.get("choices") or [None])[0] or {}
    message, why = choice.get("message", {}), choice.get("finish_reason")
    said, refusal = message.get("content"), message.get("refusal")
    parts = said if isinstance(said, list) else [{"type": "output_text", "text": said}] if said else []
    parts += [{"type": "refusal", "refusal": refusal}] if refusal else []
    output = [{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": parts}]
    usage = body.get("usage", {})
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(why)
    return {
        "object": "response", "status": "incomplete" if reason else "completed", "output": output if choice else None,
        "incomplete_details": {"reason": reason} if reason else None,
        "usage": {"input_tokens": usage.get("prompt_tokens"), "output_tokens": usage.get("completion_tokens")},
    }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def reply(self, status, body, headers=()):
        if self.path.endswith("/responses") and "choices" in body:
            body = as_response(body)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = asked["input" if self.path.endswith("/responses") else "messages"][1]["content"]
        is_plain = not said.startswith("{")
        sentences = [{"id": 1, "text": said}] if is_plain else json.loads(said)["sentences"]
        with LOCK:
            fault = FAULTS.pop(0) if FAULTS and FAULTS[0] != "always" else "".join(FAULTS[1:2])
        texts = " ".join(one["text"] for one in sentences)
        poison = next((word for word in POISONS if word in texts), None)
        if poison:
            self.reply(200, {"choices": [POISONS[poison]], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
        elif "(azure)" in texts:
            self.reply(400, FILTERED)
        elif "(crash)" in texts:
            self.reply(500, {"error": "CUDA error"})
        elif "(chatty)" in texts and not is_plain:
            self.reply(200, {"choices": [{"message": {"content": "Sure! What would you like?"}}]})
        elif not self.fail(*fault.partition("=")):
            self.translate(sentences, fault, is_plain)

    def fail(self, fault, _is, value):
        """Fail in that way; returns False where it is none."""
        busy = {"error": "busy"}
        ways = {
            "slow": lambda: time.sleep(2),
            "quota": lambda: self.reply(429, QUOTA, [("Retry-After", "1")]),
            "drip": self.drip,
            "drip-head": lambda: (self.wfile.write(b"HTTP/1.1 200 OK\r\n"), self.drip()),
            "huge": lambda: self.reply(200, b'{"choices": [' + b" " * 20_000_000 + b"]}"),
            "redirect": lambda: self.reply(307, {}, [("Location", value)]),
            "wait": lambda: self.reply(429, busy, [("Retry-After", value.replace(";", ","))]),
            "429": lambda: self.reply(429, busy, [("Retry-After", "0.3")]),
            "500": lambda: self.reply(500, {"error": "broken"}),
            "400": lambda: self.reply(400, {"error": "broken"}),
            "cut": self.cut,
            "html": lambda: self.reply(200, b"<html>gateway</html>"),
            "empty": lambda: self.reply(200, {"choices": []}),
        }
        if fault not in ways:
            return False
        ways[fault]()
        return True

    def do_GET(self):
        if FAULTS[:1] == ["500"]:
            self.reply(500, {"error": "broken"})
        else:
            self.reply(200, {"object": "list", "data": [{"id": "stub", "object": "model"}]})

    def drip(self):
        for _ in range(100):
            try:
                self.wfile.write(b"X: 1\r\n")
                time.sleep(0.2)
            except OSError:
                break
        self.close_connection = True

    def cut(self):
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"choices": [')
        self.close_connection = True

    def translate(self, sentences, fault, is_plain):
        rows = [{"id": one["id"], "text": one["text"].upper()} for one in sentences]
        if fault == "fewer":
            rows = rows[1:]
        elif fault == "twice":
            rows = [*rows, rows[0]]
        content = json.dumps({"translations": rows}, ensure_ascii=False)
        if fault == "fenced":
            content = f"```json\n{content}\n```"
        elif fault == "garbage":
            content = "Of course! Here are the translations."
        elif fault == "think":
            content = f"<think>The ids {{1}} and {{2}}: easy.</think>\n{content}"
        elif fault == "around":
            content = f"Here you are {{by id}}:\n```json\n{content}\n```\nDo you want more?"
        elif fault == "unenforced":
            content = sentences[0]["text"].upper() if is_plain else "Sure! " + sentences[0]["text"].upper()
        elif is_plain:
            content = sentences[0]["text"].upper()
        if fault in ("", "fenced", "think", "around") or is_plain:
            with LOCK:
                LOG.writelines(one["text"] + "\n" for one in sentences)
        usage = {"prompt_tokens": 10 * len(rows), "completion_tokens": 5 * len(rows)}
        self.reply(200, {"choices": [{"message": {"content": content}}], "usage": usage})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)  # noqa: T201
server.serve_forever()
