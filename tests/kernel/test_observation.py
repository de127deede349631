"""A stretch of good payment needs its months and its periods, and begins anew on a default."""

from datetime import date

import pytest

from recoup.kernel.observation import stretch

MONTHLY = [date(year, month, 20) for year in (2026, 2027) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("due_days", "missed_on", "months", "periods", "begins_on", "ends_on"),
    [
        (MONTHLY, [], 6, 2, date(2026, 1, 10), date(2026, 7, 10)),
        ([date(2026, 12, 20), date(2027, 12, 20)], [], 6, 2, date(2026, 1, 10), date(2027, 12, 20)),
        (MONTHLY, [date(2026, 3, 20)], 6, 2, date(2026, 3, 20), date(2026, 9, 20)),
        (MONTHLY, [date(2025, 12, 20)], 6, 2, date(2026, 1, 10), date(2026, 7, 10)),
        ([date(2026, 12, 20)], [], 6, 2, date(2026, 1, 10), None),
        ([], [], 6, 0, date(2026, 1, 10), date(2026, 7, 10)),
    ],
)
def test_the_longer_of_months_and_periods_ends_the_stretch(
    due_days, missed_on, months, periods, begins_on, ends_on
):
    found = stretch(
        begins_on=date(2026, 1, 10),
        due_days=due_days,
        missed_on=missed_on,
        months=months,
        periods=periods,
    )

    assert (found.begins_on, found.ends_on) == (begins_on, ends_on)
