"""Web hooks of the API: where to tell the bank's other systems, and what became of each letter."""

import secrets
from datetime import datetime
from enum import StrEnum

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.responses import Status

from recoup.api.calls import Number, Wanted
from recoup.api.hooks import KINDS, send_again
from recoup.api.models import Delivery, WebHook
from recoup.api.problems import PROBLEMS
from recoup.apps.people.permissions import NotFound, require

router = Router(tags=["web hooks"])
MOST_LISTED = 200


HookKind = StrEnum("HookKind", {kind.replace(".", "_").upper(): kind for kind in KINDS})  # type: ignore[misc]


class HookWanted(Wanted):
    """An address to be told, and of what; an empty list is everything."""

    url: str = Field(pattern=r"^https?://\S+$", max_length=500)
    kinds: list[HookKind] = Field(default_factory=list, max_length=len(KINDS))


class Hook(Schema):
    """A web hook; the secret is shown by the answer that made it only."""

    hook_id: int
    url: str
    kinds: list[str]
    is_active: bool
    secret: str | None = None


class Letter(Schema):
    """One delivery."""

    delivery_id: int
    hook_id: int
    kind: str
    status: str
    tries: int
    next_try_at: datetime
    last_answer: str


def _hook(hook: WebHook, *, secret: str | None = None) -> Hook:
    return Hook(
        hook_id=hook.pk, url=hook.url, kinds=hook.kinds, is_active=hook.is_active, secret=secret
    )


@router.get("", response={200: list[Hook], **PROBLEMS}, summary="List web hooks")
def list_hooks(request: HttpRequest) -> list[Hook]:
    """Yield every active web hook."""
    require(request.actor, "configure", "closing")  # type: ignore[attr-defined]
    return [_hook(hook) for hook in WebHook.objects.filter(is_active=True)]


@router.post("", response={201: Hook, **PROBLEMS}, summary="Add a web hook")
def add_hook(request: HttpRequest, wanted: HookWanted) -> Status[Hook]:
    """Add a web hook; the answer holds the secret that signs its letters, once."""
    require(request.actor, "configure", "closing")  # type: ignore[attr-defined]
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    hook = WebHook.objects.create(
        staff_id=request.actor.staff_id,  # type: ignore[attr-defined]
        url=wanted.url,
        kinds=wanted.kinds,
        secret=secret,
        made_at=request.at,  # type: ignore[attr-defined]
    )
    return Status(201, _hook(hook, secret=secret))


@router.delete("/one/{hook_id}", response={204: None, **PROBLEMS}, summary="End a web hook")
def end_hook(request: HttpRequest, hook_id: Number) -> Status[None]:
    """Stop telling an address; what was sent stays on record."""
    require(request.actor, "configure", "closing")  # type: ignore[attr-defined]
    if not WebHook.objects.filter(pk=hook_id, is_active=True).update(is_active=False):
        raise NotFound(what=f"web hook {hook_id}")
    return Status(204, None)


@router.get("/deliveries", response={200: list[Letter], **PROBLEMS}, summary="List deliveries")
def list_deliveries(request: HttpRequest, status: Delivery.Status | None = None) -> list[Letter]:
    """Yield the newest deliveries, of one status or of all."""
    require(request.actor, "configure", "closing")  # type: ignore[attr-defined]
    found = Delivery.objects.order_by("-pk")
    if status is not None:
        found = found.filter(status=status)
    return [
        Letter(
            delivery_id=one.pk,
            hook_id=one.hook_id,
            kind=one.kind,
            status=one.status,
            tries=one.tries,
            next_try_at=one.next_try_at,
            last_answer=one.last_answer,
        )
        for one in found[:MOST_LISTED]
    ]


@router.post(
    "/deliveries/{delivery_id}/again",
    response={204: None, **PROBLEMS},
    summary="Send a dead letter again",
)
def again(request: HttpRequest, delivery_id: Number) -> Status[None]:
    """Put a dead letter back into the queue."""
    require(request.actor, "configure", "closing")  # type: ignore[attr-defined]
    if not send_again(delivery_id=delivery_id, at=request.at):  # type: ignore[attr-defined]
        raise NotFound(what=f"dead letter {delivery_id}")
    return Status(204, None)
