"""Interest by the day and penalty rates, in exact integers."""

from recoup.kernel.money import divide_half_up

PPM = 1_000_000


class Negative(ValueError):
    """An amount, a rate or a number of days below zero."""

    def __init__(self, *, what: str, value: int) -> None:
        self.zh = f"计息的{what}不得为负：{value}。"
        self.en = f"Interest is computed on no negative {what}: {value}."
        super().__init__(f"{self.en} / {self.zh}")


def daily_interest_minor(*, base_minor: int, rate_ppm_per_day: int, days: int) -> int:
    """Yield simple interest by the day, rounded half up to the minor unit once at the end.

    Example: 500,000.00 for 365 days at 0.0175% a day.
    >>> daily_interest_minor(base_minor=50_000_000, rate_ppm_per_day=175, days=365)
    3193750
    """
    for what, value in (("amount", base_minor), ("rate", rate_ppm_per_day), ("days", days)):
        if value < 0:
            raise Negative(what=what, value=value)
    return divide_half_up(base_minor * rate_ppm_per_day * days, PPM)


def raised_rate_ppm(*, rate_ppm: int, uplift_ppm: int) -> int:
    """Yield a rate raised by a share of itself, rounded half up to one part per million.

    Example: 6.00% raised by 50%.
    >>> raised_rate_ppm(rate_ppm=60_000, uplift_ppm=500_000)
    90000
    """
    for what, value in (("rate", rate_ppm), ("uplift", uplift_ppm)):
        if value < 0:
            raise Negative(what=what, value=value)
    return divide_half_up(rate_ppm * (PPM + uplift_ppm), PPM)
