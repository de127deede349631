"""An experiment of 1,500 people, from two nights to its reading, against plain counts."""

import json
import shutil
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.book.books import Book, write_csv
from tests.engine.stories import Loan, book_of, debtor

from recoup.policy.strategy import Strategy, load_strategy
from recoup.site.cli import main

EXAMPLE = Path(__file__).resolve().parents[2] / "strategies" / "example"
BEGIN, END = date(2026, 11, 20), date(2026, 12, 20)
PERSONS = 1_500
NAME = "first-slip-2026"


@pytest.fixture(scope="module")
def strategies(tmp_path_factory) -> Path:
    """The example with a plan that these people can fulfil; a copy that writes to all of them."""
    folder = tmp_path_factory.mktemp("strategies")
    for name in ("example", "kind"):
        shutil.copytree(EXAMPLE, folder / name)
        # Whoever has no instalment of the last year behind them is "forgetful" from the first day.
        for table in ("eligibility.dmn", "treatment.dmn"):
            file = folder / name / table
            text = file.read_text(encoding="utf-8")
            wider = text.replace('<text>"first_slip"<', '<text>"first_slip", "forgetful"<')
            assert wider != text
            file.write_text(wider, encoding="utf-8")
    plan = folder / "example" / "experiments.yaml"
    text = plan.read_text(encoding="utf-8")
    planned = text.replace("effect: 50000", "effect: 200000").replace(
        "persons: 1500", "persons: 110"
    )
    assert planned != text
    plan.write_text(planned, encoding="utf-8")
    head = folder / "kind" / "strategy.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("id: example", "id: kind", 1), "utf-8")
    tried = folder / "kind" / "experiments.yaml"
    text = tried.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("hold_out:"))
    tried.write_text(text.replace(line, "hold_out: null"), encoding="utf-8")
    (folder / "kind" / "treatment_hold_out.dmn").unlink()
    table = folder / "kind" / "treatment.dmn"
    before, row, after = table.read_text(encoding="utf-8").partition('<rule id="T10">')
    table.write_text(before + row + after.replace('"no_action"', '"soft_message"', 1), "utf-8")
    return folder


@pytest.fixture(scope="module")
def strategy(strategies) -> Strategy:
    return load_strategy(strategies / "example")


def arm_of(strategy: Strategy, number: int) -> str:
    return strategy.experiments.arm_of(experiment=NAME, debtor_id=f"D{number:04d}", on=BEGIN)


def a_book(strategy: Strategy) -> Book:
    """Everybody two days late. Of the challengers four in five pay, of the rest three in five."""
    numbers = range(PERSONS)
    loans = [Loan(f"C{n:04d}", f"D{n:04d}", 2, "1000.00", product="consumer_loan") for n in numbers]
    paid = [n for n in numbers if n * 7 % 10 < (8 if arm_of(strategy, n) == "challenger" else 6)]
    book = book_of(
        debtors=[debtor(f"D{n:04d}", "retail") for n in numbers],
        loans=loans,
        contacts=[
            {
                "contact_id": f"X{n}{side}",
                "debtor_id": f"D{n:04d}",
                "at": f"2026-11-{25 if side == 'out' else 26}T10:00:00+08:00",
                "channel": "sms",
                "direction": side,
            }
            for n in numbers
            if n % 4 == 0
            for side in ("out", "in")
        ],
        holds=[
            {"debtor_id": f"D{n:04d}", "kind": "complaint", "from": day}
            for n, day in ((1, "2026-11-25"), (2, "2026-11-20"), (3, "2026-12-25"))
        ],
        promises=[
            {
                "promise_id": f"M{n}",
                "debtor_id": f"D{n:04d}",
                "made_on": "2026-11-21",
                "due_on": "2026-12-01",
                "amount": "1000.00",
            }
            for n in range(200)
        ],
    )
    book["payments"] = [
        {
            "payment_id": f"P{n:04d}",
            "contract_id": f"C{n:04d}",
            "paid_on": (BEGIN + timedelta(days=1 + n % 20)).isoformat(),
            "amount": "1000.00",
        }
        for n in paid
    ]
    return book


