"""Text to tokens and back for each family of models, and the guards that refuse a checkpoint which would lie.

A multilingual model is told the target language by one token. Where the checkpoint's files do not know that token,
libraries say nothing and the model translates into a language of its own choosing: so each code is checked here, when
the model is opened.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.languages import primary_subtag

from .checkpoints import CheckpointSettings
from .language_codes import candidates
from .profiles import Codes, read_json

_NLLB_VOCABULARY = 256206
_NLLB_IDS = {"eng_Latn": 256047, "kaz_Cyrl": 256089, "rus_Cyrl": 256147}
"""Ids in every published NLLB-200: a tokenizer built from the sentencepiece file with the wrong offset misses them."""


@dataclass(frozen=True, slots=True)
class Codec:
    """The tokenizer of a model, set to a pair of languages.

    ``config`` is the model's ``config.json``; ``prefix`` are ids that stand before each source (the target's token of
    MADLAD and Marian); ``forced`` is the id that each translation begins with, or None;
    ``call`` is what ``generate`` is told beside (the target of SeamlessM4T).
    """

    family: Codes
    tokenizer: Any
    config: Mapping[str, Any]
    prefix: tuple[int, ...]
    forced: int | None
    call: Mapping[str, Any] = field(default_factory=dict)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, with all the special tokens that the model expects."""
        ids: list[list[int]] = self.tokenizer(list(texts), add_special_tokens=True, truncation=False)["input_ids"]
        return [[*self.prefix, *one] for one in ids] if self.prefix else ids

    def encode_targets(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids that a model learns to generate for each text: the forced one first, the end last."""
        ids = self.tokenizer(text_target=list(texts), add_special_tokens=False, truncation=False)["input_ids"]
        first = [] if self.forced is None else [self.forced]
        return [[*first, *one, self.tokenizer.eos_token_id] for one in ids]

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each translation, special tokens left out."""
        if not ids:
            return []
        texts = self.tokenizer.batch_decode([list(one) for one in ids], skip_special_tokens=True)
        return [text.strip() for text in texts]

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """Return ids as the tokens that CTranslate2 takes."""
        tokens: list[str] = self.tokenizer.convert_ids_to_tokens(list(ids))
        return tokens

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """Return the ids of tokens."""
        ids: list[int] = self.tokenizer.convert_tokens_to_ids(list(tokens))
        return ids

    def is_unknown(self, ids: Sequence[int]) -> bool:
        """Whether nothing in a source is known to the model: it would invent a sentence."""
        unknown = self.tokenizer.unk_token_id
        if unknown not in ids:
            return False
        nothing = {*self.tokenizer.all_special_ids, *self.prefix, self.tokenizer.convert_tokens_to_ids("▁")}
        return all(one == unknown or one in nothing for one in ids)


def open_codec(folder: Path, settings: CheckpointSettings, source_lang: str, target_lang: str) -> Codec:
    """Open the tokenizer in a model's folder for a pair of languages.

    Raises ``InputError`` for a family that is not known, files that are missing, and every code that is not sure.
    """
    config = read_json(folder / "config.json")
    chosen = settings.profile_in(folder)
    if chosen is None or chosen.profile.family is None:
        raise InputError(_unknown(config), folder)
    chosen.profile.check_languages(source_lang, target_lang, folder)
    family = chosen.profile.family
    tokenizer = _load_tokenizer(folder, family)
    source, target = settings.source_code, settings.target_code
    if family == "madlad":
        return _madlad(tokenizer, folder, config, target or target_lang)
    if family == "marian":
        return _marian(tokenizer, folder, config, target, target_lang)
    if family in ("t5", "t5gemma"):
        return _plain(family, tokenizer, folder, config)
    makers = {"nllb": _nllb, "m2m100": _m2m100, "mbart50": _mbart50, "seamless": _seamless}
    return makers[family](tokenizer, folder, config, source or source_lang, target or target_lang)


def _unknown(config: Mapping[str, Any]) -> str:
    """Return what is said of a checkpoint that no profile knows."""
    if config.get("model_type") == "m2m_100":
        return "tokenizer_config.json does not say whether this is NLLB or M2M100; set 'profile'"
    return (
        f"model type '{config.get('model_type')}' is no family of translation models; set 'profile' if it follows one"
    )


def _load_tokenizer(folder: Path, family: Codes) -> Any:
    try:
        from transformers import AutoTokenizer, PreTrainedTokenizerFast
    except ImportError:
        raise MissingExtraError("running models", "mt") from None
    try:
        if family == "madlad" or (family == "t5" and (folder / "tokenizer.json").exists()):
            # T5Tokenizer drops byte fallback and turns what it does not know into the end of the sentence.
            return PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
        with warnings.catch_warnings():
            # Marian advises it to normalise punctuation; our texts are mended by hygiene, where the config asks.
            warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
            return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        need = "tokenizer.json" if family == "madlad" else "the tokenizer's files"
        raise InputError(f"the tokenizer cannot be opened ({error}); the folder needs {need}", folder) from None


def _code(family: Codes, lang: str, folder: Path, which: str) -> str:
    """Return the model's code of a language; ``lang`` may be one already."""
    found = candidates(family, lang)
    if found:
        return found[0]
    if "_" in lang or family != "nllb":
        return lang
    raise InputError(f"no {family} code is known for '{lang}'; set '{which}_code', as kaz_Cyrl", folder)


def _token_id(tokenizer: Any, token: str, folder: Path, config: dict[str, Any]) -> int:
    """Return the id of a language's token; raises ``InputError`` unless it is surely that token's."""
    number = tokenizer.convert_tokens_to_ids(token)
    if number is None or number == tokenizer.unk_token_id or tokenizer.convert_ids_to_tokens(number) != token:
        raise InputError(
            f"the tokenizer does not know the language token {token}; the model would translate into a random "
            "language. Take the checkpoint with all its tokenizer files, or another code",
            folder,
        )
    size = config.get("vocab_size", number + 1)
    if number >= size:
        raise InputError(f"the language token {token} has id {number}, beyond the model's {size}", folder)
    if tokenizer.tokenize(token) != [token]:
        raise InputError(f"the language token {token} is cut into pieces by the tokenizer", folder)
    return int(number)


def _nllb(tokenizer: Any, folder: Path, config: dict[str, Any], source: str, target: str) -> Codec:
    source, target = _code("nllb", source, folder, "source"), _code("nllb", target, folder, "target")
    first, forced = (_token_id(tokenizer, code, folder, config) for code in (source, target))
    for code, expected in _NLLB_IDS.items():
        if config.get("vocab_size") == _NLLB_VOCABULARY and tokenizer.convert_tokens_to_ids(code) != expected:
            raise InputError(
                f"{code} has id {tokenizer.convert_tokens_to_ids(code)}, in NLLB-200 it is {expected}; the tokenizer's "
                "files are not those of the model",
                folder,
            )
    tokenizer.src_lang = source
    return _checked(Codec("nllb", tokenizer, config, (), forced), first, folder)


def _m2m100(tokenizer: Any, folder: Path, config: dict[str, Any], source: str, target: str) -> Codec:
    codes = [_code("m2m100", source, folder, "source"), _code("m2m100", target, folder, "target")]
    first, forced = (_token_id(tokenizer, f"__{code}__", folder, config) for code in codes)
    if forced not in tokenizer.all_special_ids:
        raise InputError(
            f"__{codes[1]}__ is not registered as a special token and would stand in every translation", folder
        )
    tokenizer.src_lang = codes[0]
    return _checked(Codec("m2m100", tokenizer, config, (), forced), first, folder)


def _madlad(tokenizer: Any, folder: Path, config: dict[str, Any], target: str) -> Codec:
    token = f"<2{_code('madlad', target, folder, 'target')}>"
    if not any(one.startswith("<2") for one in tokenizer.get_vocab()):
        raise InputError(
            "the T5 has no tokens of languages; 'profile: t5' takes it as a model of one direction", folder
        )
    prefix = _token_id(tokenizer, token, folder, config)
    return _checked(Codec("madlad", tokenizer, config, (prefix,), None), prefix, folder)


def _marian(tokenizer: Any, folder: Path, config: dict[str, Any], code: str | None, lang: str) -> Codec:
    """A model of one pair has no codes; one of many targets has ``>>code<<``, which must be named."""
    known = sorted(token for token in tokenizer.get_vocab() if token.startswith(">>") and token.endswith("<<"))
    if not known:
        if code is not None:
            raise InputError(f"the model has one target language and no codes; leave out target_code '{code}'", folder)
        return _checked(Codec("marian", tokenizer, config, (), None), None, folder)
    wanted = [f">>{name}<<" for name in ([code] if code else candidates("marian", lang))]
    token = next((token for token in wanted if token in known), None)
    if token is None:
        raise InputError(f"the model knows none of {', '.join(wanted)}; set 'target_code', as {known[0]}", folder)
    number = tokenizer.convert_tokens_to_ids(token)
    if number >= config.get("vocab_size", number + 1):
        raise InputError(f"the language token {token} has id {number}, beyond the model's vocabulary", folder)
    return _checked(Codec("marian", tokenizer, config, (number,), None), number, folder)


def _mbart50(tokenizer: Any, folder: Path, config: dict[str, Any], source: str, target: str) -> Codec:
    codes = [_with_country(tokenizer, lang, folder) for lang in (source, target)]
    first, forced = (_token_id(tokenizer, code, folder, config) for code in codes)
    tokenizer.src_lang = codes[0]
    return _checked(Codec("mbart50", tokenizer, config, (), forced), first, folder)


def _with_country(tokenizer: Any, lang: str, folder: Path) -> str:
    """Return mBART's code of a language, as kk_KZ; ``lang`` may be one already."""
    known: list[str] = [token for token in tokenizer.get_vocab() if re.fullmatch(r"[a-z]{2,3}_[A-Z]{2}", token)]
    code = next((one for one in sorted(known) if one == lang or one.split("_")[0] == primary_subtag(lang)), None)
    if code is None:
        raise InputError(f"the tokenizer has no token of '{lang}', as kk_KZ; take another checkpoint", folder)
    return code


def _seamless(tokenizer: Any, folder: Path, config: dict[str, Any], source: str, target: str) -> Codec:
    codes = [_code("seamless", lang, folder, which) for lang, which in ((source, "source"), (target, "target"))]
    first, forced = (_token_id(tokenizer, f"__{code}__", folder, config) for code in codes)
    tokenizer.src_lang = codes[0]
    return _checked(Codec("seamless", tokenizer, config, (), forced, {"tgt_lang": codes[1]}), first, folder)


def _plain(family: Codes, tokenizer: Any, folder: Path, config: dict[str, Any]) -> Codec:
    """A model of one direction, which is told nothing; T5Gemma's sources have no end token."""
    codec = Codec(family, tokenizer, config, (), None)
    return codec if family == "t5gemma" else _checked(codec, None, folder)


def _checked(codec: Codec, first: int | None, folder: Path) -> Codec:
    """Return the codec if a source comes out as the model expects it: its first token, and one end at the end."""
    ids = codec.encode(["a"])[0]
    end = codec.tokenizer.eos_token_id
    if ids[-1] != end or end in ids[:-1]:
        raise InputError("the tokenizer does not end a source with the end token, and with one alone", folder)
    if first is not None and ids[0] != first:
        raise InputError("the tokenizer does not begin a source with its language token", folder)
    return codec
