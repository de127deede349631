"""The night on real loans: 18,183 finished loans of a Nigerian digital lender, 2016 and 2017."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.real.superlender import ABSENT, DATA, loans, write_book

from recoup.site.cli import main

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason=ABSENT),
]

#: Business dates, and the form of the book on each: the night must not care.
NIGHTS = {
    date(2016, 12, 31): "parquet",
    date(2017, 3, 31): "csv",
    date(2017, 6, 30): "parquet",
}
#: After the last loan of the file was repaid.
OVER = date(2017, 12, 31)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[date, Path]:
    """One night per business date, under the made-up law, whose texts speak for those years."""
    folder = tmp_path_factory.mktemp("superlender")
    found = {}
    for as_of, form in NIGHTS.items():
        book = write_book(folder=folder / f"book-{as_of}", as_of=as_of, file_format=form)
        found[as_of] = _night(book, folder / f"night-{as_of}", as_of=as_of, pack="zz")
    return found


def _night(book: Path, out: Path, *, as_of: date, pack: str) -> Path:
    status = main(
        [
            *("night", "--book", str(book), "--as-of", as_of.isoformat(), "--pack", pack),
            *("--strategy", "example", "--out", str(out), "--quiet"),
        ]
    )
    missing = _asked(f"principal IS NULL AND term_days <= 30 AND start_on <= DATE '{as_of}'")
    assert status == (1 if missing else 0)
    return out


def _asked(condition: str) -> int:
    connection = duckdb.connect()
    return loans(connection).filter(condition).aggregate("COUNT(*)").fetchall()[0][0]


def _share(condition: str) -> float:
    return 100 * _asked(condition) / 18_183


def test_loans_by_term_are_the_published_ones() -> None:
    rows = loans(duckdb.connect()).aggregate("term_days, COUNT(*)", "term_days").fetchall()

    assert dict(rows) == {30: 11_045, 15: 6_115, 60: 993, 90: 30}
    assert _asked("principal IS NULL") == 5


@pytest.mark.parametrize(
    ("condition", "percent", "digits"),
    [("> 0", 17.4, 1), ("> 5", 8.0, 1), (">= 15", 3.2, 1), (">= 30", 0.75, 2), (">= 60", 0.23, 2)],
)
def test_shares_of_late_loans_are_the_published_ones(
    condition: str, percent: float, digits: int
) -> None:
    assert round(_share(f"paid_on - due_on {condition}"), digits) == percent


def test_days_of_the_first_payment_are_spread_as_published() -> None:
    found = loans(duckdb.connect()).aggregate(
        "MEDIAN(paid_on - due_on), QUANTILE_DISC(paid_on - due_on, [0.75, 0.9, 0.95, 0.99]), "
        "MAX(paid_on - due_on)"
    )

    assert found.fetchall() == [(-2.0, [0, 4, 9, 27], 351)]


@pytest.mark.parametrize(
    ("late", "in_7_days", "in_30_days"),
    [(1, 67.7, 96.2), (3, 60.7, 94.6), (5, 56.5, 93.8), (10, 53.0, 91.0), (15, 52.2, 88.4)],
)
def test_the_late_pay_in_the_next_days_as_published(
    late: int, in_7_days: float, in_30_days: float
) -> None:
    all_late = _asked(f"paid_on - due_on >= {late}")

    for within, percent in ((7, in_7_days), (30, in_30_days)):
        paid = _asked(f"paid_on - due_on BETWEEN {late} AND {late + within}")
        assert round(100 * paid / all_late, 1) == percent


def test_only_survivors_are_in_the_file() -> None:
    """Why recent loans teach no cure rate: whoever was later than 30 days is missing."""
    spring = "due_on >= DATE '2017-05-01'"

    assert (_asked(spring), _asked(f"NOT {spring}")) == (9_101, 9_082)
    assert _asked(f"{spring} AND paid_on - due_on = 30") > 0
    assert _asked(f"{spring} AND paid_on - due_on > 30") == 0
    assert _asked(f"NOT {spring} AND paid_on - due_on > 30") == 123


@pytest.mark.parametrize("as_of", NIGHTS, ids=str)
def test_every_loan_is_as_overdue_as_its_two_days_say(
    results: dict[date, Path], as_of: date
) -> None:
    """Due days are plain: the lender had moved them off weekends before writing them down."""
    connection = duckdb.connect()
    connection.register("every_loan", loans(connection).to_arrow_table())

    rows = connection.execute(
        f"""
        SELECT
            COUNT(*),
            COUNT(*) FILTER (d.dpd > 0),
            COUNT(*) FILTER (d.dpd <> e.dpd),
            COUNT(*) FILTER (d.dpd_prev <> e.dpd_prev),
            COUNT(*) FILTER (d.outstanding_principal_minor <> e.principal_minor),
            COUNT(*) FILTER (d.overdue_principal_minor <> IF(e.dpd > 0, e.principal_minor, 0)),
            COUNT(*) FILTER (d.overdue_fee_minor <> IF(e.dpd > 0, e.fee_minor, 0)),
            COUNT(*) FILTER (d.overdue_instalments <> IF(e.dpd > 0, 1, 0)),
            COUNT(*) FILTER (d.max_dpd_12m <> e.worst)
        FROM '{results[as_of]}/decisions.parquet' AS d
        JOIN (
            SELECT
                contract_id,
                IF(paid_on <= $as_of, 0, GREATEST($as_of - due_on, 0)) AS dpd,
                IF(paid_on <= $as_of - 30, 0, GREATEST($as_of - 30 - due_on, 0)) AS dpd_prev,
                IF(paid_on > $as_of - 364, GREATEST(LEAST(paid_on - 1, $as_of) - due_on, 0), 0)
                    AS worst,
                CAST(IF(paid_on <= $as_of, 0, principal) * 100 AS BIGINT) AS principal_minor,
                CAST((total_due - principal) * 100 AS BIGINT) AS fee_minor
            FROM every_loan
            WHERE principal IS NOT NULL
        ) AS e USING (contract_id)
        """,
        {"as_of": as_of},
    ).fetchall()

    [(compared, overdue, *differing)] = rows
    assert compared == _asked(
        f"term_days <= 30 AND principal IS NOT NULL AND start_on <= DATE '{as_of}'"
    )
    assert overdue > 40
    assert differing == [0] * 7


def test_two_nights_remember_how_late_every_loan_became(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Twelve months of the China night at the end of each year: the raw lateness comes back."""
    folder = tmp_path_factory.mktemp("superlender-years")
    years = [date(2016, 12, 31), OVER]
    for as_of in years:
        book = write_book(folder=folder / f"book-{as_of}", as_of=as_of)
        _night(book, folder / f"night-{as_of}", as_of=as_of, pack="cn")
    connection = duckdb.connect()
    connection.register("every_loan", loans(connection).to_arrow_table())

    files = [f"{folder}/night-{as_of}/decisions.parquet" for as_of in years]
    rows = connection.execute(
        f"""
        SELECT
            COUNT(*),
            COUNT(*) FILTER (worst <> GREATEST(paid_on - due_on - 1, 0)),
            COUNT(*) FILTER (worst >= 5), COUNT(*) FILTER (paid_on - due_on > 5),
            COUNT(*) FILTER (worst >= 29), COUNT(*) FILTER (paid_on - due_on >= 30)
        FROM every_loan JOIN (
            SELECT contract_id, MAX(max_dpd_12m) AS worst
            FROM read_parquet({files}) WHERE dpd IS NOT NULL GROUP BY contract_id
        ) AS traced USING (contract_id)
        """
    ).fetchall()

    assert rows == [(17_157, 0, 1_322, 1_322, 134, 134)]


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """One loan on one day, worked out on paper from its row in the file."""

    contract_id: str
    as_of: date
    row: str
    dpd: int
    dpd_prev: int
    max_dpd_12m: int
    overdue_principal: str
    overdue_fee: str
    outstanding: str
    asset_class: str
    rules: tuple[str, ...]
    told: tuple[str, ...]


