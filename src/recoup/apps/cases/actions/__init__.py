"""What is done in this room, and what it hears of others."""

from recoup.apps.cases.actions.assigning import assign, claim_next, suggest, undo_move
from recoup.apps.cases.actions.changing import NotPossible
from recoup.apps.cases.actions.handing_over import (
    offer_hand_over,
    settle_hand_over,
    withdraw_hand_over,
)
from recoup.apps.cases.actions.hearing import (
    PROMISE_KINDS,
    hear_contact,
    hear_contact_point,
    hear_contact_withdrawn,
    hear_hold_lifted,
    hear_hold_set,
    hear_letter,
    hear_profile,
    hear_promise,
    hear_receipt,
    hear_reveal,
    hear_reversal,
    hear_stop,
)
from recoup.apps.cases.actions.night import bring_night, bring_person, spread
from recoup.apps.cases.actions.noting import add_note, withdraw_note
from recoup.apps.cases.actions.reviewing import record_review
from recoup.apps.cases.actions.tasking import add_task, cancel_task, finish_task, reopen_task

__all__ = [
    "PROMISE_KINDS",
    "NotPossible",
    "add_note",
    "add_task",
    "assign",
    "bring_night",
    "bring_person",
    "cancel_task",
    "claim_next",
    "finish_task",
    "hear_contact",
    "hear_contact_point",
    "hear_contact_withdrawn",
    "hear_hold_lifted",
    "hear_hold_set",
    "hear_letter",
    "hear_profile",
    "hear_promise",
    "hear_receipt",
    "hear_reveal",
    "hear_reversal",
    "hear_stop",
    "offer_hand_over",
    "record_review",
    "reopen_task",
    "settle_hand_over",
    "spread",
    "suggest",
    "undo_move",
    "withdraw_hand_over",
    "withdraw_note",
]
