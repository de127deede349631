"""From which network address a request came, also behind the bank's own proxies."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Yield the address: what the outermost of our proxies saw, else whoever is connected.

    ``RECOUP_PROXIES`` proxies of the bank stand in front; each adds one address to
    ``X-Forwarded-For``, and what stands further left anybody may have written.
    """
    connected: str = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES < 1:
        return connected
    told = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return told[-settings.PROXIES] if len(told) >= settings.PROXIES and told[0] else connected
