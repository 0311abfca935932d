"""Servers that speak the protocols of translation services, as far as their references say; they upper-case.

Written from the references of Yandex Translate v2, Azure Translator v3, DeepL v2, Google v3 and Amazon Translate; chat
completions are there too, of a server that does as it is told. A text with ``(bad)`` in it is refused by a service;
``faults`` are what the next calls get first, each as (status, body, headers).
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

LANGUAGES = ["kk", "en", "ru"]

KEYS = {
    "YANDEX_API_KEY": "secret", "AZURE_TRANSLATOR_KEY": "secret", "DEEPL_AUTH_KEY": "secret",
    "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret",
}  # fmt: skip
"""What the environment has; Google's client is given ``google_credentials``."""

MORE = {"yandex": {}, "azure": {}, "deepl": {}, "google": {"project": "p"}, "amazon": {"region": "eu-west-1"}}
"""What each engine must be told beside the address."""


def address(service, url):
    """Where a service is at a server."""
    return f"{url}/{service}" if service in ("yandex", "azure") else url


def google_credentials():
    """As the credentials of a service account, without the call that gets a token."""
    import google.auth.credentials

    class Bearer(google.auth.credentials.AnonymousCredentials):
        def before_request(self, _request, _method, _url, headers):
            headers["Authorization"] = "Bearer secret"

    return Bearer()


class Service:
    """What was asked, and what is to go wrong."""

    def __init__(self, langs=tuple(LANGUAGES)):
        self.asked, self.faults, self.langs, self.calls = [], [], list(langs), []
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def reply(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer({})

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}"))

    def answer(self, body):
        service = self.server.service
        where = urlparse(self.path)
        service.calls.append((where.path, parse_qs(where.query), body, dict(self.headers)))
        is_list = where.path.lower().endswith("languages")
        is_list = is_list or str(self.headers["X-Amz-Target"]).endswith("ListLanguages")
        with service.lock:  # calls come side by side
            fault = service.faults.pop(0) if service.faults and not is_list else None
        if fault:
            self.reply(*fault)
            return
        protocol = where.path.split("/")[1]
        protocols = {
            "yandex": self.yandex, "azure": self.azure, "v2": self.deepl, "v3": self.google, "": self.amazon,
            "v1": self.openai,
        }  # fmt: skip
        (self.languages if is_list and protocol else protocols[protocol])(body)

    def languages(self, _body):
        langs = self.server.service.langs
        protocol = urlparse(self.path).path.split("/")[1]
        if protocol == "yandex":
            self.reply(200, {"languages": [{"code": one, "name": one} for one in langs]})
        elif protocol == "azure":
            self.reply(200, {"translation": {one: {"name": one} for one in langs}})
        elif protocol == "v3":
            both = {"supportSource": True, "supportTarget": True}
            self.reply(200, {"languages": [{"languageCode": one, **both} for one in langs]})
        else:
            codes = [one.upper().replace("EN", "EN-US") for one in langs]
            self.reply(200, [{"language": one, "name": one, "supports_formality": False} for one in codes])

    def done(self, texts):
        self.server.service.asked += texts
        return [text.upper() for text in texts]

    def openai(self, body):
        asked = json.loads(body["messages"][-1]["content"])["sentences"]
        texts = self.done([one["text"] for one in asked])
        rows = [{"id": one["id"], "text": text} for one, text in zip(asked, texts, strict=True)]
        content = json.dumps({"translations": rows}, ensure_ascii=False)
        self.reply(200, {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]})

    def yandex(self, body):
        texts = body["texts"]
        if self.headers["Authorization"] not in ("Api-Key secret", "Bearer t1.token"):
            self.reply(401, {"code": 16, "message": "Unknown api key", "details": []})
        elif sum(map(len, texts)) > 10_000:
            self.reply(400, {"code": 3, "message": "total length of texts", "details": []})
        elif any("(bad)" in text for text in texts):
            self.reply(400, {"code": 3, "message": "the text cannot be translated", "details": []})
        else:
            rows = [{"text": text, "detectedLanguageCode": "kk"} for text in self.done(texts)]
            self.reply(200, {"translations": rows[: 1 if any("(fewer)" in text for text in texts) else None]})

    def azure(self, body):
        texts = [one["Text"] for one in body]
        if self.headers["Ocp-Apim-Subscription-Key"] != "secret":
            self.reply(401, {"error": {"code": 401000, "message": "credentials are missing or invalid"}})
        elif any("(bad)" in text for text in texts):
            self.reply(400, {"error": {"code": 400020, "message": "the text cannot be translated"}})
        else:
            self.reply(200, [{"translations": [{"text": text, "to": "en"}]} for text in self.done(texts)])

    def deepl(self, body):
        if self.headers["Authorization"] != "DeepL-Auth-Key secret":
            self.reply(403, {"message": "Forbidden"})
        elif any("(bad)" in text for text in body["text"]):
            self.reply(400, {"message": "the text cannot be translated"})
        else:
            plain = {"detected_source_language": "KK", "billed_characters": 1}
            self.reply(200, {"translations": [plain | {"text": text} for text in self.done(body["text"])]})

    def google(self, body):
        texts = body["contents"]
        if self.headers["Authorization"] != "Bearer secret":
            self.reply(401, {"error": {"code": 401, "message": "no credentials", "status": "UNAUTHENTICATED"}})
        elif any("(bad)" in text for text in texts):
            said = {"code": 400, "message": "the text cannot be translated", "status": "INVALID_ARGUMENT"}
            self.reply(400, {"error": said})
        else:
            self.reply(200, {"translations": [{"translatedText": text} for text in self.done(texts)]})

    def amazon(self, body):
        if "Credential=AKID/" not in self.headers["Authorization"]:
            self.reply(400, {"__type": "UnrecognizedClientException", "message": "The security token is invalid."})
        elif self.headers["X-Amz-Target"].endswith("ListLanguages"):
            langs = self.server.service.langs
            self.reply(200, {"Languages": [{"LanguageName": one, "LanguageCode": one} for one in langs]})
        elif "(bad)" in body["Text"]:
            self.reply(400, {"__type": "InvalidRequestException", "message": "the text cannot be translated"})
        else:
            (text,) = self.done([body["Text"]])
            codes = {"SourceLanguageCode": "kk", "TargetLanguageCode": "en"}
            self.reply(200, {"TranslatedText": text, **codes})


@contextmanager
def serving(langs=tuple(LANGUAGES)):
    """Serve all protocols, each under its name; gives the address and what was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.service = Service(langs)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.service
    finally:
        server.shutdown()
        server.server_close()
