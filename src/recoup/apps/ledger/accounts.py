"""Counts the account of one contract: the book's receipts and the desk's postings together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from recoup.apps.ledger.models import Posting
from recoup.apps.ledger.policies import desk_day, rules_in_force
from recoup.apps.portfolio.queries import (
    BookReceiptCard,
    ContractCard,
    book_receipts_of,
    schedule_of,
)
from recoup.engine.one_person import PersonRules
from recoup.engine.trace_rules import discharge_rule, history_tests, loan_discharge
from recoup.engine.working_days import moved_days
from recoup.kernel.calendar import day_number
from recoup.kernel.explain import Words
from recoup.kernel.refusal import Refused
from recoup.kernel.statement import Account, AccountFacts, AccountReceipt, account
from recoup.kernel.tracing import Instalment
from recoup.web.shown import local

EPOCH = date(1970, 1, 1)


class CannotCount(Refused):
    """Rows of the contract were refused by the night, so its account cannot be counted."""

    def __init__(self, *, contract_id: str, code: str) -> None:
        super().__init__(
            zh=f"合同“{contract_id}”自身的行被日终拒收（{code}），无法逐笔核算；"
            "请先在银行系统中更正，下一次日终后再查。",
            en=f"Rows of the contract '{contract_id}' were refused by the night ({code}), so its "
            "account cannot be counted; have them corrected at the source and look again after "
            "the next night.",
        )


@dataclass(frozen=True, kw_only=True)
class RuleCited:
    """The rule by which receipts were placed: its id, what it says and where that stands."""

    rule_id: str
    sentence: Words
    source: Words


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement of account as screen, PDF and API show it. Units: minor units of the currency.

    Shape: ``on`` is the day up to which it counts, ``as_of`` the night that it rests on, ``at``
    the instant at which it was made.
    """

    contract_id: str
    debtor_id: str
    product: str
    currency: str
    principal_minor: int | None
    start_on: date | None
    on: date
    as_of: date
    at: datetime
    account: Account
    rule: RuleCited


@dataclass(frozen=True, kw_only=True)
class Counting:
    """One contract with everything its account is counted from."""

    contract: ContractCard
    facts: AccountFacts
    rules: PersonRules
    rule: RuleCited
    on: date

    def account(self, *, since: date | None = None) -> Account:
        """Yield the account as it stands."""
        return account(facts=self.facts, on=self.on, since=since)

    def with_receipt(self, receipt: AccountReceipt) -> "Counting":
        """Yield the same with one more receipt."""
        return replace(self, facts=replace(self.facts, receipts=(*self.facts.receipts, receipt)))


def counting(*, contract: ContractCard, at: datetime) -> Counting:
    """Yield a contract ready to be counted. Errors: NoNight, CannotCount."""
    if contract.bad_code:
        raise CannotCount(contract_id=contract.contract_id, code=contract.bad_code)
    rules = rules_in_force()
    on = desk_day(at, as_of=rules.as_of)
    moved = moved_days(pack=rules.pack, on=on)
    plan = schedule_of(contract.contract_id)
    instalments = tuple(
        Instalment(
            seq=one.seq,
            due_on=EPOCH + timedelta(days=moved.day(day_number(one.due_on))),
            principal_minor=one.principal_minor,
            interest_minor=one.interest_minor,
            fee_minor=one.fee_minor,
        )
        for one in plan
    )
    agreed = {one.seq: one.due_on for one in plan}
    rule = _rule(rules=rules, on=on, product=contract.product)
    postings = Posting.objects.filter(contract_id=contract.contract_id, confirmation=None)
    facts = AccountFacts(
        instalments=instalments,
        receipts=account_receipts(
            book=book_receipts_of(contract.contract_id), postings=list(postings)
        ),
        discharge=loan_discharge(
            pack=rules.pack, strategy=rules.strategy, on=on, product=contract.product
        ),
        rule=rule.rule_id,
        tests=history_tests(pack=rules.pack, on=on, observe_from=None),
        contractual={
            one.seq: agreed[one.seq] for one in instalments if agreed[one.seq] != one.due_on
        },
    )
    return Counting(contract=contract, facts=facts, rules=rules, rule=rule, on=on)


def account_receipts(
    *, book: Iterable[BookReceiptCard], postings: Sequence[Posting]
) -> tuple[AccountReceipt, ...]:
    """Yield the receipts of a contract: the book's, and those posted that the book has not.

    A receipt that the book has already counts once, as the book says it.
    """
    taken_back = {
        posting.reverses: posting for posting in postings if posting.kind == Posting.Kind.REVERSAL
    }
    found = {}
    for one in book:
        back = taken_back.get(one.payment_id)
        found[one.payment_id] = AccountReceipt(
            payment_id=one.payment_id,
            paid_on=one.paid_on,
            amount_minor=one.amount_minor,
            is_waiver=one.is_waiver,
            is_reversed=one.is_reversed or back is not None,
            reversal_id=back.payment_id if back else None,
            reversed_on=local(back.made_at).date() if back else None,
        )
    for posting in postings:
        if posting.kind == Posting.Kind.RECEIPT and posting.payment_id not in found:
            back = taken_back.get(posting.payment_id)
            found[posting.payment_id] = AccountReceipt(
                payment_id=posting.payment_id,
                paid_on=posting.paid_on,
                amount_minor=posting.amount_minor,
                is_posted=True,
                is_reversed=back is not None,
                reversal_id=back.payment_id if back else None,
                reversed_on=local(back.made_at).date() if back else None,
            )
    return tuple(sorted(found.values(), key=lambda one: (one.paid_on, one.payment_id)))


def _rule(*, rules: PersonRules, on: date, product: str) -> RuleCited:
    """Yield the rule on the order of discharge; the contracts' own where the law leaves it open."""
    found = discharge_rule(pack=rules.pack, on=on, product=product)
    if found is None:
        name = rules.strategy.name
        return RuleCited(
            rule_id=f"{rules.strategy.id}.agreed_order",
            sentence=Words(
                zh="法律留给合同约定的，按合同约定的顺序。",
                en="Where the law leaves the order to the contract, as the contract says.",
            ),
            source=Words(zh=name.zh, en=name.en),
        )
    version = rules.pack.in_force(found.rule, on=on)
    article = str(version.article)
    source = version.source
    return RuleCited(
        rule_id=found.rule,
        sentence=Words(zh=version.sentence.zh, en=version.sentence.en),
        source=Words(
            zh=f"{source.citation(language='zh')} {article}",
            en=f"{source.citation(language='en')} {article}",
        ),
    )
