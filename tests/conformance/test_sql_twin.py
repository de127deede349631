"""The SQL twin and the compiled kernel agree on every figure of every loan."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.conformance.rough_book import rough_book
from tests.conformance.twin import (
    CN,
    ZZ,
    Law,
    differing,
    kernel_figures,
    rest_days_of,
    twin_figures,
)

from recoup.demo.bank import build_bank
from recoup.demo.bench_book import bench_book
from recoup.engine.book.take_in import take_in
from recoup.kernel.delinquency import RESULT
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy

AS_OF = date(2026, 11, 20)
#: Month ends, a leap day before its month's end, and the demo bank's own day.
DAYS = (date(2024, 2, 29), date(2025, 8, 31), date(2026, 2, 28), AS_OF)
#: The rough book's schedules and payments lie between 2024 and early 2026.
ROUGH_DAYS = (date(2024, 12, 31), date(2025, 8, 31), date(2026, 2, 28))
LAWS = {"cn": CN, "zz": ZZ}
#: The zz calendar knows these years; a later due day is not moved.
FIRST_YEAR, LAST_YEAR = 2015, 2027


def _normal_form(book: Path, into: Path) -> Path:
    into.mkdir()
    take_in(
        folder=book,
        into=into,
        as_of=AS_OF,
        pack_currency="CNY",
        time_zone="Asia/Shanghai",
        max_bad_ppm=50_000,
    )
    return into / "book"


@pytest.fixture(scope="module")
def demo_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo bank's 20,000 loans in normal form."""
    folder = tmp_path_factory.mktemp("twin")
    build_bank(folder=folder, loans=20_000, seed=7, as_of=AS_OF)
    return _normal_form(folder / "book", folder / "out")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bench book, a sample of its size, in normal form."""
    folder = tmp_path_factory.mktemp("twin-bench")
    bench_book(folder=folder / "book", loans=10_000, seed=4, as_of=AS_OF)
    return _normal_form(folder / "book", folder / "out")


def _twin(book: Path, *, pack: str, as_of: date, law: Law | None = None) -> pa.Table:
    rest_days: frozenset[date] = frozenset()
    if LAWS[pack].moves_due_days:
        loaded = load_pack(packs_folder() / pack)
        rest_days = rest_days_of(loaded, first=FIRST_YEAR, until=LAST_YEAR)
    return twin_figures(book=book, as_of=as_of, law=law or LAWS[pack], rest_days=rest_days)


def _kernel(book: Path, *, pack: str, as_of: date) -> pa.Table:
    loaded = load_pack(packs_folder() / pack)
    strategy = load_strategy(strategies_folder() / "example")
    return kernel_figures(book=book, as_of=as_of, pack=loaded, strategy=strategy)


def _differing(
    book: Path, *, pack: str, as_of: date, law: Law | None = None
) -> dict[str, list[tuple[int, int, int]]]:
    return differing(
        _twin(book, pack=pack, as_of=as_of, law=law), _kernel(book, pack=pack, as_of=as_of)
    )


def test_twin_agrees_on_every_figure_of_the_demo_bank(demo_book: Path) -> None:
    twin = _twin(demo_book, pack="cn", as_of=AS_OF)
    kernel = _kernel(demo_book, pack="cn", as_of=AS_OF)

    assert twin.num_rows == 20_000
    assert differing(twin, kernel) == {}
    same = [name for name in RESULT if len(pc.unique(kernel.column(name))) < 2]
    assert same == [], "agreement on a column that is the same for every loan says nothing"


def test_twin_agrees_on_the_bench_book(bench: Path) -> None:
    assert _differing(bench, pack="cn", as_of=AS_OF) == {}


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["cn", "zz"])
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_twin_agrees_on_the_demo_bank_on_other_days(
    demo_book: Path, as_of: date, pack: str
) -> None:
    assert _differing(demo_book, pack=pack, as_of=as_of) == {}


def test_moving_due_days_off_rest_days_changes_figures_of_the_twin(bench: Path) -> None:
    moved = _twin(bench, pack="zz", as_of=AS_OF)
    kept = _twin(bench, pack="zz", as_of=AS_OF, law=replace(ZZ, moves_due_days=False))

    assert moved.column("dpd") != kept.column("dpd")
    assert pc.max(pc.subtract(kept.column("dpd"), moved.column("dpd"))).as_py() in range(1, 6)


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loans whose payments bear no relation to what is due; half of them cards."""
    return rough_book(folder=tmp_path_factory.mktemp("rough"), loans=3_000, seed=1)


