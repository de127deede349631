"""Four eyes: an act waits until somebody else, with the duty and the authority, has decided it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from recoup.apps.compliance.events import ApprovalDecided
from recoup.apps.compliance.models import Approval
from recoup.apps.compliance.permissions import Acting, NotFound, require, seen
from recoup.apps.compliance.queries import ApprovalCard, approval_card
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.money import text_from_minor
from recoup.kernel.refusal import Refused


class ReasonMissing(Refused):
    """An act that needs a reason came without one."""

    def __init__(self) -> None:
        super().__init__(zh="请写明原因。", en="Say why, in a few words.", rule="compliance:reason")


class AlreadyWaiting(Refused):
    """The same act on the same record waits already."""

    def __init__(self, *, approval_id: int) -> None:
        super().__init__(
            zh=f"同一事项已在等待复核（第 {approval_id} 号），不需要重复提交。",
            en=f"This is waiting for approval already (no. {approval_id}).",
            rule="compliance:once",
        )


class MakerIsChecker(Refused):
    """Nobody approves an act of one's own."""

    def __init__(self) -> None:
        super().__init__(
            zh="经办人不得复核自己提交的事项；请由另一位有权限的同事复核。",
            en="Nobody approves what they asked for themselves; a colleague with the duty decides.",
            rule="compliance:four-eyes",
        )


class BeyondAuthority(Refused):
    """The amount is larger than this person's authority."""

    def __init__(self, *, amount_minor: int, limit_minor: int) -> None:
        amount, limit = (
            text_from_minor(minor=minor, currency="CNY") for minor in (amount_minor, limit_minor)
        )
        super().__init__(
            zh=f"金额 {amount} 超过您的授权额度 {limit}；请由授权更高的同事复核。",
            en=f"The amount of {amount} is beyond your authority of {limit}; a colleague with a "
            "higher one decides.",
            rule="compliance:authority",
        )


class AlreadyDecided(Refused):
    """The approval does not wait any more."""

    def __init__(self, *, status_zh: str, status: str) -> None:
        super().__init__(
            zh=f"该事项已处理（{status_zh}），不能再次处理。",
            en=f"This has been settled already ({status}).",
            rule="compliance:once",
        )


class ConflictOfInterest(Refused):
    """The person may not handle this debtor."""

    def __init__(self) -> None:
        super().__init__(
            zh="您与该借款人存在利益冲突，不能复核；请由另一位同事复核。",
            en="You have a conflict of interest with this debtor; a colleague decides.",
            rule="compliance:conflict",
        )


_STATUS_ZH = {
    "approved": "已同意",
    "rejected": "已拒绝",
    "withdrawn": "已撤回",
    "pending": "待复核",
}


def request_approval(
    *,
    actor: Acting,
    kind: str,
    room: str,
    record_id: str,
    debtor_id: str,
    amount_minor: int,
    payload: Mapping[str, object],
    why: str,
    at: datetime,
) -> ApprovalCard:
    """Let an act wait for a second pair of eyes; the room that asks has checked the maker's duty.

    ``payload`` is what the room needs to execute the act once ``ApprovalDecided`` says so.
    Errors: ReasonMissing, AlreadyWaiting.
    """
    if not why.strip():
        raise ReasonMissing
    if actor.staff_id is None:
        raise MakerIsChecker
    with transaction.atomic():
        same = {"kind": kind, "room": room, "record_id": record_id}
        waiting = Approval.objects.filter(status=Approval.Status.PENDING, **same).first()
        if waiting:
            raise AlreadyWaiting(approval_id=waiting.pk)
        made = Approval.objects.create(
            **same,
            debtor_id=debtor_id,
            amount_minor=amount_minor,
            payload=dict(payload),
            why=why.strip(),
            maker_id=actor.staff_id,
            made_at=at,
        )
        _tell(made, verb="request_approval", actor=actor, at=at, why=made.why, before="")
    return approval_card(made)


