"""Profiles: each is found on a checkpoint of its architecture, checked without weights, and translates in its form."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed")
pytest.importorskip("transformers", reason="the extra 'mt' is not installed")

import tiny_profiles
from pydantic import ValidationError

from qosmatin.cli import main
from qosmatin.corpus.errors import InputError
from qosmatin.translate.ctranslate2_engine import CTranslate2Settings
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.openai_engine import OpenAISettings
from qosmatin.translate.opening import open_engine
from qosmatin.translate.own_prompts import own_prompt, read_own
from qosmatin.translate.profiles import Asks, profiles
from qosmatin.translate.prompt import REPLY_BEGINNING, ReplyError
from qosmatin.translate.settings import Decoding
from qosmatin.translate.transformers_engine import TransformersSettings

ALL = [*tiny_profiles.CHAT, *tiny_profiles.SEQ2SEQ]
PAIRS = {"kazrush-kk-ru": ("kk", "ru"), "kazrush-ru-kk": ("ru", "kk")}
PAIRS |= dict.fromkeys(("gemmax2", "tower", "salamandra-ta"), ("ru", "en"))


def build(profile: str, folder: Path) -> Path:
    maker = tiny_profiles.build_chat if profile in tiny_profiles.CHAT else tiny_profiles.build_seq2seq
    return maker(profile, folder)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    built: dict[str, Path] = {}

    def folder(profile: str) -> Path:
        if profile not in built:
            built[profile] = build(profile, tmp_path_factory.mktemp(profile))
        return built[profile]

    return folder


def settings(folder, **more):
    return TransformersSettings(
        engine="transformers", model=str(folder), device="cpu", dtype="float32", threads=1,
        decoding=Decoding(beams=1, max_tokens=6), **more,
    )  # fmt: skip


def test_every_profile_has_its_checkpoint_here():
    assert set(ALL) == set(profiles())


def test_every_profile_names_its_card_and_its_licence():
    for one in profiles().values():
        assert one.card, one.name
        assert one.licence, one.name
        assert one.kazakh, one.name
        assert (one.family is not None) == (one.kind == "seq2seq"), one.name
        assert bool(one.asks.prompt) == (one.asks.form == "text"), one.name


@pytest.mark.parametrize("profile", ALL)
def test_a_config_that_names_it_is_good_and_translates(profile, checkpoint, tmp_path, capsys):
    folder = checkpoint(profile)
    source, target = PAIRS.get(profile, ("kk", "en"))
    wanted = {"profile": "t5"} if profile == "t5" else {}
    (tmp_path / "a.txt").write_text(
        "Бұл жаңа сөйлем.\n" if source == "kk" else "Это новое предложение.\n", encoding="utf-8"
    )
    (tmp_path / "job.yaml").write_text(
        f"""
corpus: {{name: tiny, version: 1.0.0, folder: out}}
sources: [{{files: [a.txt], lang: {source}}}]
translations:
  - {{name: mt, lang: {target}, engine: transformers, model: {folder}, device: cpu{", profile: t5" if wanted else ""}}}
