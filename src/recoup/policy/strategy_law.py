"""The proof that a strategy only tightens the law: caps, hours, number sources, days of classes.

Looked at on the strategy's first day and on every later day on which the law as loaded changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time

from recoup.kernel.classification import rank_of
from recoup.kernel.contact_facts import CHANNELS
from recoup.kernel.contact_people import NumberSource
from recoup.policy.classify import ClassRow, classification_rows
from recoup.policy.findings import Findings, Place
from recoup.policy.gate import CapInForce, Limits, gate_rules, limits_in_force
from recoup.policy.pack import Pack
from recoup.policy.strategy_loading import OwnLimits
from recoup.policy.strategy_parts import Cap, NumberSources, QuietHours
from recoup.tables.table import DecisionTable
from recoup.tables.unary import Compare, UnaryTests, Within

LAST_DAY = 4000
_MINUTES = 24 * 60


def check_against_law(
    *,
    pack: Pack,
    valid_from: date,
    limits: OwnLimits,
    retail_table: DecisionTable,
    reclassify_legacy_from: date | None,
    findings: Findings,
) -> None:
    """Note every place where the strategy is looser than the pack, naming the rule."""
    seen: set[tuple[str, str]] = set()
    for on in _days_of_change(pack, valid_from):
        law = limits_in_force(pack=pack, strategy=None, on=on)
        for cap in limits.caps:
            _check_cap(cap, law, seen, findings)
        for quiet in limits.quiet_hours:
            _check_quiet(quiet, law, seen, findings)
        if limits.number_sources:
            lawful = _lawful_sources(pack, on)
            for own in limits.number_sources:
                _check_sources(own, lawful, seen, findings)
        rows = classification_rows(pack=pack, on=on, reclassify_legacy_from=reclassify_legacy_from)
        check_matrix(table=retail_table, rows=rows, on=on, seen=seen, findings=findings)


def _days_of_change(pack: Pack, valid_from: date) -> list[date]:
    days = {
        day
        for rule in pack.rules.values()
        for version in rule.versions
        for day in (version.valid_from, version.valid_until)
        if day is not None and day > valid_from
    }
    return [valid_from, *sorted(days)]


def _check_cap(cap: Cap, limits: Limits, seen: set[tuple[str, str]], findings: Findings) -> None:
    """A cap is looser where the law, over the same days, allows fewer on all its channels."""
    for law in limits.caps:
        comparable = law.per == "person" and set(cap.channels) <= set(law.blocks)
        if not comparable or (cap.id, law.rule) in seen:
            continue
        if cap.at_most > law.at_most * _windows(cap.days, law):
            seen.add((cap.id, law.rule))
            findings.add(
                "looser_cap",
                Place(file="caps.yaml", line=1, path=f"caps[{cap.id}]"),
                cap=cap.id,
                at_most=cap.at_most,
                days=cap.days,
                rule=law.rule,
                law_at_most=law.at_most,
                law_days=law.days,
            )


def _windows(days: int, law: CapInForce) -> int:
    """Yield how many windows of the law cover so many days."""
    return -(-days // law.days)


def _check_quiet(
    quiet: QuietHours, limits: Limits, seen: set[tuple[str, str]], findings: Findings
) -> None:
    for law in limits.quiet:
        shares = set(quiet.channels) & set(law.channels)
        if not shares or (quiet.id, law.rule) in seen:
            continue
        if not _covers(quiet.begins, quiet.ends, law.begins, law.ends):
            seen.add((quiet.id, law.rule))
            findings.add(
                "looser_quiet",
                Place(file="caps.yaml", line=1, path=f"quiet_hours[{quiet.id}]"),
                quiet=quiet.id,
                begins=f"{quiet.begins:%H:%M}",
                ends=f"{quiet.ends:%H:%M}",
                rule=law.rule,
                law_begins=f"{law.begins:%H:%M}",
                law_ends=f"{law.ends:%H:%M}",
            )


def _lawful_sources(pack: Pack, on: date) -> list[NumberSource]:
    """The law's rules on where numbers come from; those for some places or loans only are not."""
    return [
        rule
        for rule in gate_rules(pack=pack, strategy=None).in_force(on=on)
        if isinstance(rule, NumberSource)
        and rule.scope.places is None
        and rule.scope.products is None
    ]


