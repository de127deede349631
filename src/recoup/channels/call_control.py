"""Calls by click: the interface of whatever rings the collector's telephone and then the person's.

An adapter has three acts: begin a call under a permit, look at it, end it. It says under which name
the exchange keeps the recording. Without an adapter the page shows a ``tel:`` link, and whoever
calls writes down the recording's reference.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import final

from recoup.channels.way_out import FRESH, PermitDoesNotFit
from recoup.kernel.contact_facts import same_number
from recoup.kernel.contact_rules import Permit
from recoup.kernel.refusal import Refused

#: What an adapter tells of a call.
RINGING, TALKING, ENDED, UNKNOWN = "ringing", "talking", "ended", "unknown"


class CallNotBegun(Refused):
    """The exchange certainly did not begin the call; the sentence says what it said."""

    def __init__(self, said: str) -> None:
        super().__init__(
            zh=f"电话系统未能发起呼叫（{said}）；许可未使用，可直接拨号。",
            en=f"The exchange did not begin the call ({said}); the permit is unused: dial by hand.",
        )
        self.said = said


@dataclass(frozen=True, kw_only=True)
class CallWanted:
    """One call. ``call_id`` names it everywhere, ``seat`` is the collector's own extension."""

    call_id: str
    debtor_id: str
    number: str = field(repr=False)
    seat: str


class CallControl(ABC):
    """Calls over one exchange."""

    channel = "call"
    #: How records name the exchange.
    provider: str

    @final
    def begin(self, *, permit: Permit, call: CallWanted, at: datetime) -> None:
        """Ring the collector's telephone, then the person's.

        Errors: PermitDoesNotFit and CallNotBegun, and nobody is rung; any other error leaves open
        whether somebody was.
        """
        fits = (
            isinstance(permit, Permit)
            and permit.channel == self.channel
            and permit.person == call.debtor_id
            and same_number(permit.number or "", call.number)
            and timedelta(0) <= at - permit.at <= FRESH
        )
        if not fits:
            raise PermitDoesNotFit(
                zh="许可与本次呼叫的对象、号码或时刻不符，未拨出。",
                en="The permit is for another person, number or moment; nobody was rung.",
            )
        self._begin(call)

    @abstractmethod
    def _begin(self, call: CallWanted) -> None:
        """Have the exchange begin the call. Errors: CallNotBegun."""

    @abstractmethod
    def look(self, *, call_id: str) -> str:
        """Yield where a call stands: RINGING, TALKING, ENDED; UNKNOWN without an answer."""

    def recording_of(self, call_id: str) -> str:
        """Yield the name under which the exchange records a call; empty where it does not."""
        return ""

    @abstractmethod
    def end(self, *, call_id: str) -> None:
        """Hang up; a call that is over already is over."""

    def close(self) -> None:  # noqa: B027 - most adapters hold nothing
        """Let go of connections."""
