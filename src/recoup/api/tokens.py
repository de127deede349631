"""Tokens: made once, recognised by their hash, never stronger than the person behind them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from recoup.api.models import Token

PREFIX = "recoup_"
LONGEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class TokenCard:
    """A token as its owner sees it; the secret is not in it."""

    token_id: int
    staff_id: int
    name: str
    scopes: frozenset[str]
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_live: bool


def digest(secret: str) -> str:
    """Yield what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def card_of(token: Token, *, at: datetime) -> TokenCard:
    """Yield a token as other code sees it."""
    return TokenCard(
        token_id=token.pk,
        staff_id=token.staff_id,
        name=token.name,
        scopes=frozenset(token.scopes),
        made_at=token.made_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        is_live=token.withdrawn_at is None and token.expires_at > at,
    )


def recognise(*, secret: str, at: datetime) -> TokenCard | None:
    """Yield the live token of a secret, and note that it was used; None if there is none.

    The instant of use is noted once a minute, so that reading does not become writing.
    """
    if not secret.startswith(PREFIX):
        return None
    token = Token.objects.filter(
        secret_sha256=digest(secret), withdrawn_at=None, expires_at__gt=at, staff__is_active=True
    ).first()
    if token is None:
        return None
    if token.last_used_at is None or at - token.last_used_at > timedelta(minutes=1):
        Token.objects.filter(pk=token.pk).update(last_used_at=at)
    return card_of(token, at=at)


def make_token(
    *, staff_id: int, name: str, scopes: frozenset[str], secret: str, days: int, at: datetime
) -> TokenCard:
    """Keep a new token; ``secret`` is chance made by the caller, without the prefix."""
    token = Token.objects.create(
        staff_id=staff_id,
        name=name,
        secret_sha256=digest(PREFIX + secret),
        scopes=sorted(scopes),
        made_at=at,
        expires_at=at + min(timedelta(days=max(days, 1)), LONGEST),
    )
    return card_of(token, at=at)


def tokens_of(*, staff_id: int, at: datetime) -> tuple[TokenCard, ...]:
    """Yield a person's tokens, newest first."""
    return tuple(card_of(token, at=at) for token in Token.objects.filter(staff_id=staff_id))


def withdraw_token(*, staff_id: int, token_id: int, at: datetime) -> bool:
    """End a token of a person; False where there was none to end."""
    found = Token.objects.filter(pk=token_id, staff_id=staff_id, withdrawn_at=None)
    return found.update(withdrawn_at=at) == 1
