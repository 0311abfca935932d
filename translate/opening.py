"""Opening the engine that a config names."""

from __future__ import annotations

from .jobs import LazyEngine
from .settings import MachineSettings, TransformersSettings
from .transformers_engine import TransformersEngine, transformers_spec


def open_engine(settings: MachineSettings, source_lang: str, target_lang: str) -> LazyEngine:
    """Return the engine for a pair of languages, its spec known and its model not yet loaded.

    Raises ``InputError`` when the model is not here, ``MissingExtraError`` when its library is not.
    """
    if isinstance(settings, TransformersSettings):
        spec = transformers_spec(settings, source_lang, target_lang)
        return LazyEngine(spec, lambda: TransformersEngine(settings, source_lang, target_lang))
    raise TypeError(f"no engine has the settings {type(settings).__name__}")
