"""A worker process of the crash tests: one look at the outbox over the channel that it is told.

Started by multiprocessing's fork server, which has this module loaded; ``dies`` is one of ``no``,
``before`` (the message is taken, nothing handed over) or ``after`` (the provider has it, nothing
is settled): there the process kills itself with SIGKILL, in the middle of the real code.
"""

import os
import signal
from datetime import datetime
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.desk_settings"
import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from recoup.apps.contacts.actions import messages  # noqa: E402
from recoup.site import ways_out  # noqa: E402
from recoup.web.house import contact_law  # noqa: E402

# Read once here, so that each process need not.
contact_law()


def die(*_: object, **__: object) -> None:
    """End without another instruction, as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(database: str, channel: str, url: str, at: datetime, dies: str) -> None:
    """Send what is due, once."""
    connections["default"].settings_dict["NAME"] = database
    given: dict[str, Any] = settings.WAYS[channel]
    given |= {"url": url, "secret": "c2VjcmV0c2VjcmV0c2VjcmV0", "from": "collections@bank.example"}
    way = ways_out.build(channel)
    if dies == "before":
        type(way)._hand_over = die  # type: ignore[method-assign]
    if dies == "after":
        messages._sent = die
    messages.send_due(ways={channel: way}, at=at)
    way.close()
