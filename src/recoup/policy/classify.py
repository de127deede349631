"""The class of each claim of a debtor under the law in force on a day, with everything looked at.

The rows of the pack's tables ``classification`` (facts of one claim) and ``debtor`` (facts over all
claims of the debtor) are read here once, for both carriers: ``classify_debtor`` evaluates them for
one debtor, the night compiles the same rows to SQL.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from recoup.kernel.classification import (
    UNKNOWN,
    Conclusion,
    Floor,
    concluded,
    is_npl,
    lifted,
    share_ppm_up,
)
from recoup.policy.bilingual import Bilingual
from recoup.policy.cells import tests_of
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.rules import RuleVersion, TableRow
from recoup.tables.unary import ColumnType, UnaryTests, both, parse_unary

FIRST_PASS = "classification"
SECOND_PASS = "debtor"
TRANSITION = "transition"
ACTIVE = "active"

#: An exception must be proven: where nobody has said so, it does not apply.
PROVEN_ONLY = ("technical",)
#: Facts that the bank's own book always gives; one that is missing leaves the class unknown.
OWN_BOOK = frozenset(
    {
        "kind",
        "product",
        "start_on",
        "dpd",
        "in_observation",
        "npl_before",
        "upgrade_earned",
        "npl_in_bank",
        "npl_share_same_bank_ppm",
    }
)
_COLUMN_TYPES: Mapping[str, ColumnType] = MappingProxyType(
    {"number": "number", "text": "text", "boolean": "boolean", "date": "date"}
)


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """One row of a classification table, in force on the day, its cells filled in and read.

    Where ``applies`` does not hold the row does not concern the claim. ``needs_column`` names a
    column that a book may lack; without it the row is not examined at all.
    """

    rule: str
    limb: str
    applies: Mapping[str, UnaryTests]
    when: Mapping[str, UnaryTests]
    then: str
    needs_column: str | None


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One row looked at for one claim: the facts it asked for, and whether it holds."""

    rule: str
    limb: str
    floor: str
    holds: bool | None
    facts: Mapping[str, object]
    second_pass: bool = False


@dataclass(frozen=True, kw_only=True)
class Classified:
    """The class of one claim.

    ``first_class`` is the class by the claim's own facts. ``old_rule`` names the transition rule
    where the claim is still under the rule before.
    """

    asset_class: str
    rules_binding: tuple[str, ...]
    rules_unexamined: tuple[str, ...]
    looked_at: tuple[Looked, ...]
    first_class: str
    old_rule: str | None = None


#: What bank policy adds for one claim: a floor of its own, for example the retail matrix of days.
PolicyFloor = Callable[[Mapping[str, object]], Looked | None]


def classification_rows(
    *, pack: Pack, on: date, table: str = FIRST_PASS, reclassify_legacy_from: date | None = None
) -> tuple[ClassRow, ...]:
    """Yield the rows of a classification table that are in force on a day, in table order.

    Rows of rules never applied (``enforced: false``) are left out. While the law leaves business
    from before a day under the rule before (see ``old_rule_before``), the rows that replaced that
    rule apply by ``start_on`` to later business only.
    """
    found = pack.tables.get(table)
    if found is None:
        return ()
    before = old_rule_before(pack=pack, on=on, reclassify_legacy_from=reclassify_legacy_from)
    transition = transition_on(pack=pack, on=on)
    replaced = _listed(transition, "rules") if transition is not None else ()
    rows = []
    for row in found.rows:
        version = pack.rules[row.rule].version_on(on=on)
        if version is None or not version.enforced:
            continue
        read = _class_row(row=row, version=version, inputs=found.inputs)
        if before is not None and row.rule in replaced:
            read = _for_business_from(row=read, first=before)
        rows.append(read)
    return tuple(rows)


def transition_on(*, pack: Pack, on: date) -> RuleVersion | None:
    """Yield the transition rule in force on a day, if there is one."""
    return next(iter(pack.rules_of(on=on, kind=TRANSITION)), None)


def old_rule_before(
    *, pack: Pack, on: date, reclassify_legacy_from: date | None = None
) -> date | None:
    """Yield the day before which business is still under the old rule on a day, or None.

    The law allows it until ``old_rule_until``; bank policy says with ``reclassify_legacy_from``
    since when its older business has been classified anew.
    """
    version = transition_on(pack=pack, on=on)
    if version is None:
        return None
    first, last = _day(version, "new_business_from"), _day(version, "old_rule_until")
    moved = reclassify_legacy_from is not None and on >= reclassify_legacy_from
    return None if moved or on > last else first


