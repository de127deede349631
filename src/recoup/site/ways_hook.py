"""Where gateways, messengers and the portal post receipts and replies: signed, or not believed."""

from functools import cache

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recoup.apps.contacts.actions import take_told
from recoup.channels.way_out import NotTheProvider, WayOut
from recoup.site.clock import now
from recoup.site.ways_out import build, channels_there


@cache
def _way(channel: str) -> WayOut:
    """Yield a channel for reading its web hook; it connects to nothing by that."""
    return build(channel)


@csrf_exempt
@require_POST
def way_told(request: HttpRequest, channel: str) -> HttpResponse:
    """Take what a provider posts; 401 where it is not signed by the provider, 404 without one."""
    if channel not in channels_there():
        raise Http404
    way, at = _way(channel), now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        told = way.read_hook(headers=headers, body=request.body, at=at)
    except NotTheProvider as refusal:
        return JsonResponse({"refused": str(refusal)}, status=401)
    taken = take_told(channel=channel, provider=way.provider, told=told, at=at)
    return JsonResponse({"receipts": taken.receipts, "replies": taken.replies})
