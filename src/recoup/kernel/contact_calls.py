"""Limits on calls about one debt: how many in a row of days, and none soon after a conversation."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recoup.kernel.contact_case import (
    Case,
    DatedAttempt,
    Judgement,
    RuleHead,
    Scope,
    same_code,
    speaks_to_debtor,
)
from recoup.kernel.contact_facts import VOICE, Consent, Contract
from recoup.kernel.contact_known import (
    NO,
    Known,
    Sentence,
    all_of,
    any_of,
    known,
    member,
    opposite,
    unknown,
)
from recoup.kernel.contact_limits import Counted, about_contract, all_lifted, judged_window

OUTWARD = frozenset({"out"})
SPOKEN = Sentence(
    zh="不久前已就该笔债务通过话。", en="There was a conversation about this debt not long ago."
)


@dataclass(frozen=True, kw_only=True)
class CallsPerDebt:
    """At most ``at_most`` calls about a debt in ``days`` days; none soon after a conversation.

    Each contract at hand counts apart. Local days are counted; the day of a conversation, whoever
    called, is the first of ``days_from_conversation``, that of a consent the first of
    ``days_of_consent``. In the days of the debtor's consent to the channel, calls do not count and
    are not limited; nor does a call count to a number that was not in service.
    """

    head: RuleHead
    scope: Scope
    at_most: int
    days: int
    days_from_conversation: int
    days_of_consent: int

    def condition(self, case: Case) -> Judgement:
        if case.facts.attempts is None:
            return Judgement(forbids=unknown("attempts"))
        if not case.facts.contracts:
            return Judgement(forbids=unknown("contracts"))
        return all_lifted(self._about(case, contract) for contract in case.facts.contracts)

    def _about(self, case: Case, contract: Contract) -> Judgement:
        """Judge the calls about one contract."""
        calls = judged_window(
            counted=self._calls(case, contract), at_most=self.at_most, days=self.days, case=case
        )
        spoken = judged_window(
            counted=self._conversations(case, contract),
            at_most=1,
            days=self.days_from_conversation,
            case=case,
        )
        if spoken.forbids.value:
            spoken = replace(spoken, detail=SPOKEN)
        judged = all_lifted((calls, spoken))
        invited = self._invited(
            case, contract, channel=case.facts.channel, at=case.at, fact="channel"
        )
        return replace(judged, forbids=all_of((judged.forbids, opposite(invited))))

    def _calls(self, case: Case, contract: Contract) -> list[Counted]:
        counted = []
        for dated in case.history:
            attempt, place = dated.attempt, dated.place
            invited = NO
            if attempt.at is not None:
                invited = self._invited(
                    case, contract, channel=attempt.channel, at=attempt.at, fact=f"{place}.channel"
                )
            counts = all_of(
                (
                    *self._call_about(case, contract, dated),
                    member(attempt.direction, OUTWARD, fact=f"{place}.direction"),
                    Known(value=attempt.in_service is not False),
                    opposite(invited),
                )
            )
            counted.append(Counted(dated=dated, counts=counts))
        return [one for one in counted if one.counts.value is not False]

    def _conversations(self, case: Case, contract: Contract) -> list[Counted]:
        counted = []
        for dated in case.history:
            spoke = known(dated.attempt.conversed, fact=f"{dated.place}.effective")
            counts = all_of((*self._call_about(case, contract, dated), spoke))
            counted.append(Counted(dated=dated, counts=counts))
        return [one for one in counted if one.counts.value is not False]

    def _call_about(self, case: Case, contract: Contract, dated: DatedAttempt) -> tuple[Known, ...]:
        attempt, place = dated.attempt, dated.place
        return (
            member(attempt.channel, VOICE, fact=f"{place}.channel"),
            same_code(attempt.party, case.facts.party, fact=f"{place}.party", ours="party"),
            about_contract(attempt, contract, place=place),
        )

    def _invited(
        self, case: Case, contract: Contract, *, channel: str | None, at: datetime, fact: str
    ) -> Known:
        """Tell whether a call at an instant falls into the days of a consent to calls on a debt."""
        if case.facts.consents is None:
            return all_of((speaks_to_debtor(case.facts), unknown("consents")))
        open_to = [
            member(channel, frozenset({consent.channel}), fact=fact)
            for consent in case.facts.consents
            if consent.channel in VOICE and self._lasts(case, contract, consent, at)
        ]
        return all_of((speaks_to_debtor(case.facts), any_of(open_to)))

    def _lasts(self, case: Case, contract: Contract, consent: Consent, at: datetime) -> bool:
        named = consent.contract_id is not None and consent.contract_id == contract.contract_id
        if consent.at is None or not consent.at <= min(at, case.asked_at):
            return False
        since = consent.at.astimezone(case.zone).date()
        ends = since + timedelta(days=self.days_of_consent)
        return (consent.all_contracts or named) and at.astimezone(case.zone).date() < ends
