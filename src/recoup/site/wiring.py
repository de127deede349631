"""Names every listener once: which room hears which fact."""

from time import monotonic_ns

from recoup.apps.compliance.actions import record_change
from recoup.apps.compliance.permissions import ask_sight_of
from recoup.events.bus import listen
from recoup.events.changes import Change
from recoup.events.clock import Clock, tell_clock
from recoup.site.clock import now
from recoup.site.sight import seen_debtors


def wire() -> None:
    """Connect the rooms. Order matters where two listen to one fact: the trail comes first."""
    tell_clock(Clock(instant=now, nanoseconds=monotonic_ns))
    listen(Change, record_change)
    ask_sight_of(seen_debtors)