def _check_sources(
    own: NumberSources,
    lawful: Sequence[NumberSource],
    seen: set[tuple[str, str]],
    findings: Findings,
) -> None:
    for law in lawful:
        shares = set(own.channels) & (law.scope.channels or CHANNELS)
        looser = sorted(set(own.allowed) - law.allowed)
        if shares and looser and (own.id, law.head.id) not in seen:
            seen.add((own.id, law.head.id))
            findings.add(
                "looser_source",
                Place(file="caps.yaml", line=1, path=f"number_sources[{own.id}]"),
                own=own.id,
                source=", ".join(looser),
                rule=law.head.id,
            )


def _covers(begins: time, ends: time, law_begins: time, law_ends: time) -> bool:
    """Yield whether one span of the clock holds another; both may pass midnight."""
    length = (_minute(ends) - _minute(begins)) % _MINUTES
    start = (_minute(law_begins) - _minute(begins)) % _MINUTES
    return start + (_minute(law_ends) - _minute(law_begins)) % _MINUTES <= length


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def check_matrix(
    *,
    table: DecisionTable,
    rows: Sequence[ClassRow],
    on: date,
    seen: set[tuple[str, str]],
    findings: Findings,
) -> None:
    """Hold the matrix against the law's floors on both sides of every day that either names.

    Shape: without ``rows``, only whether every number of days gets a class. ``seen`` keeps one
    finding per rule however many days break it.
    """
    products = sorted(_texts(rows, "product") | _table_texts(table, "product")) or []
    for kind in ("retail", "small_business"):
        for product in (None, *products):
            for dpd in _boundaries(table, rows):
                facts = {"kind": kind, "product": product, "dpd": dpd, "security": None}
                _check_day(table, rows, facts, on, seen, findings)


def _check_day(
    table: DecisionTable,
    rows: Sequence[ClassRow],
    facts: Mapping[str, object],
    on: date,
    seen: set[tuple[str, str]],
    findings: Findings,
) -> None:
    found = table.decide(facts).outputs["asset_class"]
    place = Place(file="retail_class.dmn", line=max(table.line, 1), path="")
    if not isinstance(found, str):
        if ("nothing", str(facts["dpd"])) not in seen:
            seen.add(("nothing", str(facts["dpd"])))
            findings.add("class_gives_nothing", place, dpd=facts["dpd"])
        return
    for row in rows:
        looser = rank_of(asset_class=row.then) > rank_of(asset_class=found)
        if looser and ("class", row.rule) not in seen and _holds(row, facts):
            seen.add(("class", row.rule))
            findings.add(
                "looser_class",
                place,
                dpd=facts["dpd"],
                product=facts["product"] or "*",
                found=found,
                rule=row.rule,
                floor=row.then,
                on=on,
            )


def _holds(row: ClassRow, facts: Mapping[str, object]) -> bool:
    """Yield whether a floor binds by the days alone, no exception having been proven."""
    known = {**facts, "technical": False}
    tests = [*row.applies.items(), *row.when.items()]
    return all(test.holds(known.get(column)) is True for column, test in tests)


def _boundaries(table: DecisionTable, rows: Sequence[ClassRow]) -> list[int]:
    days = {0, 1, LAST_DAY}
    for test in (*_tests_of_rows(rows, "dpd"), *_tests_of_table(table, "dpd")):
        for constant in _constants(test):
            days |= {int(constant) + step for step in (-1, 0, 1)}  # type: ignore[call-overload]
    return sorted(day for day in days if day >= 0)


def _texts(rows: Sequence[ClassRow], column: str) -> set[str]:
    return {
        constant
        for test in _tests_of_rows(rows, column)
        for constant in _constants(test)
        if isinstance(constant, str)
    }


def _table_texts(table: DecisionTable, column: str) -> set[str]:
    return {
        constant
        for test in _tests_of_table(table, column)
        for constant in _constants(test)
        if isinstance(constant, str)
    }


def _tests_of_rows(rows: Sequence[ClassRow], column: str) -> Iterable[UnaryTests]:
    for row in rows:
        for cells in (row.applies, row.when):
            if column in cells:
                yield cells[column]


def _tests_of_table(table: DecisionTable, column: str) -> Iterable[UnaryTests]:
    for place, one in enumerate(table.inputs):
        for row in table.rows if one.column == column else ():
            unary = row.cells[place].unary
            if unary is not None:
                yield unary


def _constants(tests: UnaryTests) -> Iterable[object]:
    for test in tests.tests:
        if isinstance(test, Compare):
            yield test.constant
        elif isinstance(test, Within):
            yield from (test.low.constant, test.high.constant)
