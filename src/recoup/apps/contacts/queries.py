"""Reading of contacts, and the gate's answer to who may be reached how; as frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max, Q

from recoup.apps.contacts.drafting import Draft, Offer, Wanted, draft, offers
from recoup.apps.contacts.facts import DEBTOR, Known, known_of
from recoup.apps.contacts.judging import judge_contact
from recoup.apps.contacts.letters import LetterCard, letters_of
from recoup.apps.contacts.models import Contact, Message, Preference, ReplyReceived
from recoup.apps.contacts.saying import figures_of, held_words
from recoup.apps.people.permissions import NotFound
from recoup.apps.portfolio.queries import (
    ContactPointCard,
    ContractCard,
    DebtorCard,
    HoldCard,
    contracts_of,
    debtor_cards,
)
from recoup.kernel.contact_facts import ContactFacts
from recoup.kernel.contact_limits import CapStanding, QuietHours
from recoup.kernel.contact_rules import Reason, Refusal, caps_standing, decide
from recoup.web.house import contact_law

__all__ = [
    "CHANNELS",
    "OUTCOMES",
    "RIGHT_PARTY",
    "ChannelStanding",
    "ContactCard",
    "Draft",
    "GateAnswer",
    "GateReason",
    "LetterCard",
    "Offer",
    "PreferenceCard",
    "Reached",
    "ReplyCard",
    "Said",
    "Wanted",
    "WhatMayBeDone",
    "answer",
    "breaches",
    "card",
    "channels_standing",
    "contact_by_key",
    "contacts_between",
    "contacts_by_id",
    "contacts_of",
    "contacts_of_days",
    "day_contacts",
    "desk_contacts",
    "draft",
    "figures_to_name",
    "held_words",
    "last_contacts",
    "letters_of",
    "may_contact",
    "offers",
    "reached_since",
    "reply_card",
    "said_in",
    "staff_contacts",
    "text_language_of",
    "unassigned_replies",
    "what_may_be_done",
]

CHANNELS = ("call", "sms", "im", "email", "letter", "visit", "ai_call", "portal")
OUTCOMES = (
    *("right_party", "promise", "no_answer", "busy", "answered"),
    *("refused", "asked_to_stop", "invalid", "delivered", "failed"),
)


@dataclass(frozen=True, kw_only=True)
class ContactCard:
    """A contact as it happened. ``breaches`` are the rules that stood against it."""

    contact_id: int
    reference: str
    debtor_id: str
    contract_id: str
    at: datetime
    channel: str
    direction: str
    party: str
    number: str = field(repr=False)
    purpose: str
    outcome: str
    note: str = field(repr=False)
    recording: str
    from_book: bool
    breaches: tuple[Mapping[str, str], ...]
    made_by_id: int | None
    recorded_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class GateReason:
    """One rule that stands against a contact, in both languages, and whose it is.

    ``origin``: law, strategy, or house where something is not known. ``next_allowed_at``: from
    when on this rule alone would not stand against it; None where time does not cure it.
    """

    rule: str
    source: str
    zh: str
    en: str
    origin: str
    next_allowed_at: datetime | None
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GateAnswer:
    """Whether one contact may be made; if not, why, when it may, how many are left where counted.

    ``open_until``: the local end of permitted hours today, where it is allowed now. ``left`` and
    ``cap``: the tightest cap that counts; None where none does. ``zone`` is the person's own.
    """

    channel: str
    party: str
    purpose: str
    allowed: bool
    reasons: tuple[GateReason, ...]
    next_allowed_at: datetime | None
    open_until: datetime | None
    zone: str | None
    cap: CapStanding | None
    caps: tuple[CapStanding, ...]
    number: str = field(default="", repr=False)

    @property
    def left(self) -> int | None:
        """How many contacts are left under the tightest cap."""
        return self.cap.left if self.cap else None


@dataclass(frozen=True, kw_only=True)
class PreferenceCard:
    """How and when a person would rather be reached; what is empty was not said.

    ``version`` 0: nothing was said at all.
    """

    channel: str = ""
    language: str = ""
    begins: time | None = None
    ends: time | None = None
    note: str = ""
    version: int = 0
    recorded_by_id: int | None = None
    recorded_at: datetime | None = None


def preference_card(row: Preference | None) -> PreferenceCard:
    """Yield the record of a preference, empty where there is none."""
    if row is None:
        return PreferenceCard()
    return PreferenceCard(
        channel=row.channel,
        language=row.language,
        begins=row.begins,
        ends=row.ends,
        note=row.note,
        version=row.version,
        recorded_by_id=row.recorded_by_id,
        recorded_at=row.recorded_at,
    )


def text_language_of(debtor_id: str) -> str:
    """Yield in which language texts are written to a person, zh or en. Two queries at most."""
    wish = preference_card(Preference.objects.filter(pk=debtor_id).first())
    if wish.language:
        return wish.language
    person = debtor_cards((debtor_id,)).get(debtor_id)
    return "en" if person is not None and person.language == "en" else "zh"


@dataclass(frozen=True, kw_only=True)
class WhatMayBeDone:
    """The gate's answers for every channel, and what may be done instead of what may not."""

    debtor_id: str
    at: datetime
    zone: str | None
    channels: tuple[GateAnswer, ...]
    #: What the gate looked at, so that a page need not fetch it again.
    person: DebtorCard
    contracts: tuple[ContractCard, ...]
    points: tuple[ContactPointCard, ...]
    holds: tuple[HoldCard, ...]
    #: How the person would rather be reached.
    preference: PreferenceCard
    #: A call to help (purpose service), asked only where a call to collect is refused.
    service_call: GateAnswer | None = None

    def of(self, channel: str) -> GateAnswer | None:
        """The answer for one channel."""
        return next((one for one in self.channels if one.channel == channel), None)

    @property
    def open_channels(self) -> tuple[str, ...]:
        """Channels over which collecting is allowed now."""
        return tuple(one.channel for one in self.channels if one.allowed)

    @property
    def next_allowed_at(self) -> datetime | None:
        """The first instant at which any channel opens; None where one is open or none will."""
        later = [one.next_allowed_at for one in self.channels if one.next_allowed_at]
        return min(later) if later and not self.open_channels else None


