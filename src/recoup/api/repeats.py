"""A request that is sent twice is done once: the answer is kept under its idempotency key."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from recoup.api.models import KeptAnswer
from recoup.kernel.chain import canonical
from recoup.kernel.refusal import Refused


class KeyUsedOtherwise(Refused):
    """The idempotency key belongs to another request, or to one that is still being done."""

    def __init__(self, *, key: str) -> None:
        super().__init__(
            zh=f"幂等键“{key}”已用于另一请求，或该请求仍在处理；新的请求请换用新的键。",
            en=f"The idempotency key '{key}' belongs to another request or to one still being "
            "done; use a new key for a new request.",
        )


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """The request as far as repeating goes: whose token, which key, what was asked."""

    token_id: int
    key: str
    method: str
    path: str
    content: dict[str, Any]
    at: datetime

    @property
    def sha256(self) -> str:
        """What tells two requests with one key apart."""
        asked = {"method": self.method, "path": self.path, "content": self.content}
        return hashlib.sha256(canonical(asked).encode()).hexdigest()


def done_once(repeat: Repeat, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do the act and keep its answer, or yield the answer kept from the first time.

    The kept answer and the act are one transaction: an act that was refused keeps nothing, so the
    same key may be tried again. Errors: KeyUsedOtherwise; whatever the act refuses.
    """
    try:
        with transaction.atomic():
            kept = KeptAnswer.objects.create(
                token_id=repeat.token_id,
                key=repeat.key,
                request_sha256=repeat.sha256,
                made_at=repeat.at,
            )
            answer = act()
            kept.status, kept.body = 200, answer
            kept.save(update_fields=["status", "body"])
            return answer
    except IntegrityError:
        earlier = KeptAnswer.objects.filter(token_id=repeat.token_id, key=repeat.key).first()
        if earlier is None:
            raise
        if earlier.request_sha256 != repeat.sha256 or earlier.body is None:
            raise KeyUsedOtherwise(key=repeat.key) from None
        body: dict[str, Any] = earlier.body
        return body
