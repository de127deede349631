"""What the administrator does for who cannot sign in, and what is on record about signing in."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.db import transaction

from recoup.apps.people.actions.staff import check_password, locked_staff
from recoup.apps.people.actions.telling import tell
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import Actor, require


def set_initial_password(*, actor: Actor, staff_id: int, password: str, at: datetime) -> None:
    """Give somebody a password that is to be changed at the next sign-in.

    Errors: NotAllowed, NotFound, FieldRefused (the password rules).
    """
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = locked_staff(actor, staff_id)
        check_password(password, staff)
        staff.set_password(password)
        staff.must_change_password = True
        staff.save(update_fields=["password", "must_change_password"])
        _told(actor, staff, verb="set_initial_password", at=at)


def unlock_sign_in(*, actor: Actor, staff_id: int, at: datetime) -> None:
    """Let somebody try again who was locked out. Errors: NotAllowed, NotFound."""
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = locked_staff(actor, staff_id)
        reset(username=staff.username)
        _told(actor, staff, verb="unlock_sign_in", at=at)


def reset_totp(*, actor: Actor, staff_id: int, why: str, at: datetime) -> None:
    """Take away the second factor of somebody who has lost it. Errors: NotAllowed, NotFound."""
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = locked_staff(actor, staff_id)
        Authenticator.objects.filter(user=staff).delete()
        _told(actor, staff, verb="reset_totp", at=at, why=why)


def tell_sign_in(*, staff_id: int, verb: str, at: datetime) -> None:
    """Put on record that somebody signed in or out, changed the password or the second factor."""
    staff = Staff.objects.get(pk=staff_id)
    if verb == "change_password":
        Staff.objects.filter(pk=staff_id).update(must_change_password=False)
    actor = Actor(staff_id=staff.pk, name=str(staff))
    with transaction.atomic():
        _told(actor, staff, verb=verb, at=at)


def _told(actor: Actor, staff: Staff, *, verb: str, at: datetime, why: str = "") -> None:
    tell(actor=actor, at=at, verb=verb, record="sign_in", record_id=staff.pk, why=why)
