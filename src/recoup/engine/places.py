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
from recoup.policy.experiment_parts import CHAMPION, HOLD_OUT, Lane, digits_from
from recoup.policy.gate import Limits
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy
from recoup.policy.strategy_parts import PPM

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
        **_person(known=book.debtor_columns, day=day),
        **_enrolment(tables=tables, strategy=strategy, on=on),
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


def _person(*, known: Collection[str], day: str) -> Mapping[str, str]:
    """What is known of persons; a column that the book lacks leaves the fact unknown."""

    def fact(column: str, sql: str) -> str:
        return sql if column in known else "CAST(NULL AS BOOLEAN)"

    return {
        "deceased": fact("deceased_on", f"COALESCE(p.deceased_on <= {day}, FALSE)"),
        "bankrupt": fact("bankrupt_on", f"COALESCE(p.bankrupt_on <= {day}, FALSE)"),
        "has_phone": fact("phone", "COALESCE(p.phone, '') <> ''"),
        "has_email": fact("email", "COALESCE(p.email, '') <> ''"),
    }


def _enrolment(*, tables: PolicyTables, strategy: Strategy, on: date) -> Mapping[str, str]:
    """Who takes part in which experiment and belongs to which arm of it.

    The digits of MD5 are made once per person and id, and compared as text; each experiment in
    force gives the person an arm, of which a contract takes the one of its own experiment.
    """
    running = strategy.experiments.in_force(on=on)
    if tables.eligibility is None or not running:
        nothing = "CASE WHEN FALSE THEN '' END"  # a text, but none
        return {
            "lots": "",
            "arms": "",
            "arms_of_person": "",
            "eligible_row": "0",
            "experiment": nothing,
            "arm": nothing,
        }
    held = strategy.experiments.hold_out
    ids = [one.id for one in running] + ([held.id] if held else [])
    lots = [
        f"SUBSTRING(MD5('{name}:' || debtor_id), 1, 8) AS lot_{number}"
        for number, name in enumerate(ids)
    ]
    arms = []
    for number, one in enumerate(running):
        cases = [f"WHEN {_in_lane(lane, number)} THEN '{lane.arm}'" for lane in one.lanes(on=on)]
        if held is not None:
            whole = Lane(begins=0, ends=held.ppm, arm=HOLD_OUT)
            cases.insert(0, f"WHEN {_in_lane(whole, len(running))} THEN '{HOLD_OUT}'")
        chosen = f"CASE {' '.join(cases)} ELSE '{CHAMPION}' END" if cases else f"'{CHAMPION}'"
        arms.append(f"{chosen} AS arm_{number}")
    named = tables.eligibility.output_over("eligible_row")
    known = _words(one.id for one in running)
    own = " ".join(f"WHEN '{one.id}' THEN arm_{number}" for number, one in enumerate(running))
    return {
        "lots": "".join(f", {one}" for one in lots),
        "arms": "".join(f",\n    {one}" for one in arms),
        "arms_of_person": "".join(f",\n        p.arm_{number}" for number in range(len(running))),
        "eligible_row": tables.eligibility.row_sql,
        "experiment": f"CASE WHEN {named} IN ({known}) THEN {named} END",
        "arm": f"CASE experiment {own} END",
    }


def _in_lane(lane: Lane, number: int) -> str:
    """SQL that is true where a person's lot lies in a lane; digits compare as text."""
    ends = [f"p.lot_{number} >= '{digits_from(place=lane.begins)}'"] if lane.begins else []
    if lane.ends < PPM:
        ends.append(f"p.lot_{number} < '{digits_from(place=lane.ends)}'")
    return " AND ".join(ends) or "TRUE"


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
