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


@pytest.mark.parametrize(
    ("advances", "expected"),
    [
        # After 30 s of preparation one of 20,000: no rate yet, let alone 600,000 s left.
        ([(30.0, 1)], "align: 1 of 20,000"),
        # Twenty seconds on, a hundred more: a rate without the preparation, but too little is done to say what is left.
        ([(30.0, 1), (50.0, 100)], "align: 101 of 20,000, 5/s"),
        ([(30.0, 1), (130.0, 1000)], "align: 1,001 of 20,000, 10/s, 1900 s left"),
        # Without preparation everything counts.
        ([(5.0, 500), (50.0, 500)], "align: 1,000 of 20,000, 20/s, 950 s left"),
    ],
)
def test_time_left_is_told_when_enough_is_done(
    monkeypatch: pytest.MonkeyPatch, advances: list[tuple[float, int]], expected: str
) -> None:
    clock = iter([0.0, *(at for at, _ in advances)])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    told = StringIO()
    with progress(Console(file=told, width=200), "align", None) as advance:
        for _, items in advances:
            advance(items, 20_000)
    assert told.getvalue().splitlines()[-1] == expected


def test_a_terminal_shows_a_bar() -> None:
    shown = StringIO()
    with progress(Console(file=shown, force_terminal=True, width=100), "split", 3) as advance:
        advance(1)
        advance(2, 3)
    assert "split" in shown.getvalue()
    assert "3/3" in shown.getvalue()
