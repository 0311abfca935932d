"""How people rank systems, as what papers and pages take in: Markdown, LaTeX, HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .ranking import Ranked
from .report import environment

FORMATS = {"markdown": "ranking.md.j2", "latex": "ranking.tex.j2", "html": "ranking.html.j2"}
"""The formats, and their templates."""


def cells(one: Ranked) -> tuple[str, str, str, str, str]:
    """Return a system's ranks, name, score, interval and passages as they are printed."""
    rank = str(one.best) if one.best == one.worst else f"{one.best}-{one.worst}"
    return rank, one.system, f"{one.score:.2f}", f"{one.interval.low:.2f} to {one.interval.high:.2f}", str(one.items)


def render_ranking(
    name: str, title: str, command: str, rankings: Mapping[str, Sequence[Ranked]], notes: Sequence[str]
) -> str:
    """Return rankings in one of ``FORMATS``: that of the whole under an empty name, then those of its parts.

    ``notes`` are sentences below the tables, ``command`` what prints the same again.
    """
    named = [(part or title, ranking) for part, ranking in rankings.items()]
    names = [title, *rankings, *(one.system for ranking in rankings.values() for one in ranking)]
    values = {"title": title, "command": command, "rankings": named, "notes": notes, "cells": cells}
    return environment(name, names).get_template(FORMATS[name]).render(values)