""",
        encoding="utf-8",
    )
    with pytest.raises(SystemExit) as end:
        main(["config", "check", "--read", str(tmp_path / "job.yaml")])
    told = capsys.readouterr()
    assert not end.value.code, told.err
    assert ("no profile knows this model" if profile == "house" else f"mt: profile {profile} (") in told.out
    engine = open_engine(settings(folder, **wanted), source, target).get()
    known = tiny_profiles.KNOWN[source]
    (answer,) = engine.translate([TranslationRequest(known)])
    assert answer.tokens_in > 0
    assert answer.tokens_out > 0 or "over-long" in answer.flags
    assert "over-long" not in answer.flags


PROMPTS = {
    "house": ("You translate from Kazakh into English", REPLY_BEGINNING),
    "qwen3": ("<|im_start|>system\nYou translate from Kazakh", "<|im_start|>assistant\n" + REPLY_BEGINNING),
    "gemma3": ("<bos><start_of_turn>user\nYou translate from Kazakh", "<start_of_turn>model\n" + REPLY_BEGINNING),
    "gpt-oss": ("Reasoning: low\n", "<|start|>assistant<|channel|>final<|message|>" + REPLY_BEGINNING),
    "translategemma": ("Translate from Kazakh to English:\n\n\nСот.", "<start_of_turn>model\n"),
    "milmmt": ("Translate this from Kazakh to English:\nKazakh: Сот.\nEnglish:", "Сот.\nEnglish:"),
    "gemmax2": ("Translate this from Russian to English:\nRussian: Сот.\nEnglish:", "Сот.\nEnglish:"),
    "tower": (
        "<start_of_turn>user\nTranslate the following Russian source text to English:\nRussian: Сот.\nEnglish:",
        "<start_of_turn>model\n",
    ),
    "salamandra-ta": (
        "<|im_start|>user\nTranslate the following text from Russian into English.\nRussian: Сот.\nEnglish:<|im_end|>",
        "<|im_start|>assistant\n",
    ),
    "hunyuan-mt": (
        "<｜hy_User｜>Translate the following segment into English, without additional explanation.\n\nСот.",
        "Сот.<｜hy_Assistant｜>",
    ),
    "hy-mt2": (
        "Translate the following text into English. Note that you should only output the translated result without any "
        "additional explanation:\n\nСот.",
        "Сот.<｜hy_Assistant｜>",
    ),
}


@pytest.mark.parametrize("profile", PROMPTS)
def test_each_is_asked_as_its_card_says(profile, checkpoint):
    from qosmatin.translate.chat_prompts import Prompts

    held, ending = PROMPTS[profile]
    pair = PAIRS.get(profile, ("kk", "en"))
    prompts = Prompts(checkpoint(profile), profiles()[profile], "", pair)
    prompt = prompts._render([TranslationRequest("Сот.")])
    assert held in prompt
    assert prompt.endswith(ending)


@pytest.mark.parametrize(
    ("profile", "request_", "prompt"),
    [
        (
            "hunyuan-mt",
            TranslationRequest("Сот өтті.", (), (("сот", "court"), ("заң", "law"))),
            "参考下面的翻译：\nсот 翻译成 court\nзаң 翻译成 law\n\n"
            "将以下文本翻译为英语，注意只需要输出翻译后的结果，不要额外解释：\nСот өтті.",
        ),
        (
            "hunyuan-mt",
            TranslationRequest("Сот {0} өтті.", ("Бірінші.", "Екінші.")),
            "Бірінші.\nЕкінші.\n"
            "参考上面的信息，把下面的文本翻译成英语，注意不需要翻译上文，也不要额外解释：\nСот {0} өтті.",
        ),
        (
            "hy-mt2",
            TranslationRequest("Сот өтті.", (), (("сот", "court"),)),
            "Reference the following translations:\nсот translates to court\n\n"
            "Translate the following text into English. Note that you must ONLY output the translated result "
            "without any additional explanation:\n\nСот өтті.",
        ),
        (
            "hy-mt2",
            TranslationRequest("Сот өтті.", ("Бірінші.",)),
            "[Background Information]\nБірінші.\n\nPlease translate the following text into English, taking the "
            "provided background information into consideration.\n\n[Source Text]\nСот өтті.",
        ),
    ],
)
def test_terms_and_context_stand_where_the_card_has_them(profile, request_, prompt):
    assert own_prompt(request_, "kk", "en", profiles()[profile].asks) == prompt


@pytest.mark.parametrize("pair", [("kk", "zh"), ("zh-Hans", "kk")])
def test_pairs_with_chinese_are_asked_in_chinese_where_the_card_does(pair):
    target = {"zh": "中文", "kk": "哈萨克语"}[pair[1]]
    prompt = f"将以下文本翻译为{target}，注意只需要输出翻译后的结果，不要额外解释：\n\nСот."
    assert own_prompt(TranslationRequest("Сот."), *pair, profiles()["hunyuan-mt"].asks) == prompt
    asked = own_prompt(TranslationRequest("Сот."), *pair, profiles()["hy-mt2"].asks)
    assert asked.startswith("Translate the following text into ")


def test_a_profile_s_own_beams_are_those_of_the_search_where_none_are_set(checkpoint):
    for profile, pair, beams in (("kazrush-ru-kk", ("ru", "kk"), 5), ("kazrush-kk-ru", ("kk", "ru"), 4)):
        more = {"engine": "transformers", "model": str(checkpoint(profile)), "device": "cpu"}
        spec = TransformersSettings(**more).spec(*pair)
        assert spec.settings["decoding"]["beams"] == beams
        other = CTranslate2Settings(**more | {"engine": "ctranslate2"}).spec(*pair)
        assert other.settings["decoding"]["beams"] == beams
        assert TransformersSettings(**more, decoding=Decoding(beams=2)).spec(*pair).settings["decoding"]["beams"] == 2


@pytest.mark.parametrize(
    ("written", "stop", "text"),
    [
        (" The court sat.", [], "The court sat."),
        (" The court sat.\nKazakh: Ол келді.", ["\n"], "The court sat."),
        ("\n\nThe court sat.", ["\n"], "The court sat."),
        ("<think>hm</think>The court sat.", [], "The court sat."),
        ("", [], None),
        ("One.\nTwo.\nThree.", [], None),
        ("I'm sorry, I cannot help with that.", [], None),
    ],
)
def test_a_reply_in_its_own_form_is_read_or_flagged(written, stop, text):
    if text is None:
        with pytest.raises(ReplyError):
            read_own(written, Asks(stop=stop))
    else:
        assert read_own(written, Asks(stop=stop)) == text


@pytest.mark.parametrize(
    ("profile", "langs", "more", "fault"),
    [
        ("gemmax2", ("kk", "en"), {}, "does not speak Kazakh.*GemmaX2"),
        ("tower", ("en", "kk"), {}, "does not speak Kazakh.*Tower-Plus"),
        ("salamandra-ta", ("kk", "en"), {}, "does not speak Kazakh.*salamandraTA"),
        ("hunyuan-mt", ("ky", "en"), {}, "does not speak Kyrgyz"),
        ("kazrush-kk-ru", ("ru", "kk"), {}, "kk-ru alone, not ru-kk"),
        ("translategemma", ("kk", "tt"), {}, "unknown language code"),
        ("translategemma", ("kk", "en"), {"profile": "gemma3"}, "a list of one.*set 'profile'"),
        ("mbart50", ("ky", "en"), {}, "no token of 'ky'"),
        ("seamless-m4t", ("kk", "tr"), {}, "does not know the language token __tur__"),
        ("t5", ("kk", "en"), {}, "no tokens of languages; 'profile: t5'"),
        ("hunyuan-mt", ("kk", "en"), {"style": "Plain."}, "style: the prompt that the model was trained on"),
        ("hunyuan-mt", ("kk", "en"), {"sentences": 4}, "sentences: the prompt"),
        ("hunyuan-mt", ("kk", "en"), {"context": 1, "glossary": {"a": "b"}}, "context together with glossary"),
        ("hy-mt2", ("kk", "en"), {"context": 1, "glossary": {"a": "b"}}, "context together with glossary"),
        ("milmmt", ("kk", "en"), {"context": 1}, "context: the prompt"),
        ("milmmt", ("ky", "en"), {}, "does not speak Kyrgyz"),
        ("translategemma", ("kk", "en"), {"glossary": {"a": "b"}}, "glossary: the prompt"),
    ],
)
def test_what_a_model_cannot_do_is_refused_by_name(profile, langs, more, fault, checkpoint):
    with pytest.raises(InputError, match=fault):
        settings(checkpoint(profile), **more).check(*langs)


def test_what_changes_a_prompt_is_another_engine_and_nothing_else_is(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for profile in ("qwen3", "kazllm", "house", "nllb", "marian", "nllb-moe"):
        assert "profile" not in settings(checkpoint(profile)).spec("kk", "en").settings, profile
        if profile != "house":
            assert "profile" not in settings(checkpoint(profile), profile=profile).spec("kk", "en").settings
    spec = settings(checkpoint("hunyuan-mt")).spec("kk", "en")
    assert spec.settings["profile"].startswith("hunyuan-mt/")
    asked_by_us = settings(checkpoint("hunyuan-mt"), profile="house").spec("kk", "en")
    assert asked_by_us.key != spec.key
    # A renamed folder is asked otherwise, since the name alone told the profile; the plan says so.
    other = tmp_path / "renamed"
    shutil.copytree(checkpoint("hunyuan-mt"), other)
    assert "no profile knows" in settings(other).plan()
    assert settings(other, profile="hunyuan-mt").spec("kk", "en").settings == spec.settings
    changed = profiles()["hunyuan-mt"].model_copy(update={"asks": Asks(form="text", prompt="{text}")})
    monkeypatch.setitem(profiles(), "hunyuan-mt", changed)
    assert settings(checkpoint("hunyuan-mt")).spec("kk", "en").key != spec.key


def test_a_path_above_the_model_says_nothing_of_it(checkpoint, tmp_path):
    place = tmp_path / "hy-mt" / "plain"
    shutil.copytree(checkpoint("hunyuan-mt"), place)
    assert "no profile knows" in settings(place).plan()


def test_a_profile_is_named_rightly_and_once():
    with pytest.raises(ValidationError, match="there is no profile 'nonsense'; there are aya, gemma3"):
        settings("x", profile="nonsense")
    with pytest.raises(ValidationError, match="older name"):
        settings("x", profile="nllb", family="nllb")


def test_a_model_that_reads_pictures_is_asked_with_text(tmp_path):
    import torch
    import transformers

    torch.manual_seed(1)
    tiny_profiles.byte_tokenizer(tiny_profiles.CHATML).save_pretrained(tmp_path)
    shape = {**tiny_profiles.SHAPE, "vocab_size": 330, "max_position_embeddings": 4096}
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.Mistral3Config(
        text_config={"model_type": "mistral", **shape}, image_token_index=3,
        vision_config={"model_type": "pixtral", **vision, "head_dim": 8, "image_size": 28, "patch_size": 14},
    )  # fmt: skip
    transformers.Mistral3ForConditionalGeneration(config).save_pretrained(tmp_path)
    (answer,) = open_engine(settings(tmp_path), "kk", "en").get().translate([TranslationRequest("Сот.")])
    assert answer.flags in {("truncated",), ("unreadable",)}
    assert answer.tokens_out > 0


@pytest.fixture
def served():
    """A chat server's address, and the messages that it was sent."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": "The court sat."}
            body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    server.server_close()


