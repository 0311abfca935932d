"""A clock that was ahead and is put back: nobody stays locked out, in, or in possession of anything until then."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from campaign_desk import made, plan
from sqlalchemy import Engine

from qosmatin.review.campaigns.assigning import next_turn
from qosmatin.review.people import sessions, throttle
from qosmatin.review.people.accounts import insert_account
from qosmatin.review.store import clock
from qosmatin.review.store.database import open_database, sqlite_url, writing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def turn_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Sets the clock of the store so far ahead, or back."""

    def turn(by: timedelta) -> None:
        class Turned(datetime):
            @classmethod
            def now(cls, _zone: object = None) -> "Turned":
                return datetime.now(UTC) + by  # type: ignore[return-value]

        monkeypatch.setattr(clock, "datetime", Turned)

    return turn


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=4000)])
def test_attempts_of_a_time_to_come_lock_nobody_out(
    engine: Engine, turn_clock: Callable[[timedelta], None], ahead: timedelta
) -> None:
    def guess() -> None:
        throttle.note_attempt(engine, "aigul", "10.0.0.1")

    turn_clock(ahead)
    for _ in range(throttle.LIMITS["both"]):
        guess()
    with pytest.raises(throttle.ThrottledError):
        guess()
    turn_clock(timedelta())
    guess()
    # A clock that is a little off, as those of two servers are, forgets nothing.
    for _ in range(throttle.LIMITS["both"] - 1):
        guess()
    turn_clock(-timedelta(minutes=2))
    with pytest.raises(throttle.ThrottledError):
        guess()


@pytest.mark.parametrize(
    ("begun", "used", "lasts"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(0), timedelta(hours=7), True),
        (timedelta(0), timedelta(hours=9), False),
        (timedelta(0), -timedelta(hours=1), True),  # put back by an hour, as in autumn by who has no time zone
        (timedelta(days=400), timedelta(0), False),
        (-timedelta(days=400), timedelta(0), False),
    ],
)
def test_a_session_lasts_no_longer_than_a_session(
    engine: Engine, turn_clock: Callable[[timedelta], None], begun: timedelta, used: timedelta, lasts: bool
) -> None:
    turn_clock(begun)
    with writing(engine) as connection:
        account = insert_account(connection, "aigul", "r1", "reviewer", "no password")
        secret = sessions.begin_session(connection, account)
    assert sessions.find_session(engine, secret) is not None
    turn_clock(used)
    assert (sessions.find_session(engine, secret) is not None) == lasts


def test_a_document_given_in_a_time_to_come_is_given_to_others(
    engine: Engine, turn_clock: Callable[[timedelta], None]
) -> None:
    campaign = made(engine, plan(assignment="stream"), ["a", "b"], documents=1)
    turn_clock(timedelta(days=30))
    with writing(engine) as connection:
        first = next_turn(connection, campaign, "a")
        assert first is not None
        assert next_turn(connection, campaign, "b") is None
    turn_clock(timedelta())
    with writing(engine) as connection:
        other = next_turn(connection, campaign, "b")
        assert other is not None
        assert other.document.key == first.document.key
        assert next_turn(connection, campaign, "a") == first
