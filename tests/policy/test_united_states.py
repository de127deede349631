"""The United States pack: every rule of the notes, and the working days of the federal calendar."""

from datetime import date
from pathlib import Path

import pytest
from tools import make_us_calendar

from recoup.kernel.calendar import CalendarSilent
from recoup.policy.pack import Pack, load_pack

ROOT = Path(__file__).resolve().parents[2]
RULES = {
    *(f"US-REGF-{number:02}" for number in range(24)),
    *("US-FDCPA-01", "US-FDCPA-02"),
    *("US-MA-01", "US-NYC-01", "US-FCRA-01", "US-FCRA-02", "US-M2-01", "US-M2-02"),
}
# What a permit cannot be asked about stands in these kinds.
NOT_AT_THE_GATE = {
    *("US-REGF-09", "US-REGF-10", "US-REGF-12", "US-REGF-13", "US-REGF-14", "US-REGF-15"),
    *("US-REGF-16", "US-REGF-18", "US-REGF-19", "US-REGF-20", "US-REGF-22"),
    "US-REGF-23",
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "packs" / "us")


def test_every_rule_is_there_and_has_a_case(pack: Pack) -> None:
    assert pack.rules.keys() == RULES | {"US-REGF-11-LOCATION"}
    assert {case.rule for case in pack.cases} == pack.rules.keys()


def test_rules_of_regulation_f_are_applied_by_the_gate_unless_it_cannot_know(pack: Pack) -> None:
    regulation = [rule for rule in pack.rules.values() if rule.id.startswith("US-REGF-")]

    assert {rule.id for rule in regulation if rule.kind != "contact"} == NOT_AT_THE_GATE
    for rule in regulation:
        if rule.kind == "contact":
            assert rule.versions[0].values["institutions"].value == ("agency", "debt_buyer")


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 10, 12), False),  # Columbus Day
        (date(2026, 7, 3), False),  # Independence Day falls on a Saturday
        (date(2026, 7, 2), True),
        (date(2021, 12, 31), False),  # New Year of 2022 falls on a Saturday
        (date(2026, 11, 27), True),  # the day after Thanksgiving is no federal holiday
    ],
)
def test_federal_holidays_are_no_working_days(pack: Pack, day: date, working: bool) -> None:
    assert pack.calendar.is_working(day) is working


def test_a_year_that_is_not_there_is_not_guessed(pack: Pack) -> None:
    with pytest.raises(CalendarSilent):
        pack.calendar.is_working(date(2029, 1, 2))


def test_committed_calendar_is_what_the_tool_derives() -> None:
    written = make_us_calendar.TARGET.read_text(encoding="utf-8")

    assert written == make_us_calendar.calendar_text()


def test_tool_stops_when_its_sources_disagree() -> None:
    named = dict(make_us_calendar.federal_holidays(2026))
    del named[date(2026, 10, 12)]

    with pytest.raises(make_us_calendar.Disagreement, match="2026-10-12"):
        make_us_calendar.check_against_other_library(year=2026, named=named)
