"""Names every listener once: which room hears which fact."""

from recoup.apps.compliance.actions import record_change
from recoup.events.bus import listen
from recoup.events.changes import Change


def wire() -> None:
    """Connect the rooms. Order matters where two listen to one fact: the trail comes first."""
    listen(Change, record_change)
