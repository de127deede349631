"""Local days and hours, also where the clocks are changed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from recoup.kernel.contact_clock import lies_in, next_instant, start_of_day, zone_of


@pytest.mark.parametrize(
    ("wall", "inside"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_a_window_over_midnight_is_half_open(wall, inside):
    found = lies_in(time.fromisoformat(wall), begins=time(22), ends=time(8))

    assert found is inside


def test_a_window_within_a_day_is_half_open():
    assert lies_in(time(22), begins=time(22), ends=time(23))
    assert not lies_in(time(23), begins=time(22), ends=time(23))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Asia", "a\0b"])
def test_a_name_that_is_no_zone_yields_none(name):
    assert zone_of(name) is None


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2026, 3, 2), "Asia/Shanghai", "2026-03-01T16:00:00+00:00"),
        # Midnight does not exist: the day begins at one o'clock.
        (date(2026, 3, 29), "Asia/Beirut", "2026-03-28T22:00:00+00:00"),
        # The day before had 30 December left out.
        (date(2011, 12, 31), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_local_day_begins_at_its_first_instant(day, zone, instant):
    assert start_of_day(day=day, zone=ZoneInfo(zone)) == datetime.fromisoformat(instant)


def quiet_until(hour: time, zone: str, at: datetime) -> datetime | None:
    return next_instant(
        at=at,
        zone=ZoneInfo(zone),
        hours=[hour],
        fits=lambda local: not lies_in(local.time(), begins=time(22), ends=hour),
    )


def test_an_hour_that_the_clocks_jump_over_opens_at_the_jump():
    # In Berlin 2:30 does not exist on 2026-03-29: at 1:00 UTC the clock jumps from 2 to 3.
    found = quiet_until(time(2, 30), "Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC))

    assert found == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_opens_the_first_time():
    found = quiet_until(time(2, 30), "Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC))

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_closes_and_opens_again_when_the_clock_goes_back():
    # 1:00 UTC is 2:00 for the second time: quiet once more, until 2:30.
    found = quiet_until(time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC))

    assert found == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_what_never_fits_yields_none():
    zone = ZoneInfo("Asia/Shanghai")
    at = datetime(2026, 3, 2, tzinfo=UTC)

    assert next_instant(at=at, zone=zone, hours=[time(8)], fits=lambda local: False) is None
