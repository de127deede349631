"""Shows what a mask hides, for one view of the page, once a reason is given."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recoup.apps.compliance.actions import reveal
from recoup.apps.people.permissions import NotAllowed, NotFound, require
from recoup.apps.portfolio import queries
from recoup.apps.portfolio.web.asked import Asked
from recoup.kernel.refusal import Refused
from recoup.web.shown import speaks_chinese

#: Reasons that need no typing, by code of the words "reveal_reason".
REASONS = ("contact", "identify", "document", "correct")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal_field(request: Asked, debtor_id: str) -> HttpResponse:
    """Ask why; then record the reason and show the value. Nothing is shown that is not recorded."""
    field = (request.POST if request.method == "POST" else request.GET).get("field", "")
    queries.debtor(request.actor, debtor_id)
    require(request.actor, "reveal", "portfolio")
    context = {"debtor_id": debtor_id, "field": field, "reasons": REASONS}
    if request.method != "POST":
        return render(request, "portfolio/_reveal.html", context)
    chosen, typed = request.POST.get("chosen", ""), request.POST.get("reason", "").strip()
    value = queries.hidden_value(request.actor, debtor_id, field)
    try:
        reveal(
            actor=request.actor,
            debtor_id=debtor_id,
            field=field,
            reason=typed[:500] or (chosen if chosen in REASONS else ""),
            at=request.at,
        )
    except (NotFound, NotAllowed):
        raise
    except Refused as refused:
        context["refused"] = refused.sentence(language="zh" if speaks_chinese() else "en")
        return render(request, "portfolio/_reveal.html", context, status=422)
    return render(request, "portfolio/_revealed.html", {"value": value})
