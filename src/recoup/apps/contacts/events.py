"""Facts of this room that others hear."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ContactRecorded:
    """A contact was logged at the desk; ``breaches`` are the ids of rules that stood against it."""

    contact_id: int
    debtor_id: str
    contract_id: str
    at: datetime
    channel: str
    direction: str
    party: str
    purpose: str
    outcome: str
    note: str
    staff_id: int | None
    breaches: tuple[str, ...]
    recorded_at: datetime
    recording: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactWithdrawn:
    """A contact logged by mistake was taken back."""

    contact_id: int
    debtor_id: str
    staff_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LetterMoved:
    """A letter was made, printed, given a tracking number, or ended; ``step`` says which.

    ``step``: made, printed, tracked, or what became of it (delivered, unclaimed, refused,
    unknown_address).
    """

    letter_id: int
    debtor_id: str
    file_number: str
    step: str
    tracking_number: str
    staff_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StopAsked:
    """Somebody asked not to be contacted, in these words; ``channel`` empty: over none at all."""

    stop_id: int
    debtor_id: str
    party: str
    channel: str
    words: str
    staff_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StopLifted:
    """Somebody who had asked not to be contacted wants to be reached again, in these words."""

    stop_id: int
    debtor_id: str
    party: str
    channel: str
    words: str
    staff_id: int | None
    at: datetime
