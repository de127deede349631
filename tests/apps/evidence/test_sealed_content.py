"""What of each table is sealed stays what it was: an older seal must hold under a newer program.

A hash here changes only by mistake. A new column comes into the content only where it is filled.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from recoup.apps.cases.models import Entry
from recoup.apps.complaints.models import ComplaintEntry
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.models import (
    Contact,
    DeliveryReceipt,
    GateDecision,
    Message,
    PostalLetter,
    ReplyReceived,
)
from recoup.apps.ledger.models import Posting
from recoup.apps.visits.models import Visit, VisitPhoto
from recoup.events.evidence import Recorded, entry_text, seal_sources
from recoup.kernel.merkle import leaf_hash

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SAID = {"channel": "sms", "provider": "p", "at": AT, "recorded_at": AT}
ROWS: dict[str, Any] = {
    "complaints": ComplaintEntry(pk=7, complaint_id=1, at=AT, kind="taken", text="x"),
    "contacts": Contact(
        pk=7, debtor_id="D1", at=AT, channel="call", outcome="busy", recorded_at=AT
    ),
    "gate": GateDecision(
        pk=7, debtor_id="D1", at=AT, channel="call", permitted=True, facts={"channel": "call"}
    ),
    "ledger": Posting(
        pk=7,
        payment_id="P1",
        debtor_id="D1",
        paid_on=date(2026, 11, 20),
        amount_minor=1,
        made_at=AT,
    ),
    "letters": PostalLetter(
        pk=7, message_id=1, debtor_id="D1", file_number="F1", content={}, pages=1, made_at=AT
    ),
    "messages": Message(pk=7, message_id="M1", debtor_id="D1", body="您好", queued_at=AT),
    "receipts": DeliveryReceipt(pk=7, key="r", outcome="delivered", **SAID),
    "replies": ReplyReceived(pk=7, key="a", address="1", text="好的", **SAID),
    "timeline": Entry(pk=7, case_id="D1", place=1, at=AT, kind="note", text="x"),
    "visits": Visit(
        pk=7, client_key="v", debtor_id="D1", contact_id=1, arrived_at=AT, recorded_at=AT
    ),
    "visit_photos": VisitPhoto(
        pk=7, client_key="p", visit_key="v", debtor_id="D1", proof_id=1, received_at=AT
    ),
    "trail": AuditEntry(pk=7, chain="c", place=1, at=AT, verb="call", room="cases"),
}
HASHES = {
    "complaints": "7a569ad2713adaa0",
    "contacts": "fa9eb1766f7fdec5",
    "gate": "48f103ec55162228",
    "ledger": "fa890cc273162318",
    "letters": "9aeadffb9ab6c282",
    "messages": "33e78062dfe13094",
    "receipts": "f8c0a198090aac51",
    "replies": "5961718aa595a3f1",
    "timeline": "27ee4ea119f65112",
    "trail": "bd5388c0bd9b6919",
    "visit_photos": "52112c52c6d3cdc3",
    "visits": "8405241be07535d2",
}


def hash_of(name: str) -> str:
    source = next(one for one in seal_sources() if one.name == name)
    entry = Recorded(source=name, record=7, content=source.content(ROWS[name]))
    return leaf_hash(entry_text(entry).encode()).hex()[:16]


def test_every_sealed_table_is_held_here() -> None:
    assert {one.name for one in seal_sources()} == set(ROWS) == set(HASHES)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_what_is_sealed_of_a_row_stays_what_it_was(name: str) -> None:
    assert hash_of(name) == HASHES[name]