HAND = (
    ByHand(
        contract_id="301605263",
        as_of=date(2017, 3, 31),
        row="10,000 + 3,000 due 2016-04-29, paid 2017-04-15, after the business date",
        # 2016-04-29 to 2017-04-29 is 365 days, less 29.
        dpd=336,
        dpd_prev=306,
        max_dpd_12m=336,
        overdue_principal="10,000.00",
        overdue_fee="3,000.00",
        outstanding="10,000.00",
        asset_class="doubtful",
        rules=("ZZ-CLS-04",),
        told=(
            "2017-04-15 receipt 13,000.00 (301605263-1): after the business date: not counted yet",
            "instalment 1, due 2016-04-29, 336 days past due: fee 3,000.00, principal 10,000.00",
        ),
    ),
    ByHand(
        contract_id="301605263",
        as_of=date(2017, 6, 30),
        row="the same three months on: paid 2017-04-15, 350 days on the evening before",
        dpd=0,
        dpd_prev=0,
        max_dpd_12m=350,
        overdue_principal="0.00",
        overdue_fee="0.00",
        outstanding="0.00",
        asset_class="normal",
        rules=(),
        told=(
            "2017-04-15 receipt 13,000.00 (301605263-1): "
            "instalment 1 fee 3,000.00, instalment 1 principal 10,000.00",
        ),
    ),
    ByHand(
        contract_id="301690032",
        as_of=date(2016, 12, 31),
        row="20,000 + 4,500 due 2016-09-21, paid 2017-01-09",
        # 9 days of September, 31 + 30 + 31: one day over the hundred of ZZ-CLS-03.
        dpd=101,
        dpd_prev=71,
        max_dpd_12m=101,
        overdue_principal="20,000.00",
        overdue_fee="4,500.00",
        outstanding="20,000.00",
        asset_class="substandard",
        rules=("ZZ-CLS-03",),
        told=(
            "instalment 1, due 2016-09-21, 101 days past due: fee 4,500.00, principal 20,000.00",
        ),
    ),
    ByHand(
        contract_id="301804553",
        as_of=date(2017, 3, 31),
        row="10,000 + 3,000 due 2017-02-27, paid 2017-05-01",
        dpd=32,
        # On 2017-03-01 it was two days late.
        dpd_prev=2,
        max_dpd_12m=32,
        overdue_principal="10,000.00",
        overdue_fee="3,000.00",
        outstanding="10,000.00",
        asset_class="special_mention",
        rules=("ZZ-CLS-02",),
        told=("days past due 30 days ago: 2",),
    ),
    ByHand(
        contract_id="301839197",
        as_of=date(2017, 3, 31),
        row="10,000 + 1,500 due on the business date itself, paid 2017-04-04: not overdue yet",
        dpd=0,
        dpd_prev=0,
        max_dpd_12m=0,
        overdue_principal="0.00",
        overdue_fee="0.00",
        outstanding="10,000.00",
        asset_class="normal",
        rules=(),
        told=(
            "2017-04-04 receipt 11,500.00 (301839197-1): after the business date: not counted yet",
        ),
    ),
    ByHand(
        contract_id="301925385",
        as_of=date(2017, 6, 30),
        row="10,000 + 1,500 due 2017-06-19, paid on the business date at 19:32",
        dpd=0,
        dpd_prev=0,
        # On the evening before: 2017-06-29, ten days.
        max_dpd_12m=10,
        overdue_principal="0.00",
        overdue_fee="0.00",
        outstanding="0.00",
        asset_class="normal",
        rules=(),
        told=(
            "2017-06-30 receipt 11,500.00 (301925385-1): "
            "instalment 1 fee 1,500.00, instalment 1 principal 10,000.00",
        ),
    ),
)


