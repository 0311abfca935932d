"""Passwords: what may be one, and how it is kept (argon2id, RFC 9106)."""

from __future__ import annotations

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from qosmatin.review.errors import RefusedError

SHORTEST, LONGEST = 12, 200
"""Characters that a password must and may have (NIST SP 800-63B asks for 8 or more, and for no other rules)."""

_AT_ONCE = 2
"""Passwords looked at at the same time: each takes 64 MiB and a tenth of a second or more."""


class Passwords:
    """Hashes passwords and compares them; an unknown person's password takes as long to refuse as a wrong one.

    The cost is that of argon2-cffi, the second recommendation of RFC 9106 (64 MiB, 3 passes, 4 lanes). Only code that
    makes a hasher of its own gets another.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = BoundedSemaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("the password of nobody")

    def hash(self, password: str, name: str) -> str:
        """Return the hash to keep; raises ``RefusedError`` when this can be no password."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise RefusedError(
                "a password has %(shortest)s to %(longest)s characters; take four or five words",
                shortest=SHORTEST,
                longest=LONGEST,
            )
        if len(set(password)) < 5 or name in password.casefold():
            raise RefusedError("this password is easily guessed: take four or five words that are not the name")
        with self._gate:
            return self._hasher.hash(_one_form(password))

    def matches(self, known: str | None, password: str) -> bool:
        """Whether a password belongs to a hash; None, where there is no such person, never has one."""
        with self._gate:
            try:
                same = self._hasher.verify(known or self._nobody, _one_form(password[:LONGEST]))
            except (Argon2Error, InvalidHashError):
                return False
        return same and known is not None


def _one_form(password: str) -> str:
    """Return a password in one form, whichever way a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)
