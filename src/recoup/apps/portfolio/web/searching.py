"""The search field in the bar, and the page with everything found."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recoup.apps.portfolio.queries import SearchHit, find
from recoup.apps.portfolio.web.asked import Asked

#: Debtors below the search field, and on the page.
FEW, MANY = 8, 50


@dataclass(frozen=True)
class Line:
    """A debtor found, and the page that opens."""

    hit: SearchHit
    address: str


def address_of(debtor_id: str) -> str:
    """Yield the case's page, where the room of cases has one for the id; else the debtor's own."""
    for name in ("cases:case", "portfolio:debtor"):
        try:
            return reverse(name, args=(debtor_id,))
        except NoReverseMatch:
            continue
    return ""


@never_cache
@require_safe
def search_page(request: Asked) -> HttpResponse:
    """Show everybody found."""
    return _found(request, "portfolio/search.html", MANY)


@never_cache
@require_safe
def found(request: Asked) -> HttpResponse:
    """Show the first few below the search field."""
    return _found(request, "portfolio/_found.html", FEW)


def _found(request: Asked, template: str, most: int) -> HttpResponse:
    text = request.GET.get("q", "")
    found = find(request.actor, text, most)
    lines = [Line(hit, address_of(hit.debtor_id)) for hit in found.hits]
    return render(request, template, {"lines": lines, "more": found.more, "q": text.strip()})
