"""What an operation of the API is given: who calls, at which instant, under which key."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Schema
from pydantic import ConfigDict

from recoup.api.repeats import Repeat, done_once
from recoup.api.tokens import TokenCard

KEY_HEADER = "Idempotency-Key"


class ApiCall(HttpRequest):
    """A request of the API after the token was recognised; the site sets these."""

    actor: Any
    at: datetime
    auth: TokenCard


#: The number of a record in an address.
Number = Annotated[int, Path(ge=1, le=10**9)]


class Shown(Schema):
    """A record as the API shows it, read from the fields of a frozen record."""

    model_config = ConfigDict(from_attributes=True)


class Wanted(Schema):
    """What a caller asks for; a field that is not described is refused, not overlooked."""

    model_config = ConfigDict(extra="forbid")


def once(request: ApiCall, content: Schema, act: Callable[[], Schema]) -> dict[str, Any]:
    """Do an act once per idempotency key, where the caller sent one; yield the answer's body.

    Errors: KeyUsedOtherwise; whatever the act refuses.
    """

    def done() -> dict[str, Any]:
        return act().model_dump(mode="json")

    key = request.headers.get(KEY_HEADER, "")
    if not key:
        return done()
    repeat = Repeat(
        token_id=request.auth.token_id,
        key=key[:200],
        method=str(request.method),
        path=request.path,
        content=content.model_dump(mode="json"),
        at=request.at,
    )
    return done_once(repeat, done)
