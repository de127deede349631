"""The seals: their list, and one of them, verified when asked."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.evidence import queries
from recoup.apps.evidence.web.asked import Asked
from recoup.apps.people.permissions import NotFound
from recoup.events.evidence import seal_sources
from recoup.kernel.explain import Words

ON_A_PAGE = 50


@require_safe
def seals(request: Asked) -> HttpResponse:
    """List the seals, the latest first, and say how they stand."""
    found = queries.seals(request.actor)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    standing = queries.seals_standing(request.actor, at=request.at)
    return render(request, "evidence/seals.html", {"page": page, "standing": standing})


@require_safe
def seal(request: Asked, day: str) -> HttpResponse:
    """Show one seal; with ``verify`` in the address, verified now."""
    try:
        on = date.fromisoformat(day)
    except ValueError as wrong:
        raise NotFound(what=day) from wrong
    found = queries.one_seal(request.actor, day=on)
    wanted = "verify" in request.GET
    words = {source.name: source.words for source in seal_sources()}
    context = {
        "seal": found,
        "stamp": getattr(found, "stamp", None),
        "counts": [
            (words.get(name, Words(zh=name, en=name)), count)
            for name, count in found.counts.items()
        ],
        "verified": queries.verify_seal(request.actor, day=on) if wanted else None,
        "most": queries.MOST_REREAD,
    }
    return render(request, "evidence/seal.html", context)
