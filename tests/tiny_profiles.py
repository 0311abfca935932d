"""Tiny checkpoints with random weights, one for each profile: the architecture and the form of template of its family.

Nothing is learnt; what they write is noise. That they are found, asked in their form, and answer at all is what counts.
"""

from pathlib import Path
from typing import Any

TEXTS = ["Бұл жаңа сөйлем.", "This is a new sentence.", "Это новое предложение.", '{"translations": [{"id": 1, "text":']

KNOWN = {"kk": "үлкен дала жел көрді.", "ru": "big wind saw steppe."}
"""A sentence that the vocabularies of seq2seq models know."""

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Gemma's: no system message, "model" for the assistant, text trimmed.
GEMMA = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n{{ m['content'] | trim }}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# TranslateGemma's: a list of one entry with codes that it must know; the instruction is its own.
TRANSLATEGEMMA = (
    "{%- set languages = {'kk': 'Kazakh', 'en': 'English', 'ru': 'Russian'} -%}{{ bos_token }}"
    "{%- for m in messages -%}{%- if m['role'] != 'user' -%}{{ raise_exception('users alone') }}{%- endif -%}"
    "{%- if m['content'] is string or m['content'] | length != 1 -%}{{ raise_exception('a list of one') }}{%- endif -%}"
    "{%- set c = m['content'][0] -%}{%- if c['source_lang_code'] not in languages or c['target_lang_code'] not "
    "in languages -%}{{ raise_exception('unknown language code') }}{%- endif -%}<start_of_turn>user\nTranslate from "
    "{{ languages[c['source_lang_code']] }} to {{ languages[c['target_lang_code']] }}:\n\n\n{{ c['text'] | trim }}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
HUNYUAN = (
    "<｜hy_begin▁of▁sentence｜>{% for m in messages %}<｜hy_User｜>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<｜hy_Assistant｜>{% endif %}"
)
HARMONY = (
    "{% for m in messages %}<|start|>{{ m['role'] }}<|message|>{% if loop.first %}Reasoning: {{ reasoning_effort }}\n"
    "{% endif %}{{ m['content'] }}<|end|>{% endfor %}{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
LLAMA3 = (
    "{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n{{ m['content'] }}<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
COHERE = (
    "{% for m in messages %}<|START_OF_TURN_TOKEN|><|{{ m['role'] | upper }}_TOKEN|>{{ m['content'] }}"
    "<|END_OF_TURN_TOKEN|>{% endfor %}{% if add_generation_prompt %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}"
)

SHAPE = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 2048, "bos_token_id": 0, "eos_token_id": 1,
    "pad_token_id": 2,
}  # fmt: skip
ENCODING = {
    "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "max_position_embeddings": 256,
}  # fmt: skip

# The profile: the class of the model's config, the template or the codes, the name of the folder, more of the config.
CHAT: dict[str, tuple[str, str | None, str, dict[str, Any]]] = {
    "house": ("LlamaConfig", LLAMA3, "Llama-3.2-1B-Instruct", {}),
    "qwen3": ("Qwen3Config", CHATML, "Qwen3-0.6B", {}),
    "gemma3": ("Gemma3TextConfig", GEMMA, "gemma-3-1b-it", {}),
    "aya": ("CohereConfig", COHERE, "aya-expanse-8b", {}),
    "gpt-oss": ("GptOssConfig", HARMONY, "gpt-oss-20b", {"num_local_experts": 2, "num_experts_per_tok": 1}),
    "kazllm": ("LlamaConfig", LLAMA3, "LLama-3.1-KazLLM-1.0-8B", {}),
    "sherkala": ("LlamaConfig", LLAMA3, "Llama-3.1-Sherkala-8B-Chat", {}),
    "translategemma": ("Gemma3Config", TRANSLATEGEMMA, "translategemma-4b-it", {}),
    "milmmt": ("Gemma3TextConfig", None, "MiLMMT-46-1B-v0.1", {}),
    "gemmax2": ("Gemma2Config", None, "GemmaX2-28-2B-v0.2", {}),
    "tower": ("Gemma2Config", GEMMA, "Tower-Plus-9B", {}),
    "salamandra-ta": ("LlamaConfig", CHATML, "salamandraTA-7b-instruct", {}),
    "hunyuan-mt": ("HunYuanDenseV1Config", HUNYUAN, "HY-MT1.5-1.8B", {}),
    "hy-mt2": ("HunYuanDenseV1Config", HUNYUAN, "Hy-MT2-1.8B", {}),
}
SEQ2SEQ = {
    "nllb": "nllb-200-distilled-600M",
    "nllb-moe": "nllb-moe-54b",
    "m2m100": "m2m100_418M",
    "madlad": "madlad400-3b-mt",
    "marian": "opus-mt-mul-en",
    "mbart50": "mbart-large-50-many-to-many-mmt",
    "seamless-m4t": "seamless-m4t-v2-large",
    "kazrush-kk-ru": "kazRush-kk-ru",
    "kazrush-ru-kk": "kazRush-ru-kk",
    "t5": "our-own-t5",
    "umt5": "umt5-base-kk-en",
    "t5gemma": "t5gemma-2b-kk-en",
}


def build_chat(profile: str, folder: Path) -> Path:
    """A decoder with random weights, and its template; returns the model's folder in ``folder``."""
    import torch
    import transformers

    kind, template, name, more = CHAT[profile]
    place = folder / name
    tokenizer = byte_tokenizer(template)
    tokenizer.save_pretrained(place)
    shape = {**SHAPE, "vocab_size": len(tokenizer), **more}
    torch.manual_seed(1)
    if kind == "Gemma3Config":
        vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
        config = transformers.Gemma3Config(
            text_config=shape, vision_config={**vision, "image_size": 28, "patch_size": 14}, mm_tokens_per_image=4,
            image_token_index=3, boi_token_index=3, eoi_token_index=3,
        )  # fmt: skip
        transformers.Gemma3ForConditionalGeneration(config).save_pretrained(place)
    else:
        config = getattr(transformers, kind)(**shape)
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(place)
    return place


def byte_tokenizer(template: str | None) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<bos>", "<eos>", "<pad>", "<image>", "<|channel|>", "<|message|>"]
    bpe.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=330, special_tokens=special, initial_alphabet=alphabet)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", chat_template=template
    )


