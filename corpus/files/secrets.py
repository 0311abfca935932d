"""Keeping keys out of configs: what a config says is kept in the manifest, in caches' specs and in logs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_TELLING = ("authorization", "key", "token", "secret", "password", "cookie")
"""Words in the names of headers that carry a secret."""


def _without_password(address: str) -> str:
    """Return an address; raises ``ValueError`` for one with a name or password in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address  # who calls it says what is wrong
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "no name or password in an address, since the manifest keeps it: name the environment variable that holds "
            "the key (key_variable)"
        )
    return address


def _named_secrets(headers: dict[str, str]) -> dict[str, str]:
    """Return headers; raises ``ValueError`` for one that has a secret instead of the name of a variable."""
    for name, value in headers.items():
        if not value.startswith("$") and any(word in name.lower() for word in _TELLING):
            raise ValueError(
                f"'{name}' holds a secret, and the manifest keeps configs: put it into an environment variable, and "
                f"write {name}: $NAME"
            )
    return headers


ServerAddress = Annotated[str, AfterValidator(_without_password)]
"""The address of a server, without a password in it."""

Headers = Annotated[dict[str, str], AfterValidator(_named_secrets)]
"""HTTP headers; ``$NAME`` stands for the value of an environment variable, and secrets may stand in no other way."""
