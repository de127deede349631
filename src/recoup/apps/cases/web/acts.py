"""What a collector does to a case: log a contact, book a promise, note, task, undo."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recoup.apps.arrangements.actions import record_promise, withdraw_promise
from recoup.apps.cases.actions import (
    NotPossible,
    add_note,
    add_task,
    cancel_task,
    finish_task,
    reopen_task,
    undo_move,
    withdraw_note,
)
from recoup.apps.cases.queries import case_of
from recoup.apps.cases.web.answers import answered
from recoup.apps.cases.web.asked import (
    Asked,
    sent_amount,
    sent_day,
    sent_instant,
    sent_number,
    sent_text,
)
from recoup.apps.cases.web.instead import instead_of
from recoup.apps.cases.web.undoing import Undo
from recoup.apps.contacts.actions import (
    CALL_LIFE,
    PERMIT_LIFE,
    Intended,
    ask_gate,
    call_control,
    place_call,
    record_contact,
    seat_of,
    withdraw_contact,
)
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.portfolio.queries import contact_points_of, contracts_of
from recoup.web.shown import amount, day_with_weekday
from recoup.web.words import word_of

#: Ways of reaching a person for which the gate is asked when the form opens.
ASKED_FOR = ("call", "visit", "im")


@require_POST
def ask(request: Asked, debtor_id: str) -> HttpResponse:
    """Ask the gate for a call or a visit; with its permit, and only so, the number is shown."""
    case_of(request.actor, debtor_id)
    channel = sent_text(request, "channel") or "call"
    if channel not in ASKED_FOR or sent_text(request, "direction") == "in":
        return render(request, "cases/_permit.html", {"answer": None})
    answer = ask_gate(
        actor=request.actor,
        intended=Intended(
            debtor_id=debtor_id,
            channel=channel,
            party=sent_text(request, "party") or "debtor",
            number=_number(debtor_id, sent_number(request, "point")),
            purpose=sent_text(request, "purpose") or "collect",
        ),
        at=request.at,
    )
    instead = None
    if not answer.permitted:
        instead = instead_of(
            debtor_id=debtor_id, channel=channel, purpose=answer.purpose, at=request.at
        )
    context = {
        "answer": answer,
        "until": answer.at + PERMIT_LIFE,
        "zone": answer.facts["person"]["time_zone"],
        "dials": channel == "call" and answer.permitted,
        "instead": instead,
        "rings": call_control() is not None and bool(seat_of(request.actor)),
    }
    return render(request, "cases/_permit.html", context)


@require_POST
def dial(request: Asked, debtor_id: str) -> HttpResponse:
    """Have the exchange ring the collector and then the person, under the permit on the page."""
    case_of(request.actor, debtor_id)
    made = place_call(
        actor=request.actor,
        debtor_id=debtor_id,
        decision_id=sent_number(request, "decision") or 0,
        at=request.at,
    )
    context = {
        "answer": made.decision,
        "until": made.decision.at + CALL_LIFE,
        "zone": made.decision.facts["person"]["time_zone"],
        "rung": True,
    }
    return render(request, "cases/_permit.html", context)


@require_POST
def log_contact(request: Asked, debtor_id: str) -> HttpResponse:
    """Log a contact; a promise goes on to be booked at once."""
    outcome = sent_text(request, "outcome")
    logged = record_contact(
        actor=request.actor,
        debtor_id=debtor_id,
        at=request.at,
        channel=sent_text(request, "channel") or "call",
        direction=sent_text(request, "direction") or "out",
        party=sent_text(request, "party") or "debtor",
        number=_number(debtor_id, sent_number(request, "point")),
        purpose=sent_text(request, "purpose") or "collect",
        outcome=outcome,
        note=sent_text(request, "note"),
        recording=sent_text(request, "recording"),
        contract_id=sent_text(request, "contract") or None,
        contact_id=sent_text(request, "key") or None,
        only_this_channel=request.POST.get("only_this_channel") == "yes",
        decision_id=sent_number(request, "decision"),
    ).contact
    said = _("Logged: %(outcome)s.") % {"outcome": word_of(kind="outcome", code=outcome)}
    if logged.breaches:
        rules = ", ".join(str(one["rule"]) for one in logged.breaches)
        said += " " + _("It stood against a rule and is on the compliance list: %(rules)s.") % {
            "rules": rules
        }
    undo = None
    if outcome != "invalid":
        undo = Undo(
            address=reverse("cases:undo-contact", args=[logged.contact_id]),
            fields=(("debtor", debtor_id),),
        )
    panel = "promise" if outcome == "promise" else ""
    return answered(request, debtor_id, said, undo=undo, panel=panel, worked=True)


def _number(debtor_id: str, point_id: int | None) -> str:
    """Yield the number behind a contact point of the person; pages never carry numbers whole."""
    if point_id is None:
        return ""
    for point in contact_points_of(debtor_id):
        if point.contact_point_id == point_id:
            return point.value
    raise NotFound(what=str(point_id))


@require_POST
def undo_contact(request: Asked, contact_id: int) -> HttpResponse:
    """Take back a contact that was logged by mistake."""
    taken = withdraw_contact(actor=request.actor, contact_id=contact_id, at=request.at)
    return answered(request, taken.debtor_id, _("The contact was taken back."))


@require_POST
def promise(request: Asked, debtor_id: str) -> HttpResponse:
    """Book a promise to pay."""
    case_of(request.actor, debtor_id)
    require(request.actor, "work", "arrangements")
    contract_id = sent_text(request, "contract") or None
    currency = _currency(debtor_id, contract_id)
    made = record_promise(
        actor=request.actor,
        debtor_id=debtor_id,
        contract_id=contract_id,
        amount_minor=sent_amount(request, "amount", currency=currency),
        due_on=sent_day(request, "due_on"),
        channel=sent_text(request, "channel") or "call",
        party=sent_text(request, "party") or "debtor",
        note=sent_text(request, "note"),
        above_owed=request.POST.get("above_owed") == "yes",
        at=request.at,
    )
    said = _("Promise booked: %(amount)s by %(day)s.") % {
        "amount": amount(made.amount_minor, made.currency or currency),
        "day": day_with_weekday(made.due_on),
    }
    return answered(request, debtor_id, said, worked=True)


def _currency(debtor_id: str, contract_id: str | None) -> str:
    loans = [one for one in contracts_of((debtor_id,)).get(debtor_id, ()) if one.gone_on is None]
    if contract_id is not None:
        loans = [one for one in loans if one.contract_id == contract_id]
    if not loans:
        raise NotFound(what=contract_id or debtor_id)
    currencies = {one.currency for one in loans if one.overdue_minor} or {
        one.currency for one in loans
    }
    if len(currencies) > 1:
        raise NotPossible(
            zh="此人在多个币种上欠款；请选择承诺针对哪一笔贷款。",
            en="This person owes in several currencies; choose the loan that the promise is for.",
        )
    return currencies.pop()


@require_POST
def take_back_promise(request: Asked, debtor_id: str) -> HttpResponse:
    """Withdraw a promise, with the reason."""
    case_of(request.actor, debtor_id)
    withdraw_promise(
        actor=request.actor,
        promise_id=sent_text(request, "promise"),
        why=sent_text(request, "why"),
        version=sent_number(request, "version") or 0,
        at=request.at,
    )
    return answered(request, debtor_id, _("The promise was withdrawn."))


@require_POST
def note(request: Asked, debtor_id: str) -> HttpResponse:
    """Write a note into the timeline."""
    made = add_note(
        actor=request.actor,
        debtor_id=debtor_id,
        text=sent_text(request, "text"),
        corrects=sent_number(request, "corrects"),
        at=request.at,
    )
    undo = Undo(address=reverse("cases:withdraw-note", args=[debtor_id, made.place]))
    return answered(request, debtor_id, _("The note is in the timeline."), undo=undo)


@require_POST
def take_back_note(request: Asked, debtor_id: str, place: int) -> HttpResponse:
    """Take a note back; the timeline keeps both."""
    withdraw_note(actor=request.actor, debtor_id=debtor_id, place=place, at=request.at)
    return answered(request, debtor_id, _("The note was taken back."))


@require_POST
def task(request: Asked, debtor_id: str) -> HttpResponse:
    """Make a task."""
    case_of(request.actor, debtor_id)
    require(request.actor, "work", "cases")
    add_task(
        actor=request.actor,
        debtor_id=debtor_id,
        kind=sent_text(request, "kind"),
        title=sent_text(request, "title"),
        due_at=sent_instant(request, "due_at"),
        assignee_id=sent_number(request, "assignee"),
        at=request.at,
    )
    return answered(request, debtor_id, _("The task was made."))


@require_POST
def task_done(request: Asked, task_id: int) -> HttpResponse:
    """Mark a task as done."""
    done = finish_task(
        actor=request.actor,
        task_id=task_id,
        version=sent_number(request, "version") or 0,
        at=request.at,
    )
    undo = Undo(address=reverse("cases:reopen-task", args=[task_id]))
    return answered(request, done.debtor_id, _("The task is done."), undo=undo)


@require_POST
def task_reopened(request: Asked, task_id: int) -> HttpResponse:
    """Undo that a task was done."""
    again = reopen_task(actor=request.actor, task_id=task_id, at=request.at)
    return answered(request, again.debtor_id, _("The task is open again."))


@require_POST
def task_cancelled(request: Asked, task_id: int) -> HttpResponse:
    """Cancel a task."""
    gone = cancel_task(
        actor=request.actor,
        task_id=task_id,
        version=sent_number(request, "version") or 0,
        at=request.at,
    )
    return answered(request, gone.debtor_id, _("The task was cancelled."))


@require_POST
def undo_assignment(request: Asked, move_id: int) -> HttpResponse:
    """Take a move of cases back."""
    move = undo_move(actor=request.actor, move_id=move_id, at=request.at)
    debtor_id = sent_text(request, "debtor") or move.debtor_ids[0]
    return answered(request, debtor_id, _("The assignment was undone."))
