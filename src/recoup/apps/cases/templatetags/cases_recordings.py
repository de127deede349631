"""Where a recording can be heard, as the settings say."""

from urllib.parse import quote

from django import template
from django.conf import settings

register = template.Library()


@register.filter
def recording_link(recording: str) -> str:
    """Yield the address at which a recording is heard; empty without a setting."""
    address: str = settings.CALLS["recordings"]
    return address.replace("{recording}", quote(str(recording), safe="")) if address else ""
