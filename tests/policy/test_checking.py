"""The check of a pack on a day: staleness, sources, calendar years, marks."""

from datetime import date
from pathlib import Path

import pytest
from tests.policy.small_pack import CALENDAR, RULES, SOURCES, with_change, write_pack

from recoup.policy.checking import CheckReport, check_pack
from recoup.policy.findings import Finding
from recoup.policy.pack import load_pack
from recoup.policy.staleness import stale_findings

CHECKED = date(2026, 6, 1)


def report(folder: Path, on: date) -> CheckReport:
    return check_pack(pack=load_pack(folder), on=on)


def of_code(found: CheckReport, code: str) -> list[Finding]:
    return [one for one in found.findings if one.code == code]


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2026, 9, 9), set()),  # 100 days after the check: the last good day
        (date(2026, 9, 10), {"recheck_due", "calendar_recheck_due"}),
        (date(2026, 12, 18), {"recheck_due", "calendar_recheck_due"}),  # 200 days
        (date(2026, 12, 19), {"stale", "calendar_stale"}),
    ],
)
def test_old_checks_warn_first_and_fail_later(tmp_path: Path, on: date, codes: set[str]) -> None:
    found = stale_findings(pack=load_pack(write_pack(tmp_path)), on=on)

    assert {one.code for one in found} == codes
    assert {one.severity for one in found} == (
        {"error"} if "stale" in codes else {"warning"} if codes else set()
    )


def test_stale_rule_says_since_when(tmp_path: Path) -> None:
    found = stale_findings(pack=load_pack(write_pack(tmp_path)), on=date(2026, 12, 19))

    stale = [one for one in found if one.code == "stale"]
    assert stale[0].sentence.en == (
        "Rule 'AA-1' was last checked on 2026-06-01, 201 days before 2026-12-19, "
        "more than 200: it is stale."
    )
    assert stale[0].sentence.zh == (
        "规则“AA-1”上次核对于 2026-06-01，至 2026-12-19 已过 201 天（限 200 天）：已过期。"
    )


def test_version_that_has_ended_is_history_and_is_not_checked_again(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path))

    found = stale_findings(pack=pack, on=date(2026, 12, 19))

    lines = {one.line for one in found if one.code == "stale"}
    assert lines == {16, 30}  # the version until 2010 begins on line 7


def test_missing_calendar_years_are_errors_up_to_this_year_and_a_warning_after(
    tmp_path: Path,
) -> None:
    found = report(write_pack(tmp_path), CHECKED)

    missing = [
        (one.severity, one.sentence.en[:42])
        for one in found.findings
        if one.code == "calendar_year_missing"
    ]
    assert missing == [
        ("error", "The working-day calendar of 2023 is missing"[:42]),
        ("error", "The working-day calendar of 2024 is missing"[:42]),
        ("error", "The working-day calendar of 2025 is missing"[:42]),
        ("warning", "The working-day calendar of 2027 is missing"[:42]),
    ]


def test_provisional_year_is_a_warning_with_its_reason(tmp_path: Path) -> None:
    marked = CALENDAR.replace(
        "    confidence: high\n",
        "    confidence: low\n    provisional: {zh: 未公布。, en: not announced.}\n",
    )
    folder = write_pack(tmp_path, {"calendars/days.yaml": marked})

    (found,) = of_code(report(folder, CHECKED), "calendar_year_provisional")

    assert found.severity == "warning"
    assert found.sentence.zh == "2026 年的工作日历是暂定的：未公布。"
    assert found.sentence.en == "The working-day calendar of 2026 is provisional: not announced."


def test_version_that_begins_before_its_source_is_a_warning(tmp_path: Path) -> None:
    changed = with_change("sources.yaml", "in_force_from: 2000-01-01", "in_force_from: 2000-01-02")

    (first, _) = of_code(report(write_pack(tmp_path, changed), CHECKED), "source_not_yet_in_force")

    assert first.severity == "warning"
    assert first.sentence.en == (
        "Rule 'AA-1' has a version from 2000-01-01, but its source 'ACT' is in force only from "
        "2000-01-02."
    )


def test_version_that_outlives_its_source_is_a_warning(tmp_path: Path) -> None:
    changed = with_change("sources.yaml", "in_force_until: null", "in_force_until: 2026-01-01")

    found = of_code(report(write_pack(tmp_path, changed), CHECKED), "source_no_longer_in_force")

    assert {one.severity for one in found} == {"warning"}
    assert found[0].sentence.zh == (
        "规则“AA-1”在 2026-06-01 有效，而其出处“ACT”已于 2026-01-01 失效。"
    )


def test_source_that_nothing_cites_is_a_warning(tmp_path: Path) -> None:
    spare = SOURCES.removeprefix("sources:\n").replace("id: ACT", "id: SPARE")

    (found,) = of_code(
        report(write_pack(tmp_path, {"sources.yaml": SOURCES + spare}), CHECKED), "source_unused"
    )

    assert found.sentence.en == "The source 'SPARE' is cited by no rule and no calendar."


def test_contact_rule_that_the_gate_could_not_apply_is_an_error(tmp_path: Path) -> None:
    rules = RULES.replace("kind: threshold", "kind: contact")

    found = of_code(
        report(write_pack(tmp_path, {"parameters/classes.yaml": rules}), CHECKED),
        "clause_unreadable",
    )

    assert [one.line for one in found] == [7, 16]
    assert found[0].severity == "error"
    assert found[0].sentence.en.startswith("Rule 'AA-1' cannot be applied as written: ")


def test_report_counts_cases_and_names_the_marked_rules(tmp_path: Path) -> None:
    found = report(write_pack(tmp_path), CHECKED)

    assert (found.passed, found.failed) == (1, 0)
    assert found.low_confidence == ("AA-2",)
    assert found.not_enforced == ("AA-2",)
    assert found.without_case == ("AA-2",)
    assert len(found.versions) == 3
