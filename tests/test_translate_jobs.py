"""Jobs with stub engines: cache, order, batches, memory, long sentences, failures."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.errors import EngineError, InputError
from qosmatin.translate.batching import batches_by_tokens, batches_of_groups
from qosmatin.translate.cache import AnswerCache, request_key
from qosmatin.translate.engine import Answer, BatchTooLargeError, EngineSpec, TranslationRequest
from qosmatin.translate.jobs import LazyEngine, translate_requests
from qosmatin.translate.long_sentences import cut_to_fit
from qosmatin.translate.tally import Tally

SPEC = EngineSpec("stub", "upper", None, None, {"target_lang": "en"})


class Stub:
    """Upper-cases; notes what it was asked."""

    batch_tokens = 40
    batch_sentences = 8
    parallel = 2
    max_source_tokens = 12
    sorts = True

    def __init__(self, fits=10**9, fails_on=None):
        self.asked, self.batches, self.closed = [], [], False
        self._fits, self._fails_on, self._lock = fits, fails_on, threading.Lock()

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def translate(self, requests):
        if len(requests) > self._fits:
            raise BatchTooLargeError("stub", "too large")
        if any(request.text == self._fails_on for request in requests):
            raise EngineError("stub", "broken")
        with self._lock:
            self.asked += [request.text for request in requests]
            self.batches.append(len(requests))
        return [Answer(request.text.upper(), (), 1, 2, 0.5) for request in requests]

    def close(self):
        self.closed = True


def run(texts, cache, engine, tally=None):
    lazy = LazyEngine(SPEC, lambda: engine)
    return list(translate_requests(map(TranslationRequest, texts), lazy, cache, tally or Tally()))


@given(st.lists(st.integers(1, 50)), st.integers(1, 100), st.integers(1, 9), st.booleans())
def test_batches_hold_everything_once_and_keep_their_bounds(lengths, tokens, sentences, in_order):
    alone = [[index] for index in range(len(lengths))]
    by_length = batches_by_tokens(lengths, tokens, sentences)
    batches = list(batches_of_groups(alone, lengths, tokens, sentences) if in_order else by_length)
    flat = [index for batch in batches for index in batch]
    assert sorted(flat) == list(range(len(lengths)))
    assert not in_order or flat == sorted(flat)
    for batch in batches:
        assert len(batch) <= sentences
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= tokens


def test_answers_come_in_order_and_are_asked_for_once(tmp_path):
    texts = [f"word {'x ' * (number % 7)}{number % 25}" for number in range(100)]
    engine, tally = Stub(), Tally()
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        assert [one.text for one in run(texts, cache, engine, tally)] == [text.upper() for text in texts]
    assert sorted(engine.asked) == sorted(set(texts))
    assert (tally.done, tally.asked, tally.cost) == (100, 100 - len(texts) + len(set(texts)), len(set(texts)) * 0.5)
    again = Stub()
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        assert [one.text for one in run(texts, cache, again)] == [text.upper() for text in texts]
        run([*texts, "new"], cache, again)
    assert again.asked == ["new"]


def test_nothing_to_translate_is_not_asked(tmp_path):
    engine = Stub()
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        answers = run(["", "a", " \t"], cache, engine)
    assert [one.flags for one in answers] == [("empty-source",), (), ("empty-source",)]
    assert engine.asked == ["a"]


def test_a_batch_that_does_not_fit_is_halved(tmp_path):
    engine = Stub(fits=2)
    texts = [str(number) for number in range(20)]
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        assert [one.text for one in run(texts, cache, engine)] == texts
    assert max(engine.batches) == 2


def test_a_sentence_that_does_not_fit_alone_is_an_error(tmp_path):
    with AnswerCache(tmp_path / "a.sqlite") as cache, pytest.raises(BatchTooLargeError):
        run(["a"], cache, Stub(fits=0))


def test_a_long_sentence_is_cut_at_clauses_and_joined(tmp_path):
    engine = Stub()
    text = "a a a a a a a; b b b b b b b; c c c"
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        (answer,) = run([text], cache, engine)
    assert answer.text == text.upper()
    assert answer.flags == ("split",)
    assert engine.asked == ["a a a a a a a;", "b b b b b b b; c c c"]


@given(st.text(alphabet="ab ,;—", max_size=60), st.integers(3, 20))
def test_pieces_fit_and_keep_every_word(text, bound):
    pieces = cut_to_fit(text, lambda piece: len(piece) <= bound)
    if pieces is None:
        assert max(map(len, text.split())) > bound
    else:
        assert all(len(piece) <= bound for piece in pieces)
        assert " ".join(pieces).split() == text.split()


def test_a_word_that_is_too_long_is_flagged(tmp_path):
    class ByCharacter(Stub):
        def count_tokens(self, texts):
            return [len(text) for text in texts]

    with AnswerCache(tmp_path / "a.sqlite") as cache:
        (answer,) = run(["x" * 50], cache, ByCharacter())
    assert (answer.text, answer.flags) == ("", ("over-long",))


def test_what_was_answered_before_a_failure_is_kept(tmp_path):
    texts = [f"{number:03}" for number in range(50)]
    engine = Stub(fails_on="030")
    with AnswerCache(tmp_path / "a.sqlite") as cache, pytest.raises(EngineError, match="broken"):
        run(texts, cache, engine)
    assert engine.asked
    again = Stub()
    with AnswerCache(tmp_path / "a.sqlite") as cache:
        run(texts, cache, again)
    assert sorted(again.asked + engine.asked) == texts


def test_an_engine_that_loses_an_answer_is_an_error(tmp_path):
    class Losing(Stub):
        def translate(self, requests):
            return super().translate(requests)[1:]

    with AnswerCache(tmp_path / "a.sqlite") as cache, pytest.raises(EngineError, match="answers to"):
        run(["a", "b"], cache, Losing())


def test_keys_depend_on_every_part_of_a_request():
    requests = [
        TranslationRequest("a"),
        TranslationRequest("a", ("b",)),
        TranslationRequest("a", ("b", "c")),
        TranslationRequest("a", ("bc",)),
        TranslationRequest("a", (), (("b", "c"),)),
        TranslationRequest("ab"),
    ]
    keys = {request_key(SPEC.key, one) for one in requests} | {request_key("other", one) for one in requests}
    assert len(keys) == 2 * len(requests)


def test_a_cache_has_one_process_at_a_time_and_takes_in_those_of_shards(tmp_path):
    main, shard = tmp_path / "answers.sqlite", tmp_path / "shard-1.sqlite"
    with AnswerCache(main) as cache:
        run(["a"], cache, Stub())
    with AnswerCache(shard, also=main) as cache:
        engine = Stub()
        run(["a", "b"], cache, engine)
        assert engine.asked == ["b"]
    with AnswerCache(shard), AnswerCache(main) as cache, pytest.raises(InputError, match="another process"):
        cache.take_in([shard])
    with AnswerCache(main) as cache:
        cache.take_in([shard])
        engine = Stub()
        run(["a", "b"], cache, engine)
        assert engine.asked == []
        assert cache.rate(SPEC).asked == 2
    assert not shard.exists()


def test_a_file_that_is_no_cache_is_named(tmp_path):
    (tmp_path / "a.sqlite").write_text("no database, however long this is" * 100)
    with pytest.raises(InputError, match="damaged"):
        AnswerCache(tmp_path / "a.sqlite")


KILLED = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from test_translate_jobs import SPEC, Stub
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.translate.cache import AnswerCache
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.jobs import LazyEngine, translate_requests
from qosmatin.translate.tally import Tally

class Slow(Stub):
    def translate(self, requests):
        time.sleep(0.03)
        return super().translate(requests)

texts = [f"sentence {number * 7919 % 1000}" for number in range(1200)]
with AnswerCache(Path(sys.argv[1])) as cache, replacing_file(Path(sys.argv[2])) as beside:
    lazy, tally = LazyEngine(SPEC, Slow), Tally()
    print("started", flush=True)
    answers = translate_requests(map(TranslationRequest, texts), lazy, cache, tally)
    beside.write_text("\\n".join(answer.text for answer in answers))
    print(tally.asked, flush=True)
"""


def test_a_job_killed_at_ten_moments_ends_with_the_same_bytes_and_asks_nothing_twice(tmp_path):
    root = Path(__file__).parent.parent

    def start(cache, output):
        command = [sys.executable, "-c", KILLED, cache, output, str(root), str(root / "tests")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "started\n"
        return process

    whole = start(tmp_path / "whole.sqlite", tmp_path / "whole.txt")
    asked = int(whole.communicate()[0])
    assert asked == 1000
    moments = random.Random(3)
    kept = 0
    for _ in range(10):
        process = start(tmp_path / "killed.sqlite", tmp_path / "killed.txt")
        time.sleep(moments.uniform(0.0, 0.25))
        process.kill()
        process.communicate()
        assert not (tmp_path / "killed.txt").exists()
        with AnswerCache(tmp_path / "killed.sqlite") as cache:
            now = cache.rate(SPEC)
        assert (now.asked if now else 0) >= kept
        kept = now.asked if now else 0
    assert 0 < kept < 1000
    last = start(tmp_path / "killed.sqlite", tmp_path / "killed.txt")
    assert int(last.communicate()[0]) == 1000 - kept
    assert (tmp_path / "killed.txt").read_bytes() == (tmp_path / "whole.txt").read_bytes()
