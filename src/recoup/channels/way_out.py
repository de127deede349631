"""What every channel has in common: what it carries, what it takes, what it tells afterwards."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import punctuation
from typing import final
from urllib.parse import quote

from recoup.kernel.contact_facts import same_number
from recoup.kernel.contact_rules import Permit
from recoup.kernel.refusal import Refused

#: How old a permit may be when the message is handed over: it was decided for this very moment.
FRESH = timedelta(minutes=2)
#: Letters of a provider's name in the records.
MOST_OF_NAME = 60


class PermitDoesNotFit(Refused):
    """The permit is for another person, number, channel or moment: nothing is handed over."""


class NotHandedOver(Exception):
    """The provider certainly did not take the message.

    ``retry``: it may take it later (no connection, throttled); otherwise it never will.
    """

    def __init__(self, said: str, *, retry: bool) -> None:
        super().__init__(said)
        self.said = said
        self.retry = retry


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message as it leaves. ``message_id`` is the same at every try."""

    message_id: str
    debtor_id: str
    address: str = field(repr=False)
    language: str
    subject: str = field(repr=False)
    body: str = field(repr=False)
    attachments: tuple[Attachment, ...] = ()

    @property
    def header_id(self) -> str:
        """The id as one word of printable ASCII, for a header of HTTP."""
        return quote(self.message_id, safe=punctuation.replace("%", ""))


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """The provider took the message. ``reference``: its own name for it; ``cost_minor``: its price,
    in minor units of the house's currency, None where it does not say.
    """

    reference: str
    said: str = ""
    cost_minor: int | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider tells later of one message. ``outcome``: delivered, failed, invalid (no such
    address), complained (marked as unwanted). ``message_id``: our own id, where it tells that.
    """

    reference: str
    outcome: str
    at: datetime
    said: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What somebody wrote back. ``reference``: of the message it answers, where that is known.

    ``reply_id``: the provider's name for it; empty where it gives none.
    """

    address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    reference: str = ""
    message_id: str = ""
    reply_id: str = ""


Told = Receipt | Reply
#: What a receipt can say.
OUTCOMES = ("delivered", "failed", "invalid", "complained")


class NotTheProvider(Exception):
    """What was posted to us is not signed by the provider, is too old, or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a channel can do. ``most_chars``: None where there is no limit.

    ``resends_safely``: the provider knows a message by its id, so that handing it over twice
    reaches the person once. Where it does not, what is in doubt is not sent again.
    """

    most_chars: int | None = None
    carries_files: bool = False
    tells_delivery: bool = False
    takes_replies: bool = False
    resends_safely: bool = False


class WayOut(ABC):
    """One channel over one provider."""

    #: The channel's code in the book contract: sms, email, letter ...
    channel: str
    #: How records name the provider.
    provider: str
    capabilities: Capabilities
    #: Seconds between two looks at what the provider tells; 0: at every round.
    looks_every: float = 0

    @final
    def send(self, *, permit: Permit, message: Outgoing, at: datetime) -> HandedOver:
        """Hand one message over.

        Errors: PermitDoesNotFit, and nothing was handed over; NotHandedOver, when the provider
        certainly did not take it. Any other error leaves open whether it did.
        """
        if not isinstance(permit, Permit):
            raise PermitDoesNotFit(
                zh="没有许可，不得发出。", en="Nothing leaves without the gate's permit."
            )
        fits = (
            permit.channel == self.channel
            and permit.person == message.debtor_id
            and same_number(permit.number or "", message.address)
            and timedelta(0) <= at - permit.at <= FRESH
        )
        if not fits:
            raise PermitDoesNotFit(
                zh="许可与本次发送的对象、号码、渠道或时刻不符，未发出。",
                en="The permit is for another person, number, channel or moment; nothing was sent.",
            )
        return self._hand_over(message)

    @abstractmethod
    def _hand_over(self, message: Outgoing) -> HandedOver:
        """Give the message to the provider. Errors: NotHandedOver."""

    def told(self, *, at: datetime) -> tuple[Told, ...]:
        """Yield receipts and replies that have come in; the same again until ``heard``."""
        return ()

    def heard(self) -> None:  # noqa: B027 - most channels are told by web hook, if at all
        """What ``told`` yielded last is on record: the provider need not tell it again."""

    def read_hook(
        self, *, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> tuple[Told, ...]:
        """Yield what the provider has posted to us. Shape: header names in lower case.

        Errors: NotTheProvider.
        """
        raise NotTheProvider(f"{self.provider} has no web hook")

    def close(self) -> None:  # noqa: B027 - most channels hold nothing
        """Let go of connections."""
