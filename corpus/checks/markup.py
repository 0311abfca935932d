"""What stands in a text and is no language: addresses, tags and placeholders, which a translation keeps as they are."""

from __future__ import annotations

import re
from collections import Counter

ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"«»“”]*[^\s<>\"«»“”.,;:!?)'’]"  # of the web
    r"|[\w.+-]+@[\w-]+\.[\w.-]*\w"  # of mail
)
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
PLACEHOLDER = re.compile(r"\{\{?[\w.]*\}?\}|%\(\w+\)[sd]|%[sd]|\$\{\w+\}")


def addresses(text: str) -> list[str]:
    """Return the web and mail addresses of a text, without the punctuation that follows them."""
    return ADDRESS.findall(text) if "@" in text or "://" in text or "www." in text else []


def markup(text: str) -> Counter[str]:
    """Count the addresses, tags and placeholders of a text."""
    found = Counter(addresses(text))
    if "<" in text:
        found.update(TAG.findall(text))
    if any(mark in text for mark in "{%$"):
        found.update(PLACEHOLDER.findall(text))
    return found


def missing_markup(source: str, target: str) -> list[str]:
    """Return the addresses, tags and placeholders that stand in the source more often than in the target."""
    wanted = markup(source)
    return list(wanted - markup(target)) if wanted else []


def without_markup(text: str) -> str:
    """Return the text without its addresses, tags and placeholders."""
    for pattern in (ADDRESS, TAG, PLACEHOLDER):
        text = pattern.sub(" ", text)
    return text
