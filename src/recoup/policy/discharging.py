"""What a receipt pays first, by product, on a day: the pack's rules of kind ``discharge``.

A rule with ``products`` binds those products; one without binds all others. ``order_late`` holds
for receipts of a day that opens with at least ``late_from_dpd`` days past due.
"""

from dataclasses import dataclass
from datetime import date

from recoup.kernel.tracing import PARTS
from recoup.policy.pack import Pack
from recoup.policy.rules import RuleVersion

DISCHARGE = "discharge"

Order = tuple[int, int, int]


class UnreadableOrder(ValueError):
    """A discharge rule does not name fee, interest and principal once each."""


@dataclass(frozen=True, kw_only=True)
class DischargeRule:
    """One rule's order; ``products`` None means every product that no other rule names."""

    rule: str
    products: tuple[str, ...] | None
    order: Order
    order_late: Order
    late_from_dpd: int


def discharge_rules(*, pack: Pack, on: date) -> tuple[DischargeRule, ...]:
    """Yield the discharge rules in force on a day that say what a receipt pays inside one debt.

    Errors: UnreadableOrder, naming the rule.
    """
    return tuple(
        _rule(version)
        for version in pack.rules_of(kind=DISCHARGE, on=on)
        if "order" in version.values
    )


def order_of(*, names: object, rule: str) -> Order:
    """Yield an order of parts as the kernel's codes.

    Errors: UnreadableOrder, unless fee, interest and principal are named once each.
    """
    listed = tuple(names) if isinstance(names, tuple | list) else ()
    if sorted(str(name) for name in listed) != sorted(PARTS):
        raise UnreadableOrder(f"{rule}: an order names fee, interest and principal, once each")
    first, second, third = (PARTS.index(str(name)) for name in listed)
    return (first, second, third)


def _rule(version: RuleVersion) -> DischargeRule:
    values = version.values
    order = order_of(names=values["order"].value, rule=version.rule_id)
    late = values.get("order_late")
    late_from = values.get("late_from_dpd")
    products = values.get("products")
    return DischargeRule(
        rule=version.rule_id,
        products=tuple(str(one) for one in _listed(products.value)) if products else None,
        order=order,
        order_late=order_of(names=late.value, rule=version.rule_id) if late else order,
        late_from_dpd=late_from.value if late_from and isinstance(late_from.value, int) else 0,
    )


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
