"""Calls over an Asterisk exchange by its REST interface (ARI).

Capabilities: rings the collector's extension and, when it is picked up, lets the dial plan call the
person; tells whether the call is on. Limits: one call an extension, as the exchange allows. Cost:
the exchange's bills; none here. Receipts: ``look``. Doubt: a call whose beginning was not answered;
the exchange knows it by our id, so that looking settles it. Source: Asterisk REST Interface:
``POST /channels?channelId=``, ``GET`` and ``DELETE /channels/{id}``.
"""

from urllib.parse import quote

import httpx

from recoup.channels.call_control import (
    ENDED,
    RINGING,
    TALKING,
    UNKNOWN,
    CallControl,
    CallNotBegun,
    CallWanted,
)
from recoup.channels.way_out import MOST_OF_NAME

#: What ARI calls a channel that is up.
_UP = "Up"
SECONDS = 8.0


class CallsOverAri(CallControl):
    """Calls over one exchange. ``context`` is the part of the dial plan that calls outside numbers.

    ``records``: the dial plan records under the call's name, which it finds in ``RECOUP_CALL``.
    """

    def __init__(
        self,
        *,
        url: str,
        user: str,
        password: str,
        endpoint: str = "PJSIP/{seat}",
        context: str = "recoup-out",
        records: bool = False,
    ) -> None:
        self.provider = f"ari {httpx.URL(url).host}"[:MOST_OF_NAME]
        self._endpoint, self._context, self._records = endpoint, context, records
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/ari/",
            auth=(user, password),
            timeout=SECONDS,
            follow_redirects=False,
        )

    def _begin(self, call: CallWanted) -> None:
        asked: dict[str, str | int] = {
            "endpoint": self._endpoint.format(seat=call.seat),
            "extension": call.number,
            "context": self._context,
            "priority": 1,
            "channelId": call.call_id,
            "timeout": 30,
        }
        try:
            answer = self._http.post(
                "channels", params=asked, json={"variables": {"RECOUP_CALL": call.call_id}}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            raise CallNotBegun(type(failure).__name__) from failure
        if 400 <= answer.status_code < 500 and answer.status_code != 409:
            raise CallNotBegun(f"HTTP {answer.status_code} {answer.text[:120]}")
        # 409: the exchange has a call of this name already: it is ours, begun before.
        if answer.status_code != 409:
            answer.raise_for_status()

    def look(self, *, call_id: str) -> str:
        """Yield where a call stands; UNKNOWN where the exchange does not answer."""
        try:
            channel = self._http.get(f"channels/{quote(call_id, safe='')}")
        except httpx.HTTPError:
            return UNKNOWN
        if channel.status_code == 404:
            return ENDED
        if channel.status_code != 200:
            return UNKNOWN
        return TALKING if channel.json().get("state") == _UP else RINGING

    def recording_of(self, call_id: str) -> str:
        """Yield the name under which the dial plan records a call; empty where it does not."""
        return call_id if self._records else ""

    def end(self, *, call_id: str) -> None:
        """Hang up; a call that is over already is over. Errors: HTTPError."""
        answer = self._http.delete(f"channels/{quote(call_id, safe='')}")
        if answer.status_code != 404:
            answer.raise_for_status()

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()
