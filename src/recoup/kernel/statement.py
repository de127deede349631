"""A statement of account: every unit that fell due and every unit that was paid, and where it went.

Built from the same loop that finds the days past due (`tracing`), so that the statement and the
decision cannot differ. Lines stand by the day from which they count. A receipt that was reversed
counts for nothing from the beginning; the account still shows it, with the reversal directly after
it, so that the balance is right on every day in between. Worked example:
docs/algorithms/statement.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from recoup.kernel.tracing import Discharge, HistoryTests, Instalment, Payment, Trace, trace

DUE = "due"
RECEIPT = "receipt"
WAIVER = "waiver"
REVERSAL = "reversal"
#: Lines of one day stand in this order.
KINDS = (DUE, RECEIPT, WAIVER, REVERSAL)


class DoesNotAddUp(AssertionError):
    """Two ways of counting one account differ: a fault of the program; no statement is issued."""


@dataclass(frozen=True, kw_only=True)
class AccountReceipt:
    """A receipt or waiver as the account knows it, also one that was reversed.

    `reversal_id` and `reversed_on` are None where the book does not say them.
    """

    payment_id: str
    paid_on: date
    amount_minor: int
    is_waiver: bool = False
    is_posted: bool = False
    is_reversed: bool = False
    reversal_id: str | None = None
    reversed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Parts:
    """An amount by what it is for; `unplaced` is money that found nothing to pay (signed)."""

    fee_minor: int = 0
    interest_minor: int = 0
    principal_minor: int = 0
    unplaced_minor: int = 0

    @property
    def total_minor(self) -> int:
        """The whole."""
        return self.fee_minor + self.interest_minor + self.principal_minor + self.unplaced_minor

    def plus(self, other: "Parts") -> "Parts":
        """Yield the sum, part by part."""
        return Parts(
            fee_minor=self.fee_minor + other.fee_minor,
            interest_minor=self.interest_minor + other.interest_minor,
            principal_minor=self.principal_minor + other.principal_minor,
            unplaced_minor=self.unplaced_minor + other.unplaced_minor,
        )


NOTHING = Parts()


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A part of a receipt: which part of which instalment it paid, under which rule."""

    seq: int
    due_on: date
    part: str
    amount_minor: int
    rule: str


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line. `amount` adds to what is due (an instalment) or takes from it (a receipt).

    Shape: `key` is the instalment's number or the receipt's; `booked_on` the day on which a
    reversal was made, where that is known; `balance` what is due and unpaid after the line, by
    part: below zero where more was paid than had fallen due.
    """

    on: date
    kind: str
    key: str
    amount: Parts
    balance: Parts
    booked_on: date | None = None
    contractual_on: date | None = None
    is_posted: bool = False
    is_reversed: bool = False
    placed: tuple[Placed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Two ways to the same amount; `name` says which."""

    name: str
    counted_minor: int
    found_minor: int

    @property
    def holds(self) -> bool:
        """Whether both ways meet."""
        return self.counted_minor == self.found_minor


@dataclass(frozen=True, kw_only=True)
class Account:
    """A statement of account of one loan up to and including the day `on`.

    Shape: `lines` from `since` on; what was before is in `opening`. `totals`: what fell due, was
    received (without reversed receipts), waived, within the lines.
    """

    since: date | None
    on: date
    opening: Parts
    lines: tuple[StatementLine, ...]
    closing: Parts
    fell_due: Parts
    received_minor: int
    waived_minor: int
    figures: Trace
    due_today_minor: int
    ahead_minor: int
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    """What a statement is made of. `contractual` maps an instalment to its day before moving."""

    instalments: Sequence[Instalment]
    receipts: Sequence[AccountReceipt]
    discharge: Discharge
    rule: str
    tests: HistoryTests
    contractual: Mapping[int, date] = field(default_factory=dict)


