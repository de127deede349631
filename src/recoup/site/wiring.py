"""Names every listener once: which room hears which fact."""

from time import monotonic_ns

from recoup.apps.arrangements.actions import rematch_book, rematch_for_receipt
from recoup.apps.compliance.actions import record_change
from recoup.apps.compliance.events import ApprovalDecided
from recoup.apps.compliance.permissions import ask_sight_of
from recoup.apps.ledger.actions import confirm_postings, execute_reversal
from recoup.apps.ledger.events import ReceiptPosted, ReceiptReversed
from recoup.apps.portfolio.events import NightPublished
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
    listen(ApprovalDecided, execute_reversal)
    listen(ReceiptPosted, rematch_for_receipt)
    listen(ReceiptReversed, rematch_for_receipt)
    # Postings first: the promises are matched with what the book does not have yet.
    listen(NightPublished, confirm_postings)
    listen(NightPublished, rematch_book)
