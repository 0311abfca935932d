"""Language models by chat template: a tiny one that has learnt to answer our prompt, rightly and wrongly."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed")
pytest.importorskip("transformers", reason="the extra 'mt' is not installed")

import tiny_models

from qosmatin.cli import main
from qosmatin.corpus.errors import InputError
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.opening import open_engine
from qosmatin.translate.prompt import REPLY_BEGINNING, messages, read_beginning
from qosmatin.translate.settings import Decoding, ModelRetry
from qosmatin.translate.transformers_engine import TransformersSettings
from qosmatin.translate.windows import windowed

ROOT = Path(__file__).parent.parent
PAIRS = tiny_models.pairs(8)
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WITHOUT_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + TEMPLATE


def request(index, before=()):
    return TranslationRequest(PAIRS[index][0], before)


def reply(*indexes):
    rows = [{"id": number, "text": PAIRS[index][1]} for number, index in enumerate(indexes, 1)]
    return json.dumps({"translations": rows}, ensure_ascii=False)


def lessons():
    """What the model learns: prompts of one sentence and of two, by their indexes, and a wrong reply to one of them."""
    known = [((index,), reply(index)) for index in range(6)]
    known += [((0, 1), reply(0, 1)), ((2, 3), reply(2)), ((4, 5), reply(4, 5))]
    # It cannot be read; and the end of what it says is past the end of a reply.
    return [*known, ((6,), '{"translations": [{"id": 1, "text": None}]}'), ((7,), reply(7) + " I hope this helps!")]


def make_tokenizer(texts, template=TEMPLATE):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|pad|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=900, special_tokens=special, initial_alphabet=alphabet)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|end|>", pad_token="<|pad|>", chat_template=template
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A Llama of some hundred thousand weights, overfitted on ``lessons``."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("chat")
    told = [(messages([request(index) for index in indexes], "kk", "en", ""), answer) for indexes, answer in lessons()]
    tokenizer = make_tokenizer([text for chat, answer in told for text in [*(one["content"] for one in chat), answer]])
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=2048, pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
    )  # fmt: skip
    llama = LlamaForCausalLM(config)
    rows = []
    for chat, answer in told:
        prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) + REPLY_BEGINNING
        begun = tokenizer(prompt)["input_ids"]
        rest = tokenizer(answer.removeprefix(REPLY_BEGINNING) + "<|end|>")["input_ids"]
        rows.append((begun + rest, [-100] * len(begun) + rest))
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([[*one, *[tokenizer.pad_token_id] * (longest - len(one))] for one, _ in rows])
    labels = torch.tensor([[*one, *[-100] * (longest - len(one))] for _, one in rows])
    optimizer = torch.optim.AdamW(llama.parameters(), lr=4e-3, weight_decay=0.0)
    for _ in range(300):
        loss = llama(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(llama.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < 0.005:
            break
    llama.save_pretrained(folder)
    # As published models have it: sampling by default, which our search must not take over.
    (folder / "generation_config.json").write_text(json.dumps({
        "do_sample": True, "temperature": 5.0, "top_k": 20, "eos_token_id": [tokenizer.eos_token_id]
    }))  # fmt: skip
    return folder


def settings(folder, **more):
    return TransformersSettings(engine="transformers", model=str(folder), device="cpu", **more)


def translate(folder, indexes, **more):
    return open_engine(settings(folder, **more), "kk", "en").get().translate([request(index) for index in indexes])


def test_each_sentence_gets_its_translation_whatever_stands_beside_it_in_the_batch(model):
    together = translate(model, range(6))
    assert [answer.text for answer in together] == [target for _, target in PAIRS[:6]]
    assert [answer.flags for answer in together] == [()] * 6
    assert [translate(model, [index])[0] for index in range(6)] == together
    assert all(answer.tokens_in > 50 and answer.tokens_out > 5 for answer in together)


def test_several_sentences_of_a_prompt_come_back_by_number_or_are_asked_for_again(model):
    answers = translate(model, range(6), sentences=2)
    assert [answer.text for answer in answers] == [target for _, target in PAIRS[:6]]


def test_a_reply_that_cannot_be_read_is_flagged_and_stops_nothing(model):
    unreadable, right, chatty = translate(model, [6, 0, 7])
    assert (unreadable.text, unreadable.flags) == ("", ("unreadable",))
    assert (right.text, right.flags) == (PAIRS[0][1], ())
    assert (chatty.text, chatty.flags) == (PAIRS[7][1], ())


def test_a_reply_without_its_end_is_flagged(model, monkeypatch):
    monkeypatch.setattr("qosmatin.translate.prompted_engine._FORM", 0)
    (cut,) = translate(model, [0], decoding=Decoding(max_tokens=4))
    assert (cut.text, cut.flags, cut.tokens_out) == ("", ("truncated",), 4)


def test_a_prompt_beyond_the_model_s_positions_is_not_asked(model):
    (answer,) = translate(model, [0], decoding=Decoding(max_tokens=2000))
    assert answer.flags == ("over-long",)


def test_the_prompt_has_context_terms_and_style_in_the_model_s_own_form(model):
    engine = open_engine(settings(model, style="Plain style.", context=2), "kk", "en").get()
    one = TranslationRequest("Сот өтті.", ("Бірінші.",), (("сот", "court"),))
    prompt = engine.prompts.tokenizer.decode(engine.prompts.ids([one]))
    assert prompt.startswith("<|system|>You translate from Kazakh into English")
    for part in ("Plain style.", "Сот өтті.", "Бірінші.", "court"):
        assert part in prompt
    assert prompt.endswith(f"<|end|><|assistant|>{REPLY_BEGINNING}")
    assert settings(model, style="s", context=2, glossary={"a": "b"}).context_and_glossary() == (2, {"a": "b"})


def test_a_window_of_a_document_is_one_prompt(model, monkeypatch):
    engine = open_engine(settings(model, context={"window": 2, "overlap": 1}), "kk", "en").get()
    texts = [PAIRS[index][0] for index in range(5)]
    around = zip(texts, windowed(texts, 2, 1), strict=True)
    requests = [TranslationRequest(text, before, (), window, place) for text, (before, window, place) in around]
    asked, ids = [], engine.prompts.ids
    monkeypatch.setattr(engine.prompts, "ids", lambda some: asked.append([one.text for one in some]) or ids(some))
    answers = engine.translate(requests)
    assert len(answers) == 5
    assert asked[:3] == [texts[:2], texts[2:4], texts[4:]]
    assert not engine.sorts
    prompt = engine.prompts.tokenizer.decode(ids(requests[2:4]))
    assert f'"before": ["{texts[1]}"], "sentences"' in prompt


def test_a_template_without_a_system_message_is_given_it_with_the_user_s(model, tmp_path):
    make_tokenizer(["сөз"], WITHOUT_SYSTEM).save_pretrained(tmp_path)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((model / name).read_bytes())
    engine = open_engine(settings(tmp_path), "kk", "en").get()
    prompt = engine.prompts.tokenizer.decode(engine.prompts.ids([request(0)]))
    assert prompt.startswith("<|user|>You translate from Kazakh into English")


def test_a_model_without_a_chat_template_is_refused_with_a_remedy(model, tmp_path):
    make_tokenizer(["сөз"], None).save_pretrained(tmp_path)
    (tmp_path / "config.json").write_bytes((model / "config.json").read_bytes())
    with pytest.raises(InputError, match=r"no chat template.*-Instruct"):
        open_engine(settings(tmp_path), "kk", "en").get()


def test_what_a_kind_of_model_cannot_use_is_refused(model, tmp_path):
    retry = ModelRetry()
    with pytest.raises(InputError, match="repetition_penalty"):
        open_engine(settings(model, decoding=retry.decoding), "kk", "en")
    tokenizer = tiny_models.marian_tokenizer(tmp_path, [text for pair in tiny_models.pairs() for text in pair])
    tiny_models.model_config("marian", tokenizer).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="style: only language models"):
        open_engine(settings(tmp_path, style="Plain."), "kk", "en")


def test_the_spec_says_all_that_answers_depend_on_and_nothing_else(model):
    spec = open_engine(settings(model), "kk", "en").spec
    assert spec.engine == "transformers"
    assert spec.settings["decoding"]["beams"] == 1
    assert spec == open_engine(settings(model, batch_tokens=7, glossary={"a": "b"}), "kk", "en").spec
    for other in ({"style": "Plain."}, {"context": 1}, {"sentences": 2}, {"decoding": Decoding(beams=2)}):
        assert spec != open_engine(settings(model, **other), "kk", "en").spec


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('{"translations": [{"id": 1, "text": "a"}]}', ["a"]),
        ('{"translations": [{"id": 1, "text": "a"}]}\n```\nDone {}', ["a"]),
        ('{"translations": [{"id": 1, "text": "a}]}"}]} {"translations": []}', ["a}]}"]),
    ],
)
def test_what_a_model_says_after_its_reply_is_left_out(content, texts):
    assert read_beginning(content, 1) == texts


def test_a_job_names_it_like_any_other_model(model, tmp_path, capsys):
    (tmp_path / "kk.txt").write_text("\n".join(source for source, _ in PAIRS[:6]), encoding="utf-8")
    (tmp_path / "job.yaml").write_text(
        f"""
