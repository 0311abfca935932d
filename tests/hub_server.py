"""The part of the hub's protocol that pushing a dataset needs, on 127.0.0.1: repositories, LFS uploads, commits.

Objects are stored by content; ``cut_after`` makes the server hang up on every upload after so many, as a connection
does that is lost, and ``stall_at`` makes it hold the first request of a kind until ``go_on``.
"""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


class Hub:
    """A hub with the dataset repositories ``files[repo][branch][path]``."""

    def __init__(self, token: str = "secret") -> None:
        self.token = token
        self.objects: dict[str, bytes] = {}
        self.files: dict[str, dict[str, dict[str, bytes]]] = {}
        self.private: dict[str, bool] = {}
        self.tags: dict[str, str] = {}
        self.uploads: list[str] = []
        self.commits: list[dict[str, Any]] = []
        self.cut_after: int | None = None
        self.begun = 0
        self.lock = threading.Lock()
        self.stall_at: str | None = None
        self.stalled, self.go_on = threading.Event(), threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": self}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "Hub":
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stall(self) -> None:
        """Hold a request, which is the one that ``stall_at`` names, for as long as the hub is there."""
        self.stalled.set()
        self.go_on.wait()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, data: object, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {self.hub.token}":
            return True
        self._answer({"error": "Invalid username or password."}, 401)
        return False

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._allowed():
            return
        if "/tree/" in path:
            repo, branch = path.removeprefix("/api/datasets/").split("/tree/")
            files = self.hub.files[repo].get(branch, {})
            self._answer(
                [{"type": "file", "path": name, "size": len(data), "oid": "0"} for name, data in files.items()]
            )
        elif path.startswith("/api/datasets/"):
            repo = path.removeprefix("/api/datasets/").split("/revision/")[0]
            names = [{"rfilename": name} for name in self.hub.files[repo].get("main", {})]
            self._answer({"id": repo, "sha": "0" * 40, "siblings": names, "private": self.hub.private[repo],
                          "tags": [], "downloads": 0, "likes": 0, "disabled": False, "gated": False})  # fmt: skip
        else:
            self._answer({"error": f"no such page {path}"}, 404)

    def do_PUT(self) -> None:
        hub = self.hub
        with hub.lock:  # uploads come side by side: only so many may begin
            hub.begun += 1
            cut = hub.cut_after is not None and hub.begun > hub.cut_after
        if cut:
            self.connection.close()
            return
        data = self._body()
        name = hashlib.sha256(data).hexdigest()
        assert self.path.endswith(name)
        with hub.lock:  # two that come at once are still one after the other, or neither is the last
            held = hub.stall_at == f"upload {len(hub.uploads)}"
            if not held:
                hub.objects[name] = data
                hub.uploads.append(name)
        if held:
            hub.stall()  # its client is killed meanwhile: what it sent counts for nothing
        self._answer({})

    def do_POST(self) -> None:
        path, body = urlsplit(self.path).path, self._body()
        if not self._allowed():
            return
        if path == "/api/repos/create":
            asked = json.loads(body)
            repo = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
            self.hub.files.setdefault(repo, {"main": {}})
            self.hub.private.setdefault(repo, asked.get("visibility") == "private" or bool(asked.get("private")))
            self._answer({"url": f"{self.hub.url}/datasets/{repo}", "id": repo, "name": repo})
        elif path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            files = json.loads(body)["files"]
            modes = [
                {"path": one["path"], "uploadMode": "lfs" if one["path"].endswith(".parquet") else "regular",
                 "shouldIgnore": False}
                for one in files
            ]  # fmt: skip
            self._answer({"files": modes})
        elif path.endswith("/info/lfs/objects/batch"):
            self._answer({"transfer": "basic", "objects": [self._lfs(one) for one in json.loads(body)["objects"]]})
        elif "/commit/" in path:
            self._hold_at("commit")
            self._commit(path, body)
        elif "/branch/" in path:
            repo, branch = path.removeprefix("/api/datasets/").split("/branch/")
            self.hub.files[repo].setdefault(branch, dict(self.hub.files[repo]["main"]))
            self._answer({})
        elif "/tag/" in path:
            self._hold_at("tag")
            self.hub.tags[json.loads(body)["tag"]] = path
            self._answer({})
        else:
            self._answer({"error": f"no such page {path}"}, 404)

    def _hold_at(self, step: str) -> None:
        if step == self.hub.stall_at:
            self.hub.stall()

    def _lfs(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = {"oid": asked["oid"], "size": asked["size"]}
        if asked["oid"] not in self.hub.objects:
            found["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{asked['oid']}", "header": {}}}
        return found

    def _commit(self, path: str, body: bytes) -> None:
        repo, branch = path.removeprefix("/api/datasets/").split("/commit/")
        lines = [json.loads(line) for line in body.split(b"\n") if line]
        files = dict(self.hub.files[repo].get(branch, {}))
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.objects[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        proposed = "create_pr=1" in urlsplit(self.path).query
        self.hub.files[repo]["refs/pr/1" if proposed else branch] = files
        self.hub.commits.append(lines[0]["value"])
        where = {"pullRequestUrl": f"{self.hub.url}/datasets/{repo}/discussions/1"} if proposed else {}
        oid = "1" * 40
        self._answer({"commitOid": oid, "commitUrl": f"{self.hub.url}/datasets/{repo}/commit/{oid}", **where})
