"""The form with which a complaint is answered."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recoup.apps.complaints import actions, queries
from recoup.apps.complaints.actions.telling import ROOM
from recoup.apps.complaints.refusals import BadComplaint
from recoup.apps.complaints.web.asked import Asked, sent, sent_number, sentence_of, today
from recoup.apps.complaints.web.desk import back
from recoup.apps.people.permissions import NotAllowed, NotFound, require
from recoup.kernel.refusal import Refused
from recoup.web.house import pack
from recoup.web.typed import typed_amount


@require_http_methods(["GET", "POST"])
def answer(request: Asked, number: str) -> HttpResponse:
    """Answer a complaint; the letter is made at once, and what was typed stays if it cannot be."""
    card = queries.complaint(request.actor, number)
    require(request.actor, "work", ROOM)
    if request.method == "GET":
        usual = {"language": card.language, "version": str(card.version)}
        return _form(request, card, typed=usual)
    try:
        actions.answer_complaint(
            actor=request.actor,
            number=number,
            answering=actions.Answering(
                finding=sent(request, "finding"),
                answer=sent(request, "answer"),
                redress=sent(request, "redress"),
                redress_words=sent(request, "redress_words"),
                redress_minor=_amount(sent(request, "amount")),
                root_cause=sent(request, "root_cause"),
                root_cause_words=sent(request, "root_cause_words"),
                language=sent(request, "language"),
            ),
            version=sent_number(request, "version"),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _form(request, card, typed=request.POST.dict(), refused=refused)
    return back(request, number, _("The complaint is answered; the holds are lifted."))


def _amount(text: str) -> int | None:
    if not text:
        return None
    return typed_amount(text, currency=pack().base_currency, refusal=BadComplaint)


def _form(
    request: Asked,
    card: queries.ComplaintCard,
    *,
    typed: dict[str, str],
    refused: Refused | None = None,
) -> HttpResponse:
    context = {
        "card": card,
        "typed": typed,
        "currency": pack().base_currency,
        "today": today(request),
        "refusal": sentence_of(refused) if refused else "",
    }
    return render(request, "complaints/answer.html", context, status=422 if refused else 200)
