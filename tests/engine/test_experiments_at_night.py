"""A night with two experiments, a variant with a table of its own and a hold-out, cell by cell."""

import shutil
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.conformance.plain_carrier import differences

from recoup.demo.bank import build_bank
from recoup.engine.day import NO_CHANGES, DayBook
from recoup.policy.strategy import Strategy, load_strategy
from recoup.site.cli import main

EXAMPLE = Path(__file__).resolve().parents[2] / "strategies" / "example"
AS_OF = date(2026, 11, 20)
CALLED = "everyone-2026"
SECOND = """
  - id: everyone-2026
    name: {zh: 全部打电话, en: a call to everybody}
    from: 2026-01-01
    until: null
    challengers:
      - name: caller
        treatment: treatment_caller
        shares:
          - {from: 2026-01-01, share_ppm: 200000}
          - {from: 2026-11-20, share_ppm: 300000}
          - {from: 2026-11-21, share_ppm: 900000}
    plan: {outcome: paid, days: 30, baseline: 10000, effect: 1000, deviation: 10000, persons: 1600}
  - id: not-yet-2027
    name: {zh: 明年, en: next year}
    from: 2027-01-01
    until: null
    challengers:
      - name: later
        shares: [{from: 2027-01-01, share_ppm: 500000}]
    plan: {outcome: contacts, days: 30, baseline: 3, effect: 1, deviation: 3, persons: 150}
"""


@pytest.fixture(scope="module")
def strategies(tmp_path_factory) -> Path:
    """The example, in which everybody not late for once takes part in an experiment of calls."""
    folder = tmp_path_factory.mktemp("strategies")
    copy = folder / "example"
    shutil.copytree(EXAMPLE, copy)
    with (copy / "experiments.yaml").open("a", encoding="utf-8") as file:
        file.write(SECOND)
    table = (copy / "treatment_hold_out.dmn").read_text(encoding="utf-8")
    before, output, after = table.rpartition('"no_action"')
    assert output
    called = (before + '"call"' + after).replace("treatment_hold_out", "treatment_caller")
    (copy / "treatment_caller.dmn").write_text(called, encoding="utf-8")
    eligible = copy / "eligibility.dmn"
    text = eligible.read_text(encoding="utf-8")
    text = text.replace('"first-slip-2026", "none"', f'"first-slip-2026", "{CALLED}", "none"')
    text = text.replace('<text>"first_slip"<', '<text>"first_slip", "current"<')
    before, output, after = text.rpartition('<text>"none"</text>')
    eligible.write_text(f'{before}<text>"{CALLED}"</text>{after}', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(strategies, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    build_bank(folder=folder, seed=5, loans=600, as_of=AS_OF)
    status = main(
        [
            *("night", "--book", str(folder / "book"), "--as-of", AS_OF.isoformat()),
            *("--strategies", str(strategies), "--out", str(folder / "out")),
            *("--quiet", "--go-on"),
        ]
    )
    assert status == 1, "the demo bank has rows spoilt on purpose"
    return folder / "out"


@pytest.fixture(scope="module")
def strategy(strategies) -> Strategy:
    return load_strategy(strategies / "example")


@pytest.fixture(scope="module")
def decisions(result) -> list[dict]:
    return pq.read_table(result / "decisions.parquet").to_pylist()


def test_each_decision_carries_experiment_arm_and_probability(decisions, strategy):
    tried = strategy.experiments
    for row in decisions:
        assert row["experiment"] == (
            "first-slip-2026" if row["segment"] in ("first_slip", "current") else CALLED
        )
        assert row["arm"] == tried.arm_of(
            experiment=row["experiment"], debtor_id=row["debtor_id"], on=AS_OF
        )
        known = tried.probabilities_ppm(experiment=row["experiment"], on=AS_OF)
        assert row["arm_probability_ppm"] == known[row["arm"]]
        assert row["strategy_hash"] == strategy.content_hash
    arms = Counter((row["experiment"], row["arm"]) for row in decisions)
    # The share that begins on the business date counts, the one of the next day does not.
    everybody = sum(count for (name, _), count in arms.items() if name == CALLED)
    assert 0.2 < arms[CALLED, "caller"] / everybody < 0.4
    assert arms[CALLED, "hold_out"] > 1
    assert arms["first-slip-2026", "champion"] > 3


def test_a_variant_with_a_table_of_its_own_is_decided_by_it(decisions):
    called = [row for row in decisions if row["arm"] == "caller"]
    aside = [row for row in decisions if row["arm"] == "hold_out"]

    assert {row["treatment"] for row in called} <= {"call", "legal_review"}
    assert {row["treatment"] for row in aside} <= {"no_action", "legal_review"}
    assert all(row["reasons"][1].startswith("treatment_caller:H0") for row in called)
    assert all(row["reasons"][1].startswith("treatment_hold_out:H0") for row in aside)
    others = [row for row in decisions if row["arm"] == "champion"]
    assert all(row["reasons"][1].startswith("treatment:T") for row in others)


def test_plain_python_decides_people_of_both_experiments_alike(result):
    persons = pq.read_metadata(result / "book" / "debtors.parquet").num_rows

    compared, found = differences(result=result, persons=range(0, persons, 3))

    assert compared > 150
    assert found == []


def test_explain_tells_experiment_arm_and_probability(result, decisions, capsys):
    row = next(row for row in decisions if row["arm"] == "caller")

    assert main(["explain", str(result), row["contract_id"]]) == 0

    told = capsys.readouterr().out
    assert "experiment everyone-2026" in told
    assert "arm caller" in told
    # 98 % of those not set aside, three tenths of them.
    assert "with a probability of 29.4 %" in told
    assert "概率 29.4 %" in told
    assert "treatment_caller:H02" in told


def test_the_day_decides_people_of_every_arm_as_the_night_did(result, decisions):
    people = defaultdict(set)
    for row in decisions:
        people[row["arm"]].add(row["debtor_id"])
    chosen = {name for names in people.values() for name in sorted(names)[:4]}
    book = DayBook(result=result)

    found = [
        row
        for name in sorted(chosen)
        for row in book.redecide(debtor_id=name, changes=NO_CHANGES).decisions
    ]

    book.close()
    night = {row["contract_id"]: row for row in decisions}
    assert len({row["arm"] for row in found}) == 4
    assert found == [night[row["contract_id"]] for row in found]
