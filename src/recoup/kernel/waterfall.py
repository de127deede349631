"""Order of discharge: inside one debt by its parts, and among several debts of one debtor.

Source: CN-CIV-23 (Civil Code art. 561) and CN-CON-22 for the parts, CN-CIV-22 (art. 560) for the
debts. Which order applies to a claim comes from the pack; here it is only followed. The book's
loan loop (`delinquency`) fills instalments by the same rule, part after part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from recoup.kernel.money import divide_floor


@dataclass(frozen=True, kw_only=True)
class Discharged:
    """Where a payment went: minor units per part or debt, and what is beyond all of them."""

    taken: Mapping[str, int]
    surplus_minor: int


class OrderIncomplete(ValueError):
    """An order of discharge that does not name every part owed exactly once."""

    def __init__(self, *, parts: Sequence[str], order: Sequence[str]) -> None:
        self.sentence_zh = (
            f"清偿顺序（{'、'.join(order)}）未恰好包含每个应还项目（{'、'.join(parts)}）："
            "请补正顺序。"
        )
        self.sentence_en = (
            f"The order of discharge ({', '.join(order)}) does not name each part owed "
            f"({', '.join(parts)}) exactly once: correct the order."
        )
        super().__init__(f"{self.sentence_en} {self.sentence_zh}")


def discharge_parts(
    *, paid_minor: int, owed_minor: Mapping[str, int], order: Sequence[str]
) -> Discharged:
    """A payment placed on the parts of one debt, in order, each part filled before the next.

    Shape: `owed_minor` gives what is owed per part; `order` names every one of these parts once
    and may name parts that are not owed.
    Errors: OrderIncomplete; ValueError for a negative amount.

    >>> owed = {"principal": 100, "interest": 30, "fee": 10}
    >>> discharge_parts(
    ...     paid_minor=50, owed_minor=owed, order=["fee", "interest", "principal"]
    ... ).taken
    {'fee': 10, 'interest': 30, 'principal': 10}
    """
    if len(set(order)) != len(order) or not set(owed_minor) <= set(order):
        raise OrderIncomplete(parts=sorted(owed_minor), order=order)
    if paid_minor < 0 or any(owed < 0 for owed in owed_minor.values()):
        raise ValueError("amounts paid and owed are not negative")
    left = paid_minor
    taken = {}
    for part in order:
        taken[part] = min(left, owed_minor.get(part, 0))
        left -= taken[part]
    return Discharged(taken=taken, surplus_minor=left)


def chosen_order(
    *, dpd: int, order: Sequence[str], order_late: Sequence[str], late_from_dpd: int
) -> Sequence[str]:
    """The order for a payment on a day that opens with `dpd`; `late_from_dpd` 0 = never late."""
    return order_late if 0 < late_from_dpd <= dpd else order


@dataclass(frozen=True, kw_only=True)
class Debt:
    """One of several debts of the same kind owed by one debtor to one creditor.

    Units: minor units; `secured_ppm` the share of the debt that security covers (0 = none);
    `burden_ppm` the yearly burden on the debtor, interest and penalty together.
    """

    debt_id: str
    amount_minor: int
    due_on: date
    secured_ppm: int
    burden_ppm: int


def rank_debts(*, debts: Sequence[Debt], as_of: date) -> tuple[tuple[Debt, ...], ...]:
    """The debts in the order in which the law discharges them, equals grouped.

    Due ones first; then the least secured; then the heaviest burden on the debtor; then the
    earliest due. Debts equal in all four are one group and share pro rata.
    The law names the later tests for debts that are due; to debts not yet due, which it leaves
    open, the same tests are applied among themselves.
    Source: CN-CIV-22.
    """
    groups: dict[tuple[bool, int, int, date], list[Debt]] = {}
    for debt in sorted(debts, key=lambda debt: debt.debt_id):
        not_due = debt.due_on > as_of
        key = (not_due, debt.secured_ppm, -debt.burden_ppm, debt.due_on)
        groups.setdefault(key, []).append(debt)
    return tuple(tuple(groups[key]) for key in sorted(groups))


def discharge_debts(
    *,
    paid_minor: int,
    debts: Sequence[Debt],
    as_of: date,
    designated: Sequence[str] = (),
) -> Discharged:
    """A payment placed on several debts: those designated first, the others as the law ranks them.

    Shape: `designated` lists debt ids in the order that the parties agreed or the debtor named
    when paying; empty if neither. Inside a group of equals the split is pro rata by amount, in
    order of id, what rounding withholds from one going to the next.
    Errors: ValueError for an unknown or repeated id.
    Source: CN-CIV-22.
    """
    by_id = {debt.debt_id: debt for debt in debts}
    if len(by_id) != len(debts) or len(set(designated)) != len(designated):
        raise ValueError("each debt is given, and designated, once")
    if unknown := [debt_id for debt_id in designated if debt_id not in by_id]:
        raise ValueError(f"designated debts that are not owed: {', '.join(unknown)}")
    named = [(by_id[debt_id],) for debt_id in designated]
    others = [debt for debt in debts if debt.debt_id not in designated]
    left = paid_minor
    taken: dict[str, int] = {}
    for group in (*named, *rank_debts(debts=others, as_of=as_of)):
        owed = sum(debt.amount_minor for debt in group)
        shared = min(left, owed)
        shares = _pro_rata(paid_minor=shared, owed_minor=[debt.amount_minor for debt in group])
        taken |= {debt.debt_id: share for debt, share in zip(group, shares, strict=True)}
        left -= shared
    return Discharged(taken=taken, surplus_minor=left)


def _pro_rata(*, paid_minor: int, owed_minor: Sequence[int]) -> list[int]:
    """Shares in proportion to what is owed, adding up to `paid_minor`, which is not more than all.

    The running total is rounded down, so each share is within one unit of its exact part and never
    above what is owed; what rounding withholds from one goes to the next.
    """
    whole = sum(owed_minor)
    shares = []
    running = given = 0
    for owed in owed_minor:
        running += owed
        due_by_now = divide_floor(paid_minor * running, whole) if whole else 0
        shares.append(due_by_now - given)
        given = due_by_now
    return shares
