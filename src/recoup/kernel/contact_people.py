"""Limits of person and content: who may be reached, why, on which number, and what may be said."""

from dataclasses import dataclass
from datetime import date, datetime

from recoup.kernel.contact_case import (
    ALLOWED,
    Case,
    DatedAttempt,
    Judgement,
    RuleHead,
    Scope,
    number_matches,
    offer_made,
    same_code,
)
from recoup.kernel.contact_clock import ONE_DAY, start_of_day
from recoup.kernel.contact_facts import DEBTOR, VOICE, Attempt, StopRequest
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

ONLY_TO_RESTORE = Sentence(
    zh="对第三人只能以恢复与债务人的联系为目的。",
    en="A third person may be reached only to restore contact with the debtor.",
)
NOT_OUT_OF_REACH = Sentence(
    zh="未见债务人已失联（或已故）。", en="Nothing shows that the debtor is out of reach (or dead)."
)
REVEALS = Sentence(zh="本次内容涉及债务信息。", en="The content mentions the debt.")
ASKED_TO_STOP = Sentence(zh="对方已要求停止联系。", en="The person asked not to be contacted.")


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Only these parties; ``offer_lifts``: also one who offers to pay for the debtor."""

    head: RuleHead
    scope: Scope
    allowed: frozenset[str]
    offer_lifts: bool

    def condition(self, case: Case) -> Judgement:
        allowed = member(case.facts.party, self.allowed, fact="party")
        return Judgement(forbids=opposite(any_of((allowed, offer_made(case, self.offer_lifts)))))


@dataclass(frozen=True, kw_only=True)
class ThirdPerson:
    """A third person only to restore contact, and only once the debtor is out of reach or dead.

    Out of reach: the debtor's number is out of service; or ``dials`` in a row failed, from the next
    local day; or dials failed on ``days`` local days in a row, at once. ``related`` parties may be
    spoken to for other purposes; to restore contact the same conditions hold for them.
    """

    head: RuleHead
    scope: Scope
    third: frozenset[str]
    related: frozenset[str]
    dials: int
    days: int
    invalid_number: bool
    after_death: bool

    def condition(self, case: Case) -> Judgement:
        restoring = member(case.facts.purpose, frozenset({"restore_contact"}), fact="purpose")
        third = member(case.facts.party, self.third, fact="party")
        concerned = any_of((third, member(case.facts.party, self.related, fact="party")))
        purpose_wrong = all_of((third, opposite(restoring), opposite(offer_made(case, True))))
        if purpose_wrong.value is True:
            return Judgement(forbids=YES, detail=ONLY_TO_RESTORE)
        dead = NO
        if self.after_death:
            dead = known(case.facts.person.deceased, fact="person.deceased_on")
        reach, next_at = self._out_of_reach(case)
        too_early = all_of((concerned, restoring, opposite(any_of((dead, reach)))))
        forbids = any_of((purpose_wrong, too_early))
        if forbids.value is False:
            return ALLOWED
        return Judgement(forbids=forbids, detail=NOT_OUT_OF_REACH, next_at=next_at)

    def _out_of_reach(self, case: Case) -> tuple[Known, datetime | None]:
        if case.facts.attempts is None:
            return unknown("attempts"), None
        run, doubts = _failed_run(case)
        days = sorted({dated.on for dated in run if dated.on is not None})
        if self.invalid_number and any(one.attempt.in_service is False for one in run):
            return YES, None
        if _longest_streak(days) >= self.days:
            return YES, None
        next_at = None
        third_failure = run[self.dials - 1].on if len(run) >= self.dials else None
        if third_failure is not None:
            if third_failure < case.today:
                return YES, None
            next_at = start_of_day(day=third_failure + ONE_DAY, zone=case.zone)
        return (unknown(*doubts) if doubts else NO), next_at


def _failed_run(case: Case) -> tuple[list[DatedAttempt], tuple[str, ...]]:
    """The failed dials to the debtor since the debtor was last reached, oldest first.

    What is not known to be a failure ends the run, and is returned as a doubt.
    """
    doubts: list[str] = []
    dated = [one for one in case.history if one.attempt.party in (DEBTOR, None)]
    undated = [one for one in dated if one.attempt.at is None]
    if any(one.attempt.answered is not False for one in undated):
        return [], tuple(f"{one.place}.at" for one in undated)
    run: list[DatedAttempt] = []
    for one in sorted(
        (one for one in dated if one.attempt.at is not None),
        key=lambda one: one.attempt.at or case.asked_at,
    ):
        outcome = _dial_failed(one)
        if outcome.value is True:
            run.append(one)
        elif outcome.value is None:
            doubts += outcome.missing
            run = []
        elif _reached(one.attempt):
            doubts, run = [], []
    return run, tuple(doubts)


def _dial_failed(dated: DatedAttempt) -> Known:
    attempt, place = dated.attempt, dated.place
    return all_of(
        (
            member(attempt.direction, frozenset({"out"}), fact=f"{place}.direction"),
            member(attempt.channel, VOICE, fact=f"{place}.channel"),
            member(attempt.party, frozenset({DEBTOR}), fact=f"{place}.party"),
            opposite(known(attempt.answered, fact=f"{place}.connected")),
        )
    )


def _reached(attempt: Attempt) -> bool:
    return attempt.direction == "in" or attempt.answered is True


def _longest_streak(days: list[date]) -> int:
    """The length of the longest row of consecutive days in an ascending list."""
    longest = length = 0
    previous: date | None = None
    for day in days:
        length = length + 1 if previous is not None and day - previous == ONE_DAY else 1
        longest = max(longest, length)
        previous = day
    return longest


@dataclass(frozen=True, kw_only=True)
class DebtInformation:
    """Nothing about the debt may be said; ``offer_lifts``: except to one who offers to pay it."""

    head: RuleHead
    scope: Scope
    offer_lifts: bool

    def condition(self, case: Case) -> Judgement:
        reveals = known(case.facts.reveals_debt, fact="reveals_debt")
        offered = offer_made(case, self.offer_lifts)
        return Judgement(forbids=all_of((reveals, opposite(offered))), detail=REVEALS)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Who asked not to be contacted is not contacted.

    ``by_channel``: a request about one channel closes that channel only.
    """

    head: RuleHead
    scope: Scope
    by_channel: bool

    def condition(self, case: Case) -> Judgement:
        if case.facts.refusals is None:
            return Judgement(forbids=unknown("refusals"))
        return Judgement(
            forbids=any_of(
                self._meant(case, request, place=f"refusals[{place}]")
                for place, request in enumerate(case.facts.refusals)
                if request.at is None or request.at <= case.asked_at
            ),
            detail=ASKED_TO_STOP,
        )

    def _meant(self, case: Case, request: StopRequest, *, place: str) -> Known:
        facts = case.facts
        who = same_code(request.party, facts.party, fact=f"{place}.party", ours="party")
        if request.number is not None:
            same = number_matches(request.number, facts, fact=f"{place}.number")
            third = opposite(member(facts.party, frozenset({DEBTOR}), fact="party"))
            other = opposite(member(request.party, frozenset({DEBTOR}), fact=f"{place}.party"))
            who = all_of((same, any_of((who, all_of((third, other))))))
        if not self.by_channel or request.channel is None:
            return who
        return all_of(
            (who, same_code(request.channel, facts.channel, fact="channel", ours="channel"))
        )


@dataclass(frozen=True, kw_only=True)
class NumberSource:
    """Only numbers and addresses that came to us in one of these ways."""

    head: RuleHead
    scope: Scope
    allowed: frozenset[str]

    def condition(self, case: Case) -> Judgement:
        lawful = member(case.facts.number.source, self.allowed, fact="number.source")
        return Judgement(forbids=opposite(lawful))