@pytest.fixture(scope="module")
def rough_kernel(rough: Path) -> pa.Table:
    """What the kernel says of them under the China pack."""
    return _kernel(rough, pack="cn", as_of=ROUGH_DAYS[-1])


@pytest.mark.parametrize(
    ("pack", "as_of"), [*(("cn", day) for day in ROUGH_DAYS), ("zz", ROUGH_DAYS[1])]
)
def test_twin_agrees_on_loans_that_no_bank_would_have(rough: Path, pack: str, as_of: date) -> None:
    assert _differing(rough, pack=pack, as_of=as_of) == {}


@pytest.mark.parametrize(
    ("wrong", "figure"),
    [
        ({"card_late_from_dpd": 0}, "overdue_principal_minor"),
        ({"card_late_from_dpd": 90}, "overdue_interest_minor"),
        ({"card_late_from_dpd": 92}, "overdue_principal_minor"),
        ({"npl_over_days": 89}, "ever_over_days"),
        ({"npl_over_days": 91}, "npl_episode"),
        ({"upgrade_months": 7}, "npl_episode"),
        ({"upgrade_periods": 3}, "npl_episode"),
        ({"observe_months": 13}, "observation_until"),
        ({"observe_periods": 3}, "in_observation"),
    ],
    ids=str,
)
def test_a_law_read_wrongly_by_one_would_be_noticed(
    rough: Path, rough_kernel: pa.Table, wrong: dict[str, int], figure: str
) -> None:
    twin = _twin(rough, pack="cn", as_of=ROUGH_DAYS[-1], law=replace(CN, **wrong))

    assert figure in differing(twin, rough_kernel)


#: Columns of decisions.parquet that the twin has under the same name.
DECIDED = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_instalments", "outstanding_principal_minor"),
    *("overdue_principal_minor", "overdue_interest_minor", "overdue_fee_minor"),
    *("first_over_30_on", "first_over_90_on"),
)


def test_decisions_of_the_night_are_the_twin_s_figures(demo_result: Path) -> None:
    book = demo_result / "book"
    twin = _twin(book, pack="cn", as_of=AS_OF)
    connection = duckdb.connect()
    connection.register("twin", twin)
    pairs = " OR ".join(f"d.{name} IS DISTINCT FROM t.{name}" for name in DECIDED)
    ratios = " OR ".join(
        f"d.paid_ratio_{months}m_bp IS DISTINCT FROM "
        f"CASE WHEN t.due_{days} > 0 THEN LEAST(t.paid_{days} * 10000 // t.due_{days}, 99999) END"
        for months, days in ((3, 90), (6, 180), (12, 365))
    )

    rows = connection.execute(
        f"""
        SELECT COUNT(*), COUNT(*) FILTER (
            {pairs} OR {ratios} OR d.exposure_minor IS DISTINCT FROM t.outstanding_principal_minor
                + t.overdue_interest_minor + t.overdue_fee_minor
        )
        FROM '{demo_result}/decisions.parquet' AS d
        JOIN '{book}/contracts.parquet' AS c USING (contract_id)
        JOIN twin AS t ON t.loan = c.loan
        WHERE c.bad_code IS NULL
        """
    ).fetchone()

    assert rows is not None
    assert rows[0] > 2_900
    assert rows[1] == 0


def test_what_cannot_be_decided_has_no_figures_at_all(demo_result: Path) -> None:
    figures = (*DECIDED, "exposure_minor", "paid_ratio_3m_bp", "paid_ratio_6m_bp", "bucket")

    row = duckdb.sql(
        f"""
        SELECT COUNT(*), {", ".join(f"COUNT(d.{name})" for name in figures)},
            COUNT(*) FILTER (d.asset_class = 'unknown')
        FROM '{demo_result}/decisions.parquet' AS d
        JOIN '{demo_result}/book/contracts.parquet' AS c USING (contract_id)
        WHERE c.bad_code IS NOT NULL
        """
    ).fetchone()

    assert row is not None
    assert row[0] > 0
    assert row[1:-1] == (0,) * len(figures)
    assert row[-1] == row[0]
