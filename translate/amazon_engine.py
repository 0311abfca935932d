"""The engine ``amazon``: Amazon Translate, through boto3, which signs calls and tries busy ones again by itself.

Credentials and region are found as boto3 finds them: in the environment, its config files, or the machine's role.
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

_CHARACTERS, _TEXTS = 4000, 1
"""Of one call: one text of 10,000 bytes, which 4,000 characters of two bytes, and spaces, keep to."""

_AGAIN = ("Throttl", "TooManyRequests", "LimitExceeded", "ServiceUnavailable", "InternalServer", "InternalFailure")
_NOBODY = ("UnrecognizedClient", "AccessDenied", "InvalidSignature", "ExpiredToken", "MissingAuthentication", "OptIn")


class AmazonSettings(ServiceSettings):
    """Amazon Translate, by boto3."""

    engine: Annotated[Literal["amazon"], Idle()]
    url: Annotated[ServerAddress | None, Idle()] = Field(None, description="default: the service's own in the region")
    key_variable: Annotated[str, Idle()] = Field(
        "AWS_ACCESS_KEY_ID", description="not read here: boto3 finds its credentials as it does everywhere"
    )
    region: Annotated[str | None, Idle()] = Field(None, description="default: what boto3 finds")
    parallel: Annotated[int, Idle()] = Field(4, ge=1, description="calls under way at once, each with one sentence")
    terminologies: list[str] = Field(default_factory=list, description="names of terminologies that are kept there")

    service: ClassVar[str] = "amazon"

    def languages(self) -> tuple[Collection[str], Collection[str]]:
        """Return the codes of its languages, each of which may be either side."""
        client = self._client()
        rows: list[str] = []
        more: dict[str, str] = {}
        while True:
            with meanings(_meaning):
                page = client.list_languages(MaxResults=500, **more)
            rows += [row["LanguageCode"] for row in page["Languages"]]
            if not page.get("NextToken"):
                return rows, rows
            more = {"NextToken": page["NextToken"]}

    def open(self, source_lang: str, target_lang: str) -> Engine:
        """Return the engine; raises ``InputError`` where boto3 finds no credentials or region."""
        client, gate = self._client(), Gate(self.per_minute)
        source, target = self.codes(source_lang, target_lang)
        more = {"TerminologyNames": self.terminologies} if self.terminologies else {}

        def ask(requests: Sequence[TranslationRequest]) -> list[str]:
            found = []
            for request in requests:
                gate.wait()
                with meanings(_meaning):
                    answer = client.translate_text(
                        Text=request.text, SourceLanguageCode=source, TargetLanguageCode=target, **more
                    )
                found.append(answer["TranslatedText"])
            return found

        return TextService(self, ask, longest=_CHARACTERS, texts=_TEXTS, close=client.close)

    def _client(self) -> Any:
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise MissingExtraError("engine: amazon", "services") from None
        config = Config(
            retries={"total_max_attempts": self.retries + 1, "mode": "standard"},
            read_timeout=self.timeout,
            connect_timeout=self.timeout,
        )
        with meanings(_meaning):
            return boto3.client("translate", region_name=self.region, endpoint_url=self.url, config=config)


def _meaning(error: Exception) -> Exception | None:
    """Return what an error of boto3 means for a job."""
    from botocore import exceptions

    if isinstance(error, exceptions.NoCredentialsError | exceptions.NoRegionError):
        return InputError(f"engine: amazon: {error}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and 'region'")
    if isinstance(error, exceptions.ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        refuses = not code.startswith((*_AGAIN, *_NOBODY))
        return (RefusedError if refuses else EngineError)(AmazonSettings.service, str(error))
    if isinstance(error, exceptions.BotoCoreError):
        return EngineError(AmazonSettings.service, str(error))
    return None