def decide_approval(
    *, actor: Acting, approval_id: int, approve: bool, remark: str, at: datetime
) -> ApprovalCard:
    """Approve or reject what waits, and let the room that asked execute it at once.

    Errors: NotFound, NotAllowed, MakerIsChecker, ConflictOfInterest, AlreadyDecided,
    BeyondAuthority, ReasonMissing (a rejection says why), and what the executing room refuses;
    then nothing is decided.
    """
    with transaction.atomic():
        approval = _locked(actor, approval_id)
        require(actor, "approve", approval.room)
        if actor.staff_id is None or approval.maker_id == actor.staff_id:
            raise MakerIsChecker
        if approval.debtor_id in actor.conflicts:
            raise ConflictOfInterest
        _still_waiting(approval)
        if approve and approval.amount_minor > actor.approves_up_to_minor:
            raise BeyondAuthority(
                amount_minor=approval.amount_minor, limit_minor=actor.approves_up_to_minor
            )
        if not approve and not remark.strip():
            raise ReasonMissing
        approval.status = Approval.Status.APPROVED if approve else Approval.Status.REJECTED
        approval.checker_id, approval.checked_at = actor.staff_id, at
        approval.remark = remark.strip()
        approval.save()
        verb = "approve" if approve else "reject"
        _tell(approval, verb=verb, actor=actor, at=at, why=approval.remark, before="pending")
        publish(
            ApprovalDecided(
                approval_id=approval.pk,
                kind=approval.kind,
                room=approval.room,
                record_id=approval.record_id,
                debtor_id=approval.debtor_id,
                approved=approve,
                amount_minor=approval.amount_minor,
                payload=approval.payload,
                why=approval.why,
                remark=approval.remark,
                maker_id=approval.maker_id,
                checker_id=actor.staff_id,
                at=at,
            )
        )
    return approval_card(approval)


def withdraw_approval(
    *, actor: Acting, approval_id: int, remark: str, at: datetime
) -> ApprovalCard:
    """Take back what one has asked for oneself. Errors: NotFound, AlreadyDecided."""
    with transaction.atomic():
        approval = _locked(actor, approval_id)
        if approval.maker_id != actor.staff_id:
            raise NotFound(what=f"#{approval_id}")
        _still_waiting(approval)
        approval.status = Approval.Status.WITHDRAWN
        approval.checked_at, approval.remark = at, remark.strip()
        approval.save()
        _tell(approval, verb="withdraw", actor=actor, at=at, why=remark, before="pending")
    return approval_card(approval)


def _locked(actor: Acting, approval_id: int) -> Approval:
    """Yield the approval, locked, if the actor sees it. Errors: NotFound."""
    found = Approval.objects.select_for_update().filter(pk=approval_id).first()
    if found is None:
        raise NotFound(what=f"#{approval_id}")
    own = actor.staff_id is not None and found.maker_id == actor.staff_id
    if not own and found.debtor_id and not seen(actor, (found.debtor_id,)):
        raise NotFound(what=f"#{approval_id}")
    return found


def _still_waiting(approval: Approval) -> None:
    if approval.status != Approval.Status.PENDING:
        raise AlreadyDecided(status=approval.status, status_zh=_STATUS_ZH[approval.status])


def _tell(
    approval: Approval, *, verb: str, actor: Acting, at: datetime, why: str, before: str
) -> None:
    after: dict[str, object] = {"status": approval.status}
    if not before:
        after |= {
            "kind": approval.kind,
            "in_room": approval.room,
            "record_id": approval.record_id,
            "amount_minor": approval.amount_minor,
            "payload": approval.payload,
        }
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb=verb,
            room="compliance",
            record="approval",
            record_id=str(approval.pk),
            debtor_id=approval.debtor_id or None,
            before={"status": before} if before else {},
            after=after,
            why=why,
        )
    )
