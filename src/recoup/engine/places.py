"""Fills the places of the flow: the day's law and policy as SQL expressions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from recoup.engine.book_facts import BookFacts
from recoup.engine.contact_sources import Sources
from recoup.engine.policy_tables import PolicyTables
from recoup.engine.row_bits import LawBits
from recoup.engine.sources_of_night import counted_sql, rolling_caps
from recoup.engine.tracing import TraceRules
from recoup.kernel.classification import CLASSES, rank_of
from recoup.kernel.money import exponent
from recoup.policy.classify import FIRST_PASS, SECOND_PASS
from recoup.policy.gate import Limits
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy

#: Sums below this many minor units can be multiplied by 10,000 in 64 bits.
SAFE_MINOR = 900_000_000_000_000
#: Days of contacts that the flow always counts, for contacts_7d_*.
COUNTED_DAYS = 7
RATIOS = (("paid_ratio_3m_bp", 90), ("paid_ratio_6m_bp", 180), ("paid_ratio_12m_bp", 365))
HOLD_KINDS = (
    *("dispute", "complaint", "hardship", "vulnerable", "legal", "attorney"),
    *("deceased", "bankruptcy", "do_not_contact", "plan_active"),
)


def fill_places(
    *,
    pack: Pack,
    strategy: Strategy,
    on: date,
    contact_day: date,
    law: Mapping[str, LawBits],
    tables: PolicyTables,
    sources: Sources,
    limits: Limits,
    trace: TraceRules,
    book: BookFacts,
    old_rule_before: date | None,
) -> Mapping[str, str]:
    """Yield the text for every place of the flow that is the same in all blocks."""
    day = f"DATE '{on.isoformat()}'"
    return {
        "as_of": day,
        **_caps(limits=limits, sources=sources, on=on, contact_day=contact_day),
        **_person(known=book.debtor_columns, strategy=strategy, day=day),
        **_money(pack=pack, book=book, on=on),
        **_classes(law=law, tables=tables, old_rule_before=old_rule_before),
        **_policy(tables=tables, strategy=strategy, sources=sources),
        "upgrade_periods": str(trace.upgrade_periods),
        "upgrade_months": str(trace.upgrade_months),
        "previous_npl": _previous_npl(),
        "npl_over_days": str(trace.npl_over_days),
        "ratios": ",\n    ".join(_ratio(name, days) for name, days in RATIOS),
        "bucket_no": _bucket_no(strategy, "dpd"),
        "bucket_prev_no": _bucket_no(strategy, "dpd_prev"),
        "bucket": _bucket_names(strategy),
    }


def _caps(*, limits: Limits, sources: Sources, on: date, contact_day: date) -> Mapping[str, str]:
    caps = rolling_caps(limits)
    counts, freed = [], []
    bits = [1 << place for place, _ in sources.of_kind("cap")]
    for place, (cap, bit) in enumerate(zip(caps, bits, strict=True)):
        first = contact_day - timedelta(days=cap.days - 1)
        inside = f"{counted_sql(cap)} AND local_on >= DATE '{first.isoformat()}'"
        counts.append(f", SUM(CASE WHEN {inside} THEN 1 ELSE 0 END) AS cap_{place}")
        freed.append(
            f"UNION ALL SELECT person, CAST({bit} AS BIGINT) AS bit, "
            f"CAST(local_on + {cap.days} AS DATE) AS free_on FROM ("
            "SELECT person, local_on, ROW_NUMBER() OVER (PARTITION BY person "
            'ORDER BY "at" DESC NULLS LAST, contact_id DESC NULLS LAST) AS place '
            f"FROM recent_contacts WHERE {inside}) AS latest WHERE place = {cap.at_most}"
        )
    reach = max([COUNTED_DAYS, *(cap.days for cap in caps)])
    return {
        "cap_counts": "\n    ".join(counts),
        "caps_free_on": "\n    ".join(freed),
        "contact_days": str(reach),
        "cap_bits": sources.fact_bits_sql(["cap"]),
        "hold_bit": sources.hold_bit_sql(),
    }


def _person(*, known: Collection[str], strategy: Strategy, day: str) -> Mapping[str, str]:
    """What is known of persons; a column that the book lacks leaves the fact unknown."""

    def fact(column: str, sql: str) -> str:
        return sql if column in known else "CAST(NULL AS BOOLEAN)"

    return {
        "deceased": fact("deceased_on", f"COALESCE(p.deceased_on <= {day}, FALSE)"),
        "bankrupt": fact("bankrupt_on", f"COALESCE(p.bankrupt_on <= {day}, FALSE)"),
        "has_phone": fact("phone", "COALESCE(p.phone, '') <> ''"),
        "has_email": fact("email", "COALESCE(p.email, '') <> ''"),
        "arm": _arm(strategy),
    }


def _arm(strategy: Strategy) -> str:
    """SQL for a person's arm: the first 8 hex digits of MD5, compared as text."""
    digest = f"SUBSTRING(MD5('{strategy.experiment.id}:' || p.debtor_id), 1, 8)"
    cases, passed = [], 0
    for arm in strategy.experiment.arms[:-1]:
        passed += arm.share_ppm
        # place < passed, with place = digits * 1,000,000 // 2^32, exactly when digits < this bound
        bound = -(-passed * 2**32 // 1_000_000)
        cases.append(f"WHEN {digest} < '{bound:08x}' THEN '{arm.name}'")
    last = f"'{strategy.experiment.arms[-1].name}'"
    return f"CASE {' '.join(cases)} ELSE {last} END" if cases else last


def _money(*, pack: Pack, book: BookFacts, on: date) -> Mapping[str, str]:
    base = pack.base_currency
    others = sorted(book.currencies - {base})
    rates = rates_on(rates=book.rates, on=on)

    def to_base(amount: str) -> str:
        if not others:
            return amount
        cases = [f"WHEN currency = '{base}' THEN {amount}"]
        for currency in others:
            if currency in rates:
                num, den = rates[currency]
                cases.append(
                    f"WHEN currency = '{currency}' THEN "
                    f"CAST(CAST({amount} AS HUGEINT) * {num} // {den} AS BIGINT)"
                )
        return f"CASE {' '.join(cases)} END"

    return {
        "overdue_base": to_base("overdue_own_minor"),
        "exposure_base": to_base("exposure_own_minor"),
        "principal_base": to_base("principal_minor"),
        "minor_per_unit": str(10 ** exponent(base)),
    }


def rates_on(*, rates: Sequence[Mapping[str, Any]], on: date) -> Mapping[str, tuple[int, int]]:
    """Yield the latest rate on or before a day, by currency: numerator, denominator.

    Shape: ``rates`` are rows of the normal form. Units: minor units of the base currency per
    minor unit.
    """
    known = [row for row in rates if row["on"] <= on]
    return {
        row["currency"]: (row["to_base_num"], row["to_base_den"])
        for row in sorted(known, key=lambda one: one["on"])
    }


def _classes(
    *, law: Mapping[str, LawBits], tables: PolicyTables, old_rule_before: date | None
) -> Mapping[str, str]:
    own, debtor = law[FIRST_PASS], law[SECOND_PASS]
    named = " ".join(f"WHEN '{name}' THEN {rank_of(asset_class=name)}" for name in CLASSES)
    return {
        "own_bits": own.bits_sql(),
        "own_open": own.open_sql(),
        "own_class": own.class_sql(bits="own_bits"),
        "debtor_bits": debtor.bits_sql(),
        "debtor_open": debtor.open_sql(),
        "debtor_class": debtor.class_sql(bits="debtor_bits"),
        "silent": f"NOT ({own.concerned_sql})",
        "old_rule": "FALSE"
        if old_rule_before is None
        else f"start_on < DATE '{old_rule_before.isoformat()}' AND NOT ({own.concerned_sql})",
        "matrix_row": f"CASE WHEN kind <> 'non_retail' THEN {tables.matrix.row_sql} ELSE 0 END",
        "matrix_class": f"CASE {tables.matrix.output_over('matrix_row')} {named} ELSE 0 END",
    }


def _previous_npl() -> str:
    return "COALESCE(previous_class, '') IN ('substandard', 'doubtful', 'loss')"


def _policy(*, tables: PolicyTables, strategy: Strategy, sources: Sources) -> Mapping[str, str]:
    orders = strategy.channel_order
    return {
        "segment_row": tables.segment.row_sql,
        "segment": tables.segment.output_over("segment_row"),
        "treatment_row": tables.treatment.row_sql,
        "treatment": tables.treatment.output_over("treatment_row"),
        "points": tables.points.compiled.outputs[tables.points.output],
        "points_bits": tables.points.bits_sql(),
        "fact_bits": sources.fact_bits_sql(["state", "missing", "silence"]),
        "channel": sources.channel_sql(treatment="treatment", orders=orders),
        "blocked_bits": sources.blocked_sql(treatment="treatment", orders=orders),
        "work_stopped": sources.stopped_sql(treatment="treatment", orders=orders),
        "has_channels": f"treatment IN ({_words(name for name in orders if orders[name])})",
        "hold_flags": ",\n    ".join(_hold_flag(sources, kind) for kind in HOLD_KINDS),
    }


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _hold_flag(sources: Sources, kind: str) -> str:
    bits = sources.bits(
        one for _, one in sources.of_kind("hold") if one.hold is not None and one.hold[0] == kind
    )
    return f"(hold_bits & {bits}) <> 0 AS hold_{kind}"


def _ratio(name: str, days: int) -> str:
    paid, due = f"paid_{days}", f"due_{days}"
    # 128-bit division is ten times slower; only sums beyond the safe bound need it. Nothing may be
    # left to ELSE: LEAST passes over NULL, and an undecided contract would get the cap.
    return (
        f"CAST(CASE WHEN {due} > 0 AND {paid} < {SAFE_MINOR} "
        f"THEN LEAST({paid} * 10000 // {due}, 99999) "
        f"WHEN {due} > 0 AND {paid} >= {SAFE_MINOR} "
        f"THEN LEAST(CAST({paid} AS HUGEINT) * 10000 // {due}, 99999) END AS INTEGER) AS {name}"
    )


def _bucket_no(strategy: Strategy, column: str) -> str:
    steps = " ".join(
        f"WHEN {column} >= {bucket.from_dpd} THEN {place}"
        for place, bucket in reversed(list(enumerate(strategy.buckets)))
    )
    return f"CASE WHEN {column} IS NULL THEN NULL {steps} END"


def _bucket_names(strategy: Strategy) -> str:
    names = " ".join(
        f"WHEN {place} THEN '{bucket.name}'" for place, bucket in enumerate(strategy.buckets)
    )
    return f"CASE bucket_no {names} END"
