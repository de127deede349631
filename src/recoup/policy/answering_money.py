"""Amounts and rates that the law limits or computes: fees, bounds, interest, order of payment."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from recoup.kernel.court_fees import Bracket, bracket_fee
from recoup.kernel.interest import daily_interest_minor, raised_rate_ppm
from recoup.kernel.money import minor_from_text, text_from_minor
from recoup.kernel.priority import SecurityRight, rank_rights
from recoup.kernel.waterfall import Debt, chosen_order, discharge_debts, discharge_parts
from recoup.policy.answering_rows import listed, rows_of, tests_hold
from recoup.policy.asking import RuleAsked
from recoup.policy.cells import names_in
from recoup.policy.rules import Frozen, RuleVersion

HUNDRED = 100
PPM_PER_PERCENT = 10_000


def brackets_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield the fee on the fact ``amount`` (major units), rounded half up once.

    Shape: the value ``brackets`` lists ``{up_to, flat, percent}``, or ``of_rule`` names the rule
    that has them; ``share`` (a fraction) of that fee is charged, where ``grounds`` lists grounds
    only if one of the facts ``grounds`` is among them, and then once; ``cap`` limits the result.
    Without an amount (fact ``no_amount``) the values ``no_amount_from`` and ``no_amount_to`` stand.
    Errors: NotInForce; NotAnAmount; BracketsWrong.
    """
    version = asked.in_force()
    currency = asked.pack.base_currency
    extra = {"prepaid": version.values["prepaid"].value} if "prepaid" in version.values else {}
    if asked.facts.get("no_amount") is True:
        bounds = {
            key: asked.value(name).minor
            for key, name in (("fee_from", "no_amount_from"), ("fee_to", "no_amount_to"))
        }
        shown = {
            key: text_from_minor(minor=minor, currency=currency) for key, minor in bounds.items()
        }
        return {**shown, **extra}
    amount = asked.facts.get("amount")
    if amount is None:
        return {"fee": None, "missing": ["amount"]}
    source = version
    if "of_rule" in version.values:
        source = asked.pack.in_force(str(asked.value("of_rule").value), on=asked.on)
    share = _share(asked=asked, version=version)
    minor = bracket_fee(
        amount_minor=minor_from_text(text=str(amount), currency=currency),
        brackets=_brackets(version=source, currency=currency),
        cap_minor=asked.value("cap").minor if "cap" in version.values else None,
        share_of=share.numerator,
        share_per=share.denominator,
    )
    return {"fee": text_from_minor(minor=minor, currency=currency), "fee_minor": minor, **extra}


def _share(*, asked: RuleAsked, version: RuleVersion) -> Fraction:
    if "share" not in version.values:
        return Fraction(1)
    grounds = listed(values=version.values, name="grounds")
    given = asked.facts.get("grounds")
    named = given if isinstance(given, tuple) else ()
    if grounds and not any(str(ground) in grounds for ground in named):
        return Fraction(1)
    return asked.value("share").fraction


def _brackets(*, version: RuleVersion, currency: str) -> tuple[Bracket, ...]:
    def minor(value: object) -> int:
        return minor_from_text(text=str(value), currency=currency)

    return tuple(
        Bracket(
            up_to_minor=None if row.get("up_to") is None else minor(row["up_to"]),
            flat_minor=minor(row.get("flat", 0)),
            rate_ppm=ppm_of_percent(row.get("percent", 0)),
        )
        for row in rows_of(version=version, name="brackets")
    )


def ppm_of_percent(percent: object) -> int:
    """Yield a percentage as parts per million. Errors: ValueError, when digits would be lost."""
    ppm = Decimal(str(percent)) * PPM_PER_PERCENT
    if ppm != ppm.to_integral_value():
        raise ValueError(f"{percent} percent is no whole number of parts per million")
    return int(ppm)


