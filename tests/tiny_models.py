"""Tiny models of the four families, overfitted on a few pairs: a real check of codes, tokens, search and batching.

The texts are made by rule: a small grammar whose "translation" into the target is word by word.
"""

import json
import random
from collections.abc import Sequence
from pathlib import Path

WORDS = {
    "дала": "steppe", "жел": "wind", "су": "water", "тау": "mountain", "күн": "sun", "ай": "moon", "ат": "horse",
    "ит": "dog", "қой": "sheep", "бала": "child", "ана": "mother", "әке": "father", "үй": "house", "жол": "road",
    "қала": "city", "кітап": "book", "нан": "bread", "сүт": "milk", "гүл": "flower", "ағаш": "tree",
}  # fmt: skip
MODIFIERS = {"үлкен": "big", "кіші": "small", "ақ": "white", "қара": "black", "жаңа": "new", "ескі": "old"}
VERBS = {"көрді": "saw", "алды": "took", "тапты": "found", "сүйді": "loved"}


def pairs(count: int = 60) -> list[tuple[str, str]]:
    """Kazakh sentences (subject object verb) and their English order."""
    draw = random.Random(7)
    found: dict[str, str] = {}
    while len(found) < count:
        one, two = draw.sample(list(WORDS), 2)
        quality, verb = draw.choice(list(MODIFIERS)), draw.choice(list(VERBS))
        number = draw.randint(2, 99)
        source = draw.choice([f"{quality} {one} {two} {verb}.", f"{one} {number} {two} {verb}."])
        if source.startswith(quality):
            found[source] = f"{MODIFIERS[quality]} {WORDS[one]} {VERBS[verb]} {WORDS[two]}."
        else:
            found[source] = f"{WORDS[one]} {VERBS[verb]} {number} {WORDS[two]}."
    return list(found.items())


def train_sentencepiece(folder: Path, texts: list[str], size: int = 200) -> Path:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_prefix=str(folder / "spm"), vocab_size=size, model_type="unigram",
        hard_vocab_limit=False, minloglevel=2, bos_id=-1, eos_id=1, unk_id=0, character_coverage=1.0,
    )  # fmt: skip
    return folder / "spm.model"


def nllb_tokenizer(folder: Path, texts: list[str]):
    """An NLLB tokenizer of its own vocabulary: the language codes stand after it, the mask last."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import NllbTokenizer

    bpe = Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.Metaspace()
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=250, special_tokens=["<s>", "<pad>", "</s>", "<unk>"])
    )
    model = json.loads(bpe.to_str())["model"]
    merges = [tuple(merge) for merge in model["merges"]]
    codes = ["eng_Latn", "kaz_Cyrl", "rus_Cyrl"]
    tokenizer = NllbTokenizer(
        vocab=model["vocab"], merges=merges, additional_special_tokens=codes, src_lang="kaz_Cyrl", tgt_lang="eng_Latn"
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def m2m100_tokenizer(folder: Path, texts: list[str], registered: bool = True):
    from sentencepiece import SentencePieceProcessor
    from transformers import M2M100Tokenizer
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

    spm = train_sentencepiece(folder, texts)
    pieces = SentencePieceProcessor(str(spm))
    names = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *(name for name in names if name not in ("<unk>", "</s>"))]
    vocab_file = folder / "vocab.json"
    vocab_file.write_text(json.dumps({name: number for number, name in enumerate(vocabulary)}))
    codes = [f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]]
    tokenizer = M2M100Tokenizer(
        str(vocab_file), str(spm), src_lang="kk", tgt_lang="en", additional_special_tokens=codes if registered else []
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def madlad_tokenizer(folder: Path, texts: list[str], languages: Sequence[str] = ("<2en>", "<2kk>", "<2ru>")):
    """MADLAD's, or with no languages that of a T5 of one direction."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    unigram = Tokenizer(models.Unigram())
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    unigram.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>", *languages]
    unigram.train_from_iterator(
        texts, trainers.UnigramTrainer(vocab_size=250, special_tokens=special, unk_token="<unk>")
    )
    unigram.add_special_tokens([AddedToken(code, special=True, normalized=False) for code in special])
    unigram.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=unigram, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def marian_tokenizer(folder: Path, texts: list[str]):
    from sentencepiece import SentencePieceProcessor
    from transformers import MarianTokenizer

    spm = train_sentencepiece(folder, texts)
    pieces = SentencePieceProcessor(str(spm))
    names = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    codes = [">>eng<<", ">>rus<<"]
    vocabulary = ["</s>", "<unk>", *(name for name in names if name not in ("<unk>", "</s>")), *codes, "<pad>"]
    vocab_file = folder / "vocab.json"
    vocab_file.write_text(json.dumps({name: number for number, name in enumerate(vocabulary)}))
    tokenizer = MarianTokenizer(str(spm), str(spm), str(vocab_file), source_lang="kk", target_lang="en")
    tokenizer.save_pretrained(folder)
    return tokenizer


