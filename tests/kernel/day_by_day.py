"""The same figures by another road: a slow walk over every single day, written apart from the loop.

Each evening everything is allocated anew from the first receipt; nothing is carried over but the
lists of what was true on each day.
"""

import calendar
from collections import defaultdict
from datetime import date, timedelta

from recoup.kernel.tracing import PARTS

ONE_DAY = timedelta(days=1)


def months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Walk:
    """One loan walked from its first day to `as_of`."""

    def __init__(self, *, instalments, payments, as_of, discharge, tests):
        self.as_of, self.discharge, self.tests = as_of, discharge, tests
        self.due = sorted(instalments, key=lambda line: (line.due_on, line.seq))
        self.counted = [payment for payment in payments if payment.paid_on <= as_of]
        known = [line.due_on for line in self.due] + [p.paid_on for p in self.counted]
        start = min([*known, as_of])
        self.days = [start + timedelta(days=n) for n in range((as_of - start).days + 1)]
        self.open_at: dict[date, list[dict[str, int]]] = {}
        self.dpd_at: dict[date, int] = defaultdict(int)
        self.surplus = 0
        self._allocate()

    def _allocate(self):
        paid_by_day = defaultdict(int)
        for payment in self.counted:
            paid_by_day[payment.paid_on] += payment.amount_minor
        rests = [
            {
                "principal": line.principal_minor,
                "interest": line.interest_minor,
                "fee": line.fee_minor,
            }
            for line in self.due
        ]
        for day in self.days:
            self._place(paid_by_day[day], self._dpd(day, rests), rests)
            self.open_at[day] = [dict(rest) for rest in rests]
            self.dpd_at[day] = self._dpd(day, rests)

    def _dpd(self, day, rests):
        overdue = [
            line.due_on
            for line, rest in zip(self.due, rests, strict=True)
            if line.due_on < day and sum(rest.values()) > 0
        ]
        return (day - min(overdue)).days if overdue else 0

    def _place(self, money, opening_dpd, rests):
        late_from = self.discharge.late_from_dpd
        late = late_from > 0 and opening_dpd >= late_from
        for rest in rests:
            for code in self.discharge.order_late if late else self.discharge.order:
                part = PARTS[code]
                taken = min(money, rest[part])
                rest[part] -= taken
                money -= taken
        self.surplus += money

    def total(self, line):
        return line.principal_minor + line.interest_minor + line.fee_minor

    def unpaid_on(self, day):
        """Due days (with anything payable) not fully covered on an evening."""
        return {
            line.due_on
            for line, rest in zip(self.due, self.open_at[day], strict=True)
            if sum(rest.values()) > 0
        }

    def periods(self, after, until):
        """Due days after one day, up to another, that were paid by their evening."""
        due_days = {line.due_on for line in self.due if self.total(line) > 0}
        return sum(1 for day in due_days if after < day <= until and day not in self.unpaid_on(day))

    def _late_at_opening(self, day):
        eve = day - ONE_DAY
        return eve in self.open_at and any(due_on <= eve for due_on in self.unpaid_on(eve))

    def overdue_rests(self):
        return [
            rest
            for line, rest in zip(self.due, self.open_at[self.as_of], strict=True)
            if line.due_on < self.as_of and sum(rest.values()) > 0
        ]

    def window(self, days, dated):
        return sum(
            amount for day, amount in dated if self.as_of - timedelta(days=days) < day <= self.as_of
        )

    def paid_off(self):
        return not self.unpaid_on(self.as_of)

    def money_figures(self):
        overdue = self.overdue_rests()
        receipts = [(p.paid_on, p.amount_minor) for p in self.counted if not p.is_waiver]
        dues = [(line.due_on, self.total(line)) for line in self.due]
        figures = {f"overdue_{part}_minor": sum(rest[part] for rest in overdue) for part in PARTS}
        for days in (90, 180, 365):
            figures[f"paid_{days}"] = self.window(days, receipts)
            figures[f"due_{days}"] = self.window(days, dues)
        open_now = self.open_at[self.as_of]
        ahead = [
            (line.due_on, sum(rest.values()))
            for line, rest in zip(self.due, open_now, strict=True)
            if line.due_on >= self.as_of and sum(rest.values()) > 0
        ]
        return figures | {
            "outstanding_principal_minor": sum(rest["principal"] for rest in open_now),
            "received_minor": sum(amount for _, amount in receipts),
            "waived_minor": sum(p.amount_minor for p in self.counted if p.is_waiver),
            "surplus_minor": self.surplus,
            "last_paid_on": max((day for day, _ in receipts), default=None),
            "next_due_on": ahead[0][0] if ahead else None,
            "next_due_minor": ahead[0][1] if ahead else 0,
        }

    def day_figures(self):
        overdue_days = [
            line.due_on
            for line, rest in zip(self.due, self.open_at[self.as_of], strict=True)
            if line.due_on < self.as_of and sum(rest.values()) > 0
        ]
        year = [day for day in self.days if day > self.as_of - timedelta(days=365)]
        return {
            "dpd": self.dpd_at[self.as_of],
            "dpd_prev": self.dpd_at[self.as_of - timedelta(days=30)],
            "max_dpd_12m": max(self.dpd_at[day] for day in year),
            "overdue_instalments": len(overdue_days),
            "oldest_overdue_on": min(overdue_days, default=None),
            "first_over_30_on": self._first_over(30),
            "first_over_90_on": self._first_over(90),
        }

    def _first_over(self, limit):
        return next((day for day in self.days if self.dpd_at[day] > limit), None)

    def episode_figures(self):
        tests = self.tests
        npl = ever = was_overdue = False
        clean_since = None
        for day in self.days:
            if self._late_at_opening(day):
                was_overdue, clean_since = True, None
            if self.dpd_at[day] > 0:
                if self.dpd_at[day] > tests.npl_over_days:
                    npl = ever = True
            elif was_overdue:
                clean_since = clean_since or day
                if (
                    months_on(clean_since, tests.upgrade_months) <= day
                    and self.periods(clean_since, day) >= tests.upgrade_periods
                ):
                    npl = False
        return {
            "ever_over_days": ever,
            "npl_episode": npl and not self.paid_off(),
            "clean_since": clean_since,
            "clean_periods": self.periods(clean_since, self.as_of) if clean_since else 0,
        }

    def observation_figures(self):
        tests = self.tests
        start, runs = tests.observe_from, tests.observe_from is not None
        payable = {line.due_on for line in self.due if self.total(line) > 0}
        for day in self.days:
            eve = day - ONE_DAY
            if runs and eve in payable and eve >= start and self._late_on(eve):
                start = eve
            if runs and self._observed(start, day):
                runs = False
        if start is None:
            return {"in_observation": False, "observation_from": None, "observation_until": None}
        following = sorted(day for day in payable if day > start)[: tests.observe_periods]
        until = max([months_on(start, tests.observe_months), start, *following])
        return {
            "in_observation": runs and not self.paid_off(),
            "observation_from": start,
            "observation_until": until,
        }

    def _late_on(self, due_on):
        return due_on in self.open_at and due_on in self.unpaid_on(due_on)

    def _observed(self, start, day):
        tests = self.tests
        return (
            months_on(start, tests.observe_months) <= day
            and self.periods(start, day) >= tests.observe_periods
        )

    def figures(self):
        return (
            self.money_figures()
            | self.day_figures()
            | self.episode_figures()
            | self.observation_figures()
        )
