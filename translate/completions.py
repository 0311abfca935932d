"""Reading chat completions: what a model said, whether it was cut, and what it says where it said nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .prompt import FinalReplyError, ReplyError


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said; ``cut`` says that it had more to say."""

    text: str
    cut: bool


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
    usage = body.get("usage") if isinstance(body, dict) else None
    found = [usage.get(name) if isinstance(usage, dict) else 0 for name in ("prompt_tokens", "completion_tokens")]
    tokens_in, tokens_out = (one if isinstance(one, int) else 0 for one in found)
    return tokens_in, tokens_out


def _text(content: Any) -> str:
    """Return the text of a message's content, which may be a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
