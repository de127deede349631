"""Limits of time and number: quiet hours and caps.

A new jurisdiction brings values; at most it brings a new kind of rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from recoup.kernel.contact_case import (
    ALLOWED,
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
from recoup.kernel.contact_clock import ONE_DAY, lies_in, next_instant, start_of_day
from recoup.kernel.contact_facts import Attempt, ContactFacts
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
class Cap:
    """At most so many contacts in the last ``days`` local days, today included.

    Counts those of the same party, whoever of ours made them; ``counts`` says which of them.
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
        matching = [(dated, self._matches(case, dated)) for dated in case.history]
        concerned = [(dated, match) for dated, match in matching if match.value is not False]
        sure, maybe = self._counted(concerned, case.today)
        if sure + len(maybe) < self.at_most:
            return ALLOWED
        if sure < self.at_most:
            return Judgement(forbids=unknown(*dict.fromkeys(maybe)))
        detail = Sentence(
            zh=f"已有{sure}次，上限{self.at_most}次。",
            en=f"There were {sure}; the limit is {self.at_most}.",
        )
        return Judgement(forbids=YES, detail=detail, next_at=self._next(case, concerned))

    def standing(self, case: Case) -> CapStanding | None:
        """Tell how far the cap is used up; None where it is not about the case, or unknown."""
        if self.scope.covers(case.facts).value is False or case.facts.attempts is None:
            return None
        matching = [(dated, self._matches(case, dated)) for dated in case.history]
        concerned = [(dated, match) for dated, match in matching if match.value is not False]
        sure, maybe = self._counted(concerned, case.today)
        return CapStanding(
            rule=self.head.id,
            origin=self.head.origin,
            at_most=self.at_most,
            days=self.days,
            per=self.per,
            counts=self.counts,
            used=sure,
            may_be_used=len(maybe),
        )

    def _matches(self, case: Case, dated: DatedAttempt) -> Known:
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
            answers.append(_contract_matches(attempt, facts, place=place))
        return all_of(answers)

    def _counted(
        self, concerned: list[tuple[DatedAttempt, Known]], today: date
    ) -> tuple[int, list[str]]:
        """How many count for sure, and which facts are missing of those that may count."""
        first = today - timedelta(days=self.days - 1)
        sure = 0
        maybe: list[str] = []
        for dated, match in concerned:
            if dated.on is None:
                maybe.append(f"{dated.place}.at")
            elif first <= dated.on <= today:
                if match.value:
                    sure += 1
                else:
                    maybe.append(match.missing[0])
        return sure, maybe

    def _next(self, case: Case, concerned: list[tuple[DatedAttempt, Known]]) -> datetime | None:
        for later in range(1, self.days + 1):
            day = case.today + later * ONE_DAY
            sure, maybe = self._counted(concerned, day)
            if sure + len(maybe) < self.at_most:
                return start_of_day(day=day, zone=case.zone)
        return None


def _contract_matches(attempt: Attempt, facts: ContactFacts, *, place: str) -> Known:
    if attempt.contract_id is None:
        return unknown(f"{place}.contract_id")
    if not facts.contracts or any(one.contract_id is None for one in facts.contracts):
        return unknown("contracts")
    return Known(value=attempt.contract_id in {one.contract_id for one in facts.contracts})


def _outcome(attempt: Attempt, *, place: str, counts: str) -> Known:
    outcomes: dict[str, Callable[[], Known]] = {
        ATTEMPTS: lambda: YES,
        CONNECTED: lambda: known(attempt.answered, fact=f"{place}.connected"),
        UNANSWERED: lambda: opposite(known(attempt.answered, fact=f"{place}.connected")),
        EFFECTIVE: lambda: known(attempt.conversed, fact=f"{place}.effective"),
    }
    return outcomes[counts]()
