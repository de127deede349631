"""Names every listener once: which room hears which fact."""

from time import monotonic_ns

from recoup.apps.analytics.actions import keep_figures
from recoup.apps.arrangements.actions import rematch_book, rematch_for_receipt
from recoup.apps.arrangements.events import PromiseRecorded, PromisesLapsed, PromiseWithdrawn
from recoup.apps.cases import actions as cases
from recoup.apps.cases import proving as cases_proving
from recoup.apps.closing.redecision import on_act, on_act_of_weight, on_night_published
from recoup.apps.complaints import proving as complaints_proving
from recoup.apps.complaints.actions import execute_extension
from recoup.apps.complaints.notices import notices
from recoup.apps.compliance import proving as trail_proving
from recoup.apps.compliance.actions import record_change
from recoup.apps.compliance.events import ApprovalDecided
from recoup.apps.compliance.permissions import ask_sight_of
from recoup.apps.contacts import actions as contacts
from recoup.apps.contacts import proving as contacts_proving
from recoup.apps.contacts.events import (
    ContactRecorded,
    ContactWithdrawn,
    LetterMoved,
    StopAsked,
    StopLifted,
)
from recoup.apps.contacts.figures import contact_figures
from recoup.apps.ledger import proving as ledger_proving
from recoup.apps.ledger.actions import confirm_postings, execute_reversal
from recoup.apps.ledger.events import ReceiptPosted, ReceiptReversed
from recoup.apps.portfolio import events as portfolio
from recoup.apps.portfolio.proving import proof_papers
from recoup.apps.quality.actions import draw_due
from recoup.apps.visits import proving as visits_proving
from recoup.events.bus import listen
from recoup.events.changes import Change
from recoup.events.clock import Clock, tell_clock
from recoup.events.evidence import figures_from, papers_from, seal_from
from recoup.site.clock import now
from recoup.site.sight import seen_debtors
from recoup.site.told_outside import wire_hooks
from recoup.site.ways_out import call_control
from recoup.web.notices import tell_notices


def wire() -> None:
    """Connect the rooms. Order matters where two listen to one fact: the trail comes first."""
    tell_clock(Clock(instant=now, nanoseconds=monotonic_ns))
    listen(Change, record_change)
    ask_sight_of(seen_debtors)
    tell_notices(notices)
    contacts.tell_call_control(call_control)
    _wire_ledger_and_promises()
    _wire_contacts_and_cases()
    # After the cases: a timeline tells of the receipt first, then of the promise that it kept.
    listen(ReceiptPosted, rematch_for_receipt)
    listen(ReceiptReversed, rematch_for_receipt)
    _wire_redecisions()
    _wire_evidence()
    wire_hooks()


def _wire_ledger_and_promises() -> None:
    """Postings first: promises are matched with what the book does not have yet.

    Before them the tickets of a new night: persons are taken before promises and cases.
    """
    listen(ApprovalDecided, execute_reversal)
    listen(ApprovalDecided, execute_extension)
    listen(portfolio.NightPublished, on_night_published)
    listen(portfolio.NightPublished, confirm_postings)
    listen(portfolio.NightPublished, rematch_book)


def _wire_contacts_and_cases() -> None:
    """Contacts first: the gate's history; then the cases, which copy from everything below."""
    listen(portfolio.NightPublished, contacts.bring_night)
    # What was permitted before money or a hold came is permitted no longer, also in the outbox.
    listen(ReceiptPosted, contacts.hear_payment)
    listen(portfolio.HoldSet, contacts.hear_hold)
    listen(portfolio.HoldLifted, contacts.hear_hold_lifted)
    listen(portfolio.NightPublished, cases.bring_night)
    listen(portfolio.NightPublished, keep_figures)
    listen(portfolio.NightPublished, draw_due)
    listen(portfolio.DebtorRedecided, cases.bring_person)
    listen(portfolio.HoldSet, cases.hear_hold_set)
    listen(portfolio.HoldLifted, cases.hear_hold_lifted)
    listen(portfolio.ContactPointJudged, cases.hear_contact_point)
    listen(portfolio.ProfileChanged, cases.hear_profile)
    listen(ContactRecorded, cases.hear_contact)
    listen(ContactWithdrawn, cases.hear_contact_withdrawn)
    listen(LetterMoved, cases.hear_letter)
    listen(StopAsked, cases.hear_stop)
    listen(StopLifted, cases.hear_stop)
    listen(ReceiptPosted, cases.hear_receipt)
    listen(ReceiptReversed, cases.hear_reversal)
    for kind in cases.PROMISE_KINDS:
        listen(kind, cases.hear_promise)
    listen(Change, cases.hear_reveal)


def _wire_redecisions() -> None:
    """Decide a person anew whenever something is recorded about him or her by day.

    After every other listener, so that what the act entails is in the records by then.
    """
    listen(ReceiptPosted, on_act_of_weight)
    listen(ReceiptReversed, on_act_of_weight)
    listen(portfolio.HoldSet, on_act_of_weight)
    listen(portfolio.HoldLifted, on_act_of_weight)
    listen(ContactRecorded, on_act)
    listen(ContactWithdrawn, on_act)
    listen(PromiseRecorded, on_act)
    listen(PromiseWithdrawn, on_act)
    listen(PromisesLapsed, on_act)


def _wire_evidence() -> None:
    """Name what each room has as evidence: rows to seal, papers for bundles, figures to report."""
    for room in (
        trail_proving,
        cases_proving,
        contacts_proving,
        ledger_proving,
        visits_proving,
        complaints_proving,
    ):
        for source in room.SEALED:
            seal_from(source)
    for papers in (
        proof_papers,
        ledger_proving.statement_papers,
        contacts_proving.message_papers,
        contacts_proving.letter_papers,
        complaints_proving.answer_papers,
    ):
        papers_from(papers)
    figures_from(contact_figures)
    figures_from(complaints_proving.complaint_figures)
