"""Jobs of every engine that die at moments of their own: ``dying_translation.py JOBS FOLDER``; their last runs live.

JOBS is a JSON file: for each name ``{"settings": ..., "deaths": N}``. A moment is before a batch is asked for, before
its answers come into the cache, or after. The undisturbed run is here, so that what an engine imports when it runs is
there for the others, each of which is a fork. What came of each job is printed as a line of JSON: the answers of the
undisturbed run and of the one that died, and how many were asked for.
"""

import importlib
import json
import os
import random
import signal
import sys
from pathlib import Path

import google.auth
from pydantic import TypeAdapter
from service_servers import google_credentials

from qosmatin.translate import answering
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.engines import BUILT_IN
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.opening import open_engine
from qosmatin.translate.tally import Tally

for library in ("ctranslate2", "transformers", "httpx", "boto3", "deepl", "google.cloud.translate_v3"):
    importlib.import_module(library)

google.auth.default = lambda *_args, **_more: (google_credentials(), "p")

TEXTS = [f"үлкен дала жел көрді {number}." for number in range(100)]
left = [0]


def moment():
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def around(function, after):
    def dying(*arguments, **more):
        moment()
        result = function(*arguments, **more)
        if after:
            moment()
        return result

    return dying


answering._ask = around(answering._ask, after=False)
AnswerCache.add = around(AnswerCache.add, after=True)


def run(settings, cache):
    engine = open_engine(settings, "kk", "en")
    opened = engine.get()
    opened.batch_sentences = min(opened.batch_sentences, 4)
    with AnswerCache(cache) as answers:
        requests = map(TranslationRequest, [*TEXTS, TEXTS[0]])
        found = [(one.text, one.flags) for one in translate_requests(requests, engine, answers, Tally())]
        asked = answers.rate(engine.spec).asked
    engine.close()
    return found, asked


def forked(settings, cache, dies_at):
    """Run in a child that dies at that moment; returns what it found, None where it died."""
    there, here = os.pipe()
    pid = os.fork()
    if pid == 0:
        left[0] = dies_at
        told = json.dumps(run(settings, cache)).encode()
        with os.fdopen(here, "wb") as pipe:
            pipe.write(told)
        os._exit(0)
    os.close(here)
    with os.fdopen(there, "rb") as pipe:
        told = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (0, -signal.SIGKILL), status
    return json.loads(told) if status == 0 else None


def main():
    jobs, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    moments = random.Random(4)
    for name, job in jobs.items():
        settings = TypeAdapter(BUILT_IN[job["settings"]["engine"]]).validate_python(job["settings"])
        whole = run(settings, folder / f"{name}-whole.sqlite")
        cache = folder / f"{name}-killed.sqlite"
        died = sum(forked(settings, cache, moments.randint(2, 5)) is None for _ in range(job["deaths"]))
        last = forked(settings, cache, 0)
        print(json.dumps([name, died, whole, last]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
