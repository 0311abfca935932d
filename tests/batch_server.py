"""A server of the Batch API that lives through the deaths of its clients: ``batch_server.py LOG FAULTS``, a process.

Written from the public reference. It upper-cases. A batch ends at the third look at it; each sentence that is answered
is written to LOG, with how it came. Words in sentences and FAULTS, a comma-separated list, make it fail; see below.
"""

import itertools
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

LOG, FAULTS = open(sys.argv[1], "a", buffering=1), sys.argv[2].split(",")  # noqa: SIM115, PTH123
LOCK = threading.RLock()
FILES, BATCHES, LOOKS = {}, {}, {}
NUMBERS = itertools.count()  # of files: some are deleted
STEPS = ["validating", "in_progress", "finalizing"]
FULL = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached."}
REFUSED = {"code": "model_not_supported", "message": "The model does no batches."}


def completion(body, how):
    """The status and the body of the answer to one call."""
    said = body["messages"][1]["content"]
    is_plain = not said.startswith("{")
    sentences = [{"id": 1, "text": said}] if is_plain else json.loads(said)["sentences"]
    texts = [one["text"] for one in sentences]
    if any("(filter)" in text for text in texts):
        return 400, {"error": {"code": "content_filter", "message": "The prompt triggered our policy."}}
    usage = {"prompt_tokens": 10 * len(texts), "completion_tokens": 5 * len(texts)}
    if how == "batch" and any("(chatty)" in text for text in texts):
        return 200, {"choices": [{"message": {"content": "Sure!"}}], "usage": usage}
    rows = [{"id": one["id"], "text": one["text"].upper()} for one in sentences]
    for row in rows:
        if how == "batch" and "(MASKLESS)" in row["text"]:
            row["text"] = row["text"].replace("X1", "")
    content = texts[0].upper() if is_plain else json.dumps({"translations": rows}, ensure_ascii=False)
    with LOCK:
        LOG.writelines(f"{how}\t{text}\n" for text in texts)
    return 200, {"choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": usage}


def work_off(batch):
    """Do a batch: what succeeded is in one file, what failed in another."""
    good, bad = [], []
    for line in FILES[batch["input_file_id"]].decode().splitlines():
        call = json.loads(line)
        said = line.count("(late)")
        row = {"id": "r", "custom_id": call["custom_id"], "response": None, "error": None}
        if "(lost)" in line:
            continue
        if said:
            batch["status"] = "expired"
            bad.append({**row, "error": {"code": "batch_expired", "message": "could not be done in time"}})
            continue
        status, body = completion(call["body"], "batch")
        (good if status == 200 else bad).append({**row, "response": {"status_code": status, "body": body}})
    for name, rows in (("output_file_id", good), ("error_file_id", bad)):
        if rows:
            batch[name] = f"{batch['id']}-{name}"
            FILES[batch[name]] = "".join(json.dumps(row) + "\n" for row in reversed(rows)).encode()
        elif "azure" in FAULTS:
            batch[name] = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def reply(self, status, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        with LOCK:
            if self.path.endswith("/files"):
                self.reply(200, self.file(sent))
            elif self.path.endswith("/batches"):
                self.batch(json.loads(sent))
            else:
                self.reply(*completion(json.loads(sent), "online"))

    def file(self, sent):
        kind = self.headers["Content-Type"].partition("boundary=")[2].encode()
        parts = [part.partition(b"\r\n\r\n") for part in sent.split(b"--" + kind)]
        assert any(b'name="purpose"' in head and body.strip() == b"batch" for head, _, body in parts)
        name = f"file-{next(NUMBERS)}"
        FILES[name] = next(body.removesuffix(b"\r\n") for head, _, body in parts if b"filename=" in head)
        return {"id": name, "object": "file", "status": "pending" if "azure" in FAULTS else "processed"}

    def batch(self, asked):
        assert asked["endpoint"] == "/v1/chat/completions"
        assert asked["completion_window"] == "24h"
        batch = {"id": f"batch-{len(BATCHES)}", "status": "validating", "input_file_id": asked["input_file_id"]}
        BATCHES[batch["id"]], LOOKS[batch["id"]] = batch, 0
        for fault, error in (("full", FULL), ("refused", REFUSED)):
            if fault in FAULTS:
                FAULTS.remove(fault)
                batch |= {"status": "failed", "errors": {"data": [error]}}
        if "mute" in FAULTS:  # it is there, but nobody hears of it
            FAULTS.remove("mute")
            self.close_connection = True
            return
        self.reply(200, batch)

    def do_GET(self):
        where = urlparse(self.path)
        name = where.path.removesuffix("/content").rpartition("/")[2]
        with LOCK:
            if where.path.endswith("/content"):
                self.reply(200, FILES[name]) if name in FILES else self.reply(404, {"error": {"message": "no file"}})
            elif name in FILES:
                self.reply(200, {"id": name, "status": "processed"})
            elif name == "batches":
                self.listed(parse_qs(where.query))
            elif name in BATCHES and "forgetful" not in FAULTS:
                self.reply(200, self.looked_at(BATCHES[name]))
            else:
                self.reply(404, {"error": {"message": "no such thing"}})

    def listed(self, asked):
        rows = list(reversed(BATCHES.values()))
        after = asked.get("after", [""])[0]
        rows = rows[[row["id"] for row in rows].index(after) + 1 :] if after else rows
        self.reply(200, {"data": rows[:2], "has_more": len(rows) > 2})

    def looked_at(self, batch):
        looks = LOOKS[batch["id"]] = LOOKS[batch["id"]] + 1
        if batch["status"] in STEPS:
            if looks < len(STEPS):
                batch["status"] = STEPS[looks]
            else:
                batch["status"] = "completed"
                work_off(batch)
        return batch

    def do_DELETE(self):
        with LOCK:
            FILES.pop(self.path.rpartition("/")[2], None)
        self.reply(200, {"deleted": True})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)  # noqa: T201
server.serve_forever()
