"""What a household or business can pay each month: income less expenses less instalments.

Units: everything per month, in minor units of one currency. Nothing is estimated: a side without
lines counts as not known, and then so does the result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recoup.kernel.explain import Explanation, Section, Step, Words, same
from recoup.kernel.money import PPM, text_from_minor

INCOME = "income"
EXPENSE = "expense"


@dataclass(frozen=True, kw_only=True)
class MonthlyLine:
    """A line of a statement: on which side, what it is, how much a month (zero or more)."""

    side: str
    words: Words
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class Affordability:
    """What is left each month, and what a plan may ask.

    Shape: ``free_minor`` = income - expenses - own instalments, below zero if the month ends in the
    red; ``affordable_minor`` is what is left of it after the reserve, never below zero. None: the
    statement lacks a side.
    """

    currency: str
    income_minor: int | None
    expense_minor: int | None
    instalments_minor: int
    free_minor: int | None
    reserve_minor: int | None
    affordable_minor: int | None
    explanation: Explanation


def affordability(
    *,
    currency: str,
    lines: Sequence[MonthlyLine],
    instalments: Mapping[str, int],
    reserve_ppm: int = 0,
) -> Affordability:
    """Yield what a person can pay each month, with every line that led to it.

    Shape: ``instalments`` maps the person's own contracts with the lender to what each asks in a
    month. ``reserve_ppm`` is the share of the free cash flow that the lender's strategy leaves to
    the person, rounded up, in the person's favour.

    >>> wages = MonthlyLine(side=INCOME, words=same("wages"), amount_minor=800_000)
    >>> rent = MonthlyLine(side=EXPENSE, words=same("rent"), amount_minor=250_000)
    >>> found = affordability(
    ...     currency="CNY", lines=(wages, rent), instalments={"C1": 150_000}, reserve_ppm=250_000
    ... )
    >>> found.free_minor, found.reserve_minor, found.affordable_minor
    (400000, 100000, 300000)
    >>> affordability(currency="CNY", lines=(wages,), instalments={}).free_minor is None
    True
    """
    income = _side(lines, INCOME)
    expense = _side(lines, EXPENSE)
    asked = sum(instalments.values())
    free = None if income is None or expense is None else income - expense - asked
    reserve = None if free is None else -(-max(free, 0) * reserve_ppm // PPM)
    affordable = None if free is None or reserve is None else max(free, 0) - reserve
    found = _Found(currency, income, expense, asked, free, reserve, affordable)
    return Affordability(
        currency=currency,
        income_minor=income,
        expense_minor=expense,
        instalments_minor=asked,
        free_minor=free,
        reserve_minor=reserve,
        affordable_minor=affordable,
        explanation=found.explanation(lines, instalments, reserve_ppm),
    )


def _side(lines: Sequence[MonthlyLine], side: str) -> int | None:
    amounts = [line.amount_minor for line in lines if line.side == side]
    return sum(amounts) if amounts else None


@dataclass(frozen=True)
class _Found:
    currency: str
    income: int | None
    expense: int | None
    asked: int
    free: int | None
    reserve: int | None
    affordable: int | None

    def explanation(
        self, lines: Sequence[MonthlyLine], instalments: Mapping[str, int], reserve_ppm: int
    ) -> Explanation:
        """Yield the story of the figures."""
        own = tuple(
            Step(label=same(contract), result=self._money(amount))
            for contract, amount in instalments.items()
        )
        return Explanation(
            title=Words(zh="每月可还金额", en="What can be paid each month"),
            answer=self._money(self.affordable),
            sections=(
                Section(heading=Words(zh="收入", en="Income"), steps=self._lines(lines, INCOME)),
                Section(heading=Words(zh="支出", en="Expenses"), steps=self._lines(lines, EXPENSE)),
                Section(
                    heading=Words(zh="本行贷款每月应还", en="Instalments of loans with us"),
                    steps=own,
                ),
                Section(heading=Words(zh="结果", en="Result"), steps=self._result(reserve_ppm)),
            ),
        )

    def _lines(self, lines: Sequence[MonthlyLine], side: str) -> tuple[Step, ...]:
        return tuple(
            Step(label=line.words, result=self._money(line.amount_minor))
            for line in lines
            if line.side == side
        )

    def _result(self, reserve_ppm: int) -> tuple[Step, ...]:
        steps = [
            Step(
                label=Words(
                    zh="可支配现金流 = 收入 − 支出 − 本行应还",
                    en="free cash flow = income − expenses − instalments with us",
                ),
                result=self._money(self.free),
            )
        ]
        if reserve_ppm:
            share = _percent(reserve_ppm)
            steps.append(
                Step(
                    label=Words(zh=f"其中留作储备 {share}", en=f"of it kept in reserve, {share}"),
                    result=self._money(self.reserve),
                )
            )
        steps.append(
            Step(
                label=Words(zh="每月可还", en="can be paid each month"),
                result=self._money(self.affordable),
            )
        )
        return tuple(steps)

    def _money(self, minor: int | None) -> Words:
        if minor is None:
            return Words(zh="不详", en="not known")
        return same(f"{self.currency} {text_from_minor(minor=minor, currency=self.currency)}")


def _percent(ppm: int) -> str:
    """Yield parts per million as percent, without needless zeros."""
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + "%"