def account(*, facts: AccountFacts, on: date, since: date | None = None) -> Account:
    """Yield the statement of one loan, proved.

    Errors: DoesNotAddUp, when lines and figures differ by as much as one unit.

    >>> from recoup.kernel.tracing import Instalment
    >>> tests = HistoryTests(npl_over_days=90, upgrade_months=0, upgrade_periods=0,
    ...                      observe_months=0, observe_periods=0)
    >>> found = account(
    ...     facts=AccountFacts(
    ...         instalments=[Instalment(seq=1, due_on=date(2026, 1, 15), principal_minor=1000,
    ...                                 interest_minor=50, fee_minor=5)],
    ...         receipts=[AccountReceipt(payment_id="A", paid_on=date(2026, 1, 20),
    ...                                  amount_minor=60)],
    ...         discharge=Discharge(), rule="CN-CIV-23", tests=tests),
    ...     on=date(2026, 1, 31))
    >>> [(line.kind, line.amount.total_minor, line.balance.total_minor) for line in found.lines]
    [('due', 1055, 1055), ('receipt', -60, 995)]
    >>> [(placed.part, placed.amount_minor) for placed in found.lines[1].placed]
    [('fee', 5), ('interest', 50), ('principal', 5)]
    """
    counted = [
        Payment(
            payment_id=receipt.payment_id,
            paid_on=receipt.paid_on,
            amount_minor=receipt.amount_minor,
            is_waiver=receipt.is_waiver,
        )
        for receipt in facts.receipts
        if not receipt.is_reversed
    ]
    traced = trace(
        instalments=facts.instalments,
        payments=counted,
        as_of=on,
        discharge=facts.discharge,
        tests=facts.tests,
    )
    placed: dict[str, list[Placed]] = {}
    for piece in traced.pieces:
        placed.setdefault(piece.payment_id, []).append(
            Placed(
                seq=piece.seq,
                due_on=piece.due_on,
                part=piece.part,
                amount_minor=piece.amount_minor,
                rule=facts.rule,
            )
        )
    lines = _lines(facts=facts, on=on, placed=placed)
    opening, kept = _opened(lines=lines, since=since)
    closing = lines[-1].balance if lines else NOTHING
    made = Account(
        since=since,
        on=on,
        opening=opening,
        lines=kept,
        closing=closing,
        fell_due=_sum(line.amount for line in kept if line.kind == DUE),
        received_minor=_paid(kept, RECEIPT),
        waived_minor=_paid(kept, WAIVER),
        figures=traced.trace,
        due_today_minor=_due_today(facts=facts, on=on, placed=placed),
        ahead_minor=sum(
            one.amount_minor for own in placed.values() for one in own if one.due_on > on
        ),
        proofs=(),
    )
    return _proved(made=made, facts=facts, placed=placed, lines=lines)


def _paid(lines: Iterable[StatementLine], kind: str) -> int:
    """What was paid by lines of a kind that stand; a reversed one and its reversal cancel out."""
    standing = (line for line in lines if line.kind == kind and not line.is_reversed)
    return -sum(line.amount.total_minor for line in standing)


def _sum(amounts: Iterable[Parts]) -> Parts:
    total = NOTHING
    for amount in amounts:
        total = total.plus(amount)
    return total


def _lines(
    *, facts: AccountFacts, on: date, placed: Mapping[str, Sequence[Placed]]
) -> tuple[StatementLine, ...]:
    """Every line up to `on`, from the first, with the balance after each."""
    bare = [
        StatementLine(
            on=one.due_on,
            kind=DUE,
            key=str(one.seq),
            amount=Parts(
                fee_minor=one.fee_minor,
                interest_minor=one.interest_minor,
                principal_minor=one.principal_minor,
            ),
            balance=NOTHING,
            contractual_on=facts.contractual.get(one.seq),
        )
        for one in sorted(facts.instalments, key=lambda one: (one.due_on, one.seq))
        if one.due_on <= on
    ]
    for receipt in sorted(facts.receipts, key=lambda one: (one.paid_on, one.payment_id)):
        if receipt.paid_on <= on:
            bare.extend(_receipt_lines(receipt=receipt, own=placed.get(receipt.payment_id, ())))
    # Sorting is stable: instalments by number, each receipt followed by its reversal.
    bare.sort(key=lambda line: (line.on, line.kind != DUE))
    balance, lines = NOTHING, []
    for line in bare:
        balance = balance.plus(line.amount)
        lines.append(replace(line, balance=balance))
    return tuple(lines)


