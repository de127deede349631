"""Acts upon a debtor's own row: the day's decision, whose portfolio, keeping details."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.actions.acts import begin, record
from recoup.apps.portfolio.events import DebtorRedecided
from recoup.apps.portfolio.models import Contract, Debtor
from recoup.apps.portfolio.publishing.one_person import publish_details
from recoup.apps.portfolio.queries.cards import DebtorCard
from recoup.apps.portfolio.queries.debtors import debtor_card
from recoup.engine.day import PersonDecided
from recoup.events.bus import publish
from recoup.kernel.refusal import Refused

_PERSON = (
    *("contracts", "overdue_contracts", "undecided_contracts", "overdue_base_minor"),
    *("exposure_base_minor", "worst_dpd", "worst_class", "leading_contract_id", "branch", "team"),
    *("treatment", "channel", "priority", "permitted_channels", "blocked_by"),
    *("next_permitted_at", "reasons"),
)
_CONTRACT = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_principal_minor", "overdue_interest_minor"),
    *("overdue_fee_minor", "outstanding_principal_minor", "exposure_minor", "overdue_base_minor"),
    *("exposure_base_minor", "overdue_instalments", "bucket", "asset_class", "asset_class_rules"),
    *("asset_class_unexamined", "asset_class_unknown_why", "roll", "paid_ratio_3m_bp"),
    *("paid_ratio_6m_bp", "paid_ratio_12m_bp", "broken_promises_6m", "segment", "treatment"),
    *("channel", "priority", "arm", "arm_probability_ppm", "blocked_by", "reasons"),
    *("first_over_30_on", "first_over_90_on"),
)
_WORKLIST = {"due": "worklist_due", "why": "worklist_why"} | {
    f"why_{language}": f"worklist_why_{language}" for language in ("zh", "en")
}

#: Debtors named in one statement.
MOST_AT_ONCE = 500


class OlderDecision(Refused):
    """The decision was made from a night that the records no longer show."""

    def __init__(self, *, debtor_id: str, as_of: date, current: date) -> None:
        super().__init__(
            zh=f"借款人 {debtor_id} 的判定基于 {as_of}，记录中已是 {current}；未采用，请重新判定。",
            en=f"The decision for the debtor {debtor_id} is of {as_of}, the records show {current} "
            "already; it was not taken over. Decide again.",
        )


def publish_person(*, actor: Actor, decided: PersonDecided, at: datetime) -> DebtorCard:
    """Bring one person's decision of the day into the records; the next night overwrites it.

    Errors: NotFound; OlderDecision, when a later night is in the records.
    """
    require(actor, "work", "closing")
    debtor_id, as_of = str(decided.person["debtor_id"]), _day(decided.person["as_of"])
    with transaction.atomic():
        row = Debtor.objects.select_for_update().filter(pk=debtor_id).first()
        if row is None:
            raise NotFound(what=debtor_id)
        if as_of < row.as_of:
            raise OlderDecision(debtor_id=debtor_id, as_of=as_of, current=row.as_of)
        before = {name: getattr(row, name) for name in ("treatment", "worst_dpd", "priority")}
        _take_person(row, decided)
        row.as_of, row.redecided_at, row.redecision_pending = as_of, at, False
        row.row_hash = 0
        row.save()
        for one in decided.decisions:
            Contract.objects.filter(pk=str(one["contract_id"]), debtor_id=debtor_id).update(
                as_of=as_of, row_hash=0, **_taken(Contract, one, _CONTRACT)
            )
        after = {name: getattr(row, name) for name in before}
        record(
            actor,
            verb="redecide",
            record="debtor",
            record_id=debtor_id,
            debtor_id=debtor_id,
            at=at,
            before=before,
            after=after,
        )
        publish(DebtorRedecided(debtor_id=debtor_id, as_of=as_of, at=at))
    return debtor_card(row)


def _take_person(row: Debtor, decided: PersonDecided) -> None:
    for name, value in _taken(Debtor, decided.person, _PERSON).items():
        setattr(row, name, value)
    leading = [one for one in decided.decisions if one["contract_id"] == row.leading_contract_id]
    row.segment = str(leading[0]["segment"] or "") if leading else ""
    line: Mapping[str, Any] = decided.worklist or {}
    if decided.worklist is None:
        row.worklist_rank = None
    for source, name in _WORKLIST.items():
        empty: object = {"due": None, "why": []}.get(source, "")
        setattr(row, name, line.get(source) or empty)


def _taken(
    model: type[Any], values: Mapping[str, object], names: tuple[str, ...]
) -> dict[str, Any]:
    """Yield columns of a decision as the records hold them: texts without null, lists as lists."""
    found: dict[str, Any] = {}
    for name in names:
        value = values[name]
        field = model._meta.get_field(name)
        if value is None and not field.null:
            value = [] if field.get_internal_type() == "JSONField" else ""
        found[name] = value
    return found


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value


def lock_persons(debtor_ids: Iterable[str], *, free_only: bool = False) -> frozenset[str]:
    """Hold persons for the rest of the transaction, in one order; yield who is held.

    Whatever writes promises or cases, and with them the person, begins with this: the night and
    the day's decisions take the person first too, and two who wait for each other would lose one.
    ``free_only``: whom somebody else holds is passed over, not waited for.
    """
    rows = Debtor.objects.select_for_update(no_key=True, skip_locked=free_only)
    found = rows.filter(pk__in=set(debtor_ids)).order_by("pk")
    return frozenset(found.values_list("pk", flat=True))


def want_redecision(*, debtor_id: str, at: datetime) -> None:
    """Mark that a person's decision no longer fits what was recorded; publishing one unmarks it."""
    want_redecisions((debtor_id,))


