"""The engine ``deepl``: DeepL, through its own client, which tries busy calls again by itself.

Whether it has Kazakh is not sure: its languages are asked before anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from qosmatin.corpus.errors import EngineError, MissingExtraError, StoppedError
from qosmatin.corpus.files.secrets import ServerAddress

from .engine import Engine, RefusedError, TranslationRequest
from .pausing import Gate
from .services import ServiceSettings, TextService, meanings
from .settings import Idle

_CHARACTERS, _TEXTS = 30_000, 50
"""Of one call: 50 texts and 128 KiB, which 30,000 characters keep to in any script."""


class DeepLSettings(ServiceSettings):
    """DeepL, by its own client."""

    engine: Annotated[Literal["deepl"], Idle()]
    url: Annotated[ServerAddress | None, Idle()] = Field(None, description="default: that of the key's plan")
    key_variable: Annotated[str, Idle()] = Field("DEEPL_AUTH_KEY", description="environment variable with the key")
    model: str | None = Field(None, description="quality_optimized, prefer_quality_optimized or latency_optimized")
    formality: str | None = Field(None, description="more, less, prefer_more or prefer_less")
    glossary_id: str | None = Field(None, description="of a glossary that is kept there")

    service: ClassVar[str] = "deepl"

    def codes(self, source_lang: str, target_lang: str) -> tuple[str, str]:
        """Return DeepL's codes: a source without region, English and Portuguese as targets with one."""
        plain = {"en": "EN-US", "pt": "PT-BR"}
        source = self.source_code or source_lang.split("-", maxsplit=1)[0]
        return source.upper(), (self.target_code or plain.get(target_lang, target_lang)).upper()

    def languages(self) -> tuple[Collection[str], Collection[str]]:
        """Return the codes of its source and target languages."""
        client = self._client()
        with meanings(_meaning):
            sources, targets = client.get_source_languages(), client.get_target_languages()
        return [one.code for one in sources], [one.code for one in targets]

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine, after its languages were asked; raises ``InputError`` where these are none of them."""
        self.check(source_lang, target_lang)
        client, gate = self._client(), Gate(self.per_minute)
        source, target = self.codes(source_lang, target_lang)
        more: dict[str, Any] = {"model_type": self.model, "formality": self.formality, "glossary": self.glossary_id}
        options = {name: value for name, value in more.items() if value is not None}

        def ask(requests: Sequence[TranslationRequest]) -> list[str]:
            gate.wait()
            with meanings(_meaning):
                found = client.translate_text(
                    [request.text for request in requests],
                    source_lang=source,
                    target_lang=target,
                    split_sentences="0",
                    **options,
                )
            return [one.text for one in found]

        return TextService(self, ask, longest=_CHARACTERS, texts=_TEXTS, close=client.close)

    def _client(self) -> Any:
        try:
            import deepl
        except ImportError:
            raise MissingExtraError("engine: deepl", "services") from None
        return deepl.DeepLClient(self.key(), server_url=self.url)


def _meaning(error: Exception) -> Exception | None:
    """Return what an error of the client means for a job."""
    import deepl

    service = DeepLSettings.service
    if isinstance(error, deepl.QuotaExceededException):
        return StoppedError(
            f"deepl: {error}; the account has nothing left. What was answered is kept: run the same command again when "
            "it has"
        )
    if isinstance(error, deepl.AuthorizationException | deepl.TooManyRequestsException | deepl.ConnectionException):
        return EngineError(service, f"{error}")
    if isinstance(error, deepl.DeepLException):
        status = error.http_status_code
        known = status is not None and 400 <= status < 500 and status != 404
        return (RefusedError if known else EngineError)(service, str(error))
    return None