def _receipt_lines(*, receipt: AccountReceipt, own: Sequence[Placed]) -> list[StatementLine]:
    by_part = {
        part: sum(one.amount_minor for one in own if one.part == part)
        for part in ("fee", "interest", "principal")
    }
    unplaced = receipt.amount_minor - sum(by_part.values())
    line = StatementLine(
        on=receipt.paid_on,
        kind=WAIVER if receipt.is_waiver else RECEIPT,
        key=receipt.payment_id,
        amount=Parts(
            fee_minor=-by_part["fee"],
            interest_minor=-by_part["interest"],
            principal_minor=-by_part["principal"],
            unplaced_minor=-unplaced,
        ),
        balance=NOTHING,
        is_posted=receipt.is_posted,
        is_reversed=receipt.is_reversed,
        placed=tuple(own),
    )
    if not receipt.is_reversed:
        return [line]
    back = StatementLine(
        on=receipt.paid_on,
        kind=REVERSAL,
        key=receipt.reversal_id or receipt.payment_id,
        amount=Parts(unplaced_minor=receipt.amount_minor),
        balance=NOTHING,
        booked_on=receipt.reversed_on,
        is_posted=receipt.reversal_id is not None,
        is_reversed=True,
    )
    return [line, back]


def _opened(
    *, lines: Sequence[StatementLine], since: date | None
) -> tuple[Parts, tuple[StatementLine, ...]]:
    if since is None:
        return NOTHING, tuple(lines)
    before = [line for line in lines if line.on < since]
    return (before[-1].balance if before else NOTHING), tuple(lines[len(before) :])


def _due_today(*, facts: AccountFacts, on: date, placed: Mapping[str, Sequence[Placed]]) -> int:
    today = [one for one in facts.instalments if one.due_on == on]
    asked = sum(one.fee_minor + one.interest_minor + one.principal_minor for one in today)
    seqs = {one.seq for one in today}
    paid = sum(one.amount_minor for own in placed.values() for one in own if one.seq in seqs)
    return asked - paid


def _proved(
    *,
    made: Account,
    facts: AccountFacts,
    placed: Mapping[str, Sequence[Placed]],
    lines: Sequence[StatementLine],
) -> Account:
    found = made.figures
    overdue = found.overdue_fee_minor + found.overdue_interest_minor + found.overdue_principal_minor
    paid_principal = sum(
        one.amount_minor for own in placed.values() for one in own if one.part == "principal"
    )
    proofs = (
        Proof(
            name="lines",
            counted_minor=made.opening.total_minor
            + made.fell_due.total_minor
            - made.received_minor
            - made.waived_minor,
            found_minor=made.closing.total_minor,
        ),
        Proof(
            name="placed",
            counted_minor=sum(one.amount_minor for own in placed.values() for one in own)
            + found.surplus_minor,
            found_minor=found.received_minor + found.waived_minor,
        ),
        Proof(
            name="money",
            counted_minor=-sum(line.amount.total_minor for line in lines if line.kind != DUE),
            found_minor=found.received_minor + found.waived_minor,
        ),
        Proof(
            name="balance",
            counted_minor=overdue + made.due_today_minor - made.ahead_minor - found.surplus_minor,
            found_minor=made.closing.total_minor,
        ),
        Proof(
            name="principal",
            counted_minor=sum(one.principal_minor for one in facts.instalments) - paid_principal,
            found_minor=found.outstanding_principal_minor,
        ),
    )
    for proof in proofs:
        if not proof.holds:
            raise DoesNotAddUp(
                f"{proof.name}: counted {proof.counted_minor}, found {proof.found_minor}"
            )
    return replace(made, proofs=proofs)