def bound_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield, for each bound of the rule, its limits and whether the fact keeps within them.

    Shape: the value ``bounds`` lists ``{name, of, base, at_least, at_most, when}``: the fact ``of``
    is held to ``at_least`` and ``at_most`` (both included), which are percent of the fact ``base``
    where one is named, else plain numbers; ``{value}`` names a value of the rule. ``applies`` says
    whether any bound concerns the facts. ``keeps`` is false when one is broken, None when open.
    Errors: NotInForce; ValueMissing; UnreadableCell.
    """
    version = asked.in_force()
    answer: dict[str, object] = {}
    kept: list[bool | None] = []
    for row in rows_of(version=version, name="bounds"):
        when = row.get("when")
        concerned = tests_hold(
            when=when if isinstance(when, Mapping) else {},
            facts=asked.facts,
            values=version.values,
        )
        if concerned is False:
            continue
        name = str(row.get("name", row["of"]))
        limits = _limits(asked=asked, row=row)
        answer |= {f"{name}_{side}": _shown(limit) for side, limit in limits.items()}
        keeps = _keeps(fact=asked.facts.get(str(row["of"])), limits=limits)
        answer[name] = None if concerned is None else keeps
        kept.append(None if concerned is None else keeps)
    broken = any(one is False for one in kept)
    answer["applies"] = bool(kept)
    answer["keeps"] = False if broken else (None if None in kept else True)
    return answer


def _limits(*, asked: RuleAsked, row: Mapping[str, object]) -> dict[str, Fraction | None]:
    base_name = row.get("base")
    base = _number(asked.facts.get(str(base_name))) if base_name is not None else None
    limits: dict[str, Fraction | None] = {}
    for side in ("at_least", "at_most"):
        said = row.get(side)
        if said is None:
            continue
        named = _named(said)
        number = asked.value(named).fraction if named is not None else Fraction(str(said))
        if base_name is not None:
            limits[side] = None if base is None else base * number / HUNDRED
        else:
            limits[side] = number
    return limits


def _named(said: object) -> str | None:
    names = names_in(cell=said) if isinstance(said, str) else ()
    return names[0] if names else None


def _keeps(*, fact: object, limits: Mapping[str, Fraction | None]) -> bool | None:
    number = _number(fact)
    if number is None or None in limits.values():
        return None
    least, most = limits.get("at_least"), limits.get("at_most")
    return (least is None or number >= least) and (most is None or number <= most)


def _number(fact: object) -> Fraction | None:
    if fact is None or isinstance(fact, bool):
        return None
    return Fraction(str(fact))


def _shown(limit: Fraction | None) -> int | str | None:
    if limit is None or limit.denominator == 1:
        return None if limit is None else limit.numerator
    exact = Decimal(limit.numerator) / Decimal(limit.denominator)
    return f"{exact.normalize():f}"


def interest_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield interest by the day, or a penalty rate, as the rule's values allow.

    Shape: with ``amount`` (major units) and ``days``: ``interest`` at the value ``rate_per_day``
    (percent). With ``contract_rate`` and ``uplift`` (percent; ``reason`` names the pair of values
    ``<reason>_from`` and ``<reason>_to``): ``allowed`` and ``penalty_rate``.
    Errors: NotInForce; NotAnAmount.
    """
    if "rate_per_day" in asked.in_force().values:
        return _daily(asked)
    rate, uplift, reason = (asked.facts.get(name) for name in ("contract_rate", "uplift", "reason"))
    if rate is None or uplift is None or reason is None:
        return {"allowed": None, "penalty_rate": None}
    least, most = asked.value(f"{reason}_from").fraction, asked.value(f"{reason}_to").fraction
    if not least <= Fraction(str(uplift)) <= most:
        return {"allowed": False, "penalty_rate": None}
    raised = raised_rate_ppm(rate_ppm=ppm_of_percent(rate), uplift_ppm=ppm_of_percent(uplift))
    shown = Decimal(raised).scaleb(-4)
    return {"allowed": True, "penalty_rate": f"{shown.normalize():f}", "penalty_rate_ppm": raised}