def want_redecisions(debtor_ids: Iterable[str]) -> None:
    """Mark many persons so; one statement for each thousand of them."""
    wanted = sorted(set(debtor_ids))
    for start in range(0, len(wanted), MOST_AT_ONCE):
        together = wanted[start : start + MOST_AT_ONCE]
        Debtor.objects.filter(pk__in=together).update(redecision_pending=True)


def set_collector(
    *, actor: Actor, debtor_id: str, staff_id: int | None, at: datetime
) -> DebtorCard:
    """Put a debtor into somebody's portfolio, or into nobody's; the cases room decides whose."""
    with transaction.atomic():
        row = begin(actor, debtor_id, verb="work", room="cases")
        before = row.collector_id
        if before == staff_id:
            return debtor_card(row)
        row.collector_id = staff_id
        row.save(update_fields=("collector",))
        if staff_id is not None:
            publish_details(row)
        record(
            actor,
            verb="set_collector",
            record="debtor",
            record_id=debtor_id,
            debtor_id=debtor_id,
            at=at,
            before={"collector": before},
            after={"collector": staff_id},
        )
    return debtor_card(row)


def set_collectors(*, actor: Actor, portfolios: Mapping[str, int | None], at: datetime) -> None:
    """Put many debtors into portfolios at once: the night's spreading of new cases.

    Shape: ``portfolios`` maps debtors to staff. The trail gets one entry for all of them; whose
    portfolio each one is in, and why, stands in the timeline of the person's case.
    """
    require(actor, "assign", "cases")
    by_staff: dict[int | None, list[str]] = {}
    for debtor_id, staff_id in portfolios.items():
        by_staff.setdefault(staff_id, []).append(debtor_id)
    with transaction.atomic(savepoint=False):
        for staff_id, debtor_ids in by_staff.items():
            for start in range(0, len(debtor_ids), MOST_AT_ONCE):
                together = debtor_ids[start : start + MOST_AT_ONCE]
                Debtor.objects.filter(pk__in=together).update(collector_id=staff_id)
        if portfolios:
            record(
                actor,
                verb="set_collectors",
                record="portfolios",
                record_id=at.isoformat(),
                debtor_id="",
                at=at,
                after={str(staff_id): len(ids) for staff_id, ids in by_staff.items()},
            )


def keep_details(*, debtor_id: str, at: datetime) -> None:
    """Bring a person's schedules, receipts, guarantors and collateral into the records, for good.

    The rooms above ask for it when the desk begins with a person; nothing if they are there.
    """
    with transaction.atomic():
        row = Debtor.objects.select_for_update().filter(pk=debtor_id).first()
        if row is None:
            raise NotFound(what=debtor_id)
        if not row.is_desk_kept:
            row.is_desk_kept = True
            row.save(update_fields=("is_desk_kept",))
        publish_details(row)
