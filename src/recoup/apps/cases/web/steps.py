"""The one thing to do next about a case, said in a line, with its key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from recoup.apps.arrangements.queries import PromiseCard
from recoup.apps.cases.web.panes import Pane
from recoup.web.shown import amount, day_with_weekday, instant
from recoup.web.words import word_of

LIVE = frozenset({"call", "senior_call", "hardship_care"})


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do next: the code of the act, its words, and why or until when."""

    code: str
    title: str
    detail: str
    until: datetime | None = None


def next_step(*, pane: Pane, promises: Sequence[PromiseCard], today: date) -> Step:
    """Yield the next step of a case from its state, its treatment and what may be done now."""
    case = pane.case
    if case.status == "closed":
        return Step(code="none", title=_("Nothing to do"), detail=_("The case is closed."))
    live = [one for one in promises if one.is_live]
    if live and live[0].due_on >= today:
        one = min(live, key=lambda each: each.due_on)
        return Step(
            code="wait",
            title=_("Wait for the promise"),
            detail=_("%(amount)s by %(day)s")
            % {
                "amount": amount(one.missing_minor, one.currency or "CNY"),
                "day": day_with_weekday(one.due_on),
            },
        )
    if case.status in ("suspended", "plan"):
        return Step(
            code="rest",
            title=_("Let it rest"),
            detail=word_of(kind="case_status", code=case.status),
        )
    return _by_treatment(pane)


def _by_treatment(pane: Pane) -> Step:
    treatment = pane.case.treatment
    title = word_of(kind="treatment", code=treatment)
    if treatment in LIVE:
        call = pane.call
        if call is not None and call.allowed:
            detail = ""
            if call.open_until is not None:
                detail = _("may be called until %(time)s") % {
                    "time": call.open_until.strftime("%H:%M")
                }
            return Step(code="log", title=title, detail=detail, until=call.open_until)
        return _instead(pane, title)
    if treatment in ("visit", "demand_letter"):
        channel = "visit" if treatment == "visit" else "letter"
        answer = pane.gate.of(channel)
        if answer is not None and answer.allowed:
            return Step(code="log", title=title, detail="")
        return _instead(pane, title)
    if treatment in ("no_action", ""):
        return Step(code="none", title=_("Nothing to do"), detail=_("Nothing is overdue."))
    return Step(code="task", title=title, detail="")


def _instead(pane: Pane, title: str) -> Step:
    """Where the treatment may not be done now: another way, or the first hour at which it may."""
    service = pane.gate.service_call
    opened = [one for one in pane.gate.open_channels if one not in ("ai_call", "portal")]
    if service is not None and service.allowed and pane.holds:
        return Step(code="log", title=_("Call to help, not to collect"), detail=title)
    if opened:
        words = word_of(kind="channel", code=opened[0])
        return Step(
            code="log",
            title=_("Use another way: %(channel)s") % {"channel": words},
            detail=_("%(step)s is not allowed now") % {"step": title},
        )
    later = pane.gate.next_allowed_at
    if later is not None:
        return Step(
            code="wait",
            title=_("Wait until %(time)s") % {"time": instant(later, pane.gate.zone)},
            detail=_("%(step)s is not allowed now") % {"step": title},
        )
    return Step(
        code="rest",
        title=_("No contact for now"),
        detail=_("%(step)s is not allowed now") % {"step": title},
    )
