"""The frame that every page of the review stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from qosmatin.review.store.access import Person
from qosmatin.review.words import words_of

from .rendering import render


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages of one review have in common: the ``name`` of the corpus."""

    name: str

    def page(
        self,
        request: Request,
        template: str,
        values: dict[str, Any],
        *,
        here: str | None = None,
        person: Person | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Return a page for whoever asks.

        ``here`` is where they come back to when they change the language, ``person`` who they are, if not whom the
        guard found.
        """
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        person = person or request.scope["person"]
        common = {
            "name": self.name,
            "person": person,
            "token": "" if person is None else person.csrf,
            "here": address if here is None else here,
        }
        return HTMLResponse(render(words_of(request), template, **common, **values), status)
