"""The settings of a server that speaks the chat-completions protocol: how it is reached, asked and paid."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from qosmatin.corpus.files.secrets import Headers, ServerAddress

from .own_prompts import check_own
from .profiles import HOUSE, Chosen, ProfileName, profiles
from .settings import RETRIED, Idle, PromptedSettings, Retried, Settings, WhenSet


class ServerRetry(Settings):
    """A second try, at another temperature, for sentences whose translation has one of these flags."""

    when: list[Retried] = Field(RETRIED, min_length=1, description="flags; see docs/translation.md")
    temperature: float = Field(0.7, ge=0, description="of the second try")


class Prices(Settings):
    """What a server charges for a million tokens, in one currency."""

    per_million_in: float = Field(0.0, ge=0)
    per_million_out: float = Field(0.0, ge=0)


class BatchSettings(Settings):
    """How sentences go through the server's Batch API, at a lower price, within a day."""

    calls: int = Field(5000, ge=1, le=50_000, description="calls in a batch, at most")
    poll: float = Field(30.0, gt=0, description="seconds between two looks at a batch")
    wait: float | None = Field(
        None,
        ge=0,
        description="hours that a run waits for its batches, before it stops with status 3 and leaves them to the next;"
        " default: until they end, which is a day at most",
    )
    price: float = Field(0.5, ge=0, description="the share of 'prices' that a batch costs")


class ServerSettings(PromptedSettings):
    """A server, a model of it, and what it wants to be told."""

    model: Annotated[str, Idle()] = Field(description="the server's name of the model")
    url: Annotated[ServerAddress, Idle()] = Field(
        "http://localhost:8000/v1", description="address of the API, up to /v1"
    )
    api: Annotated[Literal["chat", "responses"], WhenSet()] = Field(
        "chat", description="chat: chat completions; responses: the Responses API, which some models want"
    )
    key_variable: Annotated[str, Idle()] = Field(
        "OPENAI_API_KEY", description="environment variable that holds the key, if one is needed"
    )
    # Named in the spec as what it is, with a hash of what it says.
    profile: Annotated[ProfileName | None, Idle()] = Field(
        None,
        description="a model with a prompt of its own, by a name of docs/translation.md; default: the house prompt",
    )
    temperature: float | None = Field(0.0, ge=0, description="null: the server's own")
    retry: Annotated[ServerRetry | None, Idle()] = Field(
        None, description="a second try for flagged translations; the better one stands"
    )
    max_tokens: int = Field(4096, ge=1, description="bound of one reply")
    max_completion_tokens: Annotated[int | None, WhenSet()] = Field(
        None,
        ge=1,
        description="the bound by the name that newer models want, in place of max_tokens",
    )
    reasoning_effort: Annotated[str | None, WhenSet()] = Field(
        None, description="how much a model thinks before it replies, in the server's words: none, minimal, low, high"
    )
    extra_body: Annotated[dict[str, Any], WhenSet()] = Field(
        default_factory=dict, description="more fields of each call, as {top_k: 1}; they stand above ours"
    )
    extra_headers: Annotated[Headers, Idle()] = Field(
        default_factory=dict, description="more headers; $NAME is the value of that environment variable"
    )
    structured: bool = Field(True, description="ask for JSON by schema; false for servers that refuse response_format")
    batch: Annotated[bool | BatchSettings, Idle()] = Field(
        False,
        description="true: by the server's Batch API, 'parallel' batches at once; {wait: 0} and the like set more",
    )
    sentences: Annotated[int, Idle()] = Field(8, ge=1, le=100, description="sentences in one call")
    parallel: Annotated[int, Idle()] = Field(4, ge=1, description="calls under way at once")
    per_minute: Annotated[int | None, Idle()] = Field(None, ge=1, description="calls a minute, at most")
    retries: Annotated[int, Idle()] = Field(
        6, ge=0, description="further tries of a call that failed, with growing pauses"
    )
    timeout: Annotated[float, Idle()] = Field(120.0, gt=0, description="seconds for a whole reply")
    prices: Annotated[Prices, Idle()] = Prices()
    budget: Annotated[float | None, Idle()] = Field(
        None, gt=0, description="cost at which a run stops cleanly, in the prices' currency"
    )

    asks_server: ClassVar[bool] = True

    @model_validator(mode="after")
    def _retries_otherwise(self) -> Self:
        if self.retry is not None and self.retry.temperature == self.temperature:
            raise ValueError("retry.temperature is that of the first try")
        return self

    @model_validator(mode="after")
    def _windows_can_wait(self) -> Self:
        windows = self.windows()
        if windows is not None and windows.translations and self.batch:
            raise ValueError("context.translations: each window waits for the one before; leave it or 'batch' out")
        return self

    @model_validator(mode="after")
    def _profile_can_be_served(self) -> Self:
        one = self.chosen().profile
        if one.kind != "chat" or not one.asks.chat:
            raise ValueError(f"profile {one.name} is of models that do not chat; run it by engine: transformers")
        # A sentence at a time is what it takes; 'sentences' is then of no account.
        check_own(self, 1, one)
        return self

    @property
    def batching(self) -> BatchSettings | None:
        """How batches are made, None where each call is made at once."""
        return BatchSettings() if self.batch is True else self.batch or None

    def at_once(self) -> Self:
        """Return the settings without batches."""
        return self.model_copy(update={"batch": False})

    def chosen(self) -> Chosen:
        """Return the profile of the model: that which the config sets, as nobody knows what a server runs."""
        return Chosen(profiles()[self.profile or HOUSE], self.profile)

    def plan(self) -> str:
        """Say in a line how the model is asked."""
        return self.chosen().plan() if self.profile else ""

    def retried(self) -> list[Retried]:
        """Return the flags that call for a second try; none where none is asked for."""
        return self.retry.when if self.retry else []

    def second(self, spent: float) -> Self:
        """Return the settings with the temperature of the second try, and what is left of the budget."""
        if self.retry is None:
            return self
        left = None if self.budget is None else max(self.budget - spent, 0.0)
        return self.model_copy(update={"temperature": self.retry.temperature, "budget": left})
