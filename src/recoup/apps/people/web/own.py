"""One's own page: language, sign-in, absence, and the portfolio in other hands."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.people import actions
from recoup.apps.people.models import Absence, BorrowedAccess, PortfolioHandOver, Staff
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.people.queries import staff_in_sight
from recoup.apps.people.web.asked import Asked, own_key
from recoup.apps.people.web.forms import AbsenceForm, HandOverForm
from recoup.apps.people.web.telling import refuse_in
from recoup.kernel.refusal import Refused
from recoup.web.shown import local


def colleagues_of(staff: Staff, *, at: datetime) -> list[Staff]:
    """Yield active colleagues of team and branch who work cases: stand-ins and takers."""
    near = Q(team=staff.team) if staff.team_id else Q(pk__in=())
    if staff.branch_id:
        near |= Q(branch=staff.branch)
    found = Staff.objects.filter(
        near, is_active=True, roles__duties__verb="work", roles__duties__room="cases"
    )
    return list(found.exclude(pk=staff.pk).distinct()[:300])


@require_safe
def me(request: Asked) -> HttpResponse:
    """Show one's own page."""
    return _shown(request, _own(request))


@require_POST
def language(request: Asked) -> HttpResponse:
    """Choose the language of one's pages."""
    chosen = request.POST.get("language", "")
    actions.set_language(actor=request.actor, language=chosen, at=request.at)
    translation.activate(chosen)
    messages.success(request, _("Saved."))
    answer = HttpResponseRedirect(reverse("people:me"))
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax"
    )
    return answer


@require_POST
def new_absence(request: Asked, staff_id: int) -> HttpResponse:
    """Record an absence, of oneself or of somebody whose people one assigns."""
    staff = _colleague(request, staff_id)
    form = AbsenceForm(request.POST, colleagues=colleagues_of(staff, at=request.at))
    status = 422
    if form.is_valid():
        try:
            actions.record_absence(
                actor=request.actor,
                staff_id=staff_id,
                from_on=form.cleaned_data["from_on"],
                until_on=form.cleaned_data["last_on"] + timedelta(days=1),
                stand_in_id=form.cleaned_data["stand_in"],
                reason=form.cleaned_data["reason"],
                at=request.at,
            )
        except Refused as refused:
            status = refuse_in(form, refused)
        else:
            messages.success(request, _("The absence is recorded."))
            return _back(request, staff_id)
    return _shown(request, staff, absence_form=form, status=status)


@require_POST
def cancel(request: Asked, absence_id: int) -> HttpResponse:
    """Take an absence back."""
    absence = Absence.objects.filter(pk=absence_id).first()
    actions.cancel_absence(actor=request.actor, absence_id=absence_id, at=request.at)
    messages.success(request, _("The absence is taken back."))
    return _back(request, absence.staff_id if absence else own_key(request))


@require_POST
def offer(request: Asked, staff_id: int) -> HttpResponse:
    """Offer a portfolio to a colleague."""
    staff = _colleague(request, staff_id)
    form = HandOverForm(request.POST, colleagues=colleagues_of(staff, at=request.at))
    status = 422
    if form.is_valid():
        try:
            actions.offer_portfolio(
                actor=request.actor,
                giver_id=staff_id,
                taker_id=form.cleaned_data["taker"],
                note=form.cleaned_data["note"],
                accept_by=form.accept_by(),
                until=form.ends_at(),
                at=request.at,
            )
        except Refused as refused:
            status = refuse_in(form, refused)
        else:
            messages.success(request, _("Offered. It counts once your colleague accepts it."))
            return _back(request, staff_id)
    return _shown(request, staff, hand_over_form=form, status=status)


@require_POST
def accept(request: Asked, hand_over_id: int) -> HttpResponse:
    """Take an offered portfolio."""
    actions.accept_portfolio(actor=request.actor, hand_over_id=hand_over_id, at=request.at)
    messages.success(request, _("Accepted. The portfolio is in your sight now."))
    return HttpResponseRedirect(reverse("people:me"))


@require_POST
def decline(request: Asked, hand_over_id: int) -> HttpResponse:
    """Say no to an offer, or take one's own back."""
    actions.decline_portfolio(
        actor=request.actor,
        hand_over_id=hand_over_id,
        remark=request.POST.get("remark", ""),
        at=request.at,
    )
    messages.success(request, _("The offer is settled."))
    return HttpResponseRedirect(reverse("people:me"))


@require_POST
def give_back(request: Asked, hand_over_id: int) -> HttpResponse:
    """End a hand-over before its time."""
    actions.return_portfolio(
        actor=request.actor,
        hand_over_id=hand_over_id,
        remark=request.POST.get("remark", ""),
        at=request.at,
    )
    messages.success(request, _("The portfolio is returned."))
    return HttpResponseRedirect(reverse("people:me"))


def _own(request: Asked) -> Staff:
    return _colleague(request, own_key(request))


def _colleague(request: Asked, staff_id: int) -> Staff:
    """Yield oneself, or somebody whose people one assigns. Errors: NotFound, NotAllowed."""
    seen = Staff.objects.filter(staff_in_sight(request.actor), pk=staff_id)
    found = seen.select_related("team", "branch").prefetch_related("roles", "scopes").first()
    if found is None:
        raise NotFound(what=f"{staff_id}")
    if found.pk != request.actor.staff_id:
        require(request.actor, "assign", "people")
    return found


def _back(request: Asked, staff_id: int) -> HttpResponse:
    if staff_id == request.actor.staff_id:
        return HttpResponseRedirect(reverse("people:me"))
    return HttpResponseRedirect(reverse("people:one-staff", args=[staff_id]))


def _shown(
    request: Asked,
    staff: Staff,
    *,
    absence_form: AbsenceForm | None = None,
    hand_over_form: HandOverForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Yield the page of oneself, or the same for somebody whose form was refused."""
    colleagues = colleagues_of(staff, at=request.at)
    today = local(request.at).date()
    soon = {"accept_on": today + timedelta(days=2)}
    owners = {int(scope.value) for scope in staff.scopes.all() if scope.kind == "portfolio"}
    hand_overs = PortfolioHandOver.objects.filter(Q(giver=staff) | Q(taker=staff))
    borrowed = BorrowedAccess.objects.filter(staff=staff, ends_at__gt=request.at).first()
    return render(
        request,
        "people/me.html",
        {
            "staff": staff,
            "is_oneself": staff.pk == request.actor.staff_id,
            "scopes": staff.scopes.all(),
            "owners": Staff.objects.in_bulk(owners),
            "has_second_step": Authenticator.objects.filter(user=staff).exists(),
            "works_cases": request.actor.may("work", "cases"),
            "may_be_absent": "auditor" not in request.actor.roles,
            "may_borrow": request.actor.may("configure", "people"),
            "borrowed": borrowed,
            "languages": settings.LANGUAGES,
            "today": today,
            "absences": Absence.objects.filter(staff=staff, until_on__gt=today).select_related(
                "stand_in"
            ),
            "standing_in": Absence.objects.filter(
                stand_in=staff, until_on__gt=today
            ).select_related("staff"),
            "hand_overs": hand_overs.select_related("giver", "taker")[:20],
            "absence_form": absence_form or AbsenceForm(colleagues=colleagues),
            "hand_over_form": hand_over_form or HandOverForm(colleagues=colleagues, initial=soon),
        },
        status=status,
    )
