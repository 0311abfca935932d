"""Chat completions: a call's body, and what a model said, whether it was cut, or why it said nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .prompt import SCHEMA, FinalReplyError, ReplyError
from .server_settings import ServerSettings

PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said; ``cut`` says that it had more to say."""

    text: str
    cut: bool


def completion_body(settings: ServerSettings, chat: Sequence[Any], structured: bool) -> dict[str, Any]:
    """Return the body of a call; ``structured`` asks for JSON by our schema."""
    body: dict[str, Any] = {"model": settings.model, "messages": list(chat)}
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    if settings.max_completion_tokens is None:
        body["max_tokens"] = settings.max_tokens
    else:
        body["max_completion_tokens"] = settings.max_completion_tokens
    if settings.reasoning_effort is not None:
        body["reasoning_effort"] = settings.reasoning_effort
    if structured:
        schema = {"name": "translations", "schema": SCHEMA, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def read_completion(body: Any) -> Completion:
    """Return the completion in a server's answer.

    Raises ``ReplyError`` where there is none, ``FinalReplyError`` where the model or a filter refused.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise ReplyError("the reply is no chat completion")
    finish, refusal = choice.get("finish_reason"), message.get("refusal")
    text = _text(message.get("content"))
    if isinstance(refusal, str) and refusal:
        raise FinalReplyError(f"the model refuses: {refusal}")
    if finish == "content_filter":
        raise FinalReplyError("the server's content filter stopped the reply (finish_reason: content_filter)")
    if text:
        return Completion(text, finish == "length")
    if finish == "length":
        raise FinalReplyError("the reply came to its bound of tokens before it said anything (finish_reason: length)")
    raise ReplyError(f"the reply is empty (finish_reason: {finish})")


def read_usage(body: Any) -> tuple[int, int]:
    """Return the tokens that a completion took, in and out; 0 where the server does not say."""
    return counted(body, "prompt_tokens", "completion_tokens")


def counted(body: Any, name_in: str, name_out: str) -> tuple[int, int]:
    """Return the two counts of a body's usage, by their names."""
    usage = body.get("usage") if isinstance(body, dict) else None
    found = [usage.get(name) if isinstance(usage, dict) else 0 for name in (name_in, name_out)]
    tokens_in, tokens_out = (one if isinstance(one, int) else 0 for one in found)
    return tokens_in, tokens_out


def _text(content: Any) -> str:
    """Return the text of a message's content, which may be a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
