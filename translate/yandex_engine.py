"""The engine ``yandex``: Yandex Translate, API v2.

Written from its reference: POST ``translate`` with at most 10,000 characters of texts and 50 pairs of a glossary,
POST ``languages``; a key of a service account, or an IAM token.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from qosmatin.corpus.files.secrets import ServerAddress

from .calling import Caller
from .engine import Engine, TranslationRequest
from .services import ServiceSettings, TextService, terms_of, texts_of
from .settings import Idle

_CHARACTERS, _TEXTS, _TERMS = 10_000, 100, 50


class YandexSettings(ServiceSettings):
    """Yandex Translate (API v2), which lists Kazakh."""

    engine: Annotated[Literal["yandex"], Idle()]
    url: Annotated[ServerAddress, Idle()] = "https://translate.api.cloud.yandex.net/translate/v2"
    key_variable: Annotated[str, Idle()] = Field(
        "YANDEX_API_KEY", description="environment variable that holds the API key, or an IAM token (t1....)"
    )
    folder: Annotated[str | None, Idle()] = Field(None, description="id of the cloud's folder, for a user's IAM token")
    glossary: Annotated[dict[str, str], Idle()] = Field(
        default_factory=dict, description="terms to obey: source to target"
    )  # in each request, as far as it concerns it

    service: ClassVar[str] = "yandex"

    def context_and_glossary(self) -> tuple[int, dict[str, str]]:
        """Return the terms; the service is told no context."""
        return 0, self.glossary

    def languages(self) -> tuple[Collection[str], Collection[str]]:
        """Return the codes of its languages, each of which may be either side."""
        caller = self._caller()
        try:
            body = caller.post("/languages", self._folder()).body
        finally:
            caller.close()
        codes = texts_of(self.service, body.get("languages") if isinstance(body, dict) else None, "code")
        return codes, codes

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine; raises ``InputError`` without a key."""
        caller = self._caller()
        source, target = self.codes(source_lang, target_lang)

        def ask(requests: Sequence[TranslationRequest]) -> list[str]:
            terms = list(terms_of(requests).items())[:_TERMS]
            pairs = [{"sourceText": one, "translatedText": other} for one, other in terms]
            body: dict[str, Any] = {
                "sourceLanguageCode": source,
                "targetLanguageCode": target,
                "format": "PLAIN_TEXT",
                "texts": [request.text for request in requests],
                **self._folder(),
                **({"glossaryConfig": {"glossaryData": {"glossaryPairs": pairs}}} if pairs else {}),
            }
            answer = caller.post("/translate", body)
            return texts_of(self.service, answer.body.get("translations") if isinstance(answer.body, dict) else None)

        return TextService(self, ask, longest=_CHARACTERS, texts=_TEXTS, close=caller.close)

    def _folder(self) -> dict[str, str]:
        return {"folderId": self.folder} if self.folder else {}

    def _caller(self) -> Caller:
        key = self.key()
        kind = "Bearer" if key.startswith("t1.") else "Api-Key"
        return Caller(self.service, self.url, {"Authorization": f"{kind} {key}"}, self.courtesy(), extra="services")
