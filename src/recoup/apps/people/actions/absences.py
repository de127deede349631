"""Records when somebody is away and who stands in."""

from datetime import date, datetime

from django.db import transaction

from recoup.apps.people.actions.staff import FieldRefused, locked_staff
from recoup.apps.people.actions.telling import tell
from recoup.apps.people.events import AbsenceRecorded
from recoup.apps.people.models import Absence, Staff
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.people.queries import takes_cases
from recoup.events.bus import publish


def record_absence(
    *,
    actor: Actor,
    staff_id: int,
    from_on: date,
    until_on: date,
    stand_in_id: int | None,
    reason: str,
    at: datetime,
) -> int:
    """Record that somebody is away from ``from_on`` until before ``until_on``; yield the key.

    One records the own absence; that of others needs ``assign people``. The stand-in sees the
    portfolio on those days. Errors: NotFound, NotAllowed, FieldRefused.
    """
    with transaction.atomic():
        staff = _for_whom(actor, staff_id)
        if until_on <= from_on:
            raise FieldRefused(
                zh="最后一天不能早于第一天。", en="The last day comes before the first."
            )
        overlapping = Absence.objects.filter(
            staff=staff, from_on__lt=until_on, until_on__gt=from_on
        )
        if overlapping.exists():
            raise FieldRefused(
                zh="这段时间已经登记过离岗。", en="These days are recorded as an absence already."
            )
        stand_in = _checked_stand_in(staff, stand_in_id, from_on, until_on)
        made = Absence.objects.create(
            staff=staff,
            from_on=from_on,
            until_on=until_on,
            reason=reason.strip(),
            stand_in=stand_in,
        )
        tell(
            actor=actor,
            at=at,
            verb="record_absence",
            record="staff",
            record_id=staff.pk,
            after=_told(made),
            why=reason,
        )
        publish(
            AbsenceRecorded(
                absence_id=made.pk,
                staff_id=staff.pk,
                stand_in_id=stand_in.pk if stand_in else None,
                from_on=from_on,
                until_on=until_on,
                at=at,
            )
        )
    return made.pk


def cancel_absence(*, actor: Actor, absence_id: int, at: datetime) -> None:
    """Take an absence back. Errors: NotFound, NotAllowed."""
    with transaction.atomic():
        absence = Absence.objects.select_related("stand_in").filter(pk=absence_id).first()
        if absence is None:
            raise NotFound(what=f"{absence_id}")
        staff = _for_whom(actor, absence.staff_id)
        before = _told(absence)
        absence.delete()
        tell(
            actor=actor,
            at=at,
            verb="cancel_absence",
            record="staff",
            record_id=staff.pk,
            before=before,
        )


def _for_whom(actor: Actor, staff_id: int) -> Staff:
    """Yield the member of staff for whom the actor may record. Errors: NotFound, NotAllowed."""
    staff = locked_staff(actor, staff_id)
    if staff.pk != actor.staff_id:
        require(actor, "assign", "people")
    elif "auditor" in actor.roles:
        require(actor, "work", "people")
    return staff


def _checked_stand_in(
    staff: Staff, stand_in_id: int | None, from_on: date, until_on: date
) -> Staff | None:
    if stand_in_id is None:
        return None
    found = Staff.objects.filter(pk=stand_in_id, is_active=True).first()
    if found is None or found.pk == staff.pk or not takes_cases(found):
        raise FieldRefused(
            zh="代理人必须是另一位在岗、能办理案件的同事。",
            en="The stand-in is another active colleague who works cases.",
        )
    away = Absence.objects.filter(staff=found, from_on__lt=until_on, until_on__gt=from_on)
    if away.exists():
        raise FieldRefused(
            zh=f"{found}在这段时间也不在岗，请另选代理人。",
            en=f"{found} is away on these days too; choose another stand-in.",
        )
    return found


def _told(absence: Absence) -> dict[str, object]:
    return {
        "absent_from": absence.from_on.isoformat(),
        "absent_until": absence.until_on.isoformat(),
        "stand_in": absence.stand_in.staff_number if absence.stand_in else "",
    }
