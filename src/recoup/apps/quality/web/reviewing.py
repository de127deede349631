"""The reviewer's pages: what waits, one contact with its sheet, a week's sample, the figures."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.contacts.queries import said_in
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.portfolio.queries import debtor_cards
from recoup.apps.quality import actions, queries
from recoup.apps.quality.web.asked import (
    Asked,
    item_names,
    named,
    names_of,
    sent_day,
    today,
)
from recoup.kernel.sampling import ANSWERS
from recoup.web.house import quality

#: A correction is due so many days after the finding, unless the reviewer says otherwise.
CORRECT_WITHIN_DAYS = 14


@require_safe
def queue(request: Asked) -> HttpResponse:
    """Show what this reviewer may score now, and the weeks that were drawn."""
    found = queries.to_review(request.actor)
    last = queries.monday_of(today(request)) - timedelta(days=7)
    weeks = queries.weeks()
    context = {
        "rows": found,
        "staff": names_of(one.staff_id for one in found),
        "people": debtor_cards(one.debtor_id for one in found),
        "weeks": weeks,
        "last": last,
        "may_draw": request.actor.may("assign", "quality"),
        "is_drawn": any(one.begins == last for one in weeks),
        "has_plan": quality() is not None,
        "today": today(request),
        "tab": "queue",
    }
    return render(request, "quality/queue.html", context)


@require_POST
def draw(request: Asked) -> HttpResponseRedirect:
    """Draw the sample of the week that is over, or of an earlier one."""
    begins = sent_day(request, "begins") or today(request) - timedelta(days=7)
    made = actions.draw_week(actor=request.actor, begins=begins, at=request.at)
    if made.again:
        messages.info(request, _("That week was drawn before; its sample stays as it is."))
    else:
        said = _("Drawn: %(samples)s of %(contacts)s contacts.") % {
            "samples": made.samples,
            "contacts": made.contacts,
        }
        messages.success(request, said)
    return redirect("quality:week", made.begins.isoformat())


@require_safe
def week(request: Asked, begins: str) -> HttpResponse:
    """Show a week's sample with what it was drawn by, so that anybody can draw it again."""
    require(request.actor, "view", "quality")
    try:
        first = date.fromisoformat(begins)
    except ValueError as wrong:
        raise NotFound(what=begins) from wrong
    drawn = next((one for one in queries.weeks(limit=500) if one.begins == first), None)
    if drawn is None:
        raise NotFound(what=begins)
    found = queries.samples_of_week(request.actor, first)
    context = {
        "week": drawn,
        "until": first + timedelta(days=6),
        "rows": found,
        "staff": names_of({drawn.drawn_by_id, *(one.staff_id for one in found)}),
        "tab": "queue",
    }
    return render(request, "quality/week.html", context)


@require_safe
def sample(request: Asked, sample_id: int) -> HttpResponse:
    """Show one contact with everything a reviewer needs, its sheet, and what was scored."""
    found = queries.sample(request.actor, sample_id)
    require(request.actor, "view", "quality")
    said = said_in(contact_id=found.contact_id)
    policy = quality()
    mine = {one.reviewer_id for one in found.scores}
    may_score = (
        request.actor.may("work", "quality")
        and found.staff_id != request.actor.staff_id
        and found.missing > 0
        and request.actor.staff_id not in mine
    )
    context = {
        "sample": found,
        "said": said,
        "person": debtor_cards((found.debtor_id,)).get(found.debtor_id),
        "staff": names_of({found.staff_id, *mine}),
        "items": [named(one) for one in policy.sheet.for_channel(found.channel)] if policy else [],
        "names": item_names(),
        "answers": ANSWERS,
        "may_score": may_score,
        # The second reviewer scores without knowing the first score.
        "scores": () if may_score else found.scores,
        "may_tell": request.actor.may("work", "quality")
        and found.staff_id != request.actor.staff_id
        and bool(found.scores)
        and not may_score
        and found.finding_id is None,
        "due_on": today(request) + timedelta(days=CORRECT_WITHIN_DAYS),
        "today": today(request),
        "tab": "queue",
    }
    return render(request, "quality/sample.html", context)


@require_POST
def score(request: Asked, sample_id: int) -> HttpResponseRedirect:
    """Take the sheet that was filled in."""
    answers = {
        name.removeprefix("item-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("item-")
    }
    made = actions.score_contact(
        actor=request.actor,
        sample_id=sample_id,
        answers=answers,
        remark=request.POST.get("remark", ""),
        at=request.at,
    )
    points = "—" if made.points is None else str(made.points)
    messages.success(request, _("Scored: %(points)s points.") % {"points": points})
    return redirect("quality:sample", sample_id)


@require_safe
def figures(request: Asked) -> HttpResponse:
    """Show the figures of twelve weeks: by person, by item, and how far reviewers agree."""
    found = queries.figures(request.actor, on=today(request))
    reviewers = {score.reviewer_id for one in found.calibrated for score in one.scores}
    context = {
        "figures": found,
        "weeks": queries.WEEKS,
        "names": item_names(),
        "reviewers": names_of(reviewers),
        "tab": "figures",
    }
    return render(request, "quality/figures.html", context)
