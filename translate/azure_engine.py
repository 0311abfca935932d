"""The engine ``azure``: Azure Translator, API v3.

Written from its reference: POST ``translate`` with at most 50,000 characters in 1,000 texts, GET ``languages`` without
a key. Microsoft's own client asks a later version of the API, so it is called as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field

from qosmatin.corpus.errors import EngineError
from qosmatin.corpus.files.secrets import ServerAddress

from .calling import Caller
from .engine import Engine, TranslationRequest
from .services import ServiceSettings, TextService, texts_of
from .settings import Idle

_CHARACTERS, _TEXTS = 50_000, 100
_VERSION = "3.0"


class AzureSettings(ServiceSettings):
    """Azure Translator (API v3), which has Kazakh as ``kk``."""

    engine: Annotated[Literal["azure"], Idle()]
    url: Annotated[ServerAddress, Idle()] = "https://api.cognitive.microsofttranslator.com"
    key_variable: Annotated[str, Idle()] = Field(
        "AZURE_TRANSLATOR_KEY", description="environment variable that holds the key"
    )
    region: Annotated[str | None, Idle()] = Field(None, description="of the resource, where it is not global")
    category: str | None = Field(None, description="of a custom translator")

    service: ClassVar[str] = "azure"

    def languages(self) -> tuple[Collection[str], Collection[str]]:
        """Return the codes of its languages, each of which may be either side."""
        caller = self._caller()
        try:
            answer = caller.once(f"/languages?{urlencode({'api-version': _VERSION, 'scope': 'translation'})}")
        finally:
            caller.close()
        found = answer.body.get("translation") if isinstance(answer.body, dict) else None
        if not isinstance(found, dict):
            raise EngineError(self.service, f"{answer.reason}; see 'url'")
        return list(found), list(found)

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine; raises ``InputError`` without a key."""
        caller = self._caller()
        source, target = self.codes(source_lang, target_lang)
        query = {"api-version": _VERSION, "from": source, "to": target, "textType": "plain"}
        path = f"/translate?{urlencode(query | ({'category': self.category} if self.category else {}))}"

        def ask(requests: Sequence[TranslationRequest]) -> list[str]:
            rows = caller.post(path, [{"Text": request.text} for request in requests]).body
            firsts = [row["translations"][:1] for row in rows if isinstance(row, dict)] if _is_answer(rows) else [[{}]]
            return [text for first in firsts for text in texts_of(self.service, first)]

        return TextService(self, ask, longest=_CHARACTERS, texts=_TEXTS, close=caller.close)

    def _caller(self) -> Caller:
        headers = {"Ocp-Apim-Subscription-Key": self.key()}
        if self.region:
            headers["Ocp-Apim-Subscription-Region"] = self.region
        return Caller(self.service, self.url, headers, self.courtesy(), extra="services")


def _is_answer(rows: object) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, dict) and isinstance(row.get("translations"), list) for row in rows
    )
