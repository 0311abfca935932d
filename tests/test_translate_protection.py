"""Protection: what is masked comes back in its place, or the sentence is translated without masks and flagged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.translate.cache import AnswerCache, request_key
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.jobs import LazyEngine, translate_requests
from qosmatin.translate.openai_engine import OpenAISettings
from qosmatin.translate.opening import open_engine
from qosmatin.translate.protection import ProtectingEngine, mask
from qosmatin.translate.tally import Tally

ALL = ("placeholders", "urls", "tags", "numbers")
SPEC = EngineSpec("stub", "stub", None, None, {})


class Stub:
    """Turns words about, and does to masks what it is told to."""

    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 10**9, 100, 1, 20, True

    def __init__(self, mangle=lambda text: text):
        self.asked, self._mangle = [], mangle

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def translate(self, requests):
        self.asked += [request.text for request in requests]
        return [Answer(self._mangle(" ".join(reversed(one.text.split()))), (), 3, 5, 0.5) for one in requests]

    def close(self):
        self.asked.append("closed")


@pytest.mark.parametrize(
    ("text", "masked", "kept"),
    [
        ("{name} келді, 2020 жылы.", "X1 келді, X2 жылы.", ("{name}", "2020")),
        ("<b>{name}</b> келді", "X1 келді", ("<b>{name}</b>",)),
        ("<b>үй</b>ге", "X1 үй X2 ге", ("<b>", "</b>")),
        ("https://a.kz/1?x=2 қара.", "X1 қара.", ("https://a.kz/1?x=2",)),
        ("X5 үлгісі 7", "X5 үлгісі Z1", ("7",)),
        ("Х5 үлгісі 7", "Х5 үлгісі Z1", ("7",)),  # the letter of the source is Kha
        ("25G, 30-дан", "25G, X1-дан", ("30",)),
    ],
)
def test_what_is_masked(text, masked, kept):
    found = mask(text, ALL)
    assert (found.text, found.kept) == (masked, kept)
    assert found.put_back(found.text) == text


def test_what_is_not_asked_for_is_not_masked():
    assert mask("{name} 2020 <b>", ["urls"]) is None
    assert mask("X1 Z1 Q1 W1 2020", ["numbers"]) is None


@given(st.text(alphabet="аX1{}<>b/% .,", max_size=30))
def test_masking_can_be_undone(text):
    found = mask(text, ALL)
    assert found is None or found.put_back(found.text) == text


def test_masks_may_move_and_take_endings():
    found = mask("{name} 2020 жылы <b>үй</b>ге келді", ALL)
    back = "в X2-м Х1 вошёл в X3 дом X4"
    assert found.is_whole(back)
    assert found.put_back(back) == "в 2020-м {name} вошёл в <b>дом</b>"
    for broken in ("X1 X2 X3", "X1 X2 X3 X4 X4", "X1 X2 X3 X45", "X1 X2 X3 X5"):
        assert not found.is_whole(broken)


def test_what_survives_is_put_back_and_what_does_not_is_translated_without_masks():
    stub = Stub(lambda text: text.replace("X2", ""))
    engine = ProtectingEngine(stub, ALL)
    answers = engine.translate(
        [
            TranslationRequest("a {x} b"),
            TranslationRequest("a {x} b {y}"),
            TranslationRequest("{x}"),
            TranslationRequest("a b"),
        ]
    )
    assert [one.text for one in answers] == ["b {x} a", "{y} b {x} a", "{x}", "b a"]
    assert [one.flags for one in answers] == [(), ("unprotected",), (), ()]
    assert stub.asked == ["a X1 b", "a X1 b X2", "a b", "a {x} b {y}"]
    assert [(one.tokens_in, one.tokens_out, one.cost) for one in answers[1:3]] == [(6, 10, 1.0), (0, 0, 0.0)]


def test_a_sentence_that_fits_with_masks_alone_keeps_what_it_can():
    engine = ProtectingEngine(Stub(lambda text: text.replace("X2", "")), ["tags"])
    tag = f"<a {'x ' * 30}>"
    (answer,) = engine.translate([TranslationRequest(f"a {tag} b <b> c")])
    assert answer.flags == ("unprotected",)
    assert tag in answer.text
    assert "X" not in answer.text
    assert engine.count_tokens([f"a {tag} b <b> c"]) == [5]


def test_a_job_with_protection_asks_once_and_goes_on_from_its_cache(tmp_path):
    texts = ["a {x} b", "{x}", "c"]
    for asked in (["a X1 b", "c"], []):
        stub = Stub()
        engine = LazyEngine(SPEC, lambda stub=stub: ProtectingEngine(stub, ALL))
        with AnswerCache(tmp_path / "a.sqlite") as cache:
            answers = list(translate_requests(map(TranslationRequest, texts), engine, cache, Tally()))
        assert [one.text for one in answers] == ["b {x} a", "{x}", "c"]
        assert sorted(stub.asked) == asked


def test_an_engine_that_was_closed_is_opened_anew():
    pytest.importorskip("httpx", reason="the extra 'llm' is not installed")
    lazy = open_engine(OpenAISettings(engine="openai", model="stub", protect=["urls"]), "kk", "en")
    first = lazy.get()
    lazy.close()
    assert lazy.get() is not first
    assert lazy.get()._engine is not first._engine
    lazy.close()


def test_protection_is_part_of_the_key_and_none_leaves_it_as_it_was():
    def key(**more):
        settings = OpenAISettings(engine="openai", model="stub", **more)
        return request_key(settings.spec("kk", "en").key, TranslationRequest("a"))

    assert key() == key(protect=[])
    assert key() != key(protect=["urls"])
    assert key(protect=["urls", "tags"]) == key(protect=["tags", "urls"])
    assert "protect" not in OpenAISettings(engine="openai", model="stub").spec("kk", "en").settings
