"""The trail: browsed, one record's chain verified, a bundle taken along; reveals and exports."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.compliance import queries
from recoup.apps.compliance.actions import record_export
from recoup.apps.compliance.bundling import MOST_ENTRIES, BundleTooLarge, made_bundle
from recoup.apps.compliance.permissions import require
from recoup.apps.compliance.queries import TrailFilter
from recoup.apps.compliance.web.asked import Asked
from recoup.kernel.duties import ROOM_NAMES
from recoup.web.words import WORDS, word_of

ON_A_PAGE = 50


class DayInput(forms.DateInput):
    """A day, by the browser's own calendar."""

    input_type = "date"


class TrailForm(forms.Form):
    """The filter of the trail."""

    debtor = forms.CharField(label=_("Debtor"), required=False, max_length=64)
    staff = forms.CharField(label=_("Name or staff number"), required=False, max_length=80)
    room = forms.ChoiceField(label=_("Room"), required=False)
    record = forms.CharField(label=_("Record"), required=False, max_length=40)
    record_id = forms.CharField(label=_("Key"), required=False, max_length=80)
    verb = forms.ChoiceField(label=_("Act"), required=False)
    from_on = forms.DateField(label=_("First day"), required=False, widget=DayInput)
    last_on = forms.DateField(label=_("Last day"), required=False, widget=DayInput)

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["room"].choices = [  # type: ignore[attr-defined]
            ("", _("All rooms")),
            *((code, word_of(kind="room", code=code)) for code in ROOM_NAMES),
        ]
        self.fields["verb"].choices = [  # type: ignore[attr-defined]
            ("", _("All acts")),
            *((verb, word_of(kind="act", code=verb)) for verb in WORDS["act"]),
        ]

    def wanted(self) -> TrailFilter:
        """Yield the filter; fields that cannot be read leave all."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return TrailFilter(**given)


@require_safe
def entries(request: Asked) -> HttpResponse:
    """Show the changes of all records, the latest first, filtered."""
    require(request.actor, "view", "compliance")
    form = TrailForm(request.GET)
    form.is_valid()
    found = queries.trail(request.actor, form.wanted())
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: ON_A_PAGE + 1])
    return render(
        request,
        "compliance/trail.html",
        {
            "form": form,
            "entries": rows[:ON_A_PAGE],
            "older": rows[ON_A_PAGE - 1].pk if len(rows) > ON_A_PAGE else None,
            "is_later_page": bool(before),
            "most_entries": MOST_ENTRIES,
        },
    )


@require_safe
def record(request: Asked, room: str, record: str, record_id: str) -> HttpResponse:
    """Show one record's chain, verified now."""
    require(request.actor, "view", "compliance")
    state = queries.chain_of(request.actor, room=room, record=record, record_id=record_id)
    return render(
        request,
        "compliance/record.html",
        {"state": state, "room": room, "record": record, "record_id": record_id},
    )


@require_POST
def bundle(request: Asked) -> HttpResponse:
    """Hand the filtered entries out as a bundle that verifies itself, and record that."""
    require(request.actor, "view", "compliance")
    form = TrailForm(request.POST)
    form.is_valid()
    wanted = form.wanted()
    found = queries.trail(request.actor, wanted).order_by("pk")
    if found[MOST_ENTRIES : MOST_ENTRIES + 1]:
        raise BundleTooLarge
    made = made_bundle(found)
    parameters = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in form.cleaned_data.items()
        if value
    }
    watermark = record_export(
        actor=request.actor,
        kind="trail_bundle",
        parameters=parameters,
        rows=made.rows,
        sha256=made.sha256,
        at=request.at,
    )
    answer = HttpResponse(made.packed(watermark, parameters), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="recoup-trail.zip"'
    return answer


@require_safe
def reveals(request: Asked) -> HttpResponse:
    """Show who was shown which masked number, and why."""
    require(request.actor, "view", "compliance")
    debtor, staff = (request.GET.get(name, "").strip() for name in ("debtor", "staff"))
    found = queries.reveals(request.actor, debtor=debtor, staff=staff)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "debtor": debtor, "staff": staff}
    return render(request, "compliance/reveals.html", context)


@require_safe
def exports(request: Asked) -> HttpResponse:
    """Show which data left the house as a file."""
    require(request.actor, "view", "compliance")
    staff = request.GET.get("staff", "").strip()
    found = queries.exports(request.actor, staff=staff)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "compliance/exports.html", {"page": page, "staff": staff})
