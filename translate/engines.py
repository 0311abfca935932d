"""Which engines there are: those that are built in, and those that other packages add.

A package adds one by an entry point of the group ``qosmatin.engines`` that is a subclass of ``MachineSettings``, under
the name that its field ``engine`` has as a literal.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

from qosmatin.corpus.plugins import Plugins, load_plugins

from .amazon_engine import AmazonSettings
from .azure_engine import AzureSettings
from .command_engine import CommandSettings
from .ctranslate2_engine import CTranslate2Settings
from .deepl_engine import DeepLSettings
from .google_engine import GoogleSettings
from .openai_engine import OpenAISettings
from .settings import MachineSettings
from .transformers_engine import TransformersSettings
from .vllm_engine import VllmSettings
from .yandex_engine import YandexSettings

BUILT_IN: dict[str, type[MachineSettings]] = {
    "transformers": TransformersSettings,
    "vllm": VllmSettings,
    "ctranslate2": CTranslate2Settings,
    "openai": OpenAISettings,
    "command": CommandSettings,
    "yandex": YandexSettings,
    "azure": AzureSettings,
    "deepl": DeepLSettings,
    "google": GoogleSettings,
    "amazon": AmazonSettings,
}
"""The settings of each engine, by the name that a config gives it."""

GROUP = "qosmatin.engines"


def find_engines(reserved: Collection[str]) -> Plugins[type[MachineSettings]]:
    """Return the engines that there are by name; a package can add none whose name is among ``reserved``."""
    added = load_plugins(GROUP, _fault, [*BUILT_IN, *reserved])
    return Plugins(GROUP, BUILT_IN | added.things, added.faults)


def _fault(name: str, thing: Any) -> str | None:
    if not (isinstance(thing, type) and issubclass(thing, MachineSettings)):
        return "is no subclass of qosmatin.translate.settings.MachineSettings"
    if get_args(thing.model_fields["engine"].annotation) != (name,):
        return f"must have 'engine: Literal[\"{name}\"]'"
    return None
