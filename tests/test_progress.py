from io import StringIO

import pytest
from rich.console import Console

from qosmatin.job import progress as module
from qosmatin.job.progress import progress


def test_plain_lines_have_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0, 20.0, 21.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    told = StringIO()
    with progress(Console(file=told), "align", None) as advance:
        advance(10)  # too soon after the beginning for a line
        advance(10, 100)
        advance(10)  # too soon after the last line
    assert told.getvalue() == "align: 20 of 100, 1/s, 80 s left\n"


def test_a_terminal_shows_a_bar() -> None:
    shown = StringIO()
    with progress(Console(file=shown, force_terminal=True, width=100), "split", 3) as advance:
        advance(1)
        advance(2, 3)
    assert "split" in shown.getvalue()
    assert "3/3" in shown.getvalue()