@pytest.fixture(scope="module")
def bank(strategies, strategy, tmp_path_factory) -> Path:
    """A folder with the book and the results of two nights, a window apart."""
    folder = tmp_path_factory.mktemp("bank")
    write_csv(a_book(strategy), folder / "book")
    for day in (BEGIN, END):
        status = main(
            [
                *("night", "--book", str(folder / "book"), "--as-of", day.isoformat(), "--quiet"),
                *("--strategies", str(strategies), "--out", str(folder / "nights" / str(day))),
            ]
        )
        assert status == 0
    return folder


def ask(bank: Path, capsys, *more: str, action: str = "read", status: int = 0):
    words = [action, *more]
    options = ["--results", str(bank / "nights"), "--book", str(bank / "book")]
    assert main(["experiment", *words, *options]) == status
    shown = capsys.readouterr()
    return shown.out if status != 3 else shown.out + shown.err


def counted(bank: Path, strategy: Strategy, value) -> dict[str, list[float]]:
    found = defaultdict(list)
    for number in range(PERSONS):
        found[arm_of(strategy, number)].append(value(number))
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


OUTCOMES = {
    "cured": lambda paid, n: n in paid,
    "paid": lambda paid, n: 100_000 * (n in paid),
    "contacts": lambda paid, n: n % 4 == 0,
    "complaints": lambda paid, n: n == 1,
    # Due on 1 December and two days of grace: paid at the latest on the 3rd.
    "promises_kept": lambda paid, n: n < 200 and n in paid and 1 + n % 20 <= 13,
}


@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_means_and_differences_are_those_of_a_plain_count(bank, strategy, capsys, outcome):
    paid = {int(row["contract_id"][1:]) for row in a_book(strategy)["payments"]}
    plain = counted(bank, strategy, lambda n: OUTCOMES[outcome](paid, n))

    found = json.loads(ask(bank, capsys, NAME, "--outcome", outcome, "--days", "30", "--json"))

    arms = {arm["name"]: arm for arm in found["arms"]}
    assert {name: arm["assigned"] for name, arm in arms.items()} == {
        name: len(values) for name, values in plain.items()
    }
    for name, values in plain.items():
        assert arms[name]["mean"] == pytest.approx(mean(values))
    first = found["compared"][0]
    assert (first["arm"], first["against"]) == ("challenger", "champion")
    if outcome != "complaints":
        expected = mean(plain["challenger"]) - mean(plain["champion"])
        assert first["estimate"] == pytest.approx(expected)
    assert found["left_out"] == {"window_not_ended": 0, "moved": 0, "outcome_unknown": 0}


def test_at_the_planned_size_both_answers_stand_side_by_side(bank, capsys):
    found = json.loads(ask(bank, capsys, NAME, "--json"))
    told = ask(bank, capsys, NAME)

    first = found["compared"][0]
    assert first["reached"]
    assert first["fixed_on"] == BEGIN.isoformat()
    assert first["always_valid"]["low"] < first["fixed"]["low"] < first["fixed"]["high"]
    assert first["fixed"]["low"] > 0
    assert "固定期限 fixed horizon" in told
    assert "差异明确 clear" in told
    # The hold-out has some thirty people: nothing is said of it.
    assert found["compared"][1]["estimate"] is None
    assert "Too few people" in told
    assert "29 dates between the 2 nights have no result" in told


def test_before_the_planned_size_no_z_test_is_shown(bank, capsys):
    found = json.loads(ask(bank, capsys, NAME, "--outcome", "paid", "--json"))
    told = ask(bank, capsys, NAME, "--outcome", "paid")

    assert not found["is_as_planned"]
    assert found["compared"][0]["fixed"] is None
    assert found["compared"][0]["always_valid"] is not None
    assert "only the always-valid interval is shown" in told
    assert "fixed horizon (" not in told


def test_people_whose_window_has_not_ended_are_left_out_and_counted(bank, capsys):
    found = json.loads(ask(bank, capsys, NAME, "--days", "31", "--json"))

    assert found["left_out"]["window_not_ended"] == PERSONS
    assert [arm["counted"] for arm in found["arms"]] == [0, 0, 0]
    assert found["compared"][0]["estimate"] is None


