"""Prompts of language models that run here: requests as tokens, by the model's profile and its chat template."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError

from .engine import TranslationRequest
from .own_prompts import own_messages, own_prompt, read_own
from .profiles import Profile
from .prompt import REPLY_BEGINNING, messages, read_beginning

_SAID = "\ue000said\ue000"
"""Stands for a reply, to see what a template writes behind it."""


class Prompts:
    """Requests as the ids of prompts, and what a model wrote as translations."""

    def __init__(self, folder: Path, profile: Profile, style: str, langs: tuple[str, str]) -> None:
        from transformers import AutoTokenizer

        try:
            self.tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, TypeError, KeyError, ImportError) as error:
            raise InputError(f"the tokenizer cannot be opened: {' '.join(str(error).split())}", folder) from None
        self._asks = profile.asks
        if self._asks.chat and not self.tokenizer.chat_template:
            raise InputError(
                "this language model has no chat template, so nobody knows how to ask it; take the checkpoint of its "
                "family that was trained to follow instructions (often named -Instruct or -it)",
                folder,
            )
        self._style, self._langs = style, langs
        self._folder = folder
        self._system = True
        pad = self.tokenizer.pad_token_id
        self.pad: int = self.tokenizer.eos_token_id if pad is None else pad
        try:
            self._render([TranslationRequest("")])
        except InputError:
            if self._asks.form != "house":
                raise
            # Some templates (Gemma's) know no system message: what it says then begins the user's.
            self._system = False
            self._render([TranslationRequest("")])

    def ids(self, requests: Sequence[TranslationRequest]) -> list[int]:
        """Return the prompt for some sentences, the beginning of the reply included."""
        ids: list[int] = self._encode([self._render(requests)])[0]
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens the prompt for each text has."""
        prompts = [self._render([TranslationRequest(text)]) for text in texts]
        return [len(ids) for ids in self._encode(prompts)] if texts else []

    def read(self, ids: Sequence[int], count: int) -> list[str]:
        """Return the translations of so many sentences in a model's reply; raises ``ReplyError`` where it has none."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        if self._asks.form == "house":
            return read_beginning(REPLY_BEGINNING + text, count)
        return [read_own(text, self._asks)]

    def example(self, requests: Sequence[TranslationRequest], answers: Sequence[str]) -> tuple[list[int], list[int]]:
        """Return what a model is to learn: the prompt for some sentences, and the rest of the reply with its end.

        A prompt of a model's own has several sentences as one passage.
        """
        if self._asks.form == "house":
            rows = [{"id": number, "text": text} for number, text in enumerate(answers, 1)]
            reply = json.dumps({"translations": rows}, ensure_ascii=False).removeprefix(REPLY_BEGINNING)
            prompt = self.ids(requests)
        else:
            reply = " ".join(answers)
            prompt = self.ids([TranslationRequest(" ".join(one.text for one in requests))])
        ids: list[int] = self.tokenizer(reply, add_special_tokens=False)["input_ids"]
        return prompt, [*ids, self._end()]

    def _end(self) -> int:
        """Return the token that ends a reply: the one that the template writes behind it, else that of all texts."""
        end: int = self.tokenizer.eos_token_id
        if not self._asks.chat:
            return end
        try:
            content = self._content([TranslationRequest("а")])
            chat = self.tokenizer.apply_chat_template(
                [*content, {"role": "assistant", "content": _SAID}], tokenize=False, **self._asks.template
            )
        except Exception:  # a template is a program; some know no replies
            return end
        _, _, behind = chat.rpartition(_SAID)
        ids: list[int] = self.tokenizer(behind, add_special_tokens=False)["input_ids"]
        return ids[0] if ids and ids[0] in self.tokenizer.all_special_ids else end

    def _encode(self, prompts: list[str]) -> list[list[int]]:
        """Return prompts as ids; a template has written the special tokens already."""
        ids: list[list[int]] = self.tokenizer(prompts, add_special_tokens=not self._asks.chat)["input_ids"]
        return ids

    def _render(self, requests: Sequence[TranslationRequest]) -> str:
        asks = self._asks
        if not asks.chat:
            return own_prompt(requests[0], *self._langs, asks)
        chat = self._content(requests)
        try:
            # Models that think aloud first (Qwen's) shall not; other templates do not look at it.
            prompt: str = self.tokenizer.apply_chat_template(
                chat, tokenize=False, add_generation_prompt=True, enable_thinking=False, **asks.template
            )
        except Exception as error:  # a template is a program, and raises what it likes
            raise InputError(
                f"the chat template cannot put the question ({type(error).__name__}: {' '.join(str(error).split())}); "
                "set 'profile' if the model follows one, or serve it by a program that knows it, by engine: openai",
                self._folder,
            ) from None
        return prompt + asks.opening + (REPLY_BEGINNING if asks.form == "house" else "")

    def _content(self, requests: Sequence[TranslationRequest]) -> list[dict[str, Any]]:
        """Return the messages that ask for some sentences."""
        if self._asks.form != "house":
            return own_messages(requests[0], *self._langs, self._asks)
        chat: list[dict[str, Any]] = list(messages(requests, *self._langs, self._style))
        if self._system:
            return chat
        return [{"role": "user", "content": "\n\n".join(message["content"] for message in chat)}]
