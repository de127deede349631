"""Facts of this room that rooms above act upon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ApprovalDecided:
    """A second pair of eyes has decided an act that waited; the room that asked executes it.

    Shape: ``kind``, ``room``, ``record_id`` and ``payload`` as they were given with the request.
    Told in the transaction of the decision: when the listener refuses, nothing is decided.
    """

    approval_id: int
    kind: str
    room: str
    record_id: str
    debtor_id: str
    approved: bool
    amount_minor: int
    payload: Mapping[str, object]
    why: str
    remark: str
    maker_id: int
    checker_id: int
    at: datetime
