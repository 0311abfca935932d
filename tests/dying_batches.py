"""Runs that die at moments of their own: ``dying_batches.py URL CACHE SEED DEATHS``; the last one lives.

A moment is before or after a call to the server, a record's being written, or answers' coming into the cache.
"""

import os
import random
import signal
import sys
from pathlib import Path

import httpx  # noqa: F401 - once for all runs

from qosmatin.translate import batch_records, calling
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import translate_requests
from qosmatin.translate.openai_engine import OpenAISettings
from qosmatin.translate.opening import open_engine, open_workers
from qosmatin.translate.settings import ExecutorSettings
from qosmatin.translate.tally import Tally
from qosmatin.translate.windows import windowed

TEXTS = [f"сөйлем {number}" for number in range(32)] + ["бірі (chatty)", "бірі (late)", "бірі (filter)", "бірі (lost)"]
left = [0]


def moment():
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def around(function):
    def dying(*arguments, **more):
        moment()
        try:
            return function(*arguments, **more)
        finally:
            moment()

    return dying


calling.Caller._run = around(calling.Caller._run)
batch_records.write_text = around(batch_records.write_text)
AnswerCache.add = around(AnswerCache.add)


def run(url, cache):
    settings = OpenAISettings(
        engine="openai", model="stub", url=url, sentences=3, parallel=2, batch={"calls": 4, "poll": 0.01}
    )
    engine = open_engine(settings, "kk", "en")
    with AnswerCache(Path(cache)) as answers:
        workers = open_workers(ExecutorSettings(), settings, ("kk", "en"), engine.spec, cache=answers)
        requests = [TranslationRequest(text) for text in TEXTS[:20]]
        requests += [
            TranslationRequest(text, before, window=window, place=place)
            for text, (before, window, place) in zip(TEXTS[20:], windowed(TEXTS[20:], 4, 1), strict=True)
        ]
        return list(translate_requests(requests, engine, answers, Tally(), workers=workers))


def main():
    url, cache, seed, deaths = sys.argv[1:]
    moments, died = random.Random(int(seed)), 0
    for _ in range(int(deaths)):
        moment_of_death = moments.randint(1, 16)
        pid = os.fork()
        if pid == 0:
            left[0] = moment_of_death
            run(url, cache)
            os._exit(0)
        died += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    print(died)  # noqa: T201
    for answer in run(url, cache):
        print((answer.text, answer.flags, answer.reason))  # noqa: T201


if __name__ == "__main__":
    main()
