"""What the strategy says of a person's case: whether to open or close it, and where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from recoup.apps.cases.models import Case
from recoup.apps.portfolio.queries import DebtorCard
from recoup.kernel.case_status import LEGAL, PLAN, PROMISED, SUSPENDED, resting_place
from recoup.policy.strategy import Strategy

NOW, LATER, RESTING, CLOSED = 0, 1, 2, 9
#: Treatments whose state in law does not rest them: counsel works on.
OF_LAW = frozenset({"legal_review"})


@dataclass(frozen=True, kw_only=True)
class Why:
    """The thresholds that opened or closed a case, as the timeline keeps them."""

    code: str
    dpd: int | None
    overdue_minor: int | None
    treatment: str


def opens(*, person: DebtorCard, strategy: Strategy) -> bool:
    """Tell whether a person who has no open case should have one.

    What is not known of days or amounts stands in no way: the treatment decides then.
    """
    policy = strategy.cases
    return (
        person.gone_on is None
        and person.treatment in policy.treatments
        and (not policy.segments or person.segment in policy.segments)
        and (person.worst_dpd is None or person.worst_dpd >= policy.open_from_dpd)
        and (
            person.overdue_base_minor is None
            or person.overdue_base_minor >= policy.open_from_overdue_minor
        )
    )


def clear_since(*, case: Case, person: DebtorCard | None, on: date) -> date | None:
    """Yield since when nothing has been overdue; None while something is, or may be."""
    if person is not None and person.gone_on is None and person.worst_dpd != 0:
        return None
    return case.clear_since or on


def closes(*, since: date | None, on: date, strategy: Strategy) -> bool:
    """Tell whether a case is to be closed on a business date."""
    if since is None:
        return False
    return on - since >= timedelta(days=strategy.cases.close_after_clear_days)


def hold_kinds(*, blocked_by: Iterable[str], strategy: Strategy) -> frozenset[str]:
    """Yield the kinds of the holds among the ids of what forbids contact."""
    kinds = {hold.id: kind for kind, hold in strategy.holds.items()}
    return frozenset(kinds[one] for one in blocked_by if one in kinds)


def work_is_stopped(*, treatment: str, kinds: Iterable[str], strategy: Strategy) -> bool:
    """Tell whether a hold stops the treatment itself, not only a channel."""
    return any(treatment in strategy.holds[kind].blocks_treatments for kind in kinds)


def status_under_holds(*, case: Case, strategy: Strategy, has_promise: bool, worked: bool) -> str:
    """Yield the state that holds, a plan and a live promise put an open case into.

    Where none of them does, a case at rest goes back to whoever has it; one in work stays.
    """
    kinds = hold_kinds(blocked_by=case.blocked_by, strategy=strategy)
    if "plan_active" in kinds:
        return PLAN
    if "legal" in kinds:
        return LEGAL
    if work_is_stopped(treatment=case.treatment, kinds=kinds, strategy=strategy):
        return SUSPENDED
    if has_promise:
        return PROMISED
    if case.status in (PLAN, LEGAL, SUSPENDED, PROMISED):
        return resting_place(has_collector=case.collector_id is not None, worked=worked)
    return case.status


def queue_of(*, case: Case, strategy: Strategy) -> int:
    """Yield where a case stands in the worklist of whoever has it."""
    if not case.is_open:
        return CLOSED
    if case.status == LEGAL:
        return NOW if case.treatment in OF_LAW else RESTING
    if case.status in (PLAN, SUSPENDED, PROMISED):
        return RESTING
    if case.treatment not in strategy.cases.treatments:
        return RESTING
    needs_channel = bool(strategy.channel_order.get(case.treatment))
    return LATER if needs_channel and not case.channel else NOW


def review_due(*, case: Case, strategy: Strategy) -> date | None:
    """Yield when the account is to be reviewed next; None where the bucket asks for none."""
    days = strategy.reviews.get(case.bucket)
    if days is None or not case.is_open:
        return None
    return (case.last_review_on or case.opened_on) + timedelta(days=days)
