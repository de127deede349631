"""What the pack says on the business date about sequences: discharge, upgrade, observation."""

from datetime import date

from recoup.engine.tracing import TraceRules
from recoup.kernel.delinquency import ORDERS
from recoup.kernel.tracing import Discharge, HistoryTests
from recoup.policy.discharging import DischargeRule, discharge_rules
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.strategy import Strategy

#: A number of days that no contract reaches: "never", where the pack is silent on that day.
NEVER_DAYS = 2**30


def trace_rules(*, pack: Pack, strategy: Strategy, on: date) -> TraceRules:
    """Yield the sequence rules in force on a day, for the whole book.

    A pack that is silent on non-performing episodes or observation that day starts none.
    """
    tests = history_tests(pack=pack, on=on, observe_from=None)
    named = discharge_rules(pack=pack, on=on)
    products = [product for rule in named for product in rule.products or ()]

    def codes(product: str | None) -> tuple[int, int, int]:
        found = loan_discharge(pack=pack, strategy=strategy, on=on, product=product)
        return (ORDERS.index(found.order), ORDERS.index(found.order_late), found.late_from_dpd)

    return TraceRules(
        npl_over_days=tests.npl_over_days,
        upgrade_months=tests.upgrade_months,
        upgrade_periods=tests.upgrade_periods,
        observe_months=tests.observe_months,
        observe_periods=tests.observe_periods,
        orders={product: codes(product) for product in products},
        other_order=codes(None),
    )


def loan_discharge(*, pack: Pack, strategy: Strategy, on: date, product: str | None) -> Discharge:
    """Yield what a receipt pays first inside an instalment of a product.

    The law's rule for the product, else its general rule, else what the bank's contracts agree.
    """
    rule = discharge_rule(pack=pack, on=on, product=product)
    if rule is None:
        return Discharge(order=strategy.agreed_order, order_late=strategy.agreed_order)
    return Discharge(order=rule.order, order_late=rule.order_late, late_from_dpd=rule.late_from_dpd)


def discharge_rule(*, pack: Pack, on: date, product: str | None) -> DischargeRule | None:
    """Yield the law's rule on the order of discharge for a product; None where it has none."""
    found = discharge_rules(pack=pack, on=on)
    own = next((rule for rule in found if product and product in (rule.products or ())), None)
    return own or next((rule for rule in found if rule.products is None), None)


def history_tests(*, pack: Pack, on: date, observe_from: date | None) -> HistoryTests:
    """Yield what ends and what earns back good standing on a day."""
    return HistoryTests(
        npl_over_days=night_value(pack=pack, role="npl_over_days", on=on, silent=NEVER_DAYS),
        upgrade_months=night_value(pack=pack, role="upgrade_months", on=on, silent=0),
        upgrade_periods=night_value(pack=pack, role="upgrade_periods", on=on, silent=0),
        observe_months=night_value(pack=pack, role="observe_months", on=on, silent=0),
        observe_periods=night_value(pack=pack, role="observe_periods", on=on, silent=0),
        observe_from=observe_from,
    )


def night_value(*, pack: Pack, role: str, on: date, silent: int) -> int:
    """Yield the whole number that plays a role in the night, or ``silent`` where none is in force.

    Shape: ``pack.yaml`` names, under ``night``, a rule and its value for each role.
    """
    named = pack.head.night.get(role)
    if named is None:
        return silent
    rule_id, _, name = named.partition(".")
    try:
        cited = pack.value(rule_id, name, on=on)
    except NotInForce:
        return silent
    if not cited.enforced or not isinstance(cited.value, int):
        return silent
    return cited.value
