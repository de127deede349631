"""Who was shown a masked number, and which data left the house, is on record."""

from collections.abc import Callable
from datetime import datetime

import pytest

from recoup.apps.compliance import actions
from recoup.apps.compliance.actions.approvals import ReasonMissing
from recoup.apps.compliance.models import AuditEntry, Export, Reveal
from recoup.apps.compliance.permissions import NotAllowed, NotFound
from recoup.apps.people.permissions import Actor

Act = Callable[..., Actor]


def test_a_reveal_is_recorded_with_its_reason(act_as: Act, at: datetime) -> None:
    officer = act_as("compliance_officer", scope=("bank", ""))

    actions.reveal(actor=officer, debtor_id="D1", field="phone", reason="complaint", at=at)

    made = Reveal.objects.get()
    assert (made.debtor_id, made.field, made.reason) == ("D1", "phone", "complaint")
    told = AuditEntry.objects.get(verb="reveal")
    assert (told.debtor_id, told.actor_id) == ("D1", officer.staff_id)


def test_nothing_is_revealed_without_reason_duty_or_scope(act_as: Act, at: datetime) -> None:
    whole_bank = ("bank", "")
    who = {
        ReasonMissing: (act_as("compliance_officer", scope=whole_bank), " "),
        NotAllowed: (act_as("auditor", scope=whole_bank), "curious"),
        NotFound: (act_as("collector"), "about to call"),
    }

    for refusal, (actor, reason) in who.items():
        with pytest.raises(refusal):
            actions.reveal(
                actor=actor, debtor_id="D-elsewhere", field="phone", reason=reason, at=at
            )

    assert not Reveal.objects.exists()


def test_an_export_carries_who_number_instant_and_number(act_as: Act, at: datetime) -> None:
    supervisor = act_as("supervisor", name="陈立")

    watermark = actions.record_export(
        actor=supervisor,
        kind="dashboard",
        parameters={"team": "T1"},
        rows=12,
        sha256="0" * 64,
        at=at,
    )

    made = Export.objects.get()
    assert watermark == f"陈立 · supervisor-1 · 2026-11-20 10:00 · #{made.pk}"
    assert AuditEntry.objects.get(verb="export").after["rows"] == 12
