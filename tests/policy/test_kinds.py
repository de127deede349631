"""The registry of evaluators, and the kinds that live in this package."""

from datetime import date
from pathlib import Path

import pytest
from tests.policy.small_pack import with_change, write_pack

from recoup.policy.asking import ask_rule
from recoup.policy.kind_names import KINDS
from recoup.policy.kinds import EVALUATORS
from recoup.policy.pack import NotInForce, Pack, load_pack
from recoup.policy.thresholds import NotComparable


def pack_with_value(root: Path, written: str) -> Pack:
    changed = with_change(
        "parameters/classes.yaml",
        'rate: {value: "0.0175", unit: percent_per_day, comparator: "<="}',
        f"rate: {written}",
    )
    return load_pack(write_pack(root, changed))


def holds(pack: Pack, fact: object) -> object:
    asked = ask_rule(pack=pack, rule_id="AA-1", on=date(2026, 1, 1), facts={"rate": fact})  # type: ignore[dict-item]
    return EVALUATORS["threshold"](asked)["rate"]


def test_every_kind_has_an_evaluator_and_every_evaluator_a_name() -> None:
    assert EVALUATORS.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("written", "fact", "expected"),
    [
        ("{value: '24', unit: percent, comparator: '<='}", "24.00", True),
        ("{value: '24', unit: percent, comparator: '<='}", "24.1", False),
        ("{value: '24', unit: percent, comparator: '<'}", 24, False),
        ("{value: 3, unit: count, comparator: '>='}", 3, True),
        ("{value: 3, unit: count, comparator: '>'}", 3, False),
        ("{value: 3, unit: count, comparator: '='}", 3, True),
        ("{value: 3, unit: count, comparator: '!='}", 3, False),
        ("{value: 1/3, unit: fraction, comparator: '<='}", "1/3", True),
        ("{value: [a, b], unit: list}", "a", True),
        ("{value: [a, b], unit: list, comparator: not in}", "a", False),
        ("{value: true, unit: boolean}", True, True),
        ("{value: true, unit: boolean}", False, False),
        ("{value: abc, unit: code}", "abc", True),
        ("{value: 22:00, unit: local_time, comparator: '<'}", "21:59", True),
        ("{value: 22:00, unit: local_time, comparator: '<'}", "22:00", False),
        ("{value: 2026-01-01, unit: date, comparator: '>='}", date(2026, 1, 1), True),
        ("{value: 2026-01-01, unit: date, comparator: '<'}", date(2026, 1, 1), False),
        ("{value: 3, unit: count, comparator: '='}", None, None),
    ],
)
def test_threshold_compares_exactly_by_its_comparator(
    tmp_path: Path, written: str, fact: object, expected: bool | None
) -> None:
    assert holds(pack_with_value(tmp_path, written), fact) is expected


@pytest.mark.parametrize(
    ("written", "fact"),
    [
        ("{value: 3, unit: count, comparator: '='}", "three"),
        ("{value: 3, unit: count, comparator: '='}", True),
        ("{value: true, unit: boolean}", 1),
        ("{value: true, unit: boolean}", "true"),
        ("{value: 3, unit: count, comparator: 'in'}", 3),
    ],
)
def test_threshold_refuses_to_compare_unlike_things(
    tmp_path: Path, written: str, fact: object
) -> None:
    with pytest.raises(NotComparable):
        holds(pack_with_value(tmp_path, written), fact)


def test_threshold_holds_only_when_every_value_holds(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path))

    answers = [
        EVALUATORS["threshold"](
            ask_rule(pack=pack, rule_id="AA-1", on=date(2026, 1, 1), facts=facts)
        )["holds"]
        for facts in (
            {"dpd": 91, "rate": "0.0175"},
            {"dpd": 91, "rate": "0.0176"},
            {"dpd": 91},
            {"dpd": 90},
        )
    ]

    assert answers == [True, False, None, False]


def test_calendar_answers_about_a_day_and_never_guesses_a_year(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path))

    def asked(facts: dict[str, date | int]) -> dict[str, object]:
        question = ask_rule(pack=pack, rule_id="AA-2", on=date(2026, 1, 1), facts=facts)
        return dict(EVALUATORS["calendar"](question))

    assert asked({"day": date(2026, 5, 1), "working_days": 4}) == {
        "working": False,
        "next_working_day": date(2026, 5, 5),
        "after_working_days": date(2026, 5, 8),
    }
    assert asked({"day": date(2027, 1, 4)}) == {
        "working": None,
        "next_working_day": None,
        "silent_year": 2027,
    }
    assert asked({}) == {"working": None, "next_working_day": None}


def test_asking_an_unknown_rule_says_so(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path))

    with pytest.raises(NotInForce, match="no rule 'AA-8'"):
        ask_rule(pack=pack, rule_id="AA-8", on=date(2026, 1, 1), facts={})
