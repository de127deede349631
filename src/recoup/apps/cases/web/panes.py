"""What a page shows of one person at work: who, what is owed, what may be done, the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from recoup.apps.arrangements.queries import PromiseCard, live_promises
from recoup.apps.cases.actions.tasking import KINDS
from recoup.apps.cases.queries import CaseCard, case_of
from recoup.apps.cases.reasons import Ranked, ranked
from recoup.apps.cases.web.asked import Asked, today, working_day_after
from recoup.apps.contacts.actions import PARTIES, PURPOSES
from recoup.apps.contacts.queries import (
    ContactCard,
    GateAnswer,
    WhatMayBeDone,
    contacts_of,
    what_may_be_done,
)
from recoup.apps.portfolio.queries import ContractCard
from recoup.kernel.money import text_from_minor
from recoup.web.notices import Notice, notices_of

#: Outcomes in the order of their keys.
OUTCOME_KEYS = (
    ("1", "right_party"),
    ("2", "promise"),
    ("3", "no_answer"),
    ("4", "busy"),
    ("5", "answered"),
    ("6", "refused"),
    ("7", "asked_to_stop"),
    ("8", "invalid"),
    ("9", "failed"),
    ("0", "delivered"),
)
#: Over these a message is written; other channels have forms of their own.
WRITTEN = ("sms", "im", "email", "portal", "letter")
#: No text was chosen yet: the one that fits the case is offered.
FITTING = "fitting"
#: Codes that the forms offer.
FORMS: Mapping[str, object] = {
    "keys": OUTCOME_KEYS,
    "parties": PARTIES,
    "purposes": PURPOSES,
    "task_kinds": KINDS,
    "fitting": FITTING,
}
#: Channels in the order in which a page shows them.
SHOWN_CHANNELS = ("call", "sms", "im", "email", "letter", "visit", "ai_call", "portal")
PROMISE_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What a person owes in one currency: the overdue parts, and all that is outstanding."""

    currency: str
    principal_minor: int
    interest_minor: int
    fee_minor: int
    exposure_minor: int
    unknown: int

    @property
    def overdue_minor(self) -> int:
        """Everything overdue together."""
        return self.principal_minor + self.interest_minor + self.fee_minor

    @property
    def bars(self) -> Sequence[Mapping[str, object]]:
        """Parts of the picture in per mille of the whole: where each begins and how wide it is."""
        whole = max(self.overdue_minor, 1)
        parts = (
            ("principal", self.principal_minor),
            ("interest", self.interest_minor),
            ("fee", self.fee_minor),
        )
        begun = 0
        found: list[Mapping[str, object]] = []
        for name, minor in parts:
            wide = minor * 1000 // whole
            if minor:
                shown = max(wide, 4)
                place = 16 * len(found)
                found.append(
                    {"name": name, "x": min(begun, 996), "y": place, "width": shown, "minor": minor}
                )
            begun += wide
        return found

    @property
    def height(self) -> int:
        """The height of the picture: a row for each part that is not nothing, one for the sum."""
        return 16 * len(self.bars) + 16


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One person at work, as the right-hand pane of a day and the head of a case page show it."""

    case: CaseCard
    gate: WhatMayBeDone
    owed: tuple[Owed, ...]
    contacts: tuple[ContactCard, ...]
    promises: tuple[PromiseCard, ...]
    why: Ranked
    promise_amount: str
    promise_contract: str
    promise_on: date
    notices: tuple[Notice, ...]
    at: datetime

    @property
    def call(self) -> GateAnswer | None:
        """The gate's answer for a call."""
        return self.gate.of("call")

    @property
    def contact_key(self) -> str:
        """The key by which a form that is sent twice logs one contact."""
        return f"{self.case.debtor_id}:{self.case.entries}"

    @property
    def channels(self) -> tuple[GateAnswer, ...]:
        """The gate's answers in the order of the page."""
        return tuple(one for name in SHOWN_CHANNELS if (one := self.gate.of(name)))

    @property
    def written_channels(self) -> tuple[GateAnswer, ...]:
        """The gate's answers for channels over which a message is written."""
        return tuple(one for one in self.channels if one.channel in WRITTEN)

    @property
    def holds(self) -> tuple[object, ...]:
        """Holds in force today."""
        return tuple(one for one in self.gate.holds if one.in_force(self.at.date()))


def owed_of(contracts: Sequence[ContractCard]) -> tuple[Owed, ...]:
    """Yield what is owed by currency, the largest first; loans with unknown figures are counted."""
    by_currency: dict[str, list[ContractCard]] = {}
    for one in contracts:
        if one.gone_on is None:
            by_currency.setdefault(one.currency, []).append(one)
    found = [
        Owed(
            currency=currency,
            principal_minor=sum(one.overdue_principal_minor or 0 for one in loans),
            interest_minor=sum(one.overdue_interest_minor or 0 for one in loans),
            fee_minor=sum(one.overdue_fee_minor or 0 for one in loans),
            exposure_minor=sum(one.exposure_minor or 0 for one in loans),
            unknown=sum(1 for one in loans if one.exposure_minor is None),
        )
        for currency, loans in by_currency.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.overdue_minor, one.currency)))


def _proposed(contracts: Sequence[ContractCard], owed: Sequence[Owed]) -> tuple[str, str]:
    """Yield the amount to ask a promise for, and for which loan; "" is any loan.

    A promise is in one currency: of a person who owes in several, the loan most in arrears.
    """
    if not owed or not owed[0].overdue_minor:
        return "", ""
    if len(owed) == 1:
        return text_from_minor(minor=owed[0].overdue_minor, currency=owed[0].currency), ""
    loans = [one for one in contracts if one.gone_on is None and one.currency == owed[0].currency]
    loan = max(loans, key=lambda one: (one.overdue_minor or 0, one.contract_id))
    amount = text_from_minor(minor=loan.overdue_minor or 0, currency=loan.currency)
    return amount, loan.contract_id


def pane_of(request: Asked, debtor_id: str) -> Pane:
    """Yield one person at work. Errors: NotAllowed; NotFound. Eight queries."""
    case = case_of(request.actor, debtor_id)
    gate = what_may_be_done(debtor_id=debtor_id, at=request.at)
    owed = owed_of(gate.contracts)
    on = today(request)
    amount, contract = _proposed(gate.contracts, owed)
    return Pane(
        case=case,
        gate=gate,
        owed=owed,
        contacts=contacts_of(debtor_id=debtor_id, limit=3),
        promises=live_promises(debtor_id=debtor_id, on=on),
        why=ranked(priority=case.priority, row_ids=case.reasons),
        promise_amount=amount,
        promise_contract=contract,
        promise_on=working_day_after(on, days=PROMISE_DAYS),
        notices=notices_of(debtor_id, on),
        at=request.at,
    )
