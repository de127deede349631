"""What a court asks for, what we have of it, and documents filed for an item."""

from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from tests.apps.evidence.conftest import Person

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.models import DeliveryReceipt, Message, PostalLetter
from recoup.apps.evidence.actions import file_paper
from recoup.apps.evidence.queries import case_evidence
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.apps.portfolio.models import Contract
from recoup.web.kept_files import keep


def states(actor: Actor, at: datetime) -> dict[str, str]:
    found = case_evidence(actor, debtor_id="D1", at=at)
    return {one.item.code: one.state for one in found.standing}


def test_what_is_asked_for_depends_on_the_loans(
    person: Person, auditor: Actor, at: datetime
) -> None:
    guaranteed = states(auditor, at)
    Contract.objects.update(security="mortgaged")
    mortgaged = states(auditor, at)

    assert guaranteed["guarantor_demand"] == "missing"
    assert "security_registration" not in guaranteed
    assert mortgaged["security_registration"] == "missing"
    assert "guarantor_demand" not in mortgaged


def test_what_nobody_recorded_is_not_taken_for_no(
    person: Person, auditor: Actor, at: datetime
) -> None:
    assert states(auditor, at)["assignment_notice"] == "unknown"


def test_a_delivered_message_is_a_demand_and_a_counted_loan_has_its_statement(
    person: Person, auditor: Actor, at: datetime
) -> None:
    found = states(auditor, at)
    Contract.objects.update(bad_code="own_row")

    assert (found["demand"], found["statement"]) == ("here", "here")
    assert states(auditor, at)["statement"] == "missing"


def test_a_letter_that_the_post_delivered_is_a_demand_and_a_paper(
    person: Person, auditor: Actor, at: datetime
) -> None:
    DeliveryReceipt.objects.all().delete()
    kept = keep(content=b"%PDF-1.7 a letter", folder=Path(settings.KEPT_FILES))
    message = Message.objects.get()
    PostalLetter.objects.create(
        message=message,
        debtor_id="D1",
        file_number="2026-1",
        content={},
        sha256=kept,
        pages=1,
        made_at=at,
    )
    under_way = states(auditor, at)["demand"]
    PostalLetter.objects.update(fate="delivered")

    paper = next(
        one
        for one in case_evidence(auditor, debtor_id="D1", at=at).papers
        if one.key.startswith("contacts.letter:")
    )
    assert under_way == "missing"
    assert states(auditor, at)["demand"] == "here"
    assert paper.content() == b"%PDF-1.7 a letter"


def test_a_document_filed_for_an_item_counts_until_it_is_taken_back(
    person: Person, auditor: Actor, at: datetime
) -> None:
    paper = next(
        one.key
        for one in case_evidence(auditor, debtor_id="D1", at=at).papers
        if one.title == "签署的借款合同"
    )

    file_paper(actor=person.worker, debtor_id="D1", item="contract", paper=paper, at=at)
    filed = states(auditor, at)["contract"]
    file_paper(actor=person.worker, debtor_id="D1", item="contract", paper="", at=at)

    assert filed == "here"
    assert states(auditor, at)["contract"] == "missing"
    told = AuditEntry.objects.filter(verb="file_paper").order_by("pk")
    assert [(one.before["paper"], one.after["paper"]) for one in told] == [("", paper), (paper, "")]


def test_nothing_is_filed_that_is_not_there_or_by_who_may_not(
    person: Person, auditor: Actor, at: datetime
) -> None:
    about = {"debtor_id": "D1", "at": at}

    with pytest.raises(NotFound):
        file_paper(actor=person.worker, item="contract", paper="portfolio.proof:999", **about)
    with pytest.raises(NotFound):
        file_paper(actor=person.worker, item="nothing", paper="", **about)
    with pytest.raises(NotAllowed):
        file_paper(actor=auditor, item="contract", paper="", **about)
