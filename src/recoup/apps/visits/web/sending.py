"""What a telephone sends of visits: each answer says that the telephone need not send it again.

A refusal is an answer too: sent again it would be refused again, so the telephone shows it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.http import JsonResponse
from django.views.decorators.http import require_POST

from recoup.apps.people.permissions import require
from recoup.apps.visits import actions
from recoup.apps.visits.web.pages import Asked
from recoup.kernel.refusal import Refused
from recoup.kernel.routing import Place
from recoup.web.refusals import status_of
from recoup.web.shown import instant, speaks_chinese

#: The longest that a telephone may have kept something.
LONGEST_AGE = timedelta(days=31)
Answer = Mapping[str, object]


def _answered(act: Callable[[], Answer]) -> JsonResponse:
    """Answer with what the act came to, or with the sentence of its refusal."""
    try:
        return JsonResponse(dict(act()))
    except Refused as refused:
        sentence = refused.zh if speaks_chinese() else refused.en
        return JsonResponse({"refused": sentence}, status=status_of(refused))


@require_POST
def arrived(request: Asked) -> JsonResponse:
    """Ask the gate at the door."""

    def act() -> Answer:
        found = actions.arrive(
            actor=request.actor, debtor_id=_text(request, "debtor", 64), at=request.at
        )
        told = found.duties if found.permitted else found.reasons
        return {
            "permitted": found.permitted,
            "decision": found.decision_id if found.permitted else None,
            "said": [one["zh" if speaks_chinese() else "en"] for one in told],
            "until": instant(found.until) if found.until else "",
        }

    return _answered(act)


@require_POST
def recorded(request: Asked) -> JsonResponse:
    """Record a visit that a telephone kept, and say so."""

    def act() -> Answer:
        made = actions.record_visit(
            actor=request.actor,
            client_key=_text(request, "key", 60),
            debtor_id=_text(request, "debtor", 64),
            outcome=_text(request, "outcome", 20),
            arrived_at=_ago(request),
            at=request.at,
            party=_text(request, "party", 20) or "debtor",
            note=_text(request, "note", 2000),
            witness=_text(request, "witness", 120),
            found=_found(request),
            decision_id=_number(request, "decision"),
        )
        return {"saved": made.client_key, "again": made.again}

    return _answered(act)


@require_POST
def photographed(request: Asked) -> JsonResponse:
    """Keep a photograph that a telephone kept, and say so."""

    def act() -> Answer:
        require(request.actor, "work", "visits")
        sent = request.FILES.get("file")
        if sent is None:
            raise actions.BadVisit(zh="没有收到照片。", en="No photograph came.")
        key = _text(request, "key", 60)
        fresh = actions.add_photo(
            actor=request.actor,
            client_key=key,
            visit_key=_text(request, "visit", 60),
            debtor_id=_text(request, "debtor", 64),
            file_name=sent.name or "",
            content=sent.read(),
            at=request.at,
        )
        return {"saved": key, "again": not fresh}

    return _answered(act)


def _text(request: Asked, name: str, most: int) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def _number(request: Asked, name: str) -> int | None:
    text = _text(request, name, 18)
    return int(text) if text.isascii() and text.isdigit() else None


def _ago(request: Asked) -> datetime:
    """Yield the instant of arrival: so many seconds ago by the telephone's own clock.

    Telephones' clocks are often wrong; how long ago something was, they know.
    Errors: BadVisit.
    """
    seconds = _number(request, "seconds_ago")
    if seconds is None or seconds > LONGEST_AGE.total_seconds():
        raise actions.BadVisit(
            zh="拜访时间过早或不可读，请在案件页登记。",
            en="The visit was too long ago, or its time cannot be read; log it on the case's page.",
        )
    return request.at - timedelta(seconds=seconds)


def _found(request: Asked) -> actions.Found | None:
    """Yield the position that was sent, in millionths of a degree; None where none was."""
    whole = [_signed(request, name) for name in ("latitude_e6", "longitude_e6")]
    latitude, longitude = whole
    if latitude is None or longitude is None:
        return None
    return actions.Found(
        place=Place(latitude_e6=latitude, longitude_e6=longitude),
        accuracy_m=_number(request, "accuracy_m"),
    )


def _signed(request: Asked, name: str) -> int | None:
    text = _text(request, name, 12)
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() else None
