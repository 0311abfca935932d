"""The engine ``openai``: any server that speaks the chat-completions protocol.

Its settings are in ``server_settings``; what it does is in ``chat_server``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from .chat_server import NAME, ChatServer, check_server
from .engine import Engine, EngineSpec
from .prompt import VERSION
from .server_settings import Prices, ServerRetry, ServerSettings
from .settings import Idle

__all__ = ["OpenAISettings", "Prices", "ServerRetry"]


class OpenAISettings(ServerSettings):
    """A server that speaks the chat-completions protocol: vLLM, Ollama, llama.cpp, or a provider."""

    engine: Annotated[Literal["openai"], Idle()]

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        """Return the spec: of the weights behind a server nothing is known but its name of them."""
        langs = {"source_lang": source_lang, "target_lang": target_lang}
        answering = self.answering() | langs | {"prompt": VERSION} | self.chosen().identity()
        return EngineSpec(NAME, self.model, None, None, answering)

    def check(self, source_lang: str, target_lang: str) -> None:
        """Ask the server which models it has; raises ``EngineError`` where it is not there, or this is none of them."""
        self.chosen().profile.check_languages(source_lang, target_lang)
        check_server(self)

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine; the server is not asked yet."""
        return ChatServer(self, source_lang, target_lang)
