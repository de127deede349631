"""The list of staff, and one member of staff."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recoup.apps.people import actions
from recoup.apps.people.models import Absence, PortfolioHandOver, Role, Staff
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.people.queries import absent_on, branches, staff_in_sight, teams
from recoup.apps.people.web.asked import Asked
from recoup.apps.people.web.forms import (
    AbsenceForm,
    HandOverForm,
    NewStaffForm,
    ScopeForm,
    StaffForm,
    typed,
)
from recoup.apps.people.web.own import colleagues_of
from recoup.apps.people.web.telling import refuse_in, status_of
from recoup.kernel.refusal import Refused
from recoup.web.shown import local

ON_A_PAGE = 50


@require_safe
def staff_list(request: Asked) -> HttpResponse:
    """Show the staff whom the person may look up, filtered."""
    require(request.actor, "view", "people")
    chosen = {key: request.GET.get(key, "") for key in ("q", "team", "branch", "role", "gone")}
    found = Staff.objects.filter(staff_in_sight(request.actor), is_active=not chosen["gone"])
    words = chosen["q"].strip()
    if words:
        found = found.filter(
            Q(display_name__icontains=words)
            | Q(staff_number__icontains=words)
            | Q(username__icontains=words)
        )
    for key, column in (
        ("team", "team__code"),
        ("branch", "branch__code"),
        ("role", "roles__code"),
    ):
        if chosen[key]:
            found = found.filter(**{column: chosen[key]})
    found = found.select_related("team", "branch").prefetch_related("roles")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    today = local(request.at).date()
    away = absent_on([staff.pk for staff in page], today)
    return render(
        request,
        "people/staff.html",
        {
            "page": page,
            "away": away,
            "chosen": chosen,
            "query": request.GET.copy().urlencode(),
            "teams": teams(),
            "branches": branches(),
            "roles": Role.objects.all(),
            "may_configure": request.actor.may("configure", "people"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_staff(request: Asked) -> HttpResponse:
    """Make a member of staff."""
    require(request.actor, "configure", "people")
    form = NewStaffForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.add_staff(
                    actor=request.actor,
                    fields=form.fields_of_staff(),
                    password=form.cleaned_data["password"],
                    scopes=form.scopes(),
                    at=request.at,
                )
            except Refused as refused:
                status = refuse_in(form, refused)
            else:
                messages.success(
                    request, _("Saved. Tell the person the initial password yourself.")
                )
                return HttpResponseRedirect(reverse("people:one-staff", args=[made]))
    return render(request, "people/new_staff.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def one_staff(request: Asked, staff_id: int) -> HttpResponse:
    """Show one member of staff; change, for who sets up people."""
    staff = _found(request, staff_id)
    form = StaffForm(request.POST or None, initial=typed(staff), held=staff)
    status = 200
    if request.method == "POST":
        require(request.actor, "configure", "people")
        status = 422
        if form.is_valid():
            try:
                actions.save_staff(
                    actor=request.actor,
                    staff_id=staff_id,
                    version=form.cleaned_data["version"],
                    fields=form.fields_of_staff(),
                    at=request.at,
                )
            except Refused as refused:
                status = refuse_in(form, refused)
            else:
                messages.success(request, _("Saved."))
                return _back(staff_id)
    return _shown(request, staff, form, ScopeForm(), status=status)


@require_POST
def give(request: Asked, staff_id: int) -> HttpResponse:
    """Give a scope."""
    staff = _found(request, staff_id)
    form = ScopeForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            actions.give_scope(
                actor=request.actor,
                staff_id=staff_id,
                kind=form.cleaned_data["kind"],
                value=form.value_kept(),
                until=form.ends_at(),
                at=request.at,
            )
        except Refused as refused:
            status = refuse_in(form, refused)
        else:
            messages.success(request, _("Saved."))
            return _back(staff_id)
    return _shown(request, staff, StaffForm(initial=typed(staff), held=staff), form, status=status)


@require_POST
def take(request: Asked, staff_id: int, scope_id: int) -> HttpResponse:
    """Take a scope away."""
    actions.take_scope(actor=request.actor, staff_id=staff_id, scope_id=scope_id, at=request.at)
    messages.success(request, _("The scope is taken away."))
    return _back(staff_id)


@require_POST
def initial_password(request: Asked, staff_id: int) -> HttpResponse:
    """Give an initial password."""
    try:
        actions.set_initial_password(
            actor=request.actor,
            staff_id=staff_id,
            password=request.POST.get("password", ""),
            at=request.at,
        )
    except actions.FieldRefused as refused:
        status = status_of(refused)
        messages.error(request, refused.sentence(language=request.LANGUAGE_CODE))
        staff = _found(request, staff_id)
        form = StaffForm(initial=typed(staff), held=staff)
        return _shown(request, staff, form, ScopeForm(), status=status)
    messages.success(request, _("The new password works now; it is to be changed at sign-in."))
    return _back(staff_id)


@require_POST
def unlock(request: Asked, staff_id: int) -> HttpResponse:
    """Let somebody sign in again who was locked out."""
    actions.unlock_sign_in(actor=request.actor, staff_id=staff_id, at=request.at)
    messages.success(request, _("The person can sign in again."))
    return _back(staff_id)


@require_POST
def reset_second_step(request: Asked, staff_id: int) -> HttpResponse:
    """Take a lost second factor away."""
    actions.reset_totp(
        actor=request.actor, staff_id=staff_id, why=request.POST.get("why", ""), at=request.at
    )
    messages.success(request, _("The second step is removed; the person sets it up anew."))
    return _back(staff_id)


def _found(request: Asked, staff_id: int) -> Staff:
    """Yield a member of staff whom the person may look up. Errors: NotAllowed, NotFound."""
    if staff_id != request.actor.staff_id:
        require(request.actor, "view", "people")
    seen = Staff.objects.filter(staff_in_sight(request.actor), pk=staff_id)
    found = seen.select_related("team", "branch").prefetch_related("roles", "scopes").first()
    if found is None:
        raise NotFound(what=f"{staff_id}")
    return found


def _back(staff_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("people:one-staff", args=[staff_id]))


def _shown(
    request: Asked, staff: Staff, form: StaffForm, scope_form: ScopeForm, *, status: int
) -> HttpResponse:
    """Yield the page of one member of staff."""
    actor = request.actor
    assigns = actor.may("assign", "people")
    colleagues = colleagues_of(staff, at=request.at) if assigns else ()
    hand_overs = PortfolioHandOver.objects.filter(Q(giver=staff) | Q(taker=staff))
    owners = {int(scope.value) for scope in staff.scopes.all() if scope.kind == "portfolio"}
    return render(
        request,
        "people/one_staff.html",
        {
            "staff": staff,
            "form": form,
            "scope_form": scope_form,
            "scopes": staff.scopes.all(),
            "owners": Staff.objects.in_bulk(owners),
            "may_configure": actor.may("configure", "people"),
            "is_oneself": staff.pk == actor.staff_id,
            "may_assign": assigns,
            "may_see_trail": actor.may("view", "compliance"),
            "has_second_step": Authenticator.objects.filter(user=staff).exists(),
            "absences": Absence.objects.filter(staff=staff).select_related("stand_in")[:10],
            "hand_overs": hand_overs.select_related("giver", "taker")[:10],
            "absence_form": AbsenceForm(colleagues=colleagues),
            "hand_over_form": HandOverForm(colleagues=colleagues),
        },
        status=status,
    )