ENTRY = {"type": "text", "source_lang_code": "kk", "target_lang_code": "en", "text": "Сот."}


@pytest.mark.parametrize(
    ("profile", "content"),
    [
        (
            "hunyuan-mt",
            "Translate the following segment into English, without additional explanation.\n\nСот.",
        ),
        ("translategemma", [ENTRY]),
    ],
)
def test_a_server_is_asked_in_the_form_of_the_profile(profile, content, served):
    url, asked = served
    plain = OpenAISettings(engine="openai", model="m", url=url)
    one = plain.model_copy(update={"profile": profile})
    engine = open_engine(one, "kk", "en").get()
    assert engine.batch_sentences == 1
    (answer,) = engine.translate([TranslationRequest("Сот.")])
    engine.close()
    assert (answer.text, answer.flags) == ("The court sat.", ())
    assert [call["messages"] for call in asked] == [[{"role": "user", "content": content}]]
    assert "response_format" not in asked[0]
    assert one.spec("kk", "en").key != plain.spec("kk", "en").key
    assert one.plan().startswith(f"profile {profile} (its own prompt")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"profile": "milmmt"}, "models that do not chat"),
        ({"profile": "nllb"}, "models that do not chat"),
        ({"profile": "nonsense"}, "there is no profile"),
        ({"profile": "hunyuan-mt", "style": "Plain."}, "style: the prompt"),
    ],
)
def test_a_server_is_not_asked_what_it_cannot_answer(more, fault):
    with pytest.raises(ValidationError, match=fault):
        OpenAISettings(engine="openai", model="m", **more)


