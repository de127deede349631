"""SMS over an HTTP gateway that a JSON file describes; receipts and replies by its signed web hook.

Capabilities: what the description says; a gateway that takes an idempotency key resends safely.
Limits: the gateway's; its answers decide, as described. Cost: what its answer says, where it does.
Doubt: an answer that nothing describes, or none after the request was written. Source of the
signature: RFC 2104 with SHA-256, over the time and the exact octets of the body.
"""

import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from recoup.channels.sms_gateway import FILLED, Answer, Gateway, Hook, part_at, value_at
from recoup.channels.way_out import (
    MOST_OF_NAME,
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

#: How far the time of a web hook may be from ours.
TOLERANCE = timedelta(minutes=5)
CONTENT = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class UnclearAnswer(Exception):
    """The gateway answered what its description does not know: it may have taken the message."""


class SmsOverHttp(WayOut):
    """SMS over one gateway. ``key`` identifies the bank, ``secret`` signs."""

    channel = "sms"

    def __init__(
        self, *, gateway: Gateway, key: str, secret: str, clock: Callable[[], datetime]
    ) -> None:
        self.provider = gateway.name[:MOST_OF_NAME]
        self.capabilities = Capabilities(
            most_chars=gateway.most_chars,
            tells_delivery=gateway.hook is not None,
            takes_replies=bool(gateway.hook and gateway.hook.text),
            resends_safely=bool(gateway.idempotency_header),
        )
        self._gateway, self._key, self._secret, self._clock = gateway, key, secret, clock
        self._http = httpx.Client(timeout=gateway.seconds_to_answer, follow_redirects=False)

    def _hand_over(self, message: Outgoing) -> HandedOver:
        gateway = self._gateway
        most = gateway.most_chars
        if most is not None and len(message.body) > most:
            raise NotHandedOver(f"{len(message.body)} letters; at most {most}", retry=False)
        fields = {name: self._filled(value, message) for name, value in gateway.fields.items()}
        text = json.dumps(fields, ensure_ascii=False) if gateway.form == "json" else ""
        body = (text or urlencode(fields)).encode()
        headers = {name: self._filled(value, message) for name, value in gateway.headers.items()}
        headers["content-type"] = CONTENT[gateway.form]
        if gateway.idempotency_header:
            headers[gateway.idempotency_header] = message.header_id
        if gateway.signature:
            timestamp = str(int(self._clock().timestamp()))
            headers[gateway.signature.timestamp_header] = timestamp
            headers[gateway.signature.header] = gateway.signature.of(
                secret=self._secret, timestamp=timestamp, body=body
            )
        try:
            answer = self._http.post(gateway.url, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            raise NotHandedOver(f"{type(failure).__name__}: {failure}", retry=True) from failure
        return self._judged(answer)

    def _filled(self, pattern: str, message: Outgoing) -> str:
        """Yield a value with its places filled, in one pass: a body's own braces stay."""
        given = {
            "address": message.address,
            "body": message.body,
            "subject": message.subject,
            "language": message.language,
            "message_id": message.message_id,
            "key": self._key,
        }
        return _PLACE.sub(lambda found: given[found[1]], pattern)

    def _judged(self, answer: httpx.Response) -> HandedOver:
        """Errors: NotHandedOver; UnclearAnswer."""
        try:
            tree: object = answer.json()
        except ValueError:
            tree = None
        said = f"HTTP {answer.status_code} {answer.text[:200]}"
        means = next(
            (
                one.means
                for one in self._gateway.answers
                if _fits(one, status=answer.status_code, tree=tree)
            ),
            "",
        )
        if means == "accepted":
            cost = value_at(tree, self._gateway.cost_minor)
            return HandedOver(
                reference=value_at(tree, self._gateway.reference),
                said=f"HTTP {answer.status_code}",
                cost_minor=int(cost) if cost.isdigit() else None,
            )
        if means:
            raise NotHandedOver(said, retry=means == "retry")
        raise UnclearAnswer(said)

    def read_hook(
        self, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> tuple[Told, ...]:
        """Yield receipts and replies that the gateway posted. Errors: NotTheProvider."""
        gateway = self._gateway
        if gateway.hook is None or gateway.signature is None:
            raise NotTheProvider(f"{gateway.name} has no web hook")
        timestamp = headers.get(gateway.signature.timestamp_header.lower(), "")
        given = headers.get(gateway.signature.header.lower(), "")
        wanted = gateway.signature.of(secret=self._secret, timestamp=timestamp, body=body)
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise NotTheProvider("the signature does not fit")
        if not timestamp.isdigit() or abs(self._clock().timestamp() - int(timestamp)) > (
            TOLERANCE.total_seconds()
        ):
            raise NotTheProvider("the time of the signature is too far from ours")
        try:
            tree = json.loads(body)
        except ValueError as failure:
            raise NotTheProvider("the body is no JSON") from failure
        items = part_at(tree, gateway.hook.items)
        every = items if isinstance(items, list) else [items]
        return tuple(_told(every, gateway.hook, at=at))

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()


_PLACE = re.compile("{(" + "|".join(FILLED) + ")}")


def _fits(answer: Answer, *, status: int, tree: object) -> bool:
    if status not in answer.status:
        return False
    return not answer.field or value_at(tree, answer.field) in answer.values


def _told(items: list[object], hook: Hook, *, at: datetime) -> Iterator[Told]:
    for one in items:
        text = value_at(one, hook.text)
        if text and value_at(one, hook.address):
            yield Reply(
                address=value_at(one, hook.address),
                text=text,
                at=at,
                reference=value_at(one, hook.reference),
                reply_id=value_at(one, hook.reply_id),
            )
            continue
        outcome = hook.outcomes.get(value_at(one, hook.outcome), "")
        reference = value_at(one, hook.reference)
        message_id = value_at(one, hook.message_id)
        if outcome and (reference or message_id):
            yield Receipt(
                reference=reference,
                message_id=message_id,
                outcome=outcome,
                at=at,
                said=value_at(one, hook.said),
            )
