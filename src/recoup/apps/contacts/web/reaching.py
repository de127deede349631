"""Reaching one person: what may be done now, and the register that says so; every act answers with
the page as it stands after it, so that its effect on the gate is seen at once."""

from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.contacts import actions, queries
from recoup.apps.contacts.actions import PARTIES, PURPOSES, BadEntry, Proof, Wish
from recoup.apps.contacts.models import AgreedHours, Consent, Contact, StopRequest
from recoup.apps.contacts.register import person_of, register_of
from recoup.apps.contacts.web.breaches import Asked
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.actions import attach_proof
from recoup.apps.portfolio.queries import contact_points_of, debtor, debtor_page
from recoup.web.shown import local


@require_safe
def reaching(request: Asked, debtor_id: str) -> HttpResponse:
    """Show how a person may be reached now, and everything on record that says so."""
    return render(request, "contacts/reaching.html", _context(request, debtor_id))


def _context(request: Asked, debtor_id: str) -> dict[str, object]:
    debtor(request.actor, debtor_id)
    require(request.actor, "view", "contacts")
    register = register_of(debtor_id)
    return {
        "person": debtor_page(request.actor, debtor_id, local(request.at).date()),
        "gate": queries.what_may_be_done(debtor_id=debtor_id, at=request.at),
        "register": register,
        "staff": {key: one.name for key, one in staff_cards(register.staff_ids).items()},
        "channels": Contact.Channel.values,
        "purposes": PURPOSES,
        "parties": PARTIES,
        "languages": actions.LANGUAGES,
        "may_work": request.actor.may("work", "contacts"),
        "may_lift": request.actor.may("work", "portfolio"),
    }


def _answered(request: Asked, debtor_id: str, said: str, act: Callable[[], object]) -> HttpResponse:
    """Do an act upon a person and show what it changed; a refusal is told by the middleware."""
    debtor(request.actor, debtor_id)
    act()
    if not getattr(request, "htmx", False):
        messages.success(request, said)
        return redirect(reverse("contacts:reaching", args=[debtor_id]))
    return render(request, "contacts/_reaching.html", _context(request, debtor_id) | {"said": said})


@require_POST
def add_consent(request: Asked, debtor_id: str) -> HttpResponse:
    """Keep a consent with its proof."""

    def act() -> None:
        with transaction.atomic():
            actions.record_consent(
                actor=request.actor,
                debtor_id=debtor_id,
                channel=_text(request, "channel"),
                purpose=_text(request, "purpose"),
                contract_id=_text(request, "contract"),
                given_at=_instant(request, "given_at"),
                proof=_proof(request, debtor_id),
                at=request.at,
            )

    return _answered(request, debtor_id, _("The consent is on record."), act)


@require_POST
def end_consent(request: Asked, consent_id: int) -> HttpResponse:
    """Keep that a consent was taken back."""

    def act() -> None:
        actions.withdraw_consent(
            actor=request.actor, consent_id=consent_id, words=_text(request, "words"), at=request.at
        )

    said = _("It is on record that the consent was taken back.")
    return _answered(request, person_of(Consent, consent_id), said, act)


@require_POST
def add_hours(request: Asked, debtor_id: str) -> HttpResponse:
    """Keep agreed hours with their proof."""

    def act() -> None:
        with transaction.atomic():
            actions.agree_hours(
                actor=request.actor,
                debtor_id=debtor_id,
                begins=_hour(request, "begins"),
                ends=_hour(request, "ends"),
                proof=_proof(request, debtor_id),
                at=request.at,
            )

    return _answered(request, debtor_id, _("The agreed hours are on record."), act)


@require_POST
def end_hours(request: Asked, hours_id: int) -> HttpResponse:
    """Keep that agreed hours hold no longer."""

    def act() -> None:
        actions.end_hours(
            actor=request.actor, hours_id=hours_id, words=_text(request, "words"), at=request.at
        )

    said = _("The agreed hours hold no longer.")
    return _answered(request, person_of(AgreedHours, hours_id), said, act)


@require_POST
def prefer(request: Asked, debtor_id: str) -> HttpResponse:
    """Keep how the person would rather be reached."""

    def act() -> None:
        hours = {
            name: _hour(request, name) if _text(request, name) else None
            for name in ("begins", "ends")
        }
        actions.set_preference(
            actor=request.actor,
            debtor_id=debtor_id,
            wish=Wish(
                channel=_text(request, "channel"),
                language=_text(request, "language"),
                begins=hours["begins"],
                ends=hours["ends"],
                note=_text(request, "note"),
            ),
            version=_key(request, "version"),
            at=request.at,
        )

    return _answered(request, debtor_id, _("The preference is on record."), act)


@require_POST
def add_stop(request: Asked, debtor_id: str) -> HttpResponse:
    """Keep that somebody asked not to be contacted."""

    def act() -> None:
        actions.record_stop(
            actor=request.actor,
            debtor_id=debtor_id,
            party=_text(request, "party"),
            number=_number(request, debtor_id),
            channel=_text(request, "channel"),
            heard_over=_text(request, "heard_over"),
            words=_text(request, "words"),
            asked_at=_instant(request, "asked_at"),
            at=request.at,
        )

    said = _("It is on record, and works at once: permits are dead, what waited is stopped.")
    return _answered(request, debtor_id, said, act)


@require_POST
def lift_stop(request: Asked, stop_id: int) -> HttpResponse:
    """Keep that the person wants to be reached again."""

    def act() -> None:
        actions.lift_stop(
            actor=request.actor, stop_id=stop_id, words=_text(request, "words"), at=request.at
        )

    said = _("It is on record that the person may be reached again.")
    return _answered(request, person_of(StopRequest, stop_id), said, act)


def _text(request: Asked, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()


def _key(request: Asked, name: str) -> int:
    """Yield a whole number that a form carries. Errors: NotFound, for anything else."""
    text = _text(request, name)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(what=name)
    return int(text)


def _number(request: Asked, debtor_id: str) -> str:
    """Yield the number behind a contact point of the person; pages never carry numbers whole."""
    if not _text(request, "point"):
        return ""
    wanted = _key(request, "point")
    for point in contact_points_of(debtor_id):
        if point.contact_point_id == wanted:
            return point.value
    raise NotFound(what=str(wanted))


def _instant(request: Asked, name: str) -> datetime:
    """Yield an instant that was sent, in the house's zone. Errors: BadEntry."""
    try:
        found = parse_datetime(_text(request, name))
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2199:
        raise BadEntry(
            zh="请填写日期和时间，例如 2026-11-20 15:00。",
            en="Write a day and time, such as 2026-11-20 15:00.",
        )
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def _hour(request: Asked, name: str) -> time:
    """Yield an hour of the clock that was sent. Errors: BadEntry."""
    try:
        return time.fromisoformat(_text(request, name)).replace(second=0, tzinfo=None)
    except ValueError:
        raise BadEntry(
            zh="请填写几点几分，例如 19:30。", en="Write an hour, such as 19:30."
        ) from None


def _proof(request: Asked, debtor_id: str) -> Proof:
    """Yield what proves an entry; a file that comes with it is kept among the person's proofs."""
    words, sent = _text(request, "proof"), request.FILES.get("file")
    if sent is None:
        return Proof(words=words)
    kept = attach_proof(
        actor=request.actor,
        debtor_id=debtor_id,
        title=words,
        file_name=sent.name or "",
        content=sent.read(),
        at=request.at,
    )
    return Proof(words=words, file_id=kept.proof_id)
