"""The case on one page: who, what is owed and why, what may be done, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recoup.apps.arrangements.queries import promises_of
from recoup.apps.cases.queries import case_of, hand_overs_of, reviews_of, tasks_of
from recoup.apps.cases.queries.timelines import SHOWN, SORTS_OF_ENTRIES
from recoup.apps.cases.web.asked import Asked, today
from recoup.apps.cases.web.panes import FORMS, Pane, pane_of
from recoup.apps.cases.web.steps import next_step
from recoup.apps.cases.web.telling import telling
from recoup.apps.cases.web.undoing import UNDO_SESSION, Undo
from recoup.apps.contacts.queries import letters_of
from recoup.apps.portfolio.queries import (
    CollateralCard,
    GuarantorCard,
    debtor_page,
)

MOST_SHOWN = 2_000
SOON_DAYS = 60


@dataclass(frozen=True, kw_only=True)
class LegalDate:
    """A day that matters in law or to a right, with its words; soon: within sixty days, or past."""

    title: str
    on: date
    is_soon: bool


def dates_of(
    *,
    pane: Pane,
    guarantors: Sequence[GuarantorCard],
    collateral: Sequence[CollateralCard],
    on: date,
) -> tuple[LegalDate, ...]:
    """Yield the days that the records hold: ends of guarantees, of insurance, of loans."""
    found = [
        (_("Guarantee ends, %(loan)s") % {"loan": one.contract_id}, one.guaranteed_until)
        for one in guarantors
    ]
    found += [
        (_("Insurance ends, %(loan)s") % {"loan": one.contract_id}, one.insured_until)
        for one in collateral
    ]
    found += [
        (_("Loan matures, %(loan)s") % {"loan": one.contract_id}, one.maturity_on)
        for one in pane.gate.contracts
        if one.status == "active" and one.gone_on is None
    ]
    soon = on + timedelta(days=SOON_DAYS)
    known = [(title, day) for title, day in found if day is not None]
    return tuple(
        LegalDate(title=title, on=day, is_soon=day <= soon)
        for title, day in sorted(known, key=lambda one: one[1])
    )


def case_context(request: Asked, debtor_id: str) -> dict[str, Any]:
    """Yield everything that the page shows, in a fixed number of queries."""
    pane = pane_of(request, debtor_id)
    tasks, offers = tasks_of(debtor_id=debtor_id), hand_overs_of(debtor_id=debtor_id)
    person = debtor_page(request.actor, debtor_id, today(request))
    on = today(request)
    reviews, promises = reviews_of(debtor_id=debtor_id), promises_of(debtor_id=debtor_id)
    told, staff = telling(
        debtor_id=debtor_id,
        sort="",
        limit=SHOWN,
        actor=request.actor,
        until=on,
        contracts=pane.gate.contracts,
        also=(
            pane.case.collector_id,
            *(one.assignee_id for one in tasks),
            *(one.taker_id for one in offers),
            *(one.giver_id for one in offers),
            *(one.done_by_id for one in reviews),
        ),
    )
    return {
        "pane": pane,
        "notices": pane.notices,
        "person": person,
        "case": pane.case,
        "told": told,
        "sorts": tuple(SORTS_OF_ENTRIES),
        "sort": "",
        "tasks": tasks,
        "offers": offers,
        "offer": next((one for one in offers if one.status == "offered"), None),
        "reviews": reviews,
        "promises": promises,
        "letters": letters_of(debtor_id),
        "staff": staff,
        "step": next_step(pane=pane, promises=promises, today=on),
        **FORMS,
        "may_work": request.actor.may("work", "cases"),
        "may_assign": request.actor.may("assign", "cases"),
        "dates": dates_of(
            pane=pane, guarantors=person.guarantors, collateral=person.collateral, on=on
        ),
        "today": on,
        "where": "case",
    }


@require_safe
def case(request: Asked, debtor_id: str) -> HttpResponse:
    """Show the case of a person."""
    context = case_context(request, debtor_id)
    kept = request.session.pop(UNDO_SESSION, None)
    if kept and request.at - datetime.fromisoformat(kept["at"]) < timedelta(seconds=10):
        context["said"] = kept["said"]
        context["undo"] = Undo(address=kept["address"], fields=(("debtor", debtor_id),))
    return render(request, "cases/case.html", context)


@require_safe
def timeline(request: Asked, debtor_id: str) -> HttpResponse:
    """Show the timeline, narrowed to one sort of entries, or further back."""
    own = case_of(request.actor, debtor_id)
    sort = request.GET.get("sort", "")
    asked = request.GET.get("limit", "")
    limit = min(int(asked), MOST_SHOWN) if asked.isdigit() and asked else SHOWN
    told, _staff = telling(
        debtor_id=debtor_id,
        sort=sort if sort in SORTS_OF_ENTRIES else "",
        limit=max(limit, 1),
        actor=request.actor,
        until=today(request),
    )
    context = {
        "case": own,
        "told": told,
        "sorts": tuple(SORTS_OF_ENTRIES),
        "sort": sort if sort in SORTS_OF_ENTRIES else "",
        "where": "case",
    }
    return render(request, "cases/_timeline.html", context)
