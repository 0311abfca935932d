"""Prompts that a family of models was trained on, by its profile: one sentence in, its translation out."""

from __future__ import annotations

from typing import Any

from qosmatin.corpus.languages import primary_subtag

from .engine import TranslationRequest
from .language_codes import english_name, name_in
from .profiles import Asks, Profile
from .prompt import ReplyError, read_plain
from .settings import PromptedSettings


def own_messages(request: TranslationRequest, source_lang: str, target_lang: str, asks: Asks) -> list[dict[str, Any]]:
    """Return the messages that ask for the translation of a sentence in the model's own form."""
    if asks.form == "codes":
        content: Any = [
            {
                "type": "text",
                "source_lang_code": source_lang,
                "target_lang_code": target_lang,
                "text": request.text,
            }
        ]
    else:
        content = own_prompt(request, source_lang, target_lang, asks)
    return [{"role": "user", "content": content}]


def own_prompt(request: TranslationRequest, source_lang: str, target_lang: str, asks: Asks) -> str:
    """Return the prompt for a sentence: with its terms or its context where it has them, or that for Chinese."""
    terms = "\n".join(asks.term.format(source_term=one, target_term=other) for one, other in request.glossary)
    plain = asks.prompt_zh if "zh" in map(primary_subtag, (source_lang, target_lang)) else ""
    template = asks.with_terms if terms else asks.with_context if request.before else plain or asks.prompt
    return template.format(
        source=asks.names.get(source_lang) or english_name(source_lang),
        target=asks.names.get(target_lang) or english_name(target_lang),
        target_zh=name_in("zh", target_lang),
        text=request.text,
        terms=terms,
        context="\n".join(request.before),
    )


def read_own(written: str, asks: Asks) -> str:
    """Return the translation in what a model wrote, up to where its profile says that it ends.

    Raises ``ReplyError`` where it is none.
    """
    said = written.lstrip()
    for stop in asks.stop:
        said = said.split(stop)[0]
    if not said.strip():
        raise ReplyError("the reply is empty")
    return read_plain(said)


def check_own(settings: PromptedSettings, sentences: int, profile: Profile) -> None:
    """Raise ``ValueError`` for settings that the model's own prompt has no place for."""
    asks = profile.asks
    if asks.form == "house":
        return
    lacking = {
        "sentences": sentences > 1,
        "style": bool(settings.style),
        "context": settings.windows() is not None or (settings.context != 0 and not asks.with_context),
        "glossary": bool(settings.glossary) and not asks.with_terms,
        "context together with glossary": settings.context != 0 and bool(settings.glossary),
    }
    for name, is_lacking in lacking.items():
        if is_lacking:
            raise ValueError(
                f"{name}: the prompt that the model was trained on (profile {profile.name}) has no place for it; leave "
                "it out, or set 'profile: house' to ask by our prompt"
            )