def card(row: Contact) -> ContactCard:
    """Yield the record of a contact."""
    return ContactCard(
        contact_id=row.pk,
        reference=row.book_contact_id or f"desk-{row.pk}",
        debtor_id=row.debtor_id,
        contract_id=row.contract_id,
        at=row.at,
        channel=row.channel,
        direction=row.direction,
        party=row.party,
        number=row.number,
        purpose=row.purpose,
        outcome=row.outcome,
        note=row.note,
        recording=row.recording,
        from_book=row.book_contact_id is not None,
        breaches=tuple(row.breaches),
        made_by_id=row.made_by_id,
        recorded_at=row.recorded_at,
        withdrawn_at=row.withdrawn_at,
    )


def contacts_of(*, debtor_id: str, limit: int = 200) -> tuple[ContactCard, ...]:
    """Yield a person's contacts, the latest first; those taken back too. One query."""
    return tuple(card(row) for row in Contact.objects.filter(debtor_id=debtor_id)[:limit])


def contacts_by_id(*, contact_ids: Iterable[int]) -> tuple[ContactCard, ...]:
    """Yield contacts by their keys, the latest first; those that are not there left out."""
    return tuple(card(row) for row in Contact.objects.filter(pk__in=set(contact_ids)))


def contacts_of_days(
    *, debtor_id: str, since: datetime, until: datetime
) -> tuple[ContactCard, ...]:
    """Yield a person's contacts in [since, until), the latest first; no withdrawn ones."""
    rows = Contact.objects.filter(debtor_id=debtor_id, at__gte=since, at__lt=until)
    return tuple(card(row) for row in rows.filter(withdrawn_at=None))


def figures_to_name(*, debtor_id: str) -> tuple[int, ...]:
    """Yield every amount that a text to a person may name, in minor units. One query."""
    return figures_of(contracts_of((debtor_id,)).get(debtor_id, ()))


def last_contacts(*, debtor_ids: Iterable[str]) -> Mapping[str, ContactCard]:
    """Yield each person's latest contact. Two queries."""
    people = set(debtor_ids)
    if not people:
        return {}
    latest = (
        Contact.objects.filter(debtor_id__in=people, withdrawn_at=None)
        .values("debtor_id")
        .annotate(newest=Max("at"))
        .values_list("debtor_id", "newest")
    )
    wanted = dict(latest)
    rows = Contact.objects.filter(debtor_id__in=wanted, at__in=set(wanted.values()))
    return {row.debtor_id: card(row) for row in rows if wanted[row.debtor_id] == row.at}