@pytest.mark.parametrize("loan", HAND, ids=lambda loan: f"{loan.contract_id} on {loan.as_of}")
def test_loans_worked_out_by_hand_are_decided_and_explained_so(
    results: dict[date, Path], loan: ByHand, capsys: pytest.CaptureFixture[str]
) -> None:
    decision = _decision(results[loan.as_of], loan.contract_id)

    assert main(["explain", str(results[loan.as_of]), loan.contract_id]) == 0
    told = capsys.readouterr().out
    assert (decision["dpd"], decision["dpd_prev"]) == (loan.dpd, loan.dpd_prev)
    assert decision["max_dpd_12m"] == loan.max_dpd_12m
    assert (decision["asset_class"], tuple(decision["asset_class_rules"])) == (
        loan.asset_class,
        loan.rules,
    )
    for column, text in (
        ("overdue_principal_minor", loan.overdue_principal),
        ("overdue_fee_minor", loan.overdue_fee),
        ("outstanding_principal_minor", loan.outstanding),
    ):
        assert f"{decision[column] / 100:,.2f}" == text
    for line in (
        *loan.told,
        f"days past due: {loan.dpd}",
        f"greatest days past due in 365 days: {loan.max_dpd_12m}",
        f"overdue principal: {loan.overdue_principal}",
        f"overdue fee: {loan.overdue_fee}",
        f"outstanding principal: {loan.outstanding}",
        *(f"by {rule}," for rule in loan.rules),
    ):
        assert line in told
    assert "Warning" not in told


def _decision(result: Path, contract_id: str) -> dict:
    rows = pq.read_table(
        result / "decisions.parquet", filters=[("contract_id", "=", contract_id)]
    ).to_pylist()
    return rows[0]


def test_a_missing_principal_is_refused_and_decided_as_unknown(
    results: dict[date, Path],
) -> None:
    result = results[date(2017, 6, 30)]

    rejects = duckdb.sql(
        f"SELECT \"table\", key, code FROM '{result}/rejects.parquet' WHERE severity = 'error'"
    ).fetchall()
    decisions = [_decision(result, key) for table, key, _ in rejects if table == "contracts"]

    assert sorted(rejects) == [
        ("contracts", "301894914", "missing_value"),
        ("contracts", "301936806", "missing_value"),
        ("contracts", "301938977", "missing_value"),
        ("instalments", "301894914/1", "missing_value"),
        ("instalments", "301936806/1", "missing_value"),
        ("instalments", "301938977/1", "missing_value"),
    ]
    assert {
        (row["asset_class"], row["asset_class_unknown_why"], row["dpd"]) for row in decisions
    } == {("unknown", "rows_refused", None)}


def test_china_s_law_is_silent_before_2023_and_the_class_says_so(
    results: dict[date, Path], tmp_path: Path
) -> None:
    as_of = date(2017, 3, 31)
    book = write_book(folder=tmp_path / "book", as_of=as_of)

    china = _night(book, tmp_path / "out", as_of=as_of, pack="cn")

    rows = duckdb.sql(
        f"""
        SELECT COUNT(*), COUNT(DISTINCT c.asset_class), MIN(c.asset_class),
            MIN(c.asset_class_unknown_why), COUNT(*) FILTER (c.dpd <> z.dpd), MAX(c.dpd)
        FROM '{china}/decisions.parquet' AS c
        JOIN '{results[as_of]}/decisions.parquet' AS z USING (contract_id)
        """
    ).fetchall()
    assert rows == [(8_316, 1, "unknown", "pack_silent", 0, 336)]
