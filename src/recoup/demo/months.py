"""Monthly dates over whole columns, clamped at the end of short months."""

import numpy as np

from recoup.demo.columns import AnyInts, Days, Ints


def month_of(days: AnyInts) -> Ints:
    """Yield months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def day_of_month(days: AnyInts) -> Ints:
    """Yield the day of the month, 1 to 31."""
    dates = days.astype("datetime64[D]")
    since_first = dates - dates.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(since_first.astype(np.int64) + 1)


def day_in_month(months: AnyInts, day: AnyInts) -> Days:
    """Yield the given day of each month; the month's last day where it is shorter."""
    month = months.astype("datetime64[M]")
    first = month.astype("datetime64[D]").astype(np.int64)
    following = (month + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    return np.asarray(first + np.minimum(day, following - first) - 1, dtype=np.int32)


def add_months(days: AnyInts, months: AnyInts) -> Days:
    """Yield each day moved on by a number of months (31 January + 1 = 28 or 29 February)."""
    return day_in_month(month_of(days) + months, day_of_month(days))
