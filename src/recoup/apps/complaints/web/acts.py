"""What handlers do on a complaint's page; each answers with the page as it stands now."""

from collections.abc import Callable

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.complaints import actions, queries
from recoup.apps.complaints.actions.telling import ROOM
from recoup.apps.complaints.refusals import BadComplaint
from recoup.apps.complaints.web.asked import Asked, sent, sent_day, sent_number
from recoup.apps.complaints.web.desk import back, shown
from recoup.apps.people.permissions import NotAllowed, NotFound, require
from recoup.kernel.refusal import Refused, Stale
from recoup.web.kept_files import PDF, download


def acted(request: Asked, number: str, act: Callable[[], object], said: str) -> HttpResponse:
    """Do an act and go back to the page; what was refused stands on it.

    Errors: NotFound and NotAllowed are left to the whole page.
    """
    queries.complaint(request.actor, number)
    require(request.actor, "work", ROOM)
    try:
        act()
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        status = 409 if isinstance(refused, Stale) else 422
        return shown(request, number, refused=refused, status=status)
    return back(request, number, said)


@require_POST
def match(request: Asked, number: str) -> HttpResponse:
    """Say whose complaint it is."""

    def act() -> None:
        actions.match_person(
            actor=request.actor,
            number=number,
            debtor_id=sent(request, "debtor"),
            contract_id=sent(request, "contract"),
            version=sent_number(request, "version"),
            at=request.at,
        )

    return acted(request, number, act, _("The person is found; the holds stand."))


@require_POST
def owner(request: Asked, number: str) -> HttpResponse:
    """Say who handles it."""

    def act() -> None:
        staff_id = sent_number(request, "staff")
        if staff_id is None:
            raise BadComplaint.missing(zh="经办人", en="who handles it")
        actions.name_owner(
            actor=request.actor,
            number=number,
            staff_id=staff_id,
            version=sent_number(request, "version"),
            at=request.at,
        )

    return acted(request, number, act, _("The handler is named."))


@require_POST
def period(request: Asked, number: str) -> HttpResponse:
    """Choose how long the answer may take, or ask for more."""

    def act() -> None:
        actions.choose_period(
            actor=request.actor,
            number=number,
            period=sent(request, "period"),
            why=sent(request, "why"),
            version=sent_number(request, "version"),
            at=request.at,
        )

    return acted(request, number, act, _("The period is chosen, or waits for approval."))


@require_POST
def told(request: Asked, number: str) -> HttpResponse:
    """Note that the complainant was told."""

    def act() -> None:
        actions.tell_complainant(
            actor=request.actor,
            number=number,
            on=sent_day(request, "on"),
            words=sent(request, "words"),
            version=sent_number(request, "version"),
            at=request.at,
        )

    return acted(request, number, act, _("It is noted that the complainant was told."))


@require_POST
def facts(request: Asked, number: str) -> HttpResponse:
    """Record something new."""

    def act() -> None:
        actions.add_new_facts(
            actor=request.actor,
            number=number,
            on=sent_day(request, "on"),
            words=sent(request, "words"),
            version=sent_number(request, "version"),
            at=request.at,
        )

    return acted(request, number, act, _("The new facts are recorded; the period begins again."))


@require_POST
def appraisal(request: Asked, number: str) -> HttpResponse:
    """Begin an appraisal outside the house, or end the one under way."""

    def act() -> None:
        version = sent_number(request, "version")
        if sent(request, "act") == "end":
            actions.end_appraisal(
                actor=request.actor,
                number=number,
                until_on=sent_day(request, "on"),
                version=version,
                at=request.at,
            )
            return
        actions.begin_appraisal(
            actor=request.actor,
            number=number,
            by_whom=sent(request, "by_whom"),
            from_on=sent_day(request, "on"),
            is_told=sent(request, "told") == "yes",
            version=version,
            at=request.at,
        )

    return acted(request, number, act, _("The appraisal is recorded."))


@require_POST
def contacts(request: Asked, number: str) -> HttpResponse:
    """Link the contacts that were ticked."""

    def act() -> None:
        ticked = [one for one in request.POST.getlist("contact") if one.isascii()]
        actions.link_contacts(
            actor=request.actor,
            number=number,
            contact_ids=[int(one) for one in ticked if one.isdigit() and len(one) < 19],
            version=sent_number(request, "version"),
            at=request.at,
        )

    return acted(request, number, act, _("The contacts are linked."))


@require_POST
def note(request: Asked, number: str) -> HttpResponse:
    """Write a note."""

    def act() -> None:
        actions.note_complaint(
            actor=request.actor, number=number, text=sent(request, "text"), at=request.at
        )

    return acted(request, number, act, _("The note is written."))


@require_safe
def letter(request: Asked, number: str) -> FileResponse:
    """Hand out the letter of answer, as a file; the trail records it."""
    card, path = actions.read_letter(actor=request.actor, number=number, at=request.at)
    return download(path=path, file_name=f"{card.number}.pdf", media_type=PDF)
