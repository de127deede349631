"""An administrator borrows access to debtors' data: for an hour, with a reason, on the record."""

from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.people.actions.telling import tell
from recoup.apps.people.models import BorrowedAccess, Staff
from recoup.apps.people.permissions import Actor, NotAllowed, require
from recoup.kernel.refusal import Refused

LENT_FOR = timedelta(hours=1)
#: The shortest reason that says anything to who reads it later.
SHORTEST_REASON = 6


class BorrowingRefused(Refused):
    """Access is not lent: no reason, or one loan runs already."""


def borrow_access(*, actor: Actor, reason: str, at: datetime) -> datetime:
    """Lend the administrator access to read debtors' data; yield when it ends.

    Errors: NotAllowed, BorrowingRefused.
    """
    require(actor, "configure", "people")
    if actor.staff_id is None:
        raise NotAllowed(verb="configure", room="people")
    if len(reason.strip()) < SHORTEST_REASON:
        raise BorrowingRefused(
            zh="请写明为什么需要查看借款人资料（例如：工单号和要查的问题）。",
            en="Say why you need to see debtors' data: the ticket and what you are looking for.",
            rule="people:borrowing",
        )
    with transaction.atomic():
        staff = Staff.objects.select_for_update().get(pk=actor.staff_id)
        if BorrowedAccess.objects.filter(staff=staff, ends_at__gt=at).exists():
            raise BorrowingRefused(
                zh="您已有一段有效的临时权限，到期后才能再次申请。",
                en="You have borrowed access already; it can be borrowed again once it has ended.",
                rule="people:borrowing",
            )
        made = BorrowedAccess.objects.create(
            staff=staff, reason=reason.strip(), begun_at=at, ends_at=at + LENT_FOR
        )
        tell(
            actor=actor,
            at=at,
            verb="borrow_access",
            record="borrowed_access",
            record_id=made.pk,
            after={"ends_at": made.ends_at.isoformat()},
            why=reason,
        )
    return made.ends_at


def return_access(*, actor: Actor, at: datetime) -> None:
    """End the borrowed access before its hour is over. Does nothing where there is none."""
    if actor.staff_id is None:
        return
    with transaction.atomic():
        running = BorrowedAccess.objects.select_for_update().filter(
            staff_id=actor.staff_id, ends_at__gt=at
        )
        for loan in running:
            before = {"ends_at": loan.ends_at.isoformat()}
            loan.ends_at = at
            loan.save(update_fields=["ends_at"])
            tell(
                actor=actor,
                at=at,
                verb="return_access",
                record="borrowed_access",
                record_id=loan.pk,
                before=before,
                after={"ends_at": at.isoformat()},
            )


def record_opening(*, actor: Actor, address: str, at: datetime) -> None:
    """Put a page that was opened under borrowed access on the record, with its reason."""
    if actor.staff_id is None:
        return
    running = BorrowedAccess.objects.filter(begun_at__lte=at, ends_at__gt=at)
    loan = running.filter(staff_id=actor.staff_id).first()
    if loan is None:
        return
    tell(
        actor=actor,
        at=at,
        verb="open_page",
        record="borrowed_access",
        record_id=loan.pk,
        after={"address": address[:300]},
        why=loan.reason,
    )
