"""A chat-completions server that fails in every way it is told to; run as a process: ``failing_server.py LOG FAULTS``.

It upper-cases. ``FAULTS`` is a comma-separated list: each call takes the next one, and when they are used up, none.
Each sentence that was answered rightly is written to ``LOG``; the port is printed first.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOG, FAULTS = open(sys.argv[1], "a", buffering=1), sys.argv[2].split(",") if sys.argv[2] else []  # noqa: SIM115, PTH123
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def reply(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sentences = json.loads(asked["messages"][1]["content"])["sentences"]
        with LOCK:
            fault = FAULTS.pop(0) if FAULTS else ""
        if fault == "slow":
            time.sleep(2)
        elif fault == "429":
            self.reply(429, {"error": "busy"}, [("Retry-After", "0.3")])
        elif fault in ("500", "400"):
            self.reply(int(fault), {"error": "broken"})
        elif fault == "cut":
            self.cut()
        elif fault == "html":
            self.reply(200, b"<html>gateway</html>")
        elif fault == "empty":
            self.reply(200, {"choices": []})
        else:
            self.translate(sentences, fault)

    def cut(self):
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"choices": [')
        self.close_connection = True

    def translate(self, sentences, fault):
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
        if fault in ("", "fenced"):
            with LOCK:
                LOG.writelines(one["text"] + "\n" for one in sentences)
        usage = {"prompt_tokens": 10 * len(rows), "completion_tokens": 5 * len(rows)}
        self.reply(200, {"choices": [{"message": {"content": content}}], "usage": usage})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)  # noqa: T201
server.serve_forever()
