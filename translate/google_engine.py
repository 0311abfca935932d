"""The engine ``google``: Google Cloud Translation v3, through its own client.

Credentials are found as the client finds them: ``GOOGLE_APPLICATION_CREDENTIALS`` names a service account's file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from qosmatin.corpus.errors import EngineError, InputError, MissingExtraError
from qosmatin.corpus.files.secrets import ServerAddress

from .engine import Engine, RefusedError, TranslationRequest
from .pausing import Gate
from .services import ServiceSettings, TextService, meanings
from .settings import Idle

_CHARACTERS, _TEXTS = 5_000, 100
"""Of one call: 30,000 code points are allowed and 5,000 are advised, in 1,024 texts."""


class GoogleSettings(ServiceSettings):
    """Google Cloud Translation (v3), by its own client."""

    engine: Annotated[Literal["google"], Idle()]
    project: Annotated[str, Idle()] = Field(description="the cloud project that pays")
    location: Annotated[str, Idle()] = Field("global", description="a region where model or glossary has one")
    url: Annotated[ServerAddress | None, Idle()] = Field(None, description="default: the service's own")
    key_variable: Annotated[str, Idle()] = Field(
        "GOOGLE_APPLICATION_CREDENTIALS", description="not read here: the client finds its credentials by it"
    )
    model: str | None = Field(None, description="general/nmt, general/translation-llm, or one of your own")
    glossary_id: str | None = Field(None, description="of a glossary that is kept there")

    service: ClassVar[str] = "google"

    @property
    def parent(self) -> str:
        """The place in the cloud that is asked."""
        return f"projects/{self.project}/locations/{self.location}"

    def languages(self) -> tuple[Collection[str], Collection[str]]:
        """Return the codes of its source and target languages."""
        client = self._client()
        with meanings(_meaning):
            rows = client.get_supported_languages(parent=self.parent, timeout=self.timeout).languages
        return (
            [row.language_code for row in rows if row.support_source],
            [row.language_code for row in rows if row.support_target],
        )

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine; raises ``InputError`` where the client finds no credentials."""
        client, gate = self._client(), Gate(self.per_minute)
        source, target = self.codes(source_lang, target_lang)
        plain: dict[str, Any] = {
            "parent": self.parent,
            "mime_type": "text/plain",
            "source_language_code": source,
            "target_language_code": target,
        }
        if self.model:
            plain["model"] = f"{self.parent}/models/{self.model}"
        if self.glossary_id:
            plain["glossary_config"] = {"glossary": f"{self.parent}/glossaries/{self.glossary_id}"}

        def ask(requests: Sequence[TranslationRequest]) -> list[str]:
            gate.wait()
            with meanings(_meaning):
                answer = client.translate_text(
                    request={**plain, "contents": [request.text for request in requests]},
                    timeout=self.timeout,
                    retry=self._tries(),
                )
            rows = answer.glossary_translations if self.glossary_id else answer.translations
            return [row.translated_text for row in rows]

        return TextService(self, ask, longest=_CHARACTERS, texts=_TEXTS, close=client.transport.close)

    def _tries(self) -> Any:
        from google.api_core import exceptions, retry

        busy = retry.if_exception_type(exceptions.TooManyRequests, exceptions.ServerError)
        # The client bounds its tries by time, not by number.
        return retry.Retry(predicate=busy, initial=0.5, maximum=60.0, timeout=2.0 ** min(self.retries, 10))

    def _client(self) -> Any:
        try:
            from google.auth.exceptions import DefaultCredentialsError
            from google.cloud.translate_v3 import TranslationServiceClient
            from google.cloud.translate_v3.services.translation_service.transports import (
                TranslationServiceRestTransport,
            )
        except ImportError:
            raise MissingExtraError("engine: google", "services") from None
        scheme, _, host = (self.url or "https://translate.googleapis.com").rpartition("://")
        try:
            return TranslationServiceClient(
                transport=TranslationServiceRestTransport(host=host, url_scheme=scheme or "https")
            )
        except DefaultCredentialsError as error:
            raise InputError(f"engine: google: {' '.join(str(error).split())}") from None


def _meaning(error: Exception) -> Exception | None:
    """Return what an error of the client means for a job."""
    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError

    if isinstance(error, exceptions.BadRequest):
        return RefusedError(GoogleSettings.service, str(error))
    if isinstance(error, exceptions.GoogleAPIError | GoogleAuthError | OSError):
        return EngineError(GoogleSettings.service, " ".join(str(error).split()))
    return None
