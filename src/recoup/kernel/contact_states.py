"""Limits of state: holds, death, bankruptcy, an attorney; and the duties that forbid nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from recoup.kernel.contact_case import (
    ALLOWED,
    Case,
    Judgement,
    RuleHead,
    Scope,
    same_code,
)
from recoup.kernel.contact_clock import start_of_day
from recoup.kernel.contact_facts import ContactFacts, Hold
from recoup.kernel.contact_known import YES, Known, Sentence, all_of, any_of, known, member, unknown

STATES = ("deceased", "bankrupt", "represented_by_attorney")
HOLD_WORDS = MappingProxyType(
    {
        "dispute": Sentence(zh="争议", en="dispute"),
        "complaint": Sentence(zh="投诉", en="complaint"),
        "hardship": Sentence(zh="困难", en="hardship"),
        "vulnerable": Sentence(zh="需特殊关照", en="vulnerable"),
        "legal": Sentence(zh="法律程序", en="legal proceedings"),
        "attorney": Sentence(zh="已委托律师", en="attorney"),
        "deceased": Sentence(zh="身故", en="deceased"),
        "bankruptcy": Sentence(zh="破产", en="bankruptcy"),
        "do_not_contact": Sentence(zh="不要联系", en="do not contact"),
        "plan_active": Sentence(zh="分期履行中", en="plan in force"),
    }
)


@dataclass(frozen=True, kw_only=True)
class HoldStops:
    """A hold of one of these kinds stops the contact while it is in force.

    ``by_channel``: a hold that names a channel stops that channel only.
    """

    head: RuleHead
    scope: Scope
    kinds: frozenset[str]
    by_channel: bool = True

    def condition(self, case: Case) -> Judgement:
        if case.facts.holds is None:
            return Judgement(forbids=unknown("holds"))
        meant = [
            (hold, self._meant(case, hold, place=f"holds[{place}]"))
            for place, hold in enumerate(case.facts.holds)
        ]
        concerned = [(hold, answer) for hold, answer in meant if answer.value is not False]
        forbids = any_of(answer for hold, answer in concerned if _holds_on(hold, case.today))
        if forbids.value is False:
            return ALLOWED
        return Judgement(
            forbids=forbids,
            detail=_shown_holds(concerned, case.today),
            next_at=_end(case, concerned),
        )

    def _meant(self, case: Case, hold: Hold, *, place: str) -> Known:
        channel = YES
        if self.by_channel and hold.channel is not None:
            channel = same_code(hold.channel, case.facts.channel, fact="channel", ours="channel")
        return all_of(
            (
                member(hold.kind, self.kinds, fact=f"{place}.kind"),
                channel,
                self._about(case.facts, hold),
            )
        )

    def _about(self, facts: ContactFacts, hold: Hold) -> Known:
        if hold.contract_id is None:
            return YES
        if not facts.contracts:
            return unknown("contracts")
        return any_of(
            all_of(
                (
                    known(
                        None
                        if contract.contract_id is None
                        else contract.contract_id == hold.contract_id,
                        fact=f"contracts[{place}].contract_id",
                    ),
                    self.scope.covers_contract(contract, place=place),
                )
            )
            for place, contract in enumerate(facts.contracts)
        )


def _holds_on(hold: Hold, day: date) -> bool:
    begun = hold.from_on is None or hold.from_on <= day
    return begun and (hold.until_on is None or day < hold.until_on)


def _end(case: Case, concerned: list[tuple[Hold, Known]]) -> datetime | None:
    ends = sorted(
        hold.until_on
        for hold, _ in concerned
        if hold.until_on is not None and hold.until_on > case.today
    )
    for day in ends:
        if not any(_holds_on(hold, day) for hold, _ in concerned):
            return start_of_day(day=day, zone=case.zone)
    return None


def _shown_holds(concerned: list[tuple[Hold, Known]], today: date) -> Sentence:
    holds = [hold for hold, _ in concerned if _holds_on(hold, today)]
    zh = "、".join(
        f"{_named(hold).zh}（自 {hold.from_on} 至 {hold.until_on or '未定'}）" for hold in holds
    )
    en = ", ".join(
        f"{_named(hold).en} (from {hold.from_on} until {hold.until_on or 'further notice'})"
        for hold in holds
    )
    return Sentence(zh=f"冻结：{zh}。", en=f"Hold: {en}.")


def _named(hold: Hold) -> Sentence:
    code = hold.kind or ""
    return HOLD_WORDS.get(code, Sentence(zh=code, en=code))


@dataclass(frozen=True, kw_only=True)
class StateStops:
    """The debtor is dead, bankrupt or has an attorney, and this stops the contact."""

    head: RuleHead
    scope: Scope
    state: str

    def condition(self, case: Case) -> Judgement:
        person = case.facts.person
        states = {
            "deceased": known(person.deceased, fact="person.deceased_on"),
            "bankrupt": known(person.bankrupt, fact="person.bankrupt_on"),
            "represented_by_attorney": known(
                person.represented_by_attorney, fact="person.represented_by_attorney"
            ),
        }
        return Judgement(forbids=states[self.state])


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Forbids nothing; a permit reminds whoever uses it of what the rule asks for."""

    head: RuleHead
    scope: Scope

    def condition(self, case: Case) -> Judgement:
        return ALLOWED
