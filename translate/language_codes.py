"""The codes by which models name languages, from BCP 47 codes.

Each family has its own: FLORES-200 codes for NLLB (language and script: ``kaz_Cyrl``), ISO 639-1 for M2M100 and
MADLAD-400, and for Marian what its makers chose (ISO 639-3, some with a script). Any other is set in the config, as
``source_code`` and ``target_code``.
"""

from __future__ import annotations

from babel import Locale

from qosmatin.corpus.languages import is_same_language, primary_subtag

FLORES_CODES = {
    "ar": "arb_Arab",
    "az": "azj_Latn",
    "ba": "bak_Cyrl",
    "be": "bel_Cyrl",
    "cs": "ces_Latn",
    "de": "deu_Latn",
    "en": "eng_Latn",
    "es": "spa_Latn",
    "fa": "pes_Arab",
    "fr": "fra_Latn",
    "hi": "hin_Deva",
    "it": "ita_Latn",
    "ja": "jpn_Jpan",
    "ka": "kat_Geor",
    "kk": "kaz_Cyrl",
    "ko": "kor_Hang",
    "ky": "kir_Cyrl",
    "mn": "khk_Cyrl",
    "nl": "nld_Latn",
    "pl": "pol_Latn",
    "pt": "por_Latn",
    "ru": "rus_Cyrl",
    "tg": "tgk_Cyrl",
    "tk": "tuk_Latn",
    "tr": "tur_Latn",
    "tt": "tat_Cyrl",
    "ug": "uig_Arab",
    "uk": "ukr_Cyrl",
    "uz": "uzn_Latn",
    "zh": "zho_Hans",
}
"""FLORES-200 codes (NLLB Team 2022, appendix) of Kazakh, its neighbours and the languages most translated."""


def flores_code(lang: str) -> str | None:
    """Return the FLORES-200 code of a BCP 47 code, whatever its region; None for another script than its usual one."""
    main = primary_subtag(lang)
    return FLORES_CODES.get(main) if is_same_language(lang, main) else None


def english_name(lang: str) -> str:
    """Return the English name of a language, as prompts have it."""
    return name_in("en", lang)


def name_in(language: str, lang: str) -> str:
    """Return the name of a language in another one."""
    return Locale.parse(lang.replace("-", "_")).get_display_name(language) or lang


def candidates(family: str, lang: str) -> list[str]:
    """Return the codes that a model of that family may have for a language, likeliest first."""
    short, long = primary_subtag(lang), flores_code(lang)
    if family == "nllb":
        return [long] if long else []
    if family == "seamless":
        return [long.split("_")[0]] if long else []
    if family in ("m2m100", "madlad"):
        return [short]
    return [*([long.split("_")[0], long] if long else []), short]