def contact_by_key(*, client_key: str) -> ContactCard | None:
    """Yield the contact that was logged under a client's key, if any. One query."""
    row = Contact.objects.filter(client_key=client_key).first()
    return card(row) if row else None


def day_contacts(debtor_id: str) -> tuple[ContactCard, ...]:
    """Yield a person's desk contacts that the bank's book does not have yet, in order of time."""
    rows = Contact.objects.filter(debtor_id=debtor_id, book_contact_id=None, withdrawn_at=None)
    return tuple(card(row) for row in rows.order_by("at", "pk"))


def desk_contacts(*, since: datetime, until: datetime) -> tuple[ContactCard, ...]:
    """Yield all contacts logged at the desk in [since, until), in order of time. One query."""
    rows = Contact.objects.filter(book_contact_id=None, at__gte=since, at__lt=until)
    return tuple(card(row) for row in rows.order_by("at", "pk"))


def staff_contacts(
    *, staff_ids: Iterable[int], since: datetime, until: datetime
) -> tuple[ContactCard, ...]:
    """Yield what some members of staff logged in [since, until), in order of time. One query."""
    rows = Contact.objects.filter(
        made_by_id__in=set(staff_ids), at__gte=since, at__lt=until, withdrawn_at=None
    )
    return tuple(card(row) for row in rows.order_by("at", "pk"))


def contacts_between(*, since: datetime, until: datetime) -> tuple[ContactCard, ...]:
    """Yield what staff logged or wrote in [since, until), in order of time. One query."""
    rows = Contact.objects.filter(at__gte=since, at__lt=until, withdrawn_at=None)
    return tuple(card(row) for row in rows.exclude(made_by=None).order_by("at", "pk"))


@dataclass(frozen=True, kw_only=True)
class Said:
    """One contact as a reviewer needs it: what happened, what was written, what the gate said."""

    contact: ContactCard
    subject: str
    body: str = field(repr=False)
    decision_id: int | None
    duties: tuple[Mapping[str, str], ...]


def said_in(*, contact_id: int) -> Said | None:
    """Yield a contact with what was written and the gate's duties; None without it. Two queries."""
    row = Contact.objects.filter(pk=contact_id).select_related("decision").first()
    if row is None:
        return None
    message = Message.objects.filter(contact=row).first()
    return Said(
        contact=card(row),
        subject=message.subject if message else "",
        body=message.body if message else "",
        decision_id=row.decision_id,
        duties=tuple(row.decision.duties) if row.decision else (),
    )


def breaches(*, limit: int = 200) -> tuple[ContactCard, ...]:
    """Yield contacts made although a rule stood against them, the latest first. One query."""
    rows = Contact.objects.exclude(breaches=[]).filter(withdrawn_at=None, book_contact_id=None)
    return tuple(card(row) for row in rows.order_by("-at", "-pk")[:limit])


def may_contact(
    *,
    debtor_id: str,
    channel: str,
    party: str = DEBTOR,
    number: str = "",
    purpose: str = "collect",
    at: datetime,
    contract_id: str = "",
) -> GateAnswer:
    """Yield the gate's answer for one contact. Errors: NotFound, when there is no such person."""
    known = _known(debtor_id, at)
    facts = known.for_channel(
        channel=channel, party=party, number=number, purpose=purpose, contract_id=contract_id
    )
    return answer(facts=facts, known=known)


def what_may_be_done(*, debtor_id: str, at: datetime) -> WhatMayBeDone:
    """Yield the gate's answers for collecting from the debtor over each channel, at an instant.

    Errors: NotFound, when there is no such person.
    """
    known = _known(debtor_id, at)
    channels = tuple(
        answer(facts=known.for_channel(channel=channel), known=known) for channel in CHANNELS
    )
    service = None
    if not channels[0].allowed:
        facts = known.for_channel(channel="call", purpose="service", reveals_debt=False)
        service = answer(facts=facts, known=known)
    return WhatMayBeDone(
        debtor_id=debtor_id,
        at=at,
        zone=known.zone,
        channels=channels,
        service_call=service,
        person=known.debtor,
        contracts=known.contracts,
        points=known.points,
        holds=known.holds,
        preference=preference_card(known.preference),
    )


def _known(debtor_id: str, at: datetime) -> Known:
    known = known_of(debtor_id=debtor_id, at=at)
    if known is None:
        raise NotFound(what=debtor_id)
    return known