def classify_debtor(
    *,
    pack: Pack,
    on: date,
    claims: Sequence[Mapping[str, object]],
    outside: Mapping[str, object] | None = None,
    reclassify_legacy_from: date | None = None,
    policy_floor: PolicyFloor | None = None,
) -> tuple[Classified, ...]:
    """Yield the class of each claim of one debtor.

    Shape: each claim has the facts of the table ``classification`` by column name, and
    ``exposure_minor`` in one currency; ``outside`` has ``npl_elsewhere``,
    ``overdue_90_all_banks_minor`` and ``claims_all_banks_minor``. A fact that is absent or None is
    unknown; a row with ``needs_column`` is looked at only where that key is there.
    Errors: UnreadableCell; ValueMissing.
    """
    first_rows = classification_rows(
        pack=pack, on=on, table=FIRST_PASS, reclassify_legacy_from=reclassify_legacy_from
    )
    second_rows = classification_rows(
        pack=pack, on=on, table=SECOND_PASS, reclassify_legacy_from=reclassify_legacy_from
    )
    before = old_rule_before(pack=pack, on=on, reclassify_legacy_from=reclassify_legacy_from)
    transition = transition_on(pack=pack, on=on)
    old_rule = transition.rule_id if transition is not None else None
    first = [_first_look(rows=first_rows, claim=claim, policy=policy_floor) for claim in claims]
    together = debtor_facts(
        claims=claims, classes=[one.asset_class for one in first], outside=outside or {}
    )
    return tuple(
        _second_look(
            rows=second_rows,
            first=one,
            facts={**claim, **together},
            old_rule=old_rule if _kept_old(claim=claim, before=before) else None,
        )
        for one, claim in zip(first, claims, strict=True)
    )


def debtor_facts(
    *,
    claims: Sequence[Mapping[str, object]],
    classes: Sequence[str],
    outside: Mapping[str, object],
) -> Mapping[str, object]:
    """Yield the facts over all claims of one debtor, after the first pass.

    Claims with a ``status`` other than ``active`` (settled, written off, transferred) are no claims
    in force. Shares are in parts per million, rounded up; None where an amount is missing.
    """
    in_force = [
        (claim, is_npl(asset_class=one) is True)
        for claim, one in zip(claims, classes, strict=True)
        if claim.get("status", ACTIVE) == ACTIVE
    ]
    npl = [is_one for _, is_one in in_force]
    amounts = [_whole(claim.get("exposure_minor")) for claim, _ in in_force]
    return {
        "npl_in_bank": any(npl),
        "npl_share_same_bank_ppm": _npl_share(npl=npl, amounts=amounts),
        "debtor_credit_impaired": _any_of(claim.get("credit_impaired") for claim, _ in in_force),
        "npl_elsewhere": outside.get("npl_elsewhere"),
        "overdue_90_share_all_banks_ppm": _share(
            part=_whole(outside.get("overdue_90_all_banks_minor")),
            whole=_whole(outside.get("claims_all_banks_minor")),
        ),
    }


def _class_row(*, row: TableRow, version: RuleVersion, inputs: Mapping[str, str]) -> ClassRow:
    def read(cells: Mapping[str, str]) -> Mapping[str, UnaryTests]:
        return MappingProxyType(
            {
                column: tests_of(
                    cell=cell, values=version.values, column_type=_COLUMN_TYPES[inputs[column]]
                )
                for column, cell in cells.items()
            }
        )

    return ClassRow(
        rule=row.rule,
        limb=row.limb,
        applies=read(row.applies),
        when=read(row.when),
        then=row.then,
        needs_column=row.needs_column,
    )


def _for_business_from(*, row: ClassRow, first: date) -> ClassRow:
    later = parse_unary(f'>= date("{first.isoformat()}")', column_type="date")
    return replace(row, applies=MappingProxyType({**row.applies, "start_on": later}))


