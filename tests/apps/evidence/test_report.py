"""The regulator's report: counted from the log, the same bytes for the same question."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from tests.apps.evidence.conftest import AS_OF, DAY, Person

from recoup.apps.complaints.models import Complaint
from recoup.apps.compliance.models import Export
from recoup.apps.contacts.actions import record_contact
from recoup.apps.contacts.models import Contact, DeliveryReceipt, Message
from recoup.apps.evidence.actions import take_report
from recoup.apps.evidence.report import BadPeriod, csv_of, pdf_of, report_of
from recoup.apps.people.permissions import Actor, NotAllowed


def rows(at: datetime, *, known_on: date | None = AS_OF) -> list[list[str]]:
    made = report_of(first=AS_OF.replace(day=1), last=AS_OF, known_on=known_on, at=at + 3 * DAY)
    return list(csv.reader(io.StringIO(csv_of(made).decode("utf-8-sig"))))


def test_contacts_and_refusals_are_counted(person: Person, at: datetime) -> None:
    found = rows(at)

    assert ["contacts", "call", "no_answer", "1"] in found
    assert ["contacts_in_hour", "10:00", "", "1"] in found
    assert ["summary", "asked", "", "3"] in found
    assert ["summary", "refused", "", "1"] in found
    assert ["refusals", "CN-CON-01", "", "1"] in found
    assert ["period", "known_on", "2026-11-20", ""] in found


def test_what_became_known_later_does_not_change_what_was_known(
    person: Person, at: datetime
) -> None:
    before = rows(at)
    sent = Contact.objects.create(
        debtor_id="D1", at=at, channel="sms", direction="out", recorded_at=at, client_key="s"
    )
    Message.objects.update(contact=sent)
    with_message = rows(at)
    DeliveryReceipt.objects.update(recorded_at=at + 2 * DAY)
    sent.outcome = "delivered"
    sent.save()
    told_later = rows(at)
    Contact.objects.filter(channel="call").update(withdrawn_at=at + DAY)
    withdrawn_later = rows(at)
    Contact.objects.filter(channel="call").update(withdrawn_at=at)
    withdrawn = rows(at)

    assert ["contacts", "sms", "delivered", "1"] in with_message
    assert ["contacts", "sms", "", "1"] in told_later
    assert ["contacts", "sms", "delivered", "1"] in rows(at, known_on=AS_OF + 2 * DAY)
    assert ["contacts", "call", "no_answer", "1"] in before
    assert ["contacts", "call", "no_answer", "1"] in withdrawn_later
    assert ["contacts", "call", "no_answer", "1"] not in withdrawn


def test_a_contact_logged_afterwards_counts_from_its_recording(
    person: Person, at: datetime
) -> None:
    before = rows(at)
    record_contact(
        actor=person.worker,
        debtor_id="D1",
        at=at,
        recorded_at=at + DAY,
        channel="call",
        outcome="busy",
    )

    assert rows(at) == before
    assert ["contacts", "call", "busy", "1"] in rows(at, known_on=AS_OF + DAY)


def test_complaints_are_counted_as_they_were_known(db: None, at: datetime) -> None:
    told = {"source": "phone", "category": "conduct", "words": "x", "starts_on": AS_OF}
    for number, taken_at in (("K1", at), ("K2", at), ("K3", at + 2 * DAY)):
        Complaint.objects.create(
            number=number, received_on=AS_OF, taken_at=taken_at, due_on=AS_OF - DAY, **told
        )
    Complaint.objects.filter(number="K1").update(
        status="closed", answered_on=AS_OF, answered_at=at, finding="upheld"
    )

    found, later = rows(at), rows(at, known_on=AS_OF + 2 * DAY)

    assert ["complaints_received", "phone", "conduct", "2"] in found
    assert ["complaints_received", "phone", "conduct", "3"] in later
    assert ["complaints_answered", "upheld", "", "1"] in found
    assert ["complaints", "late", "", "1"] in found
    assert ["complaints", "open", "", "1"] in found


def test_the_same_question_gives_the_same_bytes_in_both_forms(
    person: Person, act_as: Callable[..., Actor], at: datetime
) -> None:
    officer = act_as("compliance_officer", scope=("bank", ""))
    asked = {"first": AS_OF, "last": AS_OF, "known_on": AS_OF}

    def made(form: str, language: str, later: timedelta) -> bytes:
        report = report_of(**asked, at=at + DAY + later)
        return take_report(
            actor=officer, report=report, form=form, language=language, at=at + DAY + later
        ).content

    for form, language in (("csv", "zh"), ("pdf", "zh"), ("pdf", "en")):
        assert made(form, language, timedelta()) == made(form, language, 9 * DAY)
    assert made("csv", "zh", DAY) == made("csv", "en", DAY)
    report = report_of(**asked, at=at + DAY)
    assert report.sha256 in {one.sha256 for one in Export.objects.filter(kind="regulator_report")}
    assert pdf_of(report, language="zh") != pdf_of(report, language="en")


def test_a_period_that_is_not_over_or_the_wrong_way_round_is_refused(
    db: None, at: datetime
) -> None:
    for first, last, known in (
        (AS_OF, AS_OF, AS_OF),
        (AS_OF, AS_OF - DAY, None),
        (AS_OF - 3 * DAY, AS_OF - 2 * DAY, AS_OF - 3 * DAY),
        (date(2020, 1, 1), AS_OF - DAY, None),
    ):
        with pytest.raises(BadPeriod):
            report_of(first=first, last=last, known_on=known, at=at)


def test_the_report_is_for_who_reads_compliance(
    person: Person, act_as: Callable[..., Actor], at: datetime
) -> None:
    report = report_of(first=AS_OF, last=AS_OF, known_on=AS_OF, at=at + DAY)

    with pytest.raises(NotAllowed):
        take_report(actor=act_as("counsel"), report=report, form="csv", language="zh", at=at + DAY)
