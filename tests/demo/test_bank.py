from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq
import pytest

from recoup.demo.bank import build_bank
from recoup.engine.book.contract import BY_NAME
from recoup.engine.book.take_in import take_in

AS_OF = date(2026, 11, 20)
LOANS = 6_000
SEED = 7


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    return folder, build_bank(folder=folder, loans=LOANS, seed=SEED, as_of=AS_OF)


@pytest.fixture(scope="module")
def book(built):
    """Each table of the book as a view of its name; truth and dirty besides."""
    folder, _ = built
    connection = duckdb.connect()
    for file in [*(folder / "book").iterdir(), folder / "truth.parquet", folder / "dirty.parquet"]:
        connection.execute(f"create view {file.stem} as from '{file}'")
    yield connection
    connection.close()


def one(book, sql):
    return book.execute(sql).fetchone()[0]


def test_the_bank_has_the_wanted_number_of_contracts_and_about_1_3_to_a_debtor(built):
    _, bank = built

    assert bank.contracts == LOANS
    assert 1.2 < bank.contracts / bank.debtors < 1.4


def test_every_table_has_only_columns_of_the_contract_and_all_required_ones(built):
    folder, _ = built
    for name, spec in BY_NAME.items():
        columns = set(pq.read_schema(folder / "book" / f"{name}.parquet").names)

        assert columns <= set(spec.names)
        assert columns >= set(spec.required_names)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(built, tmp_path):
    folder, _ = built

    build_bank(folder=tmp_path / "again", loans=LOANS, seed=SEED, as_of=AS_OF)
    build_bank(folder=tmp_path / "other", loans=LOANS, seed=SEED + 1, as_of=AS_OF)

    files = [path.relative_to(folder) for path in folder.rglob("*.parquet")]
    assert len(files) == len(BY_NAME) + 2
    for file in files:
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes()
    payments = "book/payments.parquet"
    assert (tmp_path / "other" / payments).read_bytes() != (folder / payments).read_bytes()


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_the_row_checks_find_exactly_what_was_spoilt(tmp_path, file_format):
    build_bank(folder=tmp_path, loans=LOANS, seed=3, as_of=AS_OF, file_format=file_format)

    take_in(
        folder=tmp_path / "book",
        into=tmp_path / "out",
        as_of=AS_OF,
        pack_currency="CNY",
        time_zone="Asia/Shanghai",
    )

    columns = ["table", "row", "key", "column", "code", "severity"]
    rejects = pq.read_table(tmp_path / "out" / "rejects.parquet", columns=columns).to_pylist()
    dirty = pq.read_table(tmp_path / "dirty.parquet", columns=columns).to_pylist()
    found = {tuple(row.values()) for row in rejects if row["severity"] != "note"}
    spoilt = {tuple(row.values()) for row in dirty}
    assert found == spoilt
    assert len(spoilt) == len(dirty) > 40


def test_slips_stay_far_below_the_share_that_stops_the_night(book):
    for table in ("debtors", "contracts", "instalments", "payments"):
        rows = one(book, f"select count(*) from {table}")
        dirty = one(book, f"select count(*) from dirty where \"table\" = '{table}'")

        assert 0 < dirty < rows / 250


def test_instalments_add_up_to_the_principal_of_every_contract_without_a_slip(book):
    contracts = one(
        book,
        """
        with planned as (
            select contract_id, sum(principal) as principal from instalments group by all
        ), spoilt as (
            select split_part(key, '/', 1) as contract_id from dirty
            where "table" in ('contracts', 'instalments')
        )
        select count_if(planned.principal is distinct from contracts.principal)
        from contracts left join planned using (contract_id)
        where contract_id not in (from spoilt)
        """,
    )

    assert contracts == 0


def test_arrears_look_like_those_of_a_bank(built):
    _, bank = built

    assert 0.07 < bank.overdue / bank.active < 0.105
    assert 0.015 < bank.overdue_over_90 / bank.active < 0.03


def test_behaviours_have_the_shares_they_were_given(book):
    shares = dict(
        book.execute(
            "select behaviour, count(*) / sum(count(*)) over () from truth group by all"
        ).fetchall()
    )

    assert shares["good"] == pytest.approx(0.735, abs=0.02)
    assert shares["forgetful"] == pytest.approx(0.16, abs=0.02)
    assert shares["strained"] == pytest.approx(0.046, abs=0.012)
    assert shares["defaulting"] == pytest.approx(0.025, abs=0.01)
    assert shares["recovering"] == pytest.approx(0.026, abs=0.01)
    assert shares["evading"] == pytest.approx(0.008, abs=0.006)


