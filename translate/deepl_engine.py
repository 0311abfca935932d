"""The engine ``deepl``: DeepL, through its own client, which tries busy calls again by itself.

Whether it has Kazakh is not sure: its languages are asked before anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from qosmatin.corpus.errors import EngineError, MissingExtraError, StoppedError

from .engine import Engine, RefusedError, TranslationRequest
from .pausing import Gate
from .services import ServiceSettings, TextService
from .settings import Idle

_CHARACTERS, _TEXTS = 30_000, 50
"""Of one call: 50 texts and 128 KiB, which 30,000 characters keep to in any script."""


class DeepLSettings(ServiceSettings):
    """DeepL, by its own client."""

    engine: Annotated[Literal["deepl"], Idle()]
    url: Annotated[str | None, Idle()] = Field(None, description="default: that of the key's plan")
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
        with _Meanings(self):
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
            with _Meanings(self):
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


class _Meanings:
    """Turns what the client raises into what it means for a job."""

    def __init__(self, settings: DeepLSettings) -> None:
        self._service = settings.service

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        import deepl

        if isinstance(error, deepl.QuotaExceededException):
            raise StoppedError(
                f"deepl: {error}; the account has nothing left. What was answered is kept: run the same command again "
                "when it has"
            ) from None
        if isinstance(error, deepl.AuthorizationException | deepl.TooManyRequestsException | deepl.ConnectionException):
            raise EngineError(self._service, f"{error}") from None
        if isinstance(error, deepl.DeepLException):
            status = error.http_status_code
            known = status is not None and 400 <= status < 500 and status != 404
            raise (RefusedError if known else EngineError)(self._service, str(error)) from None
