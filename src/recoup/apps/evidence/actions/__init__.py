"""Acts of the room: seal days, have them time-stamped, file documents, hand evidence out."""

from recoup.apps.evidence.actions.filing import file_paper
from recoup.apps.evidence.actions.sealing import (
    AlreadySealed,
    DayNotOver,
    register_key,
    seal_due,
    seal_until,
)
from recoup.apps.evidence.actions.stamping import stamp_due
from recoup.apps.evidence.actions.taking import TakenAlong, take_bundle, take_report

__all__ = [
    "AlreadySealed",
    "DayNotOver",
    "TakenAlong",
    "file_paper",
    "register_key",
    "seal_due",
    "seal_until",
    "stamp_due",
    "take_bundle",
    "take_report",
]
