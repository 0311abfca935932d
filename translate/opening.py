"""Opening the engine that a config names."""

from __future__ import annotations

from .ctranslate2_engine import CTranslate2Engine, ctranslate2_spec
from .jobs import LazyEngine
from .openai_engine import OpenAIEngine, openai_spec
from .protection import ProtectingEngine
from .settings import CTranslate2Settings, MachineSettings, OpenAISettings, TransformersSettings
from .transformers_engine import TransformersEngine, transformers_spec


def open_engine(settings: MachineSettings, source_lang: str, target_lang: str) -> LazyEngine:
    """Return the engine for a pair of languages, its spec known and its model not yet loaded.

    Raises ``InputError`` when the model is not here, ``MissingExtraError`` when its library is not.
    """
    plain = _open_plain(settings, source_lang, target_lang)
    return (
        LazyEngine(plain.spec, lambda: ProtectingEngine(plain.get(), settings.protect)) if settings.protect else plain
    )


def _open_plain(settings: MachineSettings, source_lang: str, target_lang: str) -> LazyEngine:
    """Return the engine itself."""
    if isinstance(settings, TransformersSettings):
        spec = transformers_spec(settings, source_lang, target_lang)
        return LazyEngine(spec, lambda: TransformersEngine(settings, source_lang, target_lang))
    if isinstance(settings, CTranslate2Settings):
        spec = ctranslate2_spec(settings, source_lang, target_lang)
        return LazyEngine(spec, lambda: CTranslate2Engine(settings, source_lang, target_lang))
    if isinstance(settings, OpenAISettings):
        return LazyEngine(
            openai_spec(settings, source_lang, target_lang), lambda: OpenAIEngine(settings, source_lang, target_lang)
        )
    raise TypeError(f"no engine has the settings {type(settings).__name__}")
