"""What a language model is asked, and how its reply is read: N sentences in, N translations out, or an error."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from babel import Locale

from .engine import TranslationRequest

VERSION = 1
"""Rises when the wording below changes; it is part of the engine's spec."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "translations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
                "required": ["id", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["translations"],
    "additionalProperties": False,
}
"""The JSON Schema of a reply."""

_SYSTEM = (
    "You translate from {source} into {target}. You are given JSON with numbered sentences. Translate each sentence "
    "fully and faithfully, one by one: never join, split, skip, explain or answer them. Keep numbers, addresses, tags "
    "and placeholders as they are. 'before' holds what precedes a sentence in its document: use it to understand, do "
    "not translate it. 'terms' must be translated as given. Reply with JSON alone, of the form "
    '{{"translations": [{{"id": 1, "text": "..."}}]}}, with every id that you were given, once.'
)
REPLY_BEGINNING = '{"translations": [{"id": 1, "text":'
"""How every reply begins: a model that runs here need not be asked for it, and so cannot begin with anything else."""

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)


class ReplyError(ValueError):
    """A reply that is not the translations of what was asked; says what is wrong."""


def messages(
    requests: Sequence[TranslationRequest], source_lang: str, target_lang: str, style: str
) -> list[dict[str, str]]:
    """Return the messages that ask for the translations of some sentences, numbered from 1."""
    system = _SYSTEM.format(source=_english_name(source_lang), target=_english_name(target_lang))
    sentences = []
    for number, request in enumerate(requests, 1):
        sentence: dict[str, Any] = {"id": number, "text": request.text}
        if request.before:
            sentence["before"] = list(request.before)
        if request.glossary:
            sentence["terms"] = dict(request.glossary)
        sentences.append(sentence)
    return [
        {"role": "system", "content": f"{system} {style}".strip()},
        {"role": "user", "content": json.dumps({"sentences": sentences}, ensure_ascii=False)},
    ]


def read_reply(content: str, count: int) -> list[str]:
    """Return the translations in a reply, in the order of the sentences; raises ``ReplyError`` unless all are there."""
    fenced = _FENCE.match(content)
    try:
        data = json.loads(fenced[1] if fenced else content)
    except ValueError:
        raise ReplyError(f"the reply is no JSON: {content[:80]!r}") from None
    rows = data.get("translations") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise ReplyError("the reply has no list 'translations'")
    texts: dict[int, str] = {}
    for row in rows:
        number, text = (row.get("id"), row.get("text")) if isinstance(row, dict) else (None, None)
        if not isinstance(number, int) or not isinstance(text, str) or number in texts:
            raise ReplyError(f"the reply has a row that is no translation: {row!r}")
        texts[number] = text
    if sorted(texts) != list(range(1, count + 1)):
        raise ReplyError(f"the reply has {len(texts)} translations for {count} sentences, or other ids")
    return [texts[number] for number in range(1, count + 1)]


def read_beginning(content: str, count: int) -> list[str]:
    """Read a reply as ``read_reply`` does, whatever a model went on to say after its end."""
    try:
        _, end = json.JSONDecoder().raw_decode(content)
    except ValueError:
        end = len(content)
    return read_reply(content[:end], count)


def _english_name(lang: str) -> str:
    return Locale.parse(lang.replace("-", "_")).get_display_name("en") or lang
