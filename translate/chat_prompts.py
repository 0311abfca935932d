"""Prompts of language models that run here: requests as tokens, by the tokenizer's chat template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .engine import TranslationRequest
from .prompt import REPLY_BEGINNING, messages


class Prompts:
    """Requests as the ids of prompts, by the tokenizer's chat template."""

    def __init__(self, folder: Path, style: str, source_lang: str, target_lang: str) -> None:
        from transformers import AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, TypeError, KeyError, ImportError) as error:
            raise InputError(f"the tokenizer cannot be opened: {' '.join(str(error).split())}", folder) from None
        if not self._tokenizer.chat_template:
            raise InputError(
                "this language model has no chat template, so nobody knows how to ask it; take the checkpoint of its "
                "family that was trained to follow instructions (often named -Instruct or -it)",
                folder,
            )
        self._asked = style, source_lang, target_lang
        self._folder = folder
        self._system = True
        pad = self._tokenizer.pad_token_id
        self.pad: int = self._tokenizer.eos_token_id if pad is None else pad
        try:
            self._render([TranslationRequest("")])
        except InputError:
            # Some templates (Gemma's) know no system message: what it says then begins the user's.
            self._system = False
            self._render([TranslationRequest("")])

    def ids(self, requests: Sequence[TranslationRequest]) -> list[int]:
        """Return the prompt for some sentences, the beginning of the reply included."""
        ids: list[int] = self._tokenizer(self._render(requests), add_special_tokens=False)["input_ids"]
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens the prompt for each text has."""
        prompts = [self._render([TranslationRequest(text)]) for text in texts]
        return [len(ids) for ids in self._tokenizer(prompts, add_special_tokens=False)["input_ids"]] if texts else []

    def text(self, ids: Sequence[int]) -> str:
        """Return what a model wrote, as it wrote it."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _render(self, requests: Sequence[TranslationRequest]) -> str:
        style, source_lang, target_lang = self._asked
        chat = messages(requests, source_lang, target_lang, style)
        if not self._system:
            chat = [{"role": "user", "content": "\n\n".join(message["content"] for message in chat)}]
        try:
            # Models that think aloud first (Qwen's) shall not; other templates do not look at it.
            prompt: str = self._tokenizer.apply_chat_template(
                chat, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )
        except Exception as error:  # a template is a program, and raises what it likes
            raise InputError(
                f"the chat template cannot put the question ({type(error).__name__}: {' '.join(str(error).split())}); "
                "serve the model by a program that knows it, and use engine: openai",
                self._folder,
            ) from None
        return prompt + REPLY_BEGINNING