def answer(*, facts: ContactFacts, known: Known) -> GateAnswer:
    """Yield the gate's answer for the facts of one contact, with what is left under each cap."""
    judged = judge_contact(facts=facts)
    caps = caps_standing(facts=facts, rules=contact_law())
    refused = not judged.permitted
    return GateAnswer(
        channel=facts.channel or "",
        party=facts.party or "",
        purpose=facts.purpose or "",
        allowed=not refused,
        reasons=tuple(_reason(one) for one in judged.reasons),
        next_allowed_at=judged.next_allowed_at,
        open_until=None if refused else _open_until(facts=facts, zone=known.zone),
        zone=known.zone,
        cap=caps[0] if caps else None,
        caps=caps,
        number=facts.number.value or "",
    )


def _reason(reason: Reason) -> GateReason:
    return GateReason(
        rule=reason.rule,
        source=reason.source,
        zh=reason.sentence.zh,
        en=reason.sentence.en,
        origin=reason.origin,
        next_allowed_at=reason.next_allowed_at,
        missing=reason.missing,
    )


def _open_until(*, facts: ContactFacts, zone: str | None) -> datetime | None:
    """Yield the first local hour of today at which a rule of hours would close the channel."""
    if facts.at is None or zone is None:
        return None
    local = facts.at.astimezone(ZoneInfo(zone))
    rules = contact_law()
    begins = {
        rule.begins
        for rule in rules.in_force(on=local.date())
        if isinstance(rule, QuietHours) and rule.begins > local.time()
    }
    for hour in sorted(begins):
        later = local.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
        if isinstance(decide(facts=replace(facts, at=later), rules=rules), Refusal):
            return later
    return None


@dataclass(frozen=True, kw_only=True)
class ChannelStanding:
    """How many messages of a channel stand where; ``is_there``: it has settings and sends."""

    channel: str
    is_there: bool
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class ReplyCard:
    """What somebody wrote back, whom nobody could be found for, or several."""

    reply_id: int
    channel: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    stop_word: str


def channels_standing(*, since: datetime) -> tuple[ChannelStanding, ...]:
    """Yield each machine channel with its messages: those that wait, and of since then. One query.

    Shape: ``counts`` by state: queued, sending and unsure of any time, the others since then.
    """
    waiting = Q(state__in=("queued", "sending", "unsure"))
    rows = (
        Message.objects.filter(waiting | Q(queued_at__gte=since))
        .order_by()
        .values("channel", "state")
        .annotate(many=Count("pk"))
    )
    counts: dict[str, dict[str, int]] = {channel: {} for channel in settings.WAYS}
    for row in rows:
        counts.setdefault(row["channel"], {})[row["state"]] = row["many"]
    return tuple(
        ChannelStanding(
            channel=channel,
            is_there=bool(settings.WAYS.get(channel, {}).get("url")),
            counts=found,
        )
        for channel, found in counts.items()
    )


def unassigned_replies(*, limit: int = 100) -> tuple[ReplyCard, ...]:
    """Yield replies that nobody, or more than one person, may have written, latest first."""
    rows = ReplyReceived.objects.filter(debtor_id="").order_by("-recorded_at", "-pk")[:limit]
    return tuple(reply_card(row) for row in rows)


def reply_card(row: ReplyReceived) -> ReplyCard:
    """Yield the record of a reply."""
    return ReplyCard(
        reply_id=row.pk,
        channel=row.channel,
        address=row.address,
        text=row.text,
        at=row.at,
        stop_word=row.stop_word,
    )


@dataclass(frozen=True, kw_only=True)
class Reached:
    """What came of trying to reach one person in a period; ``is_rpc``: the person was reached."""

    debtor_id: str
    is_rpc: bool


#: Outcomes in which the person concerned was spoken to.
RIGHT_PARTY = ("right_party", "promise", "refused", "asked_to_stop")


def reached_since(*, since: datetime, until: datetime) -> tuple[Reached, ...]:
    """Yield everybody whom we tried to reach in [since, until), of book and desk. One query."""
    rows = (
        Contact.objects.filter(at__gte=since, at__lt=until, direction="out", withdrawn_at=None)
        .values("debtor_id")
        .annotate(spoken=Count("pk", filter=Q(outcome__in=RIGHT_PARTY)))
        .order_by("debtor_id")
    )
    return tuple(Reached(debtor_id=row["debtor_id"], is_rpc=row["spoken"] > 0) for row in rows)
