"""Rules written as rows of conditions (kind ``decision``) and as forms of numbers (``identifier``).

The first row whose conditions hold decides. A row that a missing fact leaves open stops the
reading, unless the row that holds further down says the same: nothing is decided on what is not
known.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from recoup.kernel.deadlines import deadline
from recoup.kernel.identifiers import check_character
from recoup.policy.asking import RuleAsked
from recoup.policy.cells import filled
from recoup.policy.rules import RuleVersion, Value, thawed
from recoup.policy.units import DECIMAL
from recoup.tables.unary import ColumnType, both, parse_unary

ANYTHING = "-"
NOTHING = "null"


def decision_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield what the first row that holds says, and ``decided``: true, false (no row), None (open).

    Shape: the value ``rows`` lists ``{when: {fact: cell}, then: {key: result}}``; a result may be a
    day: ``{from: fact, add: number or value, unit: months, end_of_month: true}``. ``missing`` names
    the facts that keep the decision open.
    Errors: NotInForce; UnreadableCell; ValueMissing.
    """
    version = asked.in_force()
    open_results: list[object] = []
    missing: list[str] = []
    for row in rows_of(version=version, name="rows"):
        when = _mapping(row.get("when"))
        then = _mapping(row.get("then"))
        holds = tests_hold(when=when, facts=asked.facts, values=version.values)
        if holds is None:
            open_results.append(thawed(then))
            missing += [name for name in when if asked.facts.get(name) is None]
        elif holds and any(result != thawed(then) for result in open_results):
            break
        elif holds:
            return {"decided": True, **_results(asked=asked, version=version, then=then)}
    if open_results:
        return {"decided": None, "missing": sorted(set(missing))}
    return {"decided": False}


def tests_hold(
    *, when: Mapping[str, object], facts: Mapping[str, object], values: Mapping[str, Value]
) -> bool | None:
    """Say whether all cells hold of the facts; None where a missing fact leaves it open.

    Errors: UnreadableCell; ValueMissing.
    """
    found: bool | None = True
    for name, cell in when.items():
        text = filled(cell=str(cell), values=values)
        found = both(found, _cell_holds(cell=text, fact=facts.get(name)))
    return found


def rows_of(*, version: RuleVersion, name: str) -> tuple[Mapping[str, object], ...]:
    """Yield the rows of a value in the unit ``rows``; of no such value, none."""
    value = version.values.get(name)
    if value is None or not isinstance(value.value, tuple):
        return ()
    return tuple(row for row in value.value if isinstance(row, Mapping))


def identifier_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Say whether the fact ``number`` has the form of the rule, and why not.

    Shape: ``valid`` and, where false, ``fault``: ``form``, ``date`` or ``check``. Values: ``form``
    (a regular expression), and where the number has them ``date_from`` (where eight digits of a
    date begin), ``weights``, ``modulus``, ``characters`` (of the check character, the last one).
    """
    version = asked.in_force()
    number = asked.facts.get("number")
    if not isinstance(number, str):
        return {"valid": None, "fault": None}
    fault = _fault(number=number, version=version)
    return {"valid": fault is None, "fault": fault}


def _fault(*, number: str, version: RuleVersion) -> str | None:
    values = version.values
    if "form" in values and not re.fullmatch(str(values["form"].value), number):
        return "form"
    if "date_from" in values:
        first = values["date_from"].value
        if isinstance(first, int) and not _is_date(number[first : first + 8]):
            return "date"
    if "weights" in values and number[-1] != _check(number=number[:-1], values=values):
        return "check"
    return None


def _check(*, number: str, values: Mapping[str, Value]) -> str:
    weights = values["weights"].value
    modulus = values["modulus"].value
    return check_character(
        digits=number,
        weights=[int(str(one)) for one in weights] if isinstance(weights, tuple) else (),
        modulus=modulus if isinstance(modulus, int) else 0,
        characters=str(values["characters"].value),
    )


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def _cell_holds(*, cell: str, fact: object) -> bool | None:
    if cell.strip() == ANYTHING:
        return True
    if fact is None:
        return True if cell.strip() == NOTHING else None
    if isinstance(fact, str) and DECIMAL.fullmatch(fact):
        fact = Decimal(fact)
    return parse_unary(cell, column_type=_type_of(fact)).holds(fact)


def _type_of(fact: object) -> ColumnType:
    if isinstance(fact, bool):
        return "boolean"
    if isinstance(fact, int | Decimal):
        return "number"
    return "date" if isinstance(fact, date) else "text"


def _results(
    *, asked: RuleAsked, version: RuleVersion, then: Mapping[str, object]
) -> dict[str, object]:
    return {
        key: _day_result(asked=asked, version=version, said=result)
        if isinstance(result, Mapping) and "from" in result
        else thawed(result)
        for key, result in then.items()
    }


def _day_result(
    *, asked: RuleAsked, version: RuleVersion, said: Mapping[str, object]
) -> date | None:
    start = asked.facts.get(str(said["from"]))
    if not isinstance(start, date):
        return None
    count = filled(cell=str(said["add"]), values=version.values)
    found = deadline(
        start=start,
        count=int(count),
        unit=str(said["unit"]),
        calendar=asked.pack.calendar,
        moves=said.get("moves") is True,
    ).due_on
    return _month_end(found) if said.get("end_of_month") is True else found


def _month_end(day: date) -> date:
    first_of_next = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(first_of_next.toordinal() - 1)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def listed(*, values: Mapping[str, Value], name: str) -> Sequence[str]:
    """Yield a value in the unit ``list`` as texts; of no such value, nothing."""
    value = values.get(name)
    if value is None or not isinstance(value.value, tuple):
        return ()
    return [str(one) for one in value.value]
