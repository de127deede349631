"""Every China rule with a worked test has a case in the pack, and every case comes out."""

from collections import Counter
from datetime import date

import pytest

from recoup.policy.cases import run_case
from recoup.policy.kind_names import KINDS
from recoup.policy.kinds import EVALUATORS
from recoup.policy.locate import packs_folder
from recoup.policy.pack import load_pack

PACK = load_pack(packs_folder() / "cn")
OWN = ("CN-CLS", "CN-CIV", "CN-FEE", "CN-INT", "CN-CRB", "CN-WOF", "CN-NPL", "CN-CAL", "CN-DAT")
LAST = {"CLS": 25, "CIV": 47, "FEE": 12, "INT": 8, "CRB": 5, "WOF": 5, "NPL": 4, "CAL": 3, "DAT": 2}
# Text only: no test is known for them.
WITHOUT_A_TEST = {
    "CN-CIV-02",
    "CN-CIV-46",
    "CN-CIV-47",
    "CN-FEE-11",
    "CN-FEE-12",
    "CN-INT-06",
    "CN-INT-07",
    "CN-CAL-03",
}
EXPECTED = {f"CN-{part}-{place:02d}" for part, last in LAST.items() for place in range(1, last + 1)}
NEVER_APPLIED = {"CN-CLS-14", "CN-CLS-21", "CN-CIV-40", "CN-CRB-05", "CN-WOF-02"}
CASES = [case for case in PACK.cases if case.rule.startswith(OWN)]


def test_every_rule_of_these_sections_is_loaded():
    loaded = {rule for rule in PACK.rules if rule.startswith(OWN)}

    assert loaded == EXPECTED


def test_every_rule_with_a_worked_test_has_a_case():
    told = {case.rule for case in CASES}

    assert EXPECTED - told == WITHOUT_A_TEST


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_case_comes_out(case):
    assert case.expect

    result = run_case(pack=PACK, case=case)

    assert [failure.sentence.en for failure in result.failures] == []


def test_what_was_not_read_is_shown_and_never_applied():
    off = {
        version.rule_id
        for version in PACK.rules_of(on=date(2026, 11, 20), include_unenforced=True)
        if version.rule_id.startswith(OWN) and not version.enforced
    }

    assert off == NEVER_APPLIED


def test_low_confidence_and_memory_stand_with_the_value_that_they_are_about():
    share = PACK.value("CN-CLS-06", "ecl_share_from", on=date(2026, 11, 20))
    days = PACK.value("CN-CLS-06", "dpd_over", on=date(2026, 11, 20))

    assert (share.confidence, days.confidence) == ("medium", "high")
    assert share.unverified is not None
    assert "memory" in share.unverified.en


def test_the_whole_court_fee_table_is_told():
    told = Counter(case.rule for case in CASES if case.rule.startswith("CN-FEE"))

    assert all(told[rule] >= 13 for rule in ("CN-FEE-01", "CN-FEE-03", "CN-FEE-04", "CN-FEE-05"))


def test_every_kind_that_a_rule_here_uses_can_be_evaluated():
    kinds = {rule.kind for rule in PACK.rules.values() if rule.id.startswith(OWN)}

    assert kinds <= set(KINDS)
    assert kinds <= set(EVALUATORS)