def build_seq2seq(profile: str, folder: Path) -> Path:
    """An encoder and decoder with random weights; returns the model's folder in ``folder``."""
    import tiny_models
    import torch
    import transformers

    place = folder / SEQ2SEQ[profile]
    place.mkdir(parents=True)
    torch.manual_seed(1)
    texts = [text for pair in tiny_models.pairs() for text in pair]
    if profile in ("nllb", "m2m100", "madlad", "marian"):
        maker = getattr(tiny_models, f"{profile}_tokenizer")
        config = tiny_models.model_config(profile, maker(place, texts))
    elif profile == "nllb-moe":
        tokenizer = tiny_models.nllb_tokenizer(place, texts)
        config = transformers.NllbMoeConfig(
            **ENCODING, vocab_size=len(tokenizer), num_experts=2, expert_capacity=8, decoder_start_token_id=2
        )
    elif profile == "mbart50":
        tokenizer = mbart50_tokenizer(place, texts)
        config = transformers.MBartConfig(**ENCODING, vocab_size=len(tokenizer), decoder_start_token_id=2)
    elif profile == "seamless-m4t":
        config = seamless_config(place, texts)
    elif profile == "t5gemma":
        byte_tokenizer(None).save_pretrained(place)
        half = {**SHAPE, "vocab_size": 330}
        config = transformers.T5GemmaConfig(encoder=half, decoder=half, vocab_size=330, decoder_start_token_id=0)
    else:
        tokenizer = tiny_models.madlad_tokenizer(place, texts, languages=[])
        kind = transformers.UMT5Config if profile == "umt5" else transformers.T5Config
        config = kind(
            d_model=32, d_kv=8, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=4, vocab_size=len(tokenizer),
            pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
        )  # fmt: skip
    transformers.AutoModelForSeq2SeqLM.from_config(config).save_pretrained(place)
    return place


def mbart50_tokenizer(place: Path, texts: list[str]) -> Any:
    """An mBART-50 tokenizer of its own vocabulary, with all the codes that the class has."""
    from transformers import MBart50Tokenizer

    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), *((letter, -3.0) for letter in letters(texts))]
    tokenizer = MBart50Tokenizer(vocab=pieces, src_lang="kk_KZ", tgt_lang="en_XX")
    tokenizer.save_pretrained(place)
    return tokenizer


def seamless_config(place: Path, texts: list[str]) -> Any:
    """A SeamlessM4T v2 tokenizer with three languages, and the config of a model for it without its speech."""
    from transformers import SeamlessM4TTokenizer as Tokenizer
    from transformers import SeamlessM4Tv2Config

    names = ["<pad>", "<unk>", "<s>", "</s>", *letters(texts)]
    codes = [f"__{code}__" for code in ("kaz", "eng", "rus")]
    vocabulary = {name: number for number, name in enumerate([*names, *codes])}
    tokenizer = Tokenizer(vocab=vocabulary, merges=[], src_lang="kaz", tgt_lang="eng", additional_special_tokens=codes)
    tokenizer.save_pretrained(place)
    sizes = {
        "vocab_size": len(vocabulary), "hidden_size": 32, "encoder_layers": 1, "decoder_layers": 1,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
        "max_position_embeddings": 256, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3,
        "decoder_start_token_id": 3,
    }  # fmt: skip
    return SeamlessM4Tv2Config(**sizes)


def letters(texts: list[str]) -> list[str]:
    """The characters of texts, the mark of a word's beginning among them."""
    return sorted({"▁", *"".join(texts)} - {" "})
