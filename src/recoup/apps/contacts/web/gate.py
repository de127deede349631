"""The gate's log: what was asked and answered, and one answer with its facts."""

import json
from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.contacts import gate_log
from recoup.apps.contacts.models import Contact
from recoup.apps.people.permissions import Actor, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.queries import debtor, debtor_cards
from recoup.kernel.refusal import Refused
from recoup.web.masking import masked_number
from recoup.web.shown import local
from recoup.web.typed import typed_day


class Asked(HttpRequest):
    """A request of somebody who has signed in."""

    actor: Actor
    at: datetime


class BadFilter(Refused):
    """A filter of the page cannot be read."""


def _day(request: Asked, name: str) -> date | None:
    text = request.GET.get(name, "").strip()
    return typed_day(text, refusal=BadFilter) if text else None


def _begin(on: date, *, at: datetime) -> datetime:
    """Yield the instant at which a day of the house begins."""
    return datetime.combine(on, time.min, tzinfo=local(at).tzinfo)


def _wanted(request: Asked) -> gate_log.Wanted:
    first, last = _day(request, "from_on"), _day(request, "last_on")
    before = request.GET.get("before", "")
    return gate_log.Wanted(
        debtor_id=request.GET.get("debtor", "").strip(),
        channel=request.GET.get("channel", ""),
        permitted={"yes": True, "no": False}.get(request.GET.get("permitted", "")),
        since=_begin(first, at=request.at) if first else None,
        until=_begin(last + timedelta(days=1), at=request.at) if last else None,
        before=int(before) if before.isascii() and before.isdigit() else None,
    )


@require_safe
def decisions(request: Asked) -> HttpResponse:
    """List the gate's answers, the latest first."""
    require(request.actor, "view", "compliance")
    wanted = _wanted(request)
    found = gate_log.answers(wanted, at=request.at)
    shown = found[: gate_log.MOST]
    staff = staff_cards(one.asked_by_id for one in shown if one.asked_by_id)
    context = {
        "found": shown,
        "older": shown[-1].decision_id if len(found) > gate_log.MOST else None,
        "is_later_page": wanted.before is not None,
        "people": debtor_cards(one.debtor_id for one in shown),
        "staff": {key: one.name for key, one in staff.items()},
        "channels": Contact.Channel.values,
    }
    return render(request, "contacts/decisions.html", context)


@require_safe
def decision(request: Asked, decision_id: int) -> HttpResponse:
    """Show one answer with the facts it was given on, and whether today's rules say the same."""
    require(request.actor, "view", "compliance")
    found = gate_log.one_answer(decision_id, at=request.at)
    debtor(request.actor, found.debtor_id)
    staff = staff_cards((found.asked_by_id,)) if found.asked_by_id else {}
    context = {
        "one": found,
        "same": gate_log.same_again(found),
        "facts": json.dumps(_masked(found.facts), ensure_ascii=False, indent=2),
        "asked_by": next((one.name for one in staff.values()), ""),
    }
    return render(request, "contacts/decision.html", context)


def _masked(facts: object, *, key: str = "") -> object:
    """Numbers are masked here as everywhere: who needs one whole reveals it, with a reason."""
    if isinstance(facts, dict):
        return {name: _masked(value, key=_number_key(key, name)) for name, value in facts.items()}
    if isinstance(facts, list):
        return [_masked(value, key=key) for value in facts]
    return masked_number(facts) if key == "number" and isinstance(facts, str) else facts


def _number_key(parent: str, name: str) -> str:
    return "number" if name == "number" or (parent == "number" and name == "value") else name