def _daily(asked: RuleAsked) -> Mapping[str, object]:
    amount, days = asked.facts.get("amount"), asked.facts.get("days")
    currency = asked.pack.base_currency
    if amount is None or not isinstance(days, int):
        return {"interest": None, "interest_minor": None}
    minor = daily_interest_minor(
        base_minor=minor_from_text(text=str(amount), currency=currency),
        rate_ppm_per_day=asked.value("rate_per_day").ppm,
        days=days,
    )
    return {"interest": text_from_minor(minor=minor, currency=currency), "interest_minor": minor}


def discharge_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield where a payment goes: inside one debt, among several, or among rights in one thing.

    Shape: ``paid`` and ``owed`` (part -> amount; ``dpd`` where the order depends on it), all in one
    unit, give ``taken`` and ``surplus``. ``paid`` and ``debts`` (list of ``{id, amount, due_on,
    secured_percent, burden_percent}``; ``designated`` ids) give the same per debt. ``rights``
    (list of ``{id, registered_on, purchase_money, delivered_on, lien}``) gives ``order``.
    Errors: NotInForce; OrderIncomplete.
    """
    version = asked.in_force()
    if "purchase_money_days" in version.values:
        return _rights_order(asked)
    paid = asked.facts.get("paid")
    if not isinstance(paid, int):
        return {"taken": None, "missing": ["paid"]}
    if "order" not in version.values:
        return _among_debts(asked=asked, paid=paid)
    owed = asked.facts.get("owed")
    dpd = asked.facts.get("dpd")
    late_from = version.values.get("late_from_dpd")
    if not isinstance(owed, Mapping) or (late_from is not None and not isinstance(dpd, int)):
        return {"taken": None, "missing": ["owed" if not isinstance(owed, Mapping) else "dpd"]}
    order = listed(values=version.values, name="order")
    late = listed(values=version.values, name="order_late") or order
    found = discharge_parts(
        paid_minor=paid,
        owed_minor={part: amount for part, amount in owed.items() if isinstance(amount, int)},
        order=chosen_order(
            dpd=dpd if isinstance(dpd, int) else 0,
            order=order,
            order_late=late,
            late_from_dpd=late_from.value if late_from and isinstance(late_from.value, int) else 0,
        ),
    )
    return {"taken": dict(found.taken), "surplus": found.surplus_minor}


def _among_debts(*, asked: RuleAsked, paid: int) -> Mapping[str, object]:
    designated = asked.facts.get("designated")
    found = discharge_debts(
        paid_minor=paid,
        debts=[_debt(one) for one in _maps(asked.facts.get("debts"))],
        as_of=asked.on,
        designated=[str(one) for one in designated] if isinstance(designated, tuple) else (),
    )
    return {"taken": dict(found.taken), "surplus": found.surplus_minor}


def _debt(one: Mapping[str, Frozen]) -> Debt:
    amount, due_on = one.get("amount"), one.get("due_on")
    if not isinstance(amount, int) or not isinstance(due_on, date):
        raise ValueError("a debt is given with amount and due_on / 债务须写明 amount 和 due_on")
    return Debt(
        debt_id=str(one.get("id")),
        amount_minor=amount,
        due_on=due_on,
        secured_ppm=ppm_of_percent(one.get("secured_percent", 0)),
        burden_ppm=ppm_of_percent(one.get("burden_percent", 0)),
    )


def _rights_order(asked: RuleAsked) -> Mapping[str, object]:
    groups = rank_rights(
        rights=[
            SecurityRight(
                id=str(one.get("id")),
                registered_on=_day(one.get("registered_on")),
                purchase_money=one.get("purchase_money") is True,
                delivered_on=_day(one.get("delivered_on")),
                lien=one.get("lien") is True,
            )
            for one in _maps(asked.facts.get("rights"))
        ],
        purchase_money_days=asked.value("purchase_money_days").whole,
    )
    return {"order": [list(group) for group in groups]}


def _maps(value: object) -> list[Mapping[str, Frozen]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None
