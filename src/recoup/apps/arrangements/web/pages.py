"""Promises due today, running late, broken; the promises of a person; record and withdraw."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recoup.apps.arrangements import actions, queries
from recoup.apps.arrangements.refusals import BadPromise
from recoup.apps.ledger.queries import desk_day, rules_in_force
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.queries import contracts_of, debtor, debtor_cards
from recoup.engine.book.contract import CHANNELS, PARTIES
from recoup.kernel.money import text_from_minor
from recoup.kernel.refusal import Refused
from recoup.web.shown import local, speaks_chinese
from recoup.web.typed import typed_amount, typed_day

#: Days back over which broken promises are listed.
BROKEN_DAYS = 7
#: Days ahead that the form offers by a button.
OFFERED_DAYS = (0, 1, 3, 7)


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime


@require_safe
def promises(request: Asked) -> HttpResponse:
    """Show promises due on a day, those running late, those broken in the last days."""
    today = local(request.at).date()
    on = typed_day(request.GET["on"], refusal=BadPromise) if request.GET.get("on") else today
    due = queries.due_on(actor=request.actor, on=on)
    late = queries.running_late(actor=request.actor, on=today)
    broken = queries.broken_since(actor=request.actor, on=today - timedelta(days=BROKEN_DAYS))
    listed = (*due, *late, *broken)
    context = {
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "groups": (("due", due), ("late", late), ("broken", broken)),
        "broken_days": BROKEN_DAYS,
        "debtors": debtor_cards({one.debtor_id for one in listed}),
    }
    return render(request, "arrangements/promises.html", context)


@require_safe
def person(request: Asked, debtor_id: str) -> HttpResponse:
    """Show every promise of a person, of the desk and of the book."""
    card = debtor(request.actor, debtor_id)
    require(request.actor, "view", actions.ROOM)
    listed = queries.promises_of(debtor_id=debtor_id)
    context = {
        "person": card,
        "promises": listed,
        "staff": staff_cards({one.made_by for one in listed if one.made_by is not None}),
        "may_work": request.actor.may("work", actions.ROOM),
    }
    return render(request, "arrangements/person.html", context)


@require_http_methods(["GET", "POST"])
def new_promise(request: Asked, debtor_id: str) -> HttpResponse:
    """Ask for amount, day, channel, party; record the promise."""
    debtor(request.actor, debtor_id)
    require(request.actor, "work", actions.ROOM)
    if request.method == "GET":
        return _form(request, debtor_id, typed={})
    typed = {name: request.POST.get(name, "").strip().replace("\x00", "") for name in request.POST}
    try:
        made = actions.record_promise(
            actor=request.actor,
            debtor_id=debtor_id,
            contract_id=typed.get("contract") or None,
            amount_minor=typed_amount(
                typed.get("amount", ""), refusal=BadPromise, currency=_currency(debtor_id, typed)
            ),
            due_on=typed_day(typed.get("due_on", ""), refusal=BadPromise),
            channel=typed.get("channel", ""),
            party=typed.get("party", ""),
            note=typed.get("note", ""),
            above_owed=bool(typed.get("above_owed")),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _form(request, debtor_id, typed=typed, refused=refused)
    messages.success(request, _("The promise is recorded."))
    return HttpResponseRedirect(reverse("arrangements:person", args=[made.debtor_id]))


@require_http_methods(["GET", "POST"])
def withdraw(request: Asked, promise_id: str) -> HttpResponse:
    """Ask for the reason and take a promise back."""
    card = queries.promise(actor=request.actor, promise_id=promise_id)
    require(request.actor, "work", actions.ROOM)
    context = {"card": card, "why": request.POST.get("why", "")}
    if request.method == "GET":
        return render(request, "arrangements/withdraw.html", context)
    version = request.POST.get("version", "")
    try:
        actions.withdraw_promise(
            actor=request.actor,
            promise_id=promise_id,
            why=request.POST.get("why", ""),
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        context["refusal"] = _sentence(refused)
        context["card"] = queries.promise(actor=request.actor, promise_id=promise_id)
        return render(request, "arrangements/withdraw.html", context, status=422)
    messages.success(request, _("The promise is withdrawn."))
    return HttpResponseRedirect(reverse("arrangements:person", args=[card.debtor_id]))


def _form(
    request: Asked, debtor_id: str, *, typed: dict[str, str], refused: Refused | None = None
) -> HttpResponse:
    rules = rules_in_force()
    today = desk_day(request.at, as_of=rules.as_of)
    horizon = rules.strategy.promise_horizon_days
    loans = contracts_of((debtor_id,)).get(debtor_id, ())
    overdue = [loan for loan in loans if loan.overdue_minor]
    chosen = overdue[0] if overdue else loans[0] if loans else None
    given = {"channel": "call", "party": "debtor", "contract": chosen.contract_id if chosen else ""}
    context = {
        "person": debtor(request.actor, debtor_id),
        "loans": [
            {"loan": loan, "text": _text(loan.overdue_minor, loan.currency)} for loan in loans
        ],
        "one_currency": len({loan.currency for loan in loans}) == 1,
        "channels": CHANNELS,
        "parties": PARTIES,
        "typed": given | typed,
        "today": today,
        "last": today + timedelta(days=horizon) if horizon is not None else None,
        "horizon": horizon,
        "tolerance": rules.strategy.promise_tolerance,
        "offered": [today + timedelta(days=days) for days in OFFERED_DAYS],
        "refusal": _sentence(refused) if refused else "",
        "is_above_owed": refused is not None and refused.rule == BadPromise.ABOVE_OWED,
    }
    return render(request, "arrangements/form.html", context, status=422 if refused else 200)


def _text(minor: int | None, currency: str) -> str:
    return text_from_minor(minor=minor, currency=currency) if minor else ""


def _currency(debtor_id: str, typed: dict[str, str]) -> str:
    """Yield the currency in which the form's amount is written."""
    loans = contracts_of((debtor_id,)).get(debtor_id, ())
    named = [loan for loan in loans if typed.get("contract") in ("", None, loan.contract_id)]
    return named[0].currency if named else rules_in_force().pack.base_currency


def _sentence(refused: Refused) -> str:
    return refused.sentence(language="zh" if speaks_chinese() else "en")