def test_a_preview_of_what_the_challenger_did_is_the_challengers_mean(
    bank, strategies, strategy, capsys
):
    paid = {int(row["contract_id"][1:]) for row in a_book(strategy)["payments"]}
    plain = counted(bank, strategy, lambda n: n in paid)
    asked = (str(strategies / "kind"), NAME, "--least", "100", "--json")

    found = json.loads(ask(bank, capsys, *asked, action="preview"))["preview"]

    challengers = plain["challenger"]
    assert found["matched"] == len(challengers)
    assert found["effective"] == pytest.approx(len(challengers))
    assert found["snips"]["value"] == pytest.approx(mean(challengers))
    assert found["doubly_robust"]["value"] == pytest.approx(mean(challengers), abs=0.05)
    assert found["logged"]["value"] == pytest.approx(len(paid) / PERSONS)


def test_a_preview_from_too_few_is_refused(bank, strategies, capsys):
    told = ask(bank, capsys, str(strategies / "kind"), NAME, action="preview", status=3)

    assert "effective sample size of" in told
    assert "SNIPS" not in told


def altered(bank: Path, folder: Path, day: date, alter: str) -> Path:
    """The bank with its first night once more under another date, the decisions altered by SQL."""
    (folder / "book").symlink_to(bank / "book")
    shutil.copytree(bank / "nights", folder / "nights")
    night = folder / "nights" / str(day)
    if day != BEGIN:
        shutil.copytree(folder / "nights" / str(BEGIN), night)
        manifest = night / "manifest.json"
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(text.replace(f'"as_of": "{BEGIN}"', f'"as_of": "{day}"', 1), "utf-8")
    file = night / "decisions.parquet"
    rows = duckdb.sql(alter.format(file=file, day=day)).to_arrow_table()
    pq.write_table(rows, file)
    return folder


def test_arms_that_are_not_what_the_shares_say_are_warned_of(bank, tmp_path, capsys):
    lost = altered(
        bank,
        tmp_path,
        BEGIN,
        "SELECT * FROM '{file}' WHERE arm <> 'challenger' OR contract_id > 'C0700'",
    )

    told = ask(lost, capsys, NAME, status=1)

    assert "Warning: the arms (found / expected: " in told
    assert "与份额不符" in told


def test_people_moved_by_a_growing_share_are_left_out_and_counted(bank, tmp_path, capsys):
    grown = altered(
        bank,
        tmp_path,
        date(2026, 11, 25),
        "SELECT * REPLACE (DATE '{day}' AS as_of, CASE WHEN arm = 'champion' AND contract_id < "
        "'C0100' THEN 'challenger' ELSE arm END AS arm) FROM '{file}'",
    )

    found = json.loads(ask(grown, capsys, NAME, "--json"))

    arms = {arm["name"]: arm for arm in found["arms"]}
    moved = found["left_out"]["moved"]
    assert 80 < moved < 100
    assert arms["champion"]["counted"] == arms["champion"]["assigned"] - moved
    assert arms["challenger"]["counted"] == arms["challenger"]["assigned"]


def test_a_probability_that_the_kept_strategy_does_not_say_is_refused(bank, tmp_path, capsys):
    other = altered(
        bank,
        tmp_path,
        BEGIN,
        "SELECT * REPLACE (arm_probability_ppm + 1 AS arm_probability_ppm) FROM '{file}'",
    )

    assert "but the strategy kept that night says" in ask(other, capsys, NAME, status=3)


def test_what_cannot_be_read_is_said_in_one_sentence(bank, tmp_path, capsys):
    assert "know no experiment 'second-slip'" in ask(bank, capsys, "second-slip", status=3)

    book = ["--book", str(bank / "book")]
    nowhere = ["experiment", "read", NAME, "--results", str(tmp_path / "none"), *book]
    assert main(nowhere) == 3
    assert "There is no folder" in capsys.readouterr().err
    assert main(["experiment", "read", NAME, "--results", str(tmp_path), *book]) == 3
    assert "holds no result of a night" in capsys.readouterr().err
    twice = [str(bank / "nights"), str(bank / "nights" / str(END))]
    assert main(["experiment", "read", NAME, "--results", *twice, *book]) == 3
    assert "There are two results of 2026-12-20" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        main(["experiment", "read", NAME, "--outcome", "happiness", "--results", ".", *book])
    assert wrong.value.code == 2
