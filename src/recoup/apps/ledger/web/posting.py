"""Posting a receipt: find the contract, see what the money would pay, post, take back."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recoup.apps.compliance.queries import approvals_of, made_by, waiting_for
from recoup.apps.ledger import actions, queries
from recoup.apps.ledger.records import CHANNELS
from recoup.apps.ledger.refusals import CannotReverse
from recoup.apps.ledger.web.asked import Asked, amount_of, day_of, sent, sentence_of
from recoup.apps.people.permissions import NotAllowed, NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.queries import (
    contract,
    contracts_of,
    current_publication,
    debtor,
    debtor_cards,
    search,
)
from recoup.kernel.refusal import Refused
from recoup.web.shown import local

#: People that the search for a contract shows at most.
FOUND = 8
#: What the form sends, and the confirmation sends again.
FIELDS = ("contract", "key", "amount", "paid_on", "channel", "payment_id", "note")


@require_safe
def postings(request: Asked) -> HttpResponse:
    """Show what was posted on a day, what waits for approval, what the book should have by now."""
    actor = request.actor
    today = local(request.at).date()
    on = day_of(request.GET["on"]) if request.GET.get("on") else today
    listed = queries.postings_on(actor=actor, on=on)
    publication = current_publication()
    late = queries.not_in_book(actor=actor, as_of=publication.as_of) if publication else ()
    waiting = [card for card in waiting_for(actor) if card.room == actions.ROOM]
    asked = [card for card in made_by(actor) if card.room == actions.ROOM and not card.checked_at]
    debtor_ids = {one.debtor_id for one in listed} | {one.posting.debtor_id for one in late}
    staff = {one.made_by for one in listed if one.made_by is not None}
    received: dict[str, int] = {}
    for one in listed:
        sign = -1 if one.is_reversal else 1
        received[one.currency] = received.get(one.currency, 0) + sign * one.amount_minor
    context = {
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1) if on < today else None,
        "postings": listed,
        "received": sorted(received.items()),
        "late": late,
        "days_to_book": queries.DAYS_TO_BOOK,
        "waiting": waiting,
        "asked": asked,
        "debtors": debtor_cards(debtor_ids),
        "staff": staff_cards(staff),
        "may_post": actor.may("post", actions.ROOM),
    }
    return render(request, "ledger/postings.html", context)


@require_safe
def find(request: Asked) -> HttpResponse:
    """Show contracts that match what is typed: a contract, a name, a number."""
    require(request.actor, "post", actions.ROOM)
    text = request.GET.get("q", "").strip()
    hits = search(request.actor, text, FOUND) if text else ()
    loans = contracts_of([hit.debtor_id for hit in hits])
    found = [(hit, loan) for hit in hits for loan in loans.get(hit.debtor_id, ())]
    return render(request, "ledger/_found.html", {"found": found, "text": text})


@require_safe
def new_receipt(request: Asked) -> HttpResponse:
    """Show the form: first the contract, then the money."""
    require(request.actor, "post", actions.ROOM)
    contract_id = request.GET.get("contract", "")
    if not contract_id:
        return render(request, "ledger/new.html", {})
    return _form(request, contract_id, typed={"paid_on": local(request.at).date().isoformat()})


@require_POST
def preview(request: Asked) -> HttpResponse:
    """Show what the money would pay, and what would change."""
    require(request.actor, "post", actions.ROOM)
    loan = contract(request.actor, sent(request, "contract"))
    typed = {name: sent(request, name) for name in request.POST}
    try:
        paid_on = day_of(sent(request, "paid_on"))
        amount = amount_of(sent(request, "amount"), currency=loan.currency)
        actions.check_receipt(
            loan=loan,
            paid_on=paid_on,
            amount_minor=amount,
            channel=sent(request, "channel"),
            at=request.at,
        )
        shown = queries.preview_receipt(
            actor=request.actor,
            contract_id=loan.contract_id,
            paid_on=paid_on,
            amount_minor=amount,
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _previewed(request, loan.contract_id, typed, refusal=sentence_of(refused))
    return _previewed(request, loan.contract_id, typed, shown=shown, amount_minor=amount)


@require_POST
def post(request: Asked) -> HttpResponse:
    """Post the receipt; the same form sent twice posts once."""
    loan = contract(request.actor, sent(request, "contract"))
    typed = {name: sent(request, name) for name in request.POST}
    try:
        card = actions.post_receipt(
            actor=request.actor,
            idempotency_key=sent(request, "key"),
            contract_id=loan.contract_id,
            paid_on=day_of(sent(request, "paid_on")),
            amount_minor=amount_of(sent(request, "amount"), currency=loan.currency),
            channel=sent(request, "channel"),
            note=sent(request, "note"),
            payment_id=sent(request, "payment_id"),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _form(request, loan.contract_id, typed=typed, refusal=sentence_of(refused))
    messages.success(request, _("The receipt is posted."))
    return HttpResponseRedirect(reverse("ledger:posting", args=[card.payment_id]))


@require_safe
def posting(request: Asked, payment_id: str) -> HttpResponse:
    """Show one entry, with what can still be done about it."""
    return _posting(request, payment_id)


@require_http_methods(["GET", "POST"])
def reverse_entry(request: Asked) -> HttpResponse:
    """Ask for the reason and take a receipt back, or ask for approval of it."""
    require(request.actor, "post", actions.ROOM)
    given = request.POST if request.method == "POST" else request.GET
    payment_id = given.get("payment", "").strip()
    contract_id = given.get("contract", "").strip()
    context: dict[str, object] = {"why": given.get("why", "")}
    if request.method == "GET":
        context["receipt"] = queries.receipt_to_reverse(
            actor=request.actor, payment_id=payment_id, contract_id=contract_id
        )
        return render(request, "ledger/reverse.html", context)
    try:
        done = actions.reverse_receipt(
            actor=request.actor,
            payment_id=payment_id,
            contract_id=contract_id,
            why=sent(request, "why"),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        context["refusal"] = sentence_of(refused)
        context["receipt"] = queries.receipt_to_reverse(
            actor=request.actor, payment_id=payment_id, contract_id=contract_id
        )
        return render(request, "ledger/reverse.html", context, status=422)
    if done.posting is None:
        messages.info(request, _("The reversal waits for a colleague's approval."))
        return HttpResponseRedirect(reverse("ledger:postings"))
    messages.success(request, _("The receipt is taken back."))
    return HttpResponseRedirect(reverse("ledger:posting", args=[done.posting.payment_id]))


def _form(
    request: Asked, contract_id: str, *, typed: dict[str, str], refusal: str = ""
) -> HttpResponse:
    loan = contract(request.actor, contract_id)
    context = {
        "loan": loan,
        "person": debtor(request.actor, loan.debtor_id),
        "channels": CHANNELS,
        "typed": {"channel": CHANNELS[0], **typed},
        # One key a form: sent twice, it posts once.
        "key": typed.get("key") or f"desk-{request.actor.staff_id}-{request.at.isoformat()}",
        "today": local(request.at).date(),
        "refusal": refusal,
    }
    return render(request, "ledger/form.html", context, status=422 if refusal else 200)


def _previewed(
    request: Asked,
    contract_id: str,
    typed: dict[str, str],
    *,
    shown: queries.Preview | None = None,
    amount_minor: int = 0,
    refusal: str = "",
) -> HttpResponse:
    loan = contract(request.actor, contract_id)
    context = {
        "loan": loan,
        "typed": typed,
        "kept": {name: typed.get(name, "") for name in FIELDS},
        "shown": shown,
        "amount_minor": amount_minor,
        "refusal": refusal,
    }
    if not request.htmx:
        context |= {
            "person": debtor(request.actor, loan.debtor_id),
            "channels": CHANNELS,
            "key": typed.get("key", ""),
            "today": local(request.at).date(),
        }
        return render(request, "ledger/form.html", context, status=422 if refusal else 200)
    return render(request, "ledger/_preview.html", context)


def _posting(request: Asked, payment_id: str) -> HttpResponse:
    card = queries.posting(actor=request.actor, payment_id=payment_id)
    staff = staff_cards([card.made_by]) if card.made_by is not None else {}
    last = card.made_at + timedelta(minutes=actions.UNDO_MINUTES)
    own = card.made_by == request.actor.staff_id
    stands = not card.is_reversal and card.reversed_by is None
    waiting = [
        one
        for one in approvals_of(room=actions.ROOM, record_id=payment_id)
        if one.status == "pending"
    ]
    context = {
        "card": card,
        "person": debtor_cards([card.debtor_id]).get(card.debtor_id),
        "maker": staff.get(card.made_by or 0),
        "waiting": waiting,
        "may_reverse": stands and request.actor.may("post", actions.ROOM) and not waiting,
        "is_slip": own and stands and request.at <= last and card.confirmed_as_of is None,
        "undo_until": last,
        "why_slip": CannotReverse.SLIP.of("zh" if request.LANGUAGE_CODE[:2] == "zh" else "en"),
    }
    return render(request, "ledger/posting.html", context)
