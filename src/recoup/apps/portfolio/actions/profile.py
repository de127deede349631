"""What staff record of a debtor's means and life; entries are added, never changed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.actions.acts import WrongEntry, begin, record, staff_id_of
from recoup.apps.portfolio.circumstances import CIRCUMSTANCES, SIDES
from recoup.apps.portfolio.events import ProfileChanged
from recoup.apps.portfolio.models import Circumstance, IncomeStatement
from recoup.apps.portfolio.queries.cards import CircumstanceCard, IncomeCard, IncomeLine
from recoup.apps.portfolio.queries.profile import circumstance_card, income_card
from recoup.events.bus import publish
from recoup.kernel.refusal import Stale

MOST_LINES = 60
#: Greatest amount of a line, in minor units: ten thousand million major units at two digits.
MOST_MINOR = 10**12


def record_income_statement(
    *,
    actor: Actor,
    debtor_id: str,
    stated_on: date,
    currency: str,
    lines: Sequence[IncomeLine],
    at: datetime,
    version_seen: int | None = None,
) -> IncomeCard:
    """Record a new version of a debtor's monthly income and expense.

    ``version_seen``: the latest version that the person had before them (0: none); the later of two
    entries is told. Errors: NotFound, NotAllowed, WrongEntry, Stale.
    """
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room="cases")
        _check(lines)
        rows = IncomeStatement.objects.filter(debtor_id=debtor_id)
        latest = rows.aggregate(latest=Max("version"))["latest"] or 0
        if version_seen is not None and version_seen != latest:
            other = rows.select_related("made_by").get(version=latest)
            raise Stale(
                what_zh="收支表", what_en="The statement", who=str(other.made_by), at=other.made_at
            )
        row = IncomeStatement.objects.create(
            debtor_id=debtor_id,
            version=latest + 1,
            stated_on=stated_on,
            currency=currency,
            lines=[asdict(line) for line in lines],
            made_by_id=staff_id_of(actor),
            made_at=at,
        )
        record(
            actor,
            verb="record_income_statement",
            record="income_statement",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after={"version": row.version, "lines": row.lines},
        )
        publish(ProfileChanged(debtor_id=debtor_id, record="income", record_id=row.pk, at=at))
    return income_card(row)


def _check(lines: Sequence[IncomeLine]) -> None:
    if not lines:
        raise WrongEntry(zh="请至少填写一项收入或支出。", en="Enter at least one line.")
    if len(lines) > MOST_LINES:
        raise WrongEntry(
            zh=f"收支表最多 {MOST_LINES} 行。", en=f"A statement has at most {MOST_LINES} lines."
        )
    for line in lines:
        if line.code not in SIDES.get(line.side, {}):
            raise WrongEntry(
                zh=f"没有“{line.side} {line.code}”这一项。",
                en=f"There is no line '{line.side} {line.code}'.",
            )
        if not 0 <= line.amount_minor <= MOST_MINOR:
            raise WrongEntry(
                zh="金额应为零或正数，且不应过大。",
                en="An amount must be zero or more, and not beyond measure.",
            )


def record_circumstance(
    *,
    actor: Actor,
    debtor_id: str,
    code: str,
    at: datetime,
    is_cause: bool = False,
    from_on: date | None = None,
    until_on: date | None = None,
    note: str = "",
) -> CircumstanceCard:
    """Record something in a debtor's life; ``is_cause``: the arrears come from it.

    Errors: NotFound, NotAllowed, WrongEntry.
    """
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room="cases")
        if code not in CIRCUMSTANCES:
            raise WrongEntry(
                zh="请从列表中选择一种情况。", en="Choose a circumstance from the list."
            )
        if from_on and until_on and until_on < from_on:
            raise WrongEntry(zh="结束日期早于开始日期。", en="It ends before it begins.")
        row = Circumstance.objects.create(
            debtor_id=debtor_id,
            code=code,
            is_cause=is_cause,
            from_on=from_on,
            until_on=until_on,
            note=note.strip(),
            made_by_id=staff_id_of(actor),
            made_at=at,
        )
        record(
            actor,
            verb="record_circumstance",
            record="circumstance",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after={"code": code, "is_cause": is_cause},
        )
        publish(ProfileChanged(debtor_id=debtor_id, record="circumstance", record_id=row.pk, at=at))
    return circumstance_card(row)
