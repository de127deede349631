"""Web hooks: an event becomes one delivery per address, signed, tried again, dead after the last.

Deliveries are written in the transaction of the act (an act undone tells nobody) and sent by a job
afterwards. Signatures follow the Standard Webhooks specification: ``webhook-id``,
``webhook-timestamp``, ``webhook-signature``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from standardwebhooks import Webhook

from recoup.api.models import Delivery, WebHook

#: How long to wait before each further try; after the last the letter is dead.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
SECONDS_TO_ANSWER = 10
BATCH = 100
KINDS = (
    *("case.opened", "case.closed", "case.assigned", "case.status_changed"),
    *("promise.recorded", "promise.kept", "promise.partly_kept", "promise.broken"),
    *("promise.reopened", "receipt.posted", "receipt.reversed", "decision.changed"),
)

Send = Callable[[str, bytes, Mapping[str, str]], int]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What one round of sending did."""

    delivered: int
    put_off: int
    dead: int


def tell_hooks(*, kind: str, payload: Mapping[str, object], at: datetime) -> None:
    """Write one delivery for every active web hook that asked for events of this kind."""
    hooks = [
        hook for hook in WebHook.objects.filter(is_active=True) if kind in (hook.kinds or KINDS)
    ]
    Delivery.objects.bulk_create(
        Delivery(hook=hook, kind=kind, payload=dict(payload), next_try_at=at, made_at=at)
        for hook in hooks
    )


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send one letter; yield the status. Errors: httpx.HTTPError, when there was no answer."""
    answer = httpx.post(
        url, content=body, headers=dict(headers), timeout=SECONDS_TO_ANSWER, follow_redirects=False
    )
    return answer.status_code


def send_due(*, at: datetime, send: Send = post) -> Sent:
    """Try every delivery that is due, oldest first, at most a batch."""
    due = Delivery.objects.filter(status=Delivery.Status.WAITING, next_try_at__lte=at)
    outcomes = [
        _try_once(delivery, at=at, send=send)
        for delivery in due.select_related("hook").order_by("next_try_at", "pk")[:BATCH]
    ]
    return Sent(
        delivered=outcomes.count(Delivery.Status.DELIVERED),
        put_off=outcomes.count(Delivery.Status.WAITING),
        dead=outcomes.count(Delivery.Status.DEAD),
    )


def _try_once(delivery: Delivery, *, at: datetime, send: Send) -> str:
    letter = {"type": delivery.kind, "timestamp": delivery.made_at.isoformat()}
    body = json.dumps({**letter, "data": delivery.payload}, ensure_ascii=False)
    message_id = f"msg_{delivery.pk}"
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(delivery.hook.secret).sign(message_id, at, body),
    }
    try:
        status = send(delivery.hook.url, body.encode(), headers)
        delivery.last_answer = f"HTTP {status}"
        arrived = 200 <= status < 300
    except httpx.HTTPError as failure:
        delivery.last_answer = f"{type(failure).__name__}: {failure}"[:200]
        arrived = False
    delivery.tries += 1
    if arrived:
        delivery.status, delivery.settled_at = Delivery.Status.DELIVERED, at
    elif delivery.tries > len(WAITS):
        delivery.status, delivery.settled_at = Delivery.Status.DEAD, at
    else:
        delivery.next_try_at = at + WAITS[delivery.tries - 1]
    delivery.save()
    return delivery.status


def send_again(*, delivery_id: int, at: datetime) -> bool:
    """Put a dead letter back into the queue; False where there is none of that number."""
    found = Delivery.objects.filter(pk=delivery_id, status=Delivery.Status.DEAD)
    return (
        found.update(status=Delivery.Status.WAITING, tries=0, next_try_at=at, settled_at=None) == 1
    )
