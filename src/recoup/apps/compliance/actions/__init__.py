"""The room's acts: the trail, approvals, reveals, exports."""

from recoup.apps.compliance.actions.approvals import (
    decide_approval,
    request_approval,
    withdraw_approval,
)
from recoup.apps.compliance.actions.looking import record_export, reveal
from recoup.apps.compliance.actions.trail import record_change

__all__ = [
    "decide_approval",
    "record_change",
    "record_export",
    "request_approval",
    "reveal",
    "withdraw_approval",
]
