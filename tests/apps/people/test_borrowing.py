"""An administrator sees no debtor's data, but for a borrowed hour with a written reason."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people import actions
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import Actor, NotAllowed
from recoup.apps.people.queries import actor_of
from recoup.kernel.duties import DEBTORS_ROOMS

Act = Callable[..., Actor]


def sees_debtors(actor: Actor) -> bool:
    return any(duty.partition(" ")[2] in DEBTORS_ROOMS for duty in actor.duties)


def test_an_administrator_has_no_duty_in_a_room_of_debtors(act_as: Act) -> None:
    administrator = act_as("administrator", scope=("bank", ""))

    assert not sees_debtors(administrator)


def test_borrowed_access_reads_the_whole_bank_for_one_hour(act_as: Act, at: datetime) -> None:
    administrator = act_as("administrator")
    key = administrator.staff_id
    assert key is not None

    ends = actions.borrow_access(actor=administrator, reason="ticket 1234: wrong total", at=at)

    assert ends == at + timedelta(hours=1)
    borrower = actor_of(staff_id=key, at=ends - timedelta(seconds=1))
    assert (borrower.borrowed, borrower.whole_bank) == (True, True)
    lent = borrower.duties - administrator.duties
    assert {duty.split()[0] for duty in lent} == {"view"}
    after = actor_of(staff_id=key, at=ends)
    assert (after.borrowed, after.whole_bank, sees_debtors(after)) == (False, False, False)
    assert AuditEntry.objects.get(verb="borrow_access").why == "ticket 1234: wrong total"


def test_borrowing_needs_a_reason_and_does_not_run_twice(act_as: Act, at: datetime) -> None:
    administrator = act_as("administrator")

    with pytest.raises(actions.BorrowingRefused, match="why"):
        actions.borrow_access(actor=administrator, reason="  ", at=at)
    actions.borrow_access(actor=administrator, reason="ticket 1234", at=at)
    with pytest.raises(actions.BorrowingRefused, match="already"):
        actions.borrow_access(actor=administrator, reason="ticket 1235", at=at)


def test_access_that_is_returned_ends_at_once(act_as: Act, at: datetime) -> None:
    administrator = act_as("administrator")
    actions.borrow_access(actor=administrator, reason="ticket 1234", at=at)
    later = at + timedelta(minutes=5)

    actions.return_access(actor=administrator, at=later)

    assert administrator.staff_id is not None
    assert not actor_of(staff_id=administrator.staff_id, at=later).borrowed


@pytest.mark.parametrize("role", ["collector", "supervisor", "auditor", "compliance_officer"])
def test_nobody_else_borrows(act_as: Act, at: datetime, role: str) -> None:
    with pytest.raises(NotAllowed):
        actions.borrow_access(actor=act_as(role), reason="I am curious", at=at)


def test_every_page_opened_under_borrowed_access_is_on_record(
    client: Client, make_staff: Callable[..., Staff]
) -> None:
    administrator = make_staff("administrator")
    client.force_login(administrator)
    client.post("/people/borrow/", {"reason": "ticket 1234: wrong total"})

    page = client.get("/people/")

    told = AuditEntry.objects.filter(verb="open_page", actor=administrator)
    assert [entry.after["address"] for entry in told][:1] == ["/people/"]
    assert told[0].why == "ticket 1234: wrong total"
    assert "临时权限：" in page.content.decode()
