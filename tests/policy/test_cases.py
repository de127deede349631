"""The runner of cases: strict about types, and never stopped by one bad case."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from tests.policy.small_pack import write_pack

from recoup.policy.cases import run_cases, same, shown
from recoup.policy.pack import Pack, load_pack

ROOT = Path(__file__).resolve().parents[2]


def pack_with_cases(root: Path, *cases: str) -> Pack:
    """The small pack, asked these cases: each a text ``facts -> expect``."""
    written = ["cases:"]
    for number, case in enumerate(cases, start=1):
        facts, _, expect = case.partition(" -> ")
        written += [
            f"  - id: case {number}",
            "    rule: AA-1",
            "    says: {zh: 说, en: says}",
            "    on: 2026-06-01",
            f"    facts: {facts}",
            f"    expect: {expect}",
        ]
    return load_pack(write_pack(root, {"cases/classes.yaml": "\n".join(written) + "\n"}))


@pytest.mark.parametrize("folder", ["cn", "us", "zz"])
def test_every_case_of_the_shipped_packs_passes(folder: str) -> None:
    pack = load_pack(ROOT / "packs" / folder)

    failures = [str(one) for result in run_cases(pack=pack) for one in result.failures]

    assert pack.cases
    assert failures == []


def test_case_that_expects_what_is_answered_passes(tmp_path: Path) -> None:
    pack = pack_with_cases(tmp_path, "{dpd: 91, rate: 0} -> {holds: true, dpd_over: true}")

    (result,) = run_cases(pack=pack)

    assert result.passed
    assert result.answer["in_force"] is True


def test_failed_case_says_what_was_expected_and_what_came(tmp_path: Path) -> None:
    pack = pack_with_cases(tmp_path, "{dpd: 90, rate: 0} -> {holds: true}")

    (result,) = run_cases(pack=pack)

    assert result.failures[0].sentence.zh == "案例“case 1”不符：holds 应为 true，实为 false。"
    assert (
        result.failures[0].sentence.en == "Case 'case 1' fails: holds should be true and is false."
    )
    assert str(result.failures[0].place) == "cases/classes.yaml:2"


def test_unknown_is_not_false_and_true_is_not_one(tmp_path: Path) -> None:
    pack = pack_with_cases(
        tmp_path,
        "{dpd: 91} -> {holds: false}",
        "{dpd: 91} -> {holds: null}",
        "{dpd: 91, rate: 0} -> {holds: 1}",
        "{dpd: 91, rate: 0} -> {nothing_of_that_name: null}",
    )

    passed = [result.passed for result in run_cases(pack=pack)]

    assert passed == [False, True, False, False]


def test_case_that_cannot_be_worked_out_fails_alone(tmp_path: Path) -> None:
    pack = pack_with_cases(
        tmp_path, "{dpd: many} -> {holds: true}", "{dpd: 91, rate: 0} -> {holds: true}"
    )

    first, second = run_cases(pack=pack)

    assert first.failures[0].code == "case_stopped"
    assert "cannot be compared with the fact 'many'" in first.failures[0].sentence.en
    assert second.passed


def test_case_may_expect_that_a_rule_is_not_in_force(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path,
        {
            "cases/classes.yaml": "cases:\n"
            "  - {id: old, rule: AA-1, says: {zh: 旧, en: old}, on: 1999-01-01, facts: {dpd: 1}, "
            "expect: {in_force: false, enforced: false}}\n"
            "  - {id: never, rule: AA-2, says: {zh: 不, en: no}, on: 2026-01-01, facts: {}, "
            "expect: {in_force: true, enforced: false}}\n"
        },
    )

    assert [result.passed for result in run_cases(pack=load_pack(folder))] == [True, True]


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (True, 1, False),
        (0, False, False),
        (None, False, False),
        (1, 1, True),
        ("1", 1, False),
        (date(2026, 1, 1), date(2026, 1, 1), True),
        (date(2026, 1, 1), "2026-01-01", False),
        ([1, 2], [1, 2], True),
        ([1, True], [1, 1], False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)
def test_equality_is_of_type_and_value(left: object, right: object, equal: bool) -> None:
    assert same(left, right) is equal


def test_answers_are_shown_as_a_case_would_write_them() -> None:
    answer: Mapping[str, object] = {"a": [None, True, date(2026, 1, 1)], "b": "x"}

    assert shown(answer) == "{a: [null, true, 2026-01-01], b: x}"
