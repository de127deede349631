"""The statement of account: on screen, for print, as PDF."""

import hashlib
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.compliance.actions import record_export
from recoup.apps.ledger import queries
from recoup.apps.ledger.web.asked import Asked, day_of, sent
from recoup.apps.portfolio.queries import debtor
from recoup.documents.sheet import Sheet, sheet_pdf
from recoup.kernel.calendar import add_months, date_of, day_number
from recoup.web.masking import masked_name
from recoup.web.shown import speaks_chinese

#: The months that the page offers beside the whole life of the loan.
SHORT_MONTHS = 12


@require_safe
def statement(request: Asked, contract_id: str) -> HttpResponse:
    """Show the statement, whole or from a day on."""
    since = request.GET.get("since", "")
    found, sheet = _sheet(request, contract_id, since=since)
    person = debtor(request.actor, found.debtor_id)
    context = {
        "statement": found,
        "sheet": sheet,
        "person": person,
        "since": since,
        "year_ago": date_of(add_months(day_number(found.on), -SHORT_MONTHS)),
        "may_post": request.actor.may("post", "ledger"),
    }
    return render(request, "ledger/statement.html", context)


@require_POST
def statement_pdf(request: Asked, contract_id: str) -> HttpResponse:
    """Hand the statement out as PDF/A, with a watermark; who took it is recorded."""
    found, sheet = _sheet(
        request, contract_id, since=sent(request, "since"), language=sent(request, "language")
    )
    content = sheet_pdf(sheet=sheet, at=request.at)
    mark = record_export(
        actor=request.actor,
        kind="statement",
        parameters={"contract_id": contract_id, "language": sheet.language},
        rows=len(sheet.rows),
        sha256=hashlib.sha256(content).hexdigest(),
        at=request.at,
    )
    pdf = sheet_pdf(sheet=sheet.marked(mark), at=request.at)
    answer = HttpResponse(pdf, content_type="application/pdf")
    name = f"statement-{contract_id}-{found.on}.pdf"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return answer


def _sheet(
    request: Asked, contract_id: str, *, since: str, language: str = ""
) -> tuple[queries.Statement, Sheet]:
    found = queries.statement(
        actor=request.actor,
        contract_id=contract_id,
        at=request.at,
        since=day_of(since) if since else None,
    )
    name = masked_name(debtor(request.actor, found.debtor_id).name)
    spoken = language or ("zh" if speaks_chinese() else "en")
    return found, queries.sheet_of(statement=found, debtor=name, language=spoken)
