"""What is done in this room: publishing the night, and what staff record of a debtor."""

from recoup.apps.portfolio.actions.acts import WrongEntry
from recoup.apps.portfolio.actions.contact_points import add_contact_point, judge_contact_point
from recoup.apps.portfolio.actions.holds import (
    lift_hold,
    lift_kept_holds,
    set_hold,
    take_back_holds,
)
from recoup.apps.portfolio.actions.persons import (
    OlderDecision,
    keep_details,
    lock_persons,
    publish_person,
    set_collector,
    set_collectors,
    want_redecision,
    want_redecisions,
)
from recoup.apps.portfolio.actions.profile import record_circumstance, record_income_statement
from recoup.apps.portfolio.actions.proofs import attach_proof, read_proof
from recoup.apps.portfolio.actions.publish import OlderNight, publish_night

__all__ = [
    "OlderDecision",
    "OlderNight",
    "WrongEntry",
    "add_contact_point",
    "attach_proof",
    "judge_contact_point",
    "keep_details",
    "lift_hold",
    "lift_kept_holds",
    "lock_persons",
    "publish_night",
    "publish_person",
    "read_proof",
    "record_circumstance",
    "record_income_statement",
    "set_collector",
    "set_collectors",
    "set_hold",
    "take_back_holds",
    "want_redecision",
    "want_redecisions",
]