def test_a_language_that_a_served_model_does_not_speak_is_refused_before_it_is_asked():
    with pytest.raises(InputError, match="does not speak Kazakh"):
        OpenAISettings(engine="openai", model="m", profile="tower").check("kk", "en")
    assert "profile" not in OpenAISettings(engine="openai", model="m", profile="qwen3").spec("kk", "en").settings


@pytest.mark.parametrize("command", [["run", "--dry-run"], ["translate", "--dry-run"], ["config", "check", "--read"]])
@pytest.mark.parametrize(
    ("profile", "more", "line"),
    [
        ("hunyuan-mt", "", "mt: profile hunyuan-mt (its own prompt; Kazakh: named on the card (kk); licence:"),
        ("hunyuan-mt", ", profile: house", "mt: house prompt"),
        ("house", "", "mt: no profile knows this model: it is asked by the house prompt"),
        ("nllb", "", "mt: profile nllb (Kazakh: kaz_Cyrl, in the list of NLLB-200"),
    ],
)
def test_the_plan_says_which_profile_serves(profile, more, line, command, checkpoint, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("Бұл жаңа сөйлем.\n", encoding="utf-8")
    (tmp_path / "job.yaml").write_text(
        f"""
corpus: {{name: tiny, version: 1.0.0, folder: out}}
sources: [{{files: [a.txt], lang: kk}}]
translations:
  - {{name: mt, lang: en, engine: transformers, model: {checkpoint(profile)}, device: cpu{more}}}
""",
        encoding="utf-8",
    )
    with pytest.raises(SystemExit) as end:
        main([command[0], *command[1:-1], str(tmp_path / "job.yaml"), command[-1]])
    told = capsys.readouterr()
    assert not end.value.code, told.err
    assert line in told.out


@pytest.mark.parametrize("profile", ["kazrush-kk-ru", "umt5", "mbart50", "nllb-moe", "seamless-m4t", "t5gemma"])
def test_ctranslate2_takes_what_it_can_convert_and_says_what_not(profile, checkpoint, tmp_path, monkeypatch):
    pytest.importorskip("ctranslate2", reason="the extra 'mt' is not installed")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wanted = CTranslate2Settings(
        engine="ctranslate2", model=str(checkpoint(profile)), device="cpu", compute_type="float32", parallel=1,
        decoding=Decoding(beams=1, max_tokens=6),
    )  # fmt: skip
    pair = PAIRS.get(profile, ("kk", "en"))
    if profile not in ("kazrush-kk-ru", "umt5"):
        with pytest.raises(InputError, match="CTranslate2 cannot"):
            wanted.open(*pair)
        return
    (answer,) = wanted.open(*pair).translate([TranslationRequest(tiny_profiles.KNOWN[pair[0]])])
    assert answer.tokens_out > 0
