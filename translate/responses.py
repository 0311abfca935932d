"""The Responses API: a call's body, and what a model said, whether it was cut, or why it said nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .completions import Completion, counted
from .prompt import SCHEMA, FinalReplyError, ReplyError
from .server_settings import ServerSettings

PATH = "/responses"


def response_body(settings: ServerSettings, chat: Sequence[Any], structured: bool) -> dict[str, Any]:
    """Return the body of a call; ``structured`` asks for JSON by our schema. Nothing is to be stored there."""
    bound = settings.max_completion_tokens or settings.max_tokens
    body: dict[str, Any] = {"model": settings.model, "input": list(chat), "max_output_tokens": bound, "store": False}
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    if settings.reasoning_effort is not None:
        body["reasoning"] = {"effort": settings.reasoning_effort}
    if structured:
        schema = {"type": "json_schema", "name": "translations", "schema": SCHEMA, "strict": True}
        body["text"] = {"format": schema}
    return body


def read_response(body: Any) -> Completion:
    """Return what a model said in a server's answer; what it thought is no part of it.

    Raises ``ReplyError`` where it said nothing, ``FinalReplyError`` where the model or a filter refused.
    """
    if not isinstance(body, dict) or not isinstance(body.get("output"), list):
        raise ReplyError("the reply is no response")
    details = body.get("incomplete_details")
    why = details.get("reason") if isinstance(details, dict) else None
    said = ""
    for part in _parts(body["output"]):
        if part.get("type") == "refusal":
            raise FinalReplyError(f"the model refuses: {part.get('refusal')}")
        if part.get("type") == "output_text" and isinstance(part.get("text"), str):
            said += part["text"]
    if why == "content_filter":
        raise FinalReplyError("the server's content filter stopped the reply (incomplete: content_filter)")
    if said:
        return Completion(said, why is not None)
    if why is not None:
        raise FinalReplyError(f"the reply ended before it said anything (incomplete: {why})")
    raise ReplyError(f"the reply is empty (status: {body.get('status')})")


def read_response_usage(body: Any) -> tuple[int, int]:
    """Return the tokens that a response took, in and out; 0 where the server does not say."""
    return counted(body, "input_tokens", "output_tokens")


def _parts(output: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of the messages in an output."""
    for item in output:
        if isinstance(item, dict) and item.get("type") == "message":
            content = item.get("content")
            yield from (part for part in (content if isinstance(content, list) else []) if isinstance(part, dict))
