"""My day: the ranked list, the person chosen, what is due; claim next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.cases.actions import claim_next
from recoup.apps.cases.queries import CaseCard, MyDay, Strip, case_cards, my_day, strip
from recoup.apps.cases.queries.days import PARTS
from recoup.apps.cases.reasons import ranked
from recoup.apps.cases.web.asked import Asked, names_of, today
from recoup.apps.cases.web.panes import FORMS, pane_of
from recoup.kernel.explain import Words
from recoup.web.house import strategy

PART_TITLES = {
    "todo": gettext_lazy("To do"),
    "again": gettext_lazy("Try again"),
    "due": gettext_lazy("Promises due"),
    "broken": gettext_lazy("Broken"),
    "later": gettext_lazy("Waiting"),
    "resting": gettext_lazy("Resting"),
    "done": gettext_lazy("Done"),
}
MOST_LINES = 600


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the worklist: the case, and why it stands where it does in one phrase."""

    case: CaseCard
    place: int
    why: Words | None
    is_worked: bool


def lines_of(cases: Sequence[CaseCard], *, request: Asked) -> tuple[Line, ...]:
    """Yield lines for a list, with the reason that weighs most."""
    on = today(request)
    found = []
    for place, case in enumerate(cases, start=1):
        first = ranked(priority=case.priority, row_ids=case.reasons).first
        found.append(
            Line(
                case=case,
                place=place,
                why=first.words if first else None,
                is_worked=case.worked_on == on,
            )
        )
    return tuple(found)


@require_safe
def day(request: Asked) -> HttpResponse:
    """Show the day of whoever asks, with the first person (or the one chosen) at the right."""
    part = request.GET.get("part", "todo")
    asked = request.GET.get("lines", "")
    lines = min(int(asked), MOST_LINES) if asked.isdigit() and asked else 60
    found = my_day(actor=request.actor, at=request.at, part=part, lines=max(lines, 1))
    chosen = request.GET.get("person", "") or (found.lines[0].debtor_id if found.lines else "")
    context = {
        **_frame(found.strip, part),
        "day": found,
        "lines": lines_of(found.lines, request=request),
        "chosen": chosen,
        "pane": pane_of(request, chosen) if chosen else None,
        "more": min(lines * 2, MOST_LINES) if found.has_more else 0,
        "people": case_cards(_mentioned(found)),
        "staff": names_of(one.giver_id for one in found.offers),
        "today": today(request),
        **FORMS,
    }
    return render(request, "cases/my_day.html", context)


def _mentioned(found: MyDay) -> set[str]:
    return {one.debtor_id for one in found.tasks} | {one.debtor_id for one in found.offers}


def _frame(figures: Strip, part: str) -> dict[str, object]:
    counts: Mapping[str, int] = {
        "todo": figures.left,
        "again": figures.again,
        "due": figures.due_today,
        "broken": figures.broken,
        "later": figures.later,
        "resting": figures.resting,
        "done": figures.done,
    }
    return {
        "strip": figures,
        "target": strategy().cases.target_promised_minor,
        "part": part if part in PARTS else "todo",
        "parts": [
            {
                "code": code,
                "title": PART_TITLES[code],
                "count": counts[code],
                "is_red": code == "broken" and counts[code] > 0,
            }
            for code in PARTS
        ],
    }


def strip_context(request: Asked, part: str = "todo") -> dict[str, object]:
    """Yield the strip as it stands now, for answers that swap it in."""
    return _frame(strip(actor=request.actor, at=request.at), part)


@require_safe
def person(request: Asked, debtor_id: str) -> HttpResponse:
    """Show one person in the right-hand pane."""
    context = {
        "pane": pane_of(request, debtor_id),
        **FORMS,
        "today": today(request),
        "panel": request.GET.get("panel", ""),
    }
    return render(request, "cases/_pane.html", context)


@require_POST
def claim(request: Asked) -> HttpResponse:
    """Take the next case from the pool and open it in the day."""
    found = claim_next(actor=request.actor, at=request.at)
    if found is None:
        return render(
            request,
            "cases/_toast.html",
            {"said": _("The pool holds nothing for you at the moment. Well done.")},
        )
    address = f"{reverse('cases:my-day')}?person={found.debtor_id}"
    if request.htmx:
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = address
        return answer
    return redirect(address)
