"""How an act answers: the part of the page as it stands now, and a word on what was done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from recoup.apps.cases.web.asked import Asked, today
from recoup.apps.cases.web.case_page import case_context
from recoup.apps.cases.web.days import strip_context
from recoup.apps.cases.web.panes import FORMS, pane_of
from recoup.apps.cases.web.undoing import Undo

DAY, CASE = "day", "case"


def answered(
    request: Asked,
    debtor_id: str,
    said: str,
    *,
    undo: Undo | None = None,
    panel: str = "",
    worked: bool = False,
) -> HttpResponse:
    """Answer an act on a case: the pane or the page as it stands now, and a toast.

    Shape: ``panel`` is opened at once; ``worked`` marks the line of the worklist as done.
    """
    where = request.POST.get("where", CASE)
    if not request.htmx:
        messages.success(request, said)
        return redirect(reverse("cases:case", args=[debtor_id]))
    context: dict[str, object] = {
        "said": said,
        "undo": undo,
        "panel": panel,
        "worked": worked,
        "today": today(request),
        "where": where,
        **FORMS,
    }
    if where == DAY:
        context |= strip_context(request, request.POST.get("part", "todo"))
        context["pane"] = pane_of(request, debtor_id)
        return render(request, "cases/_day_answer.html", context)
    context |= case_context(request, debtor_id)
    return render(request, "cases/_case_answer.html", context)
