"""The administrator makes and changes staff; what must be apart stays apart."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people import actions
from recoup.apps.people.actions import StaffFields
from recoup.apps.people.actions.staff import DutiesClash, LastAdministrator, NotOneself
from recoup.apps.people.models import Role, Staff
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.apps.people.queries import actor_of
from recoup.kernel.refusal import Refused, Stale

Act = Callable[..., Actor]
FIELDS = StaffFields(
    username="lin",
    display_name="林晓",
    staff_number="C0100",
    team="T1",
    branch="B1",
    roles=frozenset({"collector"}),
)


def test_a_new_member_of_staff_acts_with_role_and_scope(act_as: Act, at: datetime) -> None:
    administrator = act_as("administrator")

    made = actions.add_staff(
        actor=administrator,
        fields=FIELDS,
        password="a long enough pass phrase",
        scopes=(("team", "T1"),),
        at=at,
    )

    actor = actor_of(staff_id=made, at=at)
    assert actor.may("work", "cases")
    assert actor.teams == {"T1"}
    assert Staff.objects.get(pk=made).must_change_password
    told = AuditEntry.objects.get(record="staff", record_id=str(made))
    assert (told.verb, told.actor_id) == ("add_staff", administrator.staff_id)


def test_a_weak_initial_password_is_refused_with_its_rule(act_as: Act, at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_staff(actor=act_as("administrator"), fields=FIELDS, password="12345", at=at)

    assert refused.value.rule == "people:password"
    assert not Staff.objects.filter(username="lin").exists()


def test_the_later_of_two_administrators_is_told_who_was_faster(act_as: Act, at: datetime) -> None:
    first, second = act_as("administrator", name="first"), act_as("administrator", name="second")
    made = actions.add_staff(actor=first, fields=FIELDS, password="", at=at)
    change = {"staff_id": made, "version": 1, "at": at}
    actions.save_staff(actor=first, fields=replace(FIELDS, case_capacity=90), **change)

    with pytest.raises(Stale, match="first"):
        actions.save_staff(actor=second, fields=replace(FIELDS, case_capacity=10), **change)

    assert Staff.objects.get(pk=made).case_capacity == 90
    told = AuditEntry.objects.get(record="staff", record_id=str(made), verb="save_staff")
    assert (told.before, told.after) == ({"case_capacity": 150}, {"case_capacity": 90})


@pytest.mark.parametrize(
    ("codes", "rule"),
    [
        ({"auditor", "collector"}, "separation:auditor"),
        ({"auditor", "administrator"}, "separation:auditor"),
        ({"administrator", "collector"}, "separation:administrator"),
        ({"administrator", "compliance_officer"}, "separation:administrator"),
    ],
)
def test_duties_that_must_be_apart_are_not_given_to_one_person(
    act_as: Act, at: datetime, codes: set[str], rule: str
) -> None:
    with pytest.raises(DutiesClash) as refused:
        actions.add_staff(
            actor=act_as("administrator"),
            fields=replace(FIELDS, roles=frozenset(codes)),
            password="",
            at=at,
        )

    assert refused.value.rule == rule


def test_an_administrator_gives_oneself_no_role_and_no_scope(act_as: Act, at: datetime) -> None:
    administrator = act_as("administrator", name="root")
    own = StaffFields(
        username="root", display_name="root", staff_number="N9", roles=frozenset({"collector"})
    )

    with pytest.raises(NotOneself):
        actions.save_staff(
            actor=administrator, staff_id=administrator.staff_id, version=1, fields=own, at=at
        )
    with pytest.raises(NotOneself):
        actions.give_scope(
            actor=administrator,
            staff_id=administrator.staff_id,
            kind="bank",
            value="",
            until=None,
            at=at,
        )


def test_the_last_administrator_stays(act_as: Act, at: datetime) -> None:
    administrator = act_as("administrator")
    role = Role.objects.get(code="administrator")

    with pytest.raises(LastAdministrator):
        actions.set_duties(
            actor=administrator, role_id=role.pk, version=1, duties={"view people"}, at=at
        )

    assert role.duties.filter(verb="configure", room="people").exists()


def test_a_role_is_not_given_duties_that_its_members_must_not_hold(
    act_as: Act, at: datetime
) -> None:
    administrator = act_as("administrator")
    auditor = Role.objects.get(code="auditor")

    with pytest.raises(DutiesClash):
        actions.set_duties(
            actor=administrator,
            role_id=auditor.pk,
            version=auditor.version,
            duties={"view cases", "work cases"},
            at=at,
        )


def test_new_duties_of_a_role_reach_its_members_at_once(act_as: Act, at: datetime) -> None:
    administrator, collector = act_as("administrator"), act_as("collector")
    role = Role.objects.get(code="collector")
    held = {f"{duty.verb} {duty.room}" for duty in role.duties.all()}

    actions.set_duties(
        actor=administrator, role_id=role.pk, version=1, duties=held | {"post ledger"}, at=at
    )

    assert collector.staff_id is not None
    assert actor_of(staff_id=collector.staff_id, at=at).may("post", "ledger")
    told = AuditEntry.objects.get(verb="set_duties")
    assert (told.before, told.after) == ({"taken": []}, {"given": ["post ledger"]})


def test_a_scope_ends_by_itself(act_as: Act, at: datetime) -> None:
    administrator, collector = act_as("administrator"), act_as("collector")
    ends = at.replace(hour=at.hour + 1)

    actions.give_scope(
        actor=administrator,
        staff_id=collector.staff_id,
        kind="branch",
        value="B1",
        until=ends,
        at=at,
    )

    assert collector.staff_id is not None
    assert actor_of(staff_id=collector.staff_id, at=at).branches == {"B1"}
    assert actor_of(staff_id=collector.staff_id, at=ends).branches == frozenset()


def test_a_supervisor_looks_up_the_own_team_and_changes_nobody(act_as: Act, at: datetime) -> None:
    supervisor = act_as("supervisor", team="T1")
    own, other = act_as("collector", team="T1"), act_as("collector", team="T2")

    with pytest.raises(NotAllowed, match="configure people"):
        actions.save_staff(actor=supervisor, staff_id=own.staff_id, version=1, fields=FIELDS, at=at)
    with pytest.raises(NotFound):
        actions.record_absence(
            actor=supervisor,
            staff_id=other.staff_id,
            from_on=at.date(),
            until_on=at.date().replace(day=28),
            stand_in_id=None,
            reason="",
            at=at,
        )
