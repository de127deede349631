"""What the pack says on the business date about sequences: discharge, upgrade, observation."""

from datetime import date

from recoup.engine.refusal import NightRefused
from recoup.engine.tracing import TraceRules
from recoup.kernel.delinquency import ORDERS
from recoup.policy.discharging import discharge_rules
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.strategy import Strategy

#: A number of days that no contract reaches: "never", where the pack is silent on that day.
NEVER_DAYS = 2**30


def trace_rules(*, pack: Pack, strategy: Strategy, on: date) -> TraceRules:
    """Yield the sequence rules in force on a day.

    A pack that is silent on non-performing episodes or observation that day starts none; one that
    is silent on the order of discharge cannot say what a receipt paid.
    Errors: NightRefused, when no general order of discharge is in force.
    """
    found = discharge_rules(pack=pack, on=on)
    general = next((rule for rule in found if rule.products is None), None)
    if general is None:
        raise NightRefused(
            zh=f"法规包“{pack.id}”在 {on} 没有有效的清偿顺序，无法确定还款抵充了什么。",
            en=f"The pack '{pack.id}' has no order of discharge in force on {on}: "
            "what a receipt pays cannot be said.",
        )
    other = (ORDERS.index(general.order), ORDERS.index(general.order_late), general.late_from_dpd)
    orders = {
        product: (ORDERS.index(rule.order), ORDERS.index(rule.order_late), rule.late_from_dpd)
        for rule in found
        if rule.products is not None
        for product in rule.products
    }
    return TraceRules(
        npl_over_days=night_value(pack=pack, role="npl_over_days", on=on, silent=NEVER_DAYS),
        upgrade_months=night_value(pack=pack, role="upgrade_months", on=on, silent=0),
        upgrade_periods=night_value(pack=pack, role="upgrade_periods", on=on, silent=0),
        observe_months=night_value(pack=pack, role="observe_months", on=on, silent=0),
        observe_periods=night_value(pack=pack, role="observe_periods", on=on, silent=0),
        orders=orders,
        other_order=other,
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