corpus: {{name: tiny, version: 1.0.0, folder: corpus}}
sources: [{{files: [kk.txt], lang: kk}}]
translations:
  - {{name: llm, lang: en, engine: transformers, model: {model}, device: cpu, glossary: {{жоқ: none}}}}
"""
    )
    with pytest.raises(SystemExit) as end:
        main(["translate", str(tmp_path / "job.yaml"), "--limit", "6"])
    told = capsys.readouterr()
    assert not end.value.code, told.err
    assert [tuple(line.split("\t")[:2]) for line in told.out.splitlines()] == PAIRS[:6]


def test_the_shipped_config_runs_but_for_the_model(model, tmp_path, capsys):
    text = (ROOT / "configs" / "llm-local.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("model: Qwen/Qwen3-8B ", f"model: {model}\n    decoding: {{max_tokens: 20}} "),
        ("../examples/ilyashev/kk/*.txt", "kk.txt"),
        ("folder: ../corpora", "folder: corpora"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "kk.txt").write_text("\n".join(source for source, _ in PAIRS), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["translate", str(tmp_path / "job.yaml"), "--limit", "8"])
    told = capsys.readouterr()
    assert not end.value.code, told.err
    assert [line.split("\t")[0] for line in told.out.splitlines()] == [source for source, _ in PAIRS]
