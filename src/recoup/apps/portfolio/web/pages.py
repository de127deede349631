"""A debtor's own page, and a contract's schedule with the reasons behind its figures."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.portfolio import queries
from recoup.apps.portfolio.web.asked import Asked, today
from recoup.web.shown import speaks_chinese


@require_safe
def debtor_page_view(request: Asked, debtor_id: str) -> HttpResponse:
    """Show a debtor: what is owed, where to meet, what secures it, what we know of the person."""
    person = queries.debtor_page(request.actor, debtor_id, today(request))
    return render(request, "portfolio/debtor.html", {"person": person})


@require_safe
def contract_page(request: Asked, contract_id: str) -> HttpResponse:
    """Show a contract: figures, schedule with what is paid, receipts of the bank's book."""
    contract = queries.contract(request.actor, contract_id)
    context = {
        "contract": contract,
        "debtor": queries.debtor(request.actor, contract.debtor_id),
        "schedule": queries.paid_schedule(contract_id),
        "receipts": queries.book_receipts_of(contract_id),
        "publication": queries.current_publication(),
    }
    return render(request, "portfolio/contract.html", context)


@require_safe
def why(request: Asked, contract_id: str) -> HttpResponse:
    """Explain a contract's figures, class and treatment, line by line."""
    contract = queries.contract(request.actor, contract_id)
    story = queries.explanation_of(contract_id)
    context = {
        "contract": contract,
        "story": story,
        "language": "zh" if speaks_chinese() else "en",
    }
    return render(request, "portfolio/_why.html", context)
