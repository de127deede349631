"""Whether one contact may leave the house: a permit, or a refusal with every rule that forbids.

Only this module makes a permit, and only ``decide`` does it: whoever holds one has asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from recoup.kernel.contact_case import LAW, Case, ContactRule, Judgement, RuleHead, judge
from recoup.kernel.contact_clock import start_of_day, zone_of
from recoup.kernel.contact_facts import ContactFacts
from recoup.kernel.contact_known import Sentence, any_of
from recoup.kernel.contact_limits import Cap, CapStanding, QuietHours
from recoup.kernel.contact_states import Duty

MOST_STEPS = 1_000
HOUSE_SOURCE = "recoup: unknown is not a default"
SILENT = "pack:silent"
FACT_PREFIX = "facts:"

_SEAL = object()


class NotAPermit(TypeError):
    """Someone tried to make a permit without asking the rules."""


@dataclass(frozen=True, kw_only=True)
class ContactRules:
    """All rules, of every date, by which a contact is judged.

    ``basis`` names what they were made from: pack and strategy with their versions.
    """

    basis: tuple[str, ...]
    rules: tuple[ContactRule, ...]

    def in_force(self, *, on: date) -> tuple[ContactRule, ...]:
        """Yield the rules in force on a local day."""
        return tuple(rule for rule in self.rules if rule.head.in_force(on=on))


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One rule that refuses, and from when on it alone would not (None: time does not cure it)."""

    rule: str
    origin: str
    source: str
    sentence: Sentence
    next_allowed_at: datetime | None = None
    missing: tuple[str, ...] = ()
    confidence: str = "high"


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """A duty that goes with a permit, or a rule that was applied although little is known of it."""

    rule: str
    source: str
    sentence: Sentence


