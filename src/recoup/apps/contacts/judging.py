"""Puts one contact to the rules in force, and adds what the house itself knows against it."""

from dataclasses import dataclass
from datetime import datetime

from recoup.apps.contacts.facts import PHONES
from recoup.kernel.contact_facts import ContactFacts
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_rules import Permit, Reason, Refusal, decide
from recoup.web.house import contact_law


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """What is told where a channel lacks its number or address."""

    rule: str
    zh: str
    en: str


NO_PHONE = Lacking(
    rule="DATA:no_phone",
    zh="没有可用的电话号码；请先核实或补充联系方式。",
    en="There is no telephone number in use; check the contact points or add one first.",
)
NO_EMAIL = Lacking(
    rule="DATA:no_email",
    zh="没有可用的电子邮件地址。",
    en="There is no e-mail address in use.",
)
NEEDS = {**dict.fromkeys(PHONES, NO_PHONE), "email": NO_EMAIL}
NOT_IN_USE = Lacking(
    rule="DATA:number_not_in_use",
    zh="该号码或地址已标记为停用；请换一个，或先核实。",
    en="This number or address is marked as not in use; take another, or check it first.",
)
COLLECT = "collect"
NOTHING_OWED = Lacking(
    rule="DATA:nothing_overdue",
    zh="名下没有逾期的合同，没有可催收的款项。",
    en="No contract of the person is overdue: there is nothing to collect.",
)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the rules say: the kernel's own answer, and every reason of rules and house against it.

    ``permit`` is there only where nothing at all stands against the contact.
    """

    permit: Permit | None
    refusal: Refusal | None
    reasons: tuple[Reason, ...]

    @property
    def permitted(self) -> bool:
        """Whether the contact may be made."""
        return self.permit is not None

    @property
    def next_allowed_at(self) -> datetime | None:
        """The first instant at which it would be permitted; None where time does not cure it."""
        own = self.refusal.reasons if self.refusal else ()
        if self.refusal is None or len(self.reasons) > len(own):
            return None
        return self.refusal.next_allowed_at


def judge_contact(*, facts: ContactFacts) -> Judged:
    """Yield what the rules in force say of one contact, on these facts."""
    decided = decide(facts=facts, rules=contact_law())
    house = (*_no_number(facts), *_not_in_use(facts), *_nothing_owed(facts))
    if isinstance(decided, Refusal):
        return Judged(permit=None, refusal=decided, reasons=(*house, *decided.reasons))
    return Judged(permit=None if house else decided, refusal=None, reasons=house)


def _no_number(facts: ContactFacts) -> tuple[Reason, ...]:
    """A channel that needs a number or an address cannot be used where the desk has none."""
    code = NEEDS.get(facts.channel or "")
    if code is None or facts.number.value:
        return ()
    return (
        Reason(
            rule=code.rule,
            origin="house",
            source=code.rule,
            sentence=Sentence(zh=code.zh, en=code.en),
            missing=("number.value",),
        ),
    )


def _not_in_use(facts: ContactFacts) -> tuple[Reason, ...]:
    """A number that has been found dead is not tried again until somebody judges it anew."""
    if facts.number.valid is not False:
        return ()
    return (
        Reason(
            rule=NOT_IN_USE.rule,
            origin="house",
            source=NOT_IN_USE.rule,
            sentence=Sentence(zh=NOT_IN_USE.zh, en=NOT_IN_USE.en),
        ),
    )


def _nothing_owed(facts: ContactFacts) -> tuple[Reason, ...]:
    """Nothing is collected from somebody of whom every contract is known and none is overdue."""
    if facts.purpose != COLLECT or facts.contracts is None or facts.contracts:
        return ()
    return (
        Reason(
            rule=NOTHING_OWED.rule,
            origin="house",
            source=NOTHING_OWED.rule,
            sentence=Sentence(zh=NOTHING_OWED.zh, en=NOTHING_OWED.en),
        ),
    )
