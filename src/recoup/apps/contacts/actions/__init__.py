"""What may be done in the room: log contacts, ask the gate, queue and send messages."""

from recoup.apps.contacts.actions.messages import (
    Letter,
    NotPermitted,
    Passed,
    queue_message,
    recover,
    send_due,
)
from recoup.apps.contacts.actions.permits import (
    PERMIT_LIFE,
    Intended,
    PermitIsDead,
    ask_gate,
    give_back,
    hear_hold,
    hear_payment,
    void_permits,
)
from recoup.apps.contacts.actions.receiving import StopWordsMissing, Taken, take_told
from recoup.apps.contacts.actions.recording import (
    OUTCOMES,
    PARTIES,
    PURPOSES,
    BadContact,
    ContactLogged,
    TooLate,
    bring_night,
    record_contact,
    withdraw_contact,
)

__all__ = [
    "OUTCOMES",
    "PARTIES",
    "PERMIT_LIFE",
    "PURPOSES",
    "BadContact",
    "ContactLogged",
    "Intended",
    "Letter",
    "NotPermitted",
    "Passed",
    "PermitIsDead",
    "StopWordsMissing",
    "Taken",
    "TooLate",
    "ask_gate",
    "bring_night",
    "give_back",
    "hear_hold",
    "hear_payment",
    "queue_message",
    "record_contact",
    "recover",
    "send_due",
    "take_told",
    "void_permits",
    "withdraw_contact",
]
