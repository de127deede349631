"""The gate's log: what was asked and answered, one answer with its facts, a period counted."""

import csv
import hashlib
import io
import json
from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.compliance.actions import record_export
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


@require_safe
def report(request: Asked) -> HttpResponse:
    """Count the contacts of a period: by channel and outcome, by hour, refusals by rule."""
    require(request.actor, "view", "compliance")
    today = local(request.at).date()
    first = _day(request, "from_on") or today.replace(day=1)
    last = _day(request, "last_on") or today
    if last < first:
        raise BadFilter(
            zh="结束日期早于开始日期。", en="The last day lies before the first; turn them round."
        )
    since, until = _begin(first, at=request.at), _begin(last + timedelta(days=1), at=request.at)
    found = gate_log.gate_report(since=since, until=until)
    if request.GET.get("as") == "csv":
        return _csv(request, found, first=first, last=last)
    most = max((count for _, count in found.hours), default=0)
    context = {"report": found, "first": first, "last": last, "most": most}
    return render(request, "contacts/report.html", context)


def _csv(request: Asked, found: gate_log.GateReport, *, first: date, last: date) -> HttpResponse:
    """Hand the figures out as a file; that they left is on record."""
    require(request.actor, "export", "compliance")
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("figure", "of", "outcome", "count"))
    for name in ("asked", "permitted", "refused", "contacts", "against_rules", "without_permit"):
        table.writerow((name, "", "", getattr(found, name)))
    table.writerows(("contacts", *row) for row in found.channels)
    table.writerows(("contacts_in_hour", hour, "", count) for hour, count in found.hours)
    table.writerows(("refusals", rule, "", count) for rule, count in found.refusals)
    content = written.getvalue()
    period = f"{first.isoformat()}_{last.isoformat()}"
    watermark = record_export(
        actor=request.actor,
        kind="gate_report",
        parameters={"from": first.isoformat(), "until": last.isoformat()},
        rows=content.count("\n") - 1,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        at=request.at,
    )
    content += f"{watermark}\r\n"
    return HttpResponse(
        content.encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="contacts-{period}.csv"'},
    )
