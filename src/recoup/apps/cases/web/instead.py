"""What may be done instead of a contact that the gate refuses: a refusal helps."""

from dataclasses import dataclass
from datetime import datetime

from recoup.apps.contacts.queries import what_may_be_done


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Channels over which the person may be reached now, and whether a call to help may be made."""

    channels: tuple[str, ...]
    may_help: bool


def instead_of(*, debtor_id: str, channel: str, purpose: str, at: datetime) -> Instead:
    """Yield what may be done now instead of a contact that was refused."""
    may = what_may_be_done(debtor_id=debtor_id, at=at)
    service = may.service_call
    return Instead(
        channels=tuple(one for one in may.open_channels if one not in ("ai_call", channel)),
        may_help=service is not None and service.allowed and purpose != "service",
    )
