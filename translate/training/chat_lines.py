"""Pairs as chats, a JSON object a line, for other trainers of language models: asked as our engines ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.own_prompts import own_messages
from qosmatin.translate.profiles import HOUSE, profiles
from qosmatin.translate.prompt import messages


def chat_lines(pairs: Iterable[tuple[str, str]], langs: tuple[str, str], profile: str = HOUSE) -> Iterator[str]:
    """Yield for each pair a line with ``messages``: those that ask for it, and the reply.

    ``profile`` says how; by the house's the reply is JSON, else the translation alone. Raises ``InputError`` for a
    profile of models that are not asked by messages.
    """
    asks = profiles()[profile].asks
    if profiles()[profile].kind != "chat" or not asks.chat:
        raise InputError(f"models of profile '{profile}' are not asked by messages; choose one that is, as {HOUSE}")
    for source, target in pairs:
        request = TranslationRequest(source)
        chat: list[dict[str, Any]]
        if asks.form == "house":
            chat = list(messages([request], *langs, ""))
            reply = json.dumps({"translations": [{"id": 1, "text": target}]}, ensure_ascii=False)
        else:
            chat, reply = own_messages(request, *langs, asks), target
        yield json.dumps({"messages": [*chat, {"role": "assistant", "content": reply}]}, ensure_ascii=False) + "\n"