def _first_look(
    *, rows: Sequence[ClassRow], claim: Mapping[str, object], policy: PolicyFloor | None
) -> Classified:
    facts = {**claim, **{name: claim.get(name) is True for name in PROVEN_ONLY}}
    looked = _look(rows=rows, facts=facts, second_pass=False)
    added = policy(facts) if policy is not None else None
    # Policy adds a floor to what the law says; it cannot speak where the law is silent.
    if added is not None and looked:
        looked = (*looked, added)
    conclusion = concluded(floors=_floors(looked))
    return _classified(conclusion=conclusion, looked=looked, first_class=conclusion.asset_class)


def _second_look(
    *,
    rows: Sequence[ClassRow],
    first: Classified,
    facts: Mapping[str, object],
    old_rule: str | None,
) -> Classified:
    looked = _look(rows=rows, facts=facts, second_pass=True)
    before = Conclusion(
        asset_class=first.asset_class,
        binding=first.rules_binding,
        unexamined=first.rules_unexamined,
    )
    conclusion = lifted(first=before, floors=_floors(looked))
    if conclusion.asset_class == UNKNOWN and old_rule is not None:
        conclusion = replace(conclusion, binding=(old_rule,))
    found = _classified(
        conclusion=conclusion, looked=(*first.looked_at, *looked), first_class=first.asset_class
    )
    return replace(found, old_rule=old_rule)


def _classified(
    *, conclusion: Conclusion, looked: tuple[Looked, ...], first_class: str
) -> Classified:
    return Classified(
        asset_class=conclusion.asset_class,
        rules_binding=conclusion.binding,
        rules_unexamined=conclusion.unexamined,
        looked_at=looked,
        first_class=first_class,
    )


def _look(
    *, rows: Sequence[ClassRow], facts: Mapping[str, object], second_pass: bool
) -> tuple[Looked, ...]:
    looked = []
    for row in rows:
        if row.needs_column is not None and row.needs_column not in facts:
            continue
        concerned = _all_hold(tests=row.applies, facts=facts)
        if concerned is False:
            continue
        looked.append(
            Looked(
                rule=row.rule,
                limb=row.limb,
                floor=row.then,
                holds=both(concerned, _all_hold(tests=row.when, facts=facts)),
                facts=MappingProxyType(
                    {column: facts.get(column) for column in (*row.applies, *row.when)}
                ),
                second_pass=second_pass,
            )
        )
    return tuple(looked)


def _all_hold(*, tests: Mapping[str, UnaryTests], facts: Mapping[str, object]) -> bool | None:
    found: bool | None = True
    for column, test in tests.items():
        found = both(found, test.holds(facts.get(column)))
    return found


def _floors(looked: Iterable[Looked]) -> tuple[Floor, ...]:
    return tuple(
        Floor(
            rule=one.rule,
            asset_class=one.floor,
            holds=one.holds,
            own_fact_missing=any(
                value is None and name in OWN_BOOK for name, value in one.facts.items()
            ),
        )
        for one in looked
    )


def _kept_old(*, claim: Mapping[str, object], before: date | None) -> bool:
    start_on = claim.get("start_on")
    return before is not None and isinstance(start_on, date) and start_on < before


def _npl_share(*, npl: Sequence[bool], amounts: Sequence[int | None]) -> int | None:
    if not any(npl):
        return 0
    if any(amount is None for amount in amounts):
        return None
    known = [amount or 0 for amount in amounts]
    part = sum(amount for amount, is_one in zip(known, npl, strict=True) if is_one)
    return share_ppm_up(part=part, whole=sum(known))


def _share(*, part: int | None, whole: int | None) -> int | None:
    return None if part is None or whole is None else share_ppm_up(part=part, whole=whole)


def _any_of(values: Iterable[object]) -> bool | None:
    found = list(values)
    if any(value is True for value in found):
        return True
    return None if any(value is None for value in found) else False


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _day(version: RuleVersion, name: str) -> date:
    value = version.values.get(name)
    if value is None or not isinstance(value.value, date):
        sentence = Bilingual(
            zh=f"过渡规则“{version.rule_id}”没有给出日期“{name}”。",
            en=f"The transition rule '{version.rule_id}' gives no day '{name}'.",
        )
        raise NotInForce(rule_id=version.rule_id, sentence=sentence)
    return value.value


def _listed(version: RuleVersion, name: str) -> tuple[str, ...]:
    value = version.values.get(name)
    listed = value.value if value is not None else ()
    return tuple(str(one) for one in listed) if isinstance(listed, tuple) else ()
