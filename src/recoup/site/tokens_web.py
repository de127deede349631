"""The page on which staff make and withdraw the tokens that their programs call the API with."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from recoup.api.tokens import PREFIX, make_token, tokens_of, withdraw_token
from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.people.roles import ROOMS, VERBS
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Refused

DAYS = (30, 90, 180, 365)


def _actor(request: HttpRequest) -> tuple[Actor, int, datetime]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.staff_id is None:
        raise NotFound
    return actor, actor.staff_id, request.at  # type: ignore[attr-defined]


def _page(request: HttpRequest, *, secret: str = "") -> HttpResponse:
    actor, staff_id, at = _actor(request)
    shown = {
        "tokens": tokens_of(staff_id=staff_id, at=at),
        "duties": _in_order(actor.duties),
        "days": DAYS,
        "secret": secret,
    }
    return render(request, "site/tokens.html", shown)


def _in_order(duties: Iterable[str]) -> list[tuple[str, str, str]]:
    """Yield duties as (duty, verb, room), in the order in which rooms stand in the house."""
    parts = [(duty, *duty.partition(" ")[::2]) for duty in duties]
    return sorted(parts, key=lambda one: (ROOMS.index(one[2]), VERBS.index(one[1])))


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's tokens."""
    return _page(request)


@require_POST
def add_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    actor, staff_id, at = _actor(request)
    name = request.POST.get("name", "").strip()[:80]
    scopes = frozenset(request.POST.getlist("scopes")) & actor.duties
    if not name or not scopes:
        raise Refused(
            zh="令牌需要一个名称，并至少选择一项职责。",
            en="A token needs a name and at least one duty.",
        )
    secret = secrets.token_urlsafe(32)
    wanted = request.POST.get("days", "")
    days = int(wanted) if wanted in {str(count) for count in DAYS} else DAYS[0]
    made = make_token(staff_id=staff_id, name=name, scopes=scopes, secret=secret, days=days, at=at)
    _tell(actor, at, "make_token", made.token_id, after={"name": name, "scopes": sorted(scopes)})
    return _page(request, secret=PREFIX + secret)


@require_POST
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Withdraw a token of one's own."""
    actor, staff_id, at = _actor(request)
    if not withdraw_token(staff_id=staff_id, token_id=token_id, at=at):
        raise NotFound(what=f"token {token_id}")
    _tell(actor, at, "withdraw_token", token_id)
    return redirect("tokens")


def _tell(
    actor: Actor, at: datetime, verb: str, token_id: int, after: dict[str, object] | None = None
) -> None:
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb=verb,
            room="people",
            record="token",
            record_id=str(token_id),
            after=after or {},
        )
    )
