"""What a language model is asked, and how its reply is read: N sentences in, N translations out, or an error."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from .engine import TranslationRequest
from .language_codes import english_name

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
_AS_A_WHOLE = (
    " The sentences follow each other in one document, after what is in 'before' and ahead of what is in 'after': read "
    "them as a whole, so that names, terms and references agree, and translate those in 'sentences' alone."
)
"""What is said besides of a document, or a window of it."""

_AS_BEFORE = (
    " 'translated' holds what precedes all that with its translation: keep to its names, terms and style, and do not "
    "translate it again."
)
"""What is said besides where it is told how the sentences before were translated."""

REPLY_BEGINNING = '{"translations": [{"id": 1, "text":'
"""How every reply begins: a model that runs here need not be asked for it, and so cannot begin with anything else."""

_PLAIN = (
    "You translate from {source} into {target}. Reply with the translation of the sentence alone, on one line: no "
    "quotes, notes or explanations. Keep numbers, addresses, tags and placeholders as they are."
)
"""The second way to ask, for one sentence whose translation did not come back as JSON."""

_FENCE = re.compile(r"```\w*\s*(.*?)\s*```", re.DOTALL)
_THOUGHT = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL)
_NO_TRANSLATION = re.compile(
    r"(i'?m sorry|i am sorry|sorry|i can(no|')t|i can not|i'm unable|i am unable|as an ai)\b.{0,80}"
    r"\b(assist|help|translat|comply|provide|request|content|policy|language model)"
    r"|(of course|sure|certainly)\b.{0,30}\b(here|translat)|here (is|are) (the|your) translation",
    re.IGNORECASE,
)
"""How models speak of themselves in place of a translation."""


_PLACES = 50
"""At how many places of a reply JSON is looked for."""


class ReplyError(ValueError):
    """A reply that is not the translations of what was asked; says what is wrong."""


class FinalReplyError(ReplyError):
    """One that will be the same when the same is asked again."""


def messages(
    requests: Sequence[TranslationRequest], source_lang: str, target_lang: str, style: str
) -> list[dict[str, str]]:
    """Return the messages that ask for the translations of some sentences, numbered from 1.

    Those of a window are told the rest of it, before and after them.
    """
    system = _SYSTEM.format(source=english_name(source_lang), target=english_name(target_lang))
    window = requests[0].window
    around: dict[str, Any] = {}
    if window:
        system += _AS_A_WHOLE
        first = requests[0]
        told = zip(first.before, first.said, strict=True) if first.said else ()
        translated = [{"text": text, "translation": said} for text, said in told if said]
        system += _AS_BEFORE if translated else ""
        before = [*(() if translated else first.before), *window[: first.place]]
        after = list(window[requests[-1].place + 1 :])
        parts = (("translated", translated), ("before", before), ("after", after))
        around = {name: texts for name, texts in parts if texts}
    sentences = []
    for number, request in enumerate(requests, 1):
        sentence: dict[str, Any] = {"id": number, "text": request.text}
        if request.before and not window:
            sentence["before"] = list(request.before)
        if request.glossary:
            sentence["terms"] = dict(request.glossary)
        sentences.append(sentence)
    return [
        {"role": "system", "content": f"{system} {style}".strip()},
        {"role": "user", "content": json.dumps(around | {"sentences": sentences}, ensure_ascii=False)},
    ]


def plain_messages(request: TranslationRequest, source_lang: str, target_lang: str, style: str) -> list[dict[str, str]]:
    """Return the messages that ask for the translation of one sentence as plain text."""
    system = _PLAIN.format(source=english_name(source_lang), target=english_name(target_lang))
    terms = "".join(f" Translate '{source}' as '{target}'." for source, target in request.glossary)
    return [
        {"role": "system", "content": f"{system}{terms} {style}".strip()},
        {"role": "user", "content": request.text},
    ]


def read_reply(content: str, count: int) -> list[str]:
    """Return the translations in a reply, in the order of the sentences; raises ``ReplyError`` unless all are there.

    What a model thinks aloud before them, and says around them, is passed over.
    """
    data = _find_json(_THOUGHT.sub("", content))
    rows = data.get("translations") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise ReplyError("the reply has no list 'translations'")
    texts: dict[int, str] = {}
    for row in rows:
        number, text = (row.get("id"), row.get("text")) if isinstance(row, dict) else (None, None)
        if isinstance(number, str) and number.isdecimal():
            number = int(number)
        if not isinstance(number, int) or not isinstance(text, str) or number in texts:
            raise ReplyError(f"the reply has a row that is no translation: {row!r}")
        texts[number] = text
    if sorted(texts) != list(range(1, count + 1)):
        raise ReplyError(f"the reply has {len(texts)} translations for {count} sentences, or other ids")
    return [texts[number] for number in range(1, count + 1)]


def read_plain(content: str) -> str:
    """Return the translation in a reply to ``plain_messages``; raises ``ReplyError`` where it is none."""
    said = _THOUGHT.sub("", content)
    fenced = _FENCE.search(said)
    said = (fenced[1] if fenced else said).strip()
    try:
        return read_reply(said, 1)[0]  # some models cannot but answer so
    except ReplyError:
        pass
    lines = [line for line in said.splitlines() if line.strip()]
    if len(lines) == 2 and lines[0].rstrip().endswith(":"):
        del lines[0]
    if len(lines) != 1 or said.startswith(("<think", "{")) or _NO_TRANSLATION.match(lines[0].lstrip()):
        raise ReplyError(f"the reply is no translation: {said[:200]!r}")
    return lines[0].strip()


def _find_json(content: str) -> Any:
    """Return the JSON that a reply is, or the first object with translations in it; raises ``ReplyError``."""
    fenced = _FENCE.search(content)
    for text in (content, fenced[1] if fenced else ""):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            continue
    start = content.find("{")
    for _ in range(_PLACES):
        if start < 0:
            break
        try:
            found, _ = json.JSONDecoder().raw_decode(content, start)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and "translations" in found:
            return found
        start = content.find("{", start + 1)
    raise ReplyError(f"the reply is no JSON: {content[:200]!r}")


def read_beginning(content: str, count: int) -> list[str]:
    """Read a reply as ``read_reply`` does, whatever a model went on to say after its end."""
    try:
        _, end = json.JSONDecoder().raw_decode(content)
    except ValueError:
        end = len(content)
    return read_reply(content[:end], count)
