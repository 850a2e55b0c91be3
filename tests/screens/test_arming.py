"""Leave to write: asked for in words, and ended by time, idleness or a lost connection."""

import pytest

from db.errors import Unreachable, Usage
from db.model import Profile
from screens import arming
from screens.arming import Arming, asked, left
from screens.desk import Desk, Standing
from screens.settings import Settings
from screens.state import State


def test_time_and_ticket() -> None:
    assert asked("30m OPS-7") == (1800.0, "OPS-7")
    assert asked("2h two words") == (7200.0, "two words")


@pytest.mark.parametrize("text", ["", "30m", "OPS-7", "30 OPS-7", "0m OPS-7", "9h OPS-7", "-5m X"])
def test_what_is_not_both_is_refused(text: str) -> None:
    with pytest.raises(Usage):
        asked(text)


class Clock:
    """A monotonic clock that is set by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        """The moment."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """In place of the machine's."""
    made = Clock()
    monkeypatch.setattr("time.monotonic", made.monotonic)
    return made


def test_time_ends_it_and_that_is_told_once(clock: Clock) -> None:
    arming_ = Arming()
    arming_.arm(60, "T-1")
    armed = arming_.now
    assert armed is not None
    assert left(armed) == "1:00"
    clock.now += 61
    assert not armed.left
    assert arming_.armed is not None
    assert [arming_.now] == [None]
    assert arming_.ended() == "The time is over"
    assert arming_.ended() == ""


def test_idleness_ends_it_and_a_later_key_does_not_bring_it_back(clock: Clock) -> None:
    arming_ = Arming()
    arming_.arm(7200, "T-1")
    clock.now += arming.IDLE - 1
    arming_.touch()
    clock.now += arming.IDLE + 1
    arming_.touch()
    assert arming_.now is None
    assert "Nobody was there" in arming_.ended()


def test_a_lost_connection_ends_it() -> None:
    desk = Desk([Profile("bank", "sqlite:///x")], Settings(), State(), None)
    link = desk.links[0]
    link.standing = Standing.OPEN
    link.arming.arm(60, "T-1")
    desk.lost(link, Unreachable("gone"))
    assert link.arming.now is None
    assert any("not armed any more" in said for said in desk.said)
