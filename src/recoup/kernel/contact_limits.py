"""Limits of time and number: quiet hours and caps.

A new jurisdiction brings values; at most it brings a new kind of rule.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from recoup.kernel.contact_case import (
    ALLOWED,
    NOTHING_MORE,
    Case,
    DatedAttempt,
    Judgement,
    RuleHead,
    Scope,
    consent_given,
    number_matches,
    same_code,
    speaks_to_debtor,
)
from recoup.kernel.contact_clock import lies_in, next_instant, start_of_day
from recoup.kernel.contact_facts import Attempt, Contract
from recoup.kernel.contact_known import (
    NO,
    YES,
    Known,
    Sentence,
    all_of,
    any_of,
    known,
    member,
    opposite,
    unknown,
)

ATTEMPTS = "attempts"
UNANSWERED = "unanswered"
CONNECTED = "connected"
EFFECTIVE = "effective"
COUNTS = (ATTEMPTS, UNANSWERED, CONNECTED, EFFECTIVE)
PER_PERSON = "person"
PER_NUMBER = "number"
PER_CONTRACT = "contract"
PER = (PER_PERSON, PER_NUMBER, PER_CONTRACT)


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """No contact in the local hours [begins, ends), unless the debtor agreed or consented.

    ``agreement_lifts``: hours the debtor agreed to are open; ``consent_lifts``: a consent to the
    channel, covering every contract at hand, opens the window; ``only_agreed``: once hours are
    agreed, all others are closed.
    """

    head: RuleHead
    scope: Scope
    begins: time
    ends: time
    agreement_lifts: bool
    consent_lifts: bool
    only_agreed: bool = False

    def condition(self, case: Case) -> Judgement:
        forbids = self._forbids(case, case.wall)
        if forbids.value is False:
            return ALLOWED
        return Judgement(forbids=forbids, detail=_shown_hour(case), next_at=self._next(case))

    def _forbids(self, case: Case, wall: time) -> Known:
        agreed = self._agreed(case, wall)
        if self.only_agreed and case.facts.agreed_hours and agreed.value is not None:
            return opposite(agreed)
        if not lies_in(wall, begins=self.begins, ends=self.ends):
            return NO
        return opposite(any_of((agreed, self._consented(case))))

    def _agreed(self, case: Case, wall: time) -> Known:
        if not self.agreement_lifts:
            return NO
        if case.facts.agreed_hours is None:
            return all_of((speaks_to_debtor(case.facts), unknown("agreed_hours")))
        inside = any(
            lies_in(wall, begins=hours.begins, ends=hours.ends) for hours in case.facts.agreed_hours
        )
        return all_of((speaks_to_debtor(case.facts), Known(value=inside)))

    def _consented(self, case: Case) -> Known:
        if not self.consent_lifts:
            return NO
        return all_of((speaks_to_debtor(case.facts), consent_given(case)))

    def _next(self, case: Case) -> datetime | None:
        hours = [self.ends]
        for agreed in case.facts.agreed_hours or ():
            hours += [agreed.begins, agreed.ends]
        return next_instant(
            at=case.at,
            zone=case.zone,
            hours=hours,
            fits=lambda local: self._forbids(case, local.time()).value is False,
        )


def _shown_hour(case: Case) -> Sentence:
    shown = case.wall.strftime("%H:%M")
    return Sentence(
        zh=f"对方当地时间为 {case.today} {shown}。",
        en=f"It is {case.today} {shown} where the person is.",
    )


@dataclass(frozen=True, kw_only=True)
class CapStanding:
    """How far one cap is used up: sure and possible contacts in the days that it counts."""

    rule: str
    origin: str
    at_most: int
    days: int
    per: str
    counts: str
    used: int
    may_be_used: int

    @property
    def left(self) -> int:
        """How many more there may be; where facts are missing, the possible ones count."""
        return max(0, self.at_most - self.used - self.may_be_used)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """An earlier attempt that counts, or may count."""

    dated: DatedAttempt
    counts: Known


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most so many contacts in the last ``days`` local days, today included.

    Counts those of the same party, whoever of ours made them; ``counts`` says which of them. Per
    contract, each contract at hand counts apart, and one that is full closes the contact.
    """

    head: RuleHead
    scope: Scope
    channels: frozenset[str]
    counts: str
    per: str
    at_most: int
    days: int
    directions: frozenset[str] = frozenset({"out"})

    def condition(self, case: Case) -> Judgement:
        if case.facts.attempts is None:
            return Judgement(forbids=unknown("attempts"))
        return all_lifted(
            judged_window(counted=counted, at_most=self.at_most, days=self.days, case=case)
            for counted in self._counters(case)
        )

    def standing(self, case: Case) -> CapStanding | None:
        """Tell how far the cap is used up; None where it is not about the case, or unknown."""
        if self.scope.covers(case.facts).value is False or case.facts.attempts is None:
            return None
        used, doubts = max(
            (used_up(counted=one, days=self.days, on=case.today) for one in self._counters(case)),
            key=lambda found: found[0] + len(found[1]),
        )
        return CapStanding(
            rule=self.head.id,
            origin=self.head.origin,
            at_most=self.at_most,
            days=self.days,
            per=self.per,
            counts=self.counts,
            used=used,
            may_be_used=len(doubts),
        )

    def _counters(self, case: Case) -> list[list[Counted]]:
        """What may count: one list, or one for each contract at hand."""
        if self.per != PER_CONTRACT or not case.facts.contracts:
            return [self._matching(case, None)]
        return [self._matching(case, one) for one in case.facts.contracts]

    def _matching(self, case: Case, contract: Contract | None) -> list[Counted]:
        found = [
            Counted(dated=dated, counts=self._matches(case, dated, contract))
            for dated in case.history
        ]
        return [one for one in found if one.counts.value is not False]

    def _matches(self, case: Case, dated: DatedAttempt, contract: Contract | None) -> Known:
        attempt, place, facts = dated.attempt, dated.place, case.facts
        answers = [
            member(attempt.direction, self.directions, fact=f"{place}.direction"),
            member(attempt.channel, self.channels, fact=f"{place}.channel"),
            same_code(attempt.party, facts.party, fact=f"{place}.party", ours="party"),
            _outcome(attempt, place=place, counts=self.counts),
        ]
        if self.per == PER_NUMBER:
            answers.append(number_matches(attempt.number, facts, fact=f"{place}.number"))
        if self.per == PER_CONTRACT:
            answers.append(about_contract(attempt, contract, place=place))
        return all_of(answers)