@dataclass(frozen=True, kw_only=True)
class Permit:
    """Leave for exactly one contact: this person, party, number, channel, instant and purpose."""

    person: str
    party: str
    number: str | None
    channel: str
    at: datetime
    purpose: str
    contracts: tuple[str | None, ...]
    interactive: bool | None
    robot: bool | None
    reveals_debt: bool | None
    basis: tuple[str, ...]
    looked_at: tuple[str, ...]
    duties: tuple[Reminder, ...]
    warnings: tuple[Reminder, ...]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotAPermit(
                "只有 kernel.contact_rules.decide 可以签发许可。"
                "Only kernel.contact_rules.decide makes a permit."
            )


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why the contact must not leave: every rule that forbids it, in order of rule id.

    ``next_allowed_at`` is the first instant at which, nothing else happening, it would be allowed;
    None where time and counts alone do not lift the refusal.
    """

    reasons: tuple[Reason, ...]
    next_allowed_at: datetime | None
    basis: tuple[str, ...]
    looked_at: tuple[str, ...]
    warnings: tuple[Reminder, ...]


def decide(*, facts: ContactFacts, rules: ContactRules) -> Permit | Refusal:
    """Yield leave for one contact, or every reason why it must not be made.

    Shape: the facts of one contact and all rules; those in force on the debtor's local day count.
    A fact that is missing refuses exactly where a rule's answer hangs on it.
    """
    unbound = _unbound(facts)
    zone = zone_of(facts.person.time_zone) if facts.person.time_zone else None
    if facts.at is None or zone is None:
        return Refusal(
            reasons=tuple(unbound),
            next_allowed_at=None,
            basis=rules.basis,
            looked_at=(),
            warnings=(),
        )
    case = Case(facts=facts, at=facts.at, zone=zone)
    reasons = [*unbound, *_reasons(rules, case)]
    in_force = rules.in_force(on=case.today)
    looked_at = tuple(dict.fromkeys(rule.head.id for rule in in_force))
    warnings = tuple(_warnings(in_force, case))
    if not reasons:
        return _permit(rules, case, looked_at, warnings)
    return Refusal(
        reasons=tuple(reasons),
        next_allowed_at=_next_allowed(rules, case, reasons),
        basis=rules.basis,
        looked_at=looked_at,
        warnings=warnings,
    )


def caps_standing(*, facts: ContactFacts, rules: ContactRules) -> tuple[CapStanding, ...]:
    """Yield how far each cap that binds this contact is used up, the tightest first.

    Shape: nothing where the instant or the person's time zone is not known: then no day is.
    """
    zone = zone_of(facts.person.time_zone) if facts.person.time_zone else None
    if facts.at is None or zone is None:
        return ()
    case = Case(facts=facts, at=facts.at, zone=zone)
    caps = [rule for rule in rules.in_force(on=case.today) if isinstance(rule, Cap)]
    found = [standing for cap in caps if (standing := cap.standing(case)) is not None]
    return tuple(sorted(found, key=lambda one: (one.left, one.days, one.rule)))


def _permit(
    rules: ContactRules, case: Case, looked_at: tuple[str, ...], warnings: tuple[Reminder, ...]
) -> Permit:
    facts = case.facts
    return Permit(
        person=_bound(facts.person.id),
        party=_bound(facts.party),
        number=facts.number.value,
        channel=_bound(facts.channel),
        at=case.at,
        purpose=_bound(facts.purpose),
        contracts=tuple(contract.contract_id for contract in facts.contracts or ()),
        interactive=facts.interactive,
        robot=facts.robot,
        reveals_debt=facts.reveals_debt,
        basis=rules.basis,
        looked_at=looked_at,
        duties=tuple(_duties(rules.in_force(on=case.today), case)),
        warnings=warnings,
        seal=_SEAL,
    )


def _bound(value: str | None) -> str:
    if value is None:
        raise AssertionError("a permit is bound to known facts only")
    return value


def _unbound(facts: ContactFacts) -> list[Reason]:
    """What a permit must be bound to and the facts do not give."""
    reasons = []
    if facts.naive_at:
        reasons.append(
            _house(
                "at",
                zh="时刻“at”没有时差，不知是何时；请写成带时差的 ISO 8601，例如 …T21:59:00+08:00。",
                en="The instant 'at' has no offset, so it names no moment; write ISO 8601 with its "
                "offset, such as ...T21:59:00+08:00.",
            )
        )
    elif facts.at is None:
        reasons.append(_missing("at"))
    if facts.person.time_zone is None:
        reasons.append(_missing("person.time_zone"))
    elif zone_of(facts.person.time_zone) is None:
        shown = facts.person.time_zone
        reasons.append(
            _house(
                "person.time_zone",
                zh=f"不认识时区“{shown}”，不知对方当地时间；请写 IANA 时区名，如 Asia/Shanghai。",
                en=f"There is no time zone '{shown}', so the person's local time is unknown; write "
                "an IANA name such as Asia/Shanghai.",
            )
        )
    bound = {
        "person.id": facts.person.id,
        "party": facts.party,
        "channel": facts.channel,
        "purpose": facts.purpose,
    }
    return reasons + [_missing(name) for name, value in bound.items() if value is None]


def _missing(fact: str) -> Reason:
    return _house(
        fact,
        zh=f"缺少事实“{fact}”；不明即不联系，请补齐后再问。",
        en=f"The fact '{fact}' is missing; the unknown is refused: supply it and ask again.",
    )


def _house(fact: str, *, zh: str, en: str) -> Reason:
    return Reason(
        rule=f"{FACT_PREFIX}{fact}",
        origin=LAW,
        source=HOUSE_SOURCE,
        sentence=Sentence(zh=zh, en=en),
        missing=(fact,),
    )


def _reasons(rules: ContactRules, case: Case) -> list[Reason]:
    """Every reason against the contact at the case's instant, one per rule id."""
    in_force = rules.in_force(on=case.today)
    found: dict[str, list[Judgement]] = {}
    heads: dict[str, RuleHead] = {}
    for rule in in_force:
        judged = judge(rule, case)
        if judged.forbids.value is not False:
            heads[rule.head.id] = rule.head
            found.setdefault(rule.head.id, []).append(judged)
    reasons = [_reason(heads[rule], found[rule]) for rule in sorted(found)]
    return [*_silence(in_force, rules, case), *reasons]


