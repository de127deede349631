"""Reading of the trail, of approvals, reveals and exports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model

from recoup.apps.compliance.models import Approval
from recoup.web.shown import instant


@dataclass(frozen=True, kw_only=True)
class ApprovalCard:
    """An act that waits, or waited, for a second pair of eyes."""

    approval_id: int
    kind: str
    room: str
    record_id: str
    debtor_id: str
    amount_minor: int
    payload: Mapping[str, object]
    why: str
    status: str
    maker_id: int
    maker: str
    made_at: datetime
    checker: str
    checked_at: datetime | None
    remark: str


def approval_card(approval: Approval) -> ApprovalCard:
    """Yield the card of an approval."""
    return ApprovalCard(
        approval_id=approval.pk,
        kind=approval.kind,
        room=approval.room,
        record_id=approval.record_id,
        debtor_id=approval.debtor_id,
        amount_minor=approval.amount_minor,
        payload=approval.payload,
        why=approval.why,
        status=approval.status,
        maker_id=approval.maker_id,
        maker=str(approval.maker),
        made_at=approval.made_at,
        checker=str(approval.checker) if approval.checker else "",
        checked_at=approval.checked_at,
        remark=approval.remark,
    )


def approvals_of(*, room: str, record_id: str) -> tuple[ApprovalCard, ...]:
    """Yield the approvals asked for a record, the latest first."""
    found = Approval.objects.filter(room=room, record_id=record_id)
    return tuple(approval_card(row) for row in found.select_related("maker", "checker"))


def stamp(*, staff_id: int, at: datetime) -> str:
    """Yield who and when, as it stands in a watermark."""
    staff = get_user_model().objects.get(pk=staff_id)
    return f"{staff} · {staff.staff_number} · {instant(at)}"