def model_config(family: str, tokenizer):
    from transformers import M2M100Config, MarianConfig, T5Config

    size, pad, end = max(tokenizer.get_vocab().values()) + 1, tokenizer.pad_token_id, tokenizer.eos_token_id
    if family == "m2m100":
        size = max(tokenizer.lang_token_to_id.values()) + 1 + tokenizer.num_madeup_words
    shape = {
        "d_model": 64, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4,
        "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "dropout": 0.0,
        "attention_dropout": 0.0, "activation_dropout": 0.0, "encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0,
    }  # fmt: skip
    ids = {"vocab_size": size, "pad_token_id": pad, "eos_token_id": end}
    if family in ("nllb", "m2m100"):
        return M2M100Config(**shape, **ids, bos_token_id=0, decoder_start_token_id=end, max_position_embeddings=128)
    if family == "marian":
        return MarianConfig(
            **shape, **ids, decoder_start_token_id=pad, forced_eos_token_id=end, max_position_embeddings=128,
            scale_embedding=True, decoder_vocab_size=size, activation_function="swish",
        )  # fmt: skip
    return T5Config(
        d_model=64, d_kv=16, d_ff=128, num_layers=1, num_decoder_layers=1, num_heads=4, dropout_rate=0.0, **ids,
        decoder_start_token_id=pad, feed_forward_proj="gated-gelu", tie_word_embeddings=False,
    )  # fmt: skip


def build(family: str, folder: Path, steps: int | None = None, examples: list[tuple[str, str]] | None = None) -> Path:
    """Build, overfit and save a model, or with ``steps`` one that has learnt so much; returns its folder."""
    import torch
    from transformers import M2M100ForConditionalGeneration, MarianMTModel, T5ForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    examples = examples or pairs()
    texts = [text for pair in examples for text in pair]
    makers = {
        "nllb": (nllb_tokenizer, M2M100ForConditionalGeneration),
        "m2m100": (m2m100_tokenizer, M2M100ForConditionalGeneration),
        "madlad": (madlad_tokenizer, T5ForConditionalGeneration),  # learns faster than it becomes sure
        "marian": (marian_tokenizer, MarianMTModel),
    }
    make_tokenizer, model_class = makers[family]
    tokenizer = make_tokenizer(folder, texts)
    sources, targets = encoded(family, tokenizer, examples)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a model gains nothing by more, and loses tenfold where cores are shared
    # Half as many steps, twice as long, teach NLLB as well; the second guesses of others would be wilder.
    most, rate = (200, 8e-3) if family == "nllb" else (400, 4e-3)
    # A rare start learns too little in so few steps: of this family the first two.
    for seed in (13, 11, 12) if family == "madlad" else (11, 12, 13):
        torch.manual_seed(seed)
        model = model_class(model_config(family, tokenizer))
        learnt = train(model, sources, targets, tokenizer.pad_token_id, steps or most, rate)
        if steps or learnt == 1.0:
            break
    torch.set_num_threads(threads)
    model.save_pretrained(folder)
    return folder


def encoded(family: str, tokenizer, examples):
    """Ids of sources and of targets, the target's language token first where the family has it there."""
    prefix = {"madlad": "<2en> ", "marian": ">>eng<< "}.get(family, "")
    sources = [tokenizer(prefix + source)["input_ids"] for source, _ in examples]
    if family == "madlad":
        code = tokenizer.convert_tokens_to_ids("<2en>")
        sources = [[code, *tokenizer(source)["input_ids"]] for source, _ in examples]
        return sources, [tokenizer(target)["input_ids"] for _, target in examples]
    return sources, [tokenizer(text_target=target)["input_ids"] for _, target in examples]


def train(model, sources, targets, pad: int, steps: int, rate: float) -> float:
    """All pairs in each step, until the loss is as good as nothing; the share of pairs that are learnt."""
    import torch

    def padded(rows, filler):
        longest = max(map(len, rows))
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])

    ids, labels = padded(sources, pad), padded(targets, -100)
    mask = padded([[1] * len(row) for row in sources], 0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    model.train()
    for _ in range(steps):
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if model.config.model_type == "marian":
            # As in published Marians, whose decoder starts from nothing; CTranslate2 relies on it.
            with torch.no_grad():
                model.get_decoder().embed_tokens.weight[pad] = 0
        if loss.item() < 0.002:
            break
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, labels=labels).logits
    # Learnt is what the machine's rounding cannot turn round: every token with a margin before the next best.
    first, second = logits.topk(2).values.unbind(-1)
    sure = (logits.argmax(-1) == labels) & (first - second > 1.0)
    return (sure | (labels == -100)).all(dim=1).float().mean().item()