def test_the_side_file_has_one_row_for_every_debtor(book):
    missing = one(
        book,
        """
        select count(*) from (select distinct debtor_id from debtors)
        full join truth using (debtor_id) where truth.behaviour is null
        """,
    )

    assert missing == 0
    assert one(book, "select count(*) - count(distinct debtor_id) from truth") == 0


def test_defaulting_debtors_pay_next_to_nothing_after_they_stop(book):
    paid = one(
        book,
        """
        with late as (
            select contract_id, stopped_on, sum(i.principal + coalesce(i.interest, 0)) as due
            from truth join contracts using (debtor_id) join instalments i using (contract_id)
            where behaviour in ('defaulting', 'evading') and status = 'active'
              and restructured_on is null and i.due_date between stopped_on and date '2026-11-20'
              and debtor_id in (select debtor_id from contracts group by all having count(*) = 1)
            group by all
        ), received as (
            select contract_id, sum(amount) as paid from late join payments p using (contract_id)
            where p.paid_on >= stopped_on + 30 and kind = 'receipt' and reverses is null
            group by all
        )
        select sum(paid) / sum(due) from late left join received using (contract_id)
        """,
    )

    assert paid < 0.15


def test_every_contact_lies_within_lawful_hours_where_the_debtor_is(book):
    rows = book.execute(
        """
        select epoch(contacts."at")::bigint, coalesce(time_zone, 'Asia/Shanghai')
        from contacts join debtors using (debtor_id)
        where contacts."at" is not null and time_zone is distinct from 'Asia/Beijing'
        """
    ).fetchall()
    moments = [
        datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).hour
        for seconds, zone in rows
    ]

    assert len(moments) > 1_000
    assert min(moments) >= 8
    assert max(moments) < 22


def test_no_debtor_is_rung_more_than_three_times_on_one_day(book):
    most = one(
        book,
        """
        select max(calls) from (
            select count(distinct contact_id) as calls
            from contacts join (select distinct debtor_id, time_zone from debtors)
                using (debtor_id)
            where channel in ('call', 'ai_call') and direction = 'out'
              and time_zone is distinct from 'Asia/Beijing'
            group by debtor_id, ("at" at time zone coalesce(time_zone, 'Asia/Shanghai'))::date
        )
        """,
    )

    assert most == 3


def test_every_kind_of_hold_party_channel_and_status_occurs(tmp_path):
    build_bank(folder=tmp_path, loans=40_000, seed=SEED, as_of=AS_OF)
    wanted = {
        ("holds", "kind"),
        ("contacts", "channel"),
        ("contacts", "outcome"),
        ("contacts", "purpose"),
        ("contacts", "direction"),
        ("contracts", "status"),
        ("contracts", "security"),
        ("contracts", "previous_class"),
        ("debtors", "kind"),
        ("guarantors", "guarantee_kind"),
        ("payments", "kind"),
    }

    for table, column in wanted:
        values = pq.read_table(tmp_path / "book" / f"{table}.parquet", columns=[column])
        codes = set(BY_NAME[table].column(column).codes)

        assert codes <= set(values[column].unique().to_pylist()), (table, column)


def test_promises_are_kept_partly_kept_and_broken(book):
    kept, broken = book.execute(
        """
        with paid as (
            select promise_id, any_value(p.amount) as amount,
                   coalesce(sum(pay.amount) filter (
                       pay.paid_on between p.made_on and p.due_on), 0) as paid
            from promises p left join payments pay using (contract_id)
            where p.contract_id is not null and p.due_on < date '2026-11-20'
            group by all
        )
        select avg((paid >= amount)::int), avg((paid = 0)::int) from paid
        """
    ).fetchone()

    assert 0.1 < kept < 0.8
    assert 0.1 < broken < 0.8


def test_some_receipts_are_dated_after_the_business_date(book):
    later = one(book, "select count(*) from payments where paid_on > date '2026-11-20'")

    assert 0 < later < one(book, "select count(*) from payments") / 50


def test_contract_ids_are_in_byte_order_along_with_their_debtors(book):
    pairs = book.execute("select debtor_id, contract_id from contracts").fetchall()
    pairs = [pair for pair in pairs if pair[0] != "D000000000"]

    assert pairs == sorted(pairs)
