"""Instant messages and portal notices over a web hook of the bank's own system.

The message is posted as JSON, signed by the Standard Webhooks specification (``webhook-id``,
``webhook-timestamp``, ``webhook-signature``); the id is the message's, the same at every try, and
the specification makes it the receiver's to take a message of one id once: it resends safely.
Capabilities: any length, files (in base64), receipts and replies, posted back to us in the same
way. Cost: none that we know. Answers: 2xx taken; 429 and 503 later; other 4xx never; the rest,
doubt.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from recoup.channels.way_out import (
    MOST_OF_NAME,
    OUTCOMES,
    Capabilities,
    HandedOver,
    NotHandedOver,
    NotTheProvider,
    Outgoing,
    Receipt,
    Reply,
    Told,
    WayOut,
)

LATER = frozenset({429, 503})
CHANNELS = ("im", "portal")
_UNREADABLE = (WebhookVerificationError, ValueError, LookupError, TypeError, AttributeError)


class UnclearAnswer(Exception):
    """The bank's system failed while it had the message: it may have taken it."""


class ByWebhook(WayOut):
    """One channel over a system of the bank's. ``secret``: ``whsec_`` and base64."""

    capabilities = Capabilities(
        carries_files=True, tells_delivery=True, takes_replies=True, resends_safely=True
    )

    def __init__(
        self,
        *,
        channel: str,
        url: str,
        secret: str,
        clock: Callable[[], datetime],
        seconds_to_answer: float = 15,
    ) -> None:
        if channel not in CHANNELS:
            raise ValueError(f"channel '{channel}' is none of {', '.join(CHANNELS)}")
        self.channel = channel
        self.provider = f"webhook {httpx.URL(url).host}"[:MOST_OF_NAME]
        self._url, self._clock, self._webhook = url, clock, Webhook(secret)
        self._http = httpx.Client(timeout=seconds_to_answer, follow_redirects=False)

    def _hand_over(self, message: Outgoing) -> HandedOver:
        at = self._clock().astimezone(UTC)
        body = json.dumps(
            {"type": f"{self.channel}.send", "timestamp": at.isoformat(), "data": _data(message)},
            ensure_ascii=False,
        )
        headers = {
            "content-type": "application/json",
            "webhook-id": message.header_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(message.header_id, at, body),
        }
        try:
            answer = self._http.post(self._url, content=body.encode(), headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            raise NotHandedOver(f"{type(failure).__name__}: {failure}", retry=True) from failure
        said = f"HTTP {answer.status_code} {answer.text[:200]}".strip()
        if answer.is_success:
            return HandedOver(reference=message.message_id, said=f"HTTP {answer.status_code}")
        if answer.status_code in LATER or answer.is_client_error:
            raise NotHandedOver(said, retry=answer.status_code in LATER)
        raise UnclearAnswer(said)

    def read_hook(
        self, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> tuple[Told, ...]:
        """Yield receipts and replies that the bank's system posted.

        Shape: ``{"data": [{"message_id", "outcome", "said"} or {"address", "text", "reply_id"}]}``.

        Errors: NotTheProvider.
        """
        try:
            tree = self._webhook.verify(body, dict(headers))
            items = tree["data"]
            every = items if isinstance(items, list) else [items]
            return tuple(self._told(every, hook_id=headers["webhook-id"], at=at))
        except _UNREADABLE as failure:
            raise NotTheProvider(f"{type(failure).__name__}: {failure}") from failure

    def _told(
        self, items: list[Mapping[str, object]], *, hook_id: str, at: datetime
    ) -> Iterator[Told]:
        for place, one in enumerate(items):
            message_id = str(one.get("message_id", ""))
            if "text" in one:
                yield Reply(
                    address=str(one["address"]),
                    text=str(one["text"]),
                    at=at,
                    reference=message_id,
                    message_id=message_id,
                    reply_id=str(one.get("reply_id") or f"{hook_id}/{place}"),
                )
                continue
            if not message_id:
                raise KeyError("message_id")
            if one["outcome"] not in OUTCOMES:
                raise ValueError(f"outcome '{one['outcome']}' is none of {', '.join(OUTCOMES)}")
            yield Receipt(
                reference=message_id,
                message_id=message_id,
                outcome=str(one["outcome"]),
                at=at,
                said=str(one.get("said", "")),
            )

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()


def _data(message: Outgoing) -> dict[str, object]:
    return {
        "message_id": message.message_id,
        "debtor_id": message.debtor_id,
        "address": message.address,
        "language": message.language,
        "subject": message.subject,
        "body": message.body,
        "attachments": [
            {
                "name": one.name,
                "media_type": one.media_type,
                "content": base64.b64encode(one.content).decode(),
            }
            for one in message.attachments
        ],
    }