def _reason(head: RuleHead, judgements: Sequence[Judgement]) -> Reason:
    """One reason for all clauses of a rule that refuse; lifted only when each of them is."""
    unknown = [judged for judged in judgements if judged.forbids.value is None]
    missing = tuple(dict.fromkeys(name for one in unknown for name in one.forbids.missing))
    sentence = head.sentence
    for detail in dict.fromkeys(one.detail for one in judgements if one not in unknown):
        sentence += detail
    if missing:
        sentence += _not_known(missing)
    nexts = [one.next_at for one in judgements]
    later = [instant for instant in nexts if instant is not None]
    return Reason(
        rule=head.id,
        origin=head.origin,
        source=head.source,
        sentence=sentence,
        next_allowed_at=max(later) if len(later) == len(nexts) else None,
        missing=missing,
        confidence=head.confidence,
    )


def _not_known(missing: tuple[str, ...]) -> Sentence:
    names = ", ".join(missing)
    return Sentence(
        zh=f"判断本条所需的事实缺失：{names}；不明即不联系。",
        en=f"The facts that decide here are missing: {names}; the unknown is refused.",
    )


def _silence(in_force: Sequence[ContactRule], rules: ContactRules, case: Case) -> Iterable[Reason]:
    """A refusal where the law as loaded says nothing of hours for this debtor on this day."""
    spoken = any_of(
        rule.scope.covers_claim(case.facts) for rule in in_force if _is_law_on_hours(rule)
    )
    if spoken.value is True:
        return
    sentence = Sentence(
        zh=f"法规包对 {case.today} 的这类联系没有载明可联系的时间；没有规定的，不予联系。",
        en=f"The pack says nothing of permitted hours for this contact on {case.today}; "
        "where the pack is silent, no contact is made.",
    )
    if spoken.missing:
        sentence = _not_known(spoken.missing)
    yield Reason(
        rule=SILENT,
        origin=LAW,
        source=", ".join(rules.basis),
        sentence=sentence,
        next_allowed_at=_law_begins(rules, case),
        missing=spoken.missing,
    )


def _is_law_on_hours(rule: ContactRule) -> bool:
    return isinstance(rule, QuietHours) and rule.head.origin == LAW


def _law_begins(rules: ContactRules, case: Case) -> datetime | None:
    """The first instant at which law on hours that is already loaded comes into force."""
    begins = [
        rule.head.valid_from
        for rule in rules.rules
        if _is_law_on_hours(rule)
        and rule.head.valid_from is not None
        and rule.head.valid_from > case.today
        and rule.scope.covers_claim(case.facts).value is True
    ]
    return start_of_day(day=min(begins), zone=case.zone) if begins else None


def _next_allowed(rules: ContactRules, case: Case, reasons: Sequence[Reason]) -> datetime | None:
    """The first instant at which nothing forbids, the history staying as it is.

    Each rule names the first instant at which it alone would allow; the latest of these is the
    earliest that can satisfy all, and is judged anew until nothing forbids.
    """
    at = case.at
    for _ in range(MOST_STEPS):
        if not reasons:
            return at
        nexts = [reason.next_allowed_at for reason in reasons]
        later = [instant for instant in nexts if instant is not None and instant > at]
        if len(later) < len(nexts):
            return None
        at = max(later)
        reasons = _reasons(rules, Case(facts=case.facts, at=at, zone=case.zone))
    return None


def _duties(in_force: Sequence[ContactRule], case: Case) -> Iterable[Reminder]:
    for rule in in_force:
        if isinstance(rule, Duty) and rule.scope.covers(case.facts).value is not False:
            yield _reminder(rule.head)


def _warnings(in_force: Sequence[ContactRule], case: Case) -> Iterable[Reminder]:
    seen: set[str] = set()
    for rule in in_force:
        if rule.head.confidence == "low" and rule.head.id not in seen:
            if rule.scope.covers(case.facts).value is not False:
                seen.add(rule.head.id)
                yield _reminder(rule.head)


def _reminder(head: RuleHead) -> Reminder:
    return Reminder(rule=head.id, source=head.source, sentence=head.sentence)


def local(instant: datetime, *, zone_name: str) -> datetime:
    """Yield an instant with the offset of the person's own clock.

    Errors: ValueError, when there is no such zone.
    """
    zone: ZoneInfo | None = zone_of(zone_name)
    if zone is None:
        raise ValueError(f"no time zone {zone_name!r}")
    return instant.astimezone(zone)