def judged_window(*, counted: Sequence[Counted], at_most: int, days: int, case: Case) -> Judgement:
    """Judge whether fewer than ``at_most`` count in the ``days`` local days that end today."""
    sure, doubts = used_up(counted=counted, days=days, on=case.today)
    if sure + len(doubts) < at_most:
        return ALLOWED
    next_at = _next(counted=counted, at_most=at_most, days=days, case=case)
    if sure < at_most:
        return Judgement(forbids=unknown(*dict.fromkeys(doubts)), next_at=next_at)
    detail = Sentence(
        zh=f"已有{sure}次，上限{at_most}次。",
        en=f"There were {sure}; the limit is {at_most}.",
    )
    return Judgement(forbids=YES, detail=detail, next_at=next_at)


def all_lifted(judgements: Iterable[Judgement]) -> Judgement:
    """Yield one judgement for several limits: each must allow, and the last to lift decides."""
    against = [one for one in judgements if one.forbids.value is not False]
    if len(against) < 2:
        return against[0] if against else ALLOWED
    nexts = [one.next_at for one in against]
    later = [instant for instant in nexts if instant is not None]
    detail = NOTHING_MORE
    for said in dict.fromkeys(one.detail for one in against if one.forbids.value):
        detail += said
    return Judgement(
        forbids=any_of(one.forbids for one in against),
        detail=detail,
        next_at=max(later) if len(later) == len(nexts) else None,
    )


def used_up(*, counted: Iterable[Counted], days: int, on: date) -> tuple[int, list[str]]:
    """Yield how many count for sure on a day, and which facts are missing of those that may."""
    first = on - timedelta(days=days - 1)
    sure = 0
    doubts: list[str] = []
    for one in counted:
        if one.dated.on is None:
            doubts.append(f"{one.dated.place}.at")
        elif first <= one.dated.on <= on:
            if one.counts.value:
                sure += 1
            else:
                doubts.append(one.counts.missing[0])
    return sure, doubts


def _next(*, counted: Sequence[Counted], at_most: int, days: int, case: Case) -> datetime | None:
    """The first local day on which enough attempts have left the window."""
    leaving = {one.dated.on + timedelta(days=days) for one in counted if one.dated.on is not None}
    for day in sorted(day for day in leaving if day > case.today):
        sure, doubts = used_up(counted=counted, days=days, on=day)
        if sure + len(doubts) < at_most:
            return start_of_day(day=day, zone=case.zone)
    return None


def about_contract(attempt: Attempt, contract: Contract | None, *, place: str) -> Known:
    """Tell whether an attempt was about one contract; None = the facts name no contract."""
    if attempt.contract_id is None:
        return unknown(f"{place}.contract_id")
    if contract is None or contract.contract_id is None:
        return unknown("contracts")
    return Known(value=attempt.contract_id == contract.contract_id)


def _outcome(attempt: Attempt, *, place: str, counts: str) -> Known:
    outcomes: dict[str, Callable[[], Known]] = {
        ATTEMPTS: lambda: YES,
        CONNECTED: lambda: known(attempt.answered, fact=f"{place}.connected"),
        UNANSWERED: lambda: opposite(known(attempt.answered, fact=f"{place}.connected")),
        EFFECTIVE: lambda: known(attempt.conversed, fact=f"{place}.effective"),
    }
    return outcomes[counts]()
