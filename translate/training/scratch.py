"""A small Marian that knows nothing yet, with a sentencepiece vocabulary learnt from the pairs to train on."""

from __future__ import annotations

import io
import json
from itertools import chain
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .pairs import Pairs
from .settings import ScratchSection

_POSITIONS = 512
_CHARACTERS = 0.9999
"""Share of the corpus' characters that the vocabulary covers; the rarest are unknown to the model."""

_SENTENCES = 2_000_000
"""Sentences that the vocabulary is learnt from, at most."""


def write_untrained(
    folder: Path, pairs: Pairs, scratch: ScratchSection, *, source: str, target: str, seed: int
) -> None:
    """Write tokenizer and random weights into ``folder``.

    Both languages share one vocabulary and one table of embeddings. The row of the padding, from which the decoder
    starts, is zero, as in the published Marians: CTranslate2 relies on it.
    """
    import torch
    from transformers import GenerationConfig, MarianConfig, MarianMTModel, MarianTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    pieces = _learn_pieces(folder / "source.spm", pairs, scratch.vocabulary)
    names = ["</s>", "<unk>", *(piece for piece in pieces if piece not in ("</s>", "<unk>")), "<pad>"]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({name: number for number, name in enumerate(names)}, ensure_ascii=False) + "\n")
    model_file = str(folder / "source.spm")
    MarianTokenizer(
        model_file, model_file, str(vocabulary), source_lang=source, target_lang=target, model_max_length=_POSITIONS
    ).save_pretrained(folder)
    pad = len(names) - 1
    shape = {
        f"{side}_{name}": value
        for side in ("encoder", "decoder")
        for name, value in (
            ("layers", scratch.layers),
            ("attention_heads", scratch.heads),
            ("ffn_dim", scratch.feed_forward),
        )
    }
    config = MarianConfig(
        **shape,
        vocab_size=len(names),
        decoder_vocab_size=len(names),
        d_model=scratch.width,
        dropout=scratch.dropout,
        max_position_embeddings=_POSITIONS,
        activation_function="swish",
        scale_embedding=True,
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=0,
    )
    torch.manual_seed(seed)
    model = MarianMTModel(config)
    with torch.no_grad():
        model.get_decoder().embed_tokens.weight[pad] = 0
    # The padding is never an answer; its logit of zero would win where all others are below.
    model.generation_config = GenerationConfig(
        num_beams=4,
        bad_words_ids=[[pad]],
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        max_length=_POSITIONS,
    )
    model.save_pretrained(folder)


def _learn_pieces(file: Path, pairs: Pairs, size: int) -> list[str]:
    """Learn a unigram vocabulary, write it to ``file``, and return its pieces."""
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=chain(pairs.sources, pairs.targets),
            model_writer=model,
            vocab_size=size,
            hard_vocab_limit=False,
            model_type="unigram",
            character_coverage=_CHARACTERS,
            input_sentence_size=_SENTENCES,
            shuffle_input_sentence=True,
            # Texts stay as they are: the default would write "No" for "№" and three dots for "…".
            normalization_rule_name="identity",
            eos_id=0,
            unk_id=1,
            bos_id=-1,
            pad_id=-1,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise InputError(f"no vocabulary of {size} pieces can be learnt from {len(pairs)} pairs: {error}") from None
    file.write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [processor.id_to_piece(number) for number in range(processor.get_piece_size())]
