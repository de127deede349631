"""The night as a bank's engineer meets it: files in, results out, exit statuses, the same bytes."""

import json
import random
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.book.books import Book, a_book, write_csv, write_parquet
from tests.engine.stories import AS_OF, Loan, book_of, debtor, decided, run

from recoup.site.cli import main

RESULTS = ("decisions.parquet", "people.parquet", "worklist.parquet")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo bank."""
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--loans", "2000", "--seed", "3", "--out", str(folder)]) == 0
    return folder / "book"


@pytest.fixture(scope="module")
def result(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The night on it."""
    out = tmp_path_factory.mktemp("result") / "out"
    run(demo, out, "--threads", "2", status=1)
    return out


def _bytes(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in RESULTS]


def test_one_thread_gives_the_same_bytes_as_two(demo: Path, result: Path, tmp_path: Path) -> None:
    run(demo, tmp_path / "out", "--threads", "1", status=1)

    assert _bytes(tmp_path / "out") == _bytes(result)


def test_the_order_of_rows_changes_nothing(demo: Path, result: Path, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    chance = random.Random(5)
    for file in demo.glob("*.parquet"):
        table = pq.read_table(file)
        order = list(range(table.num_rows))
        chance.shuffle(order)
        pq.write_table(table.take(order), tmp_path / "book" / file.name)

    run(tmp_path / "book", tmp_path / "out", status=1)

    assert _bytes(tmp_path / "out") == _bytes(result)


def test_csv_and_parquet_of_one_book_give_the_same_bytes(tmp_path: Path) -> None:
    run(write_csv(a_book(), tmp_path / "csv"), tmp_path / "out1")
    run(write_parquet(a_book(), tmp_path / "parquet"), tmp_path / "out2")
    run(write_csv(a_book(), tmp_path / "gb", suffix=".csv.gz", encoding="gb18030"), tmp_path / "o3")

    assert _bytes(tmp_path / "out1") == _bytes(tmp_path / "out2") == _bytes(tmp_path / "o3")


def test_contract_ids_out_of_debtor_order_still_come_sorted(tmp_path: Path) -> None:
    debtors = [debtor("A", "retail"), debtor("B", "retail")]
    loans = [Loan("Z9", "A", 5), Loan("C1", "B", 10), Loan("M5", "A", 0)]

    rows = decided(book_of(debtors=debtors, loans=loans), tmp_path)

    assert list(rows) == ["C1", "M5", "Z9"]
    assert [row["dpd"] for row in rows.values()] == [10, 0, 5]


def test_every_accepted_contract_is_decided_once_and_every_debtor_listed(
    demo: Path, result: Path
) -> None:
    manifest = json.loads((result / "manifest.json").read_text())
    decisions = pq.read_table(result / "decisions.parquet")
    people = pq.read_table(result / "people.parquet")

    ids = decisions.column("contract_id").to_pylist()

    assert ids == sorted(set(ids))
    assert len(ids) == pq.read_metadata(result / "book" / "contracts.parquet").num_rows
    assert people.num_rows == pq.read_metadata(result / "book" / "debtors.parquet").num_rows
    assert manifest["results"]["decisions.parquet"]["rows"] == len(ids)
    assert sum(row["contracts"] for row in people.to_pylist()) == len(ids)


def test_the_worklist_has_one_line_a_person_within_capacity_and_in_order(result: Path) -> None:
    lines = pq.read_table(result / "worklist.parquet").to_pylist()
    manifest = json.loads((result / "manifest.json").read_text())
    people = {row["debtor_id"]: row for row in pq.read_table(result / "people.parquet").to_pylist()}

    debtors = [line["debtor_id"] for line in lines]

    assert lines
    assert len(debtors) == len(set(debtors))
    for team, capacity in manifest["capacity"].items():
        own = [line for line in lines if line["team"] == team]
        assert len(own) <= capacity
        assert [line["rank"] for line in own] == list(range(1, len(own) + 1))
        priorities = [line["priority"] for line in own]
        assert priorities == sorted(priorities, reverse=True)
    for line in lines:
        assert people[line["debtor_id"]]["treatment"] == line["treatment"] != "no_action"
        assert line["due"] == date(2026, 11, 21)
        assert all(":" in row for row in line["why"])
        assert line["why_zh"]
        assert line["why_en"]


def test_nobody_on_the_worklist_is_blocked(result: Path) -> None:
    lines = {row["debtor_id"] for row in pq.read_table(result / "worklist.parquet").to_pylist()}
    blocked = {
        row["debtor_id"]
        for row in pq.read_table(result / "people.parquet").to_pylist()
        if row["blocked_by"] and row["channel"] is None and row["treatment"] != "legal_review"
    }

    assert blocked
    assert not lines & blocked


def _held(tmp_path: Path, kind: str, **more: str | None) -> dict[str, object]:
    hold = {"debtor_id": "D1", "kind": kind, "contract_id": None, "from": "2026-11-01"}
    book = book_of(
        debtors=[debtor("D1", "retail")],
        loans=[Loan("C1", "D1", 20, product="consumer_loan")],
        holds=[{**hold, "until": None, "channel": None, **more}],
    )
    return decided(book, tmp_path)["C1"]


@pytest.mark.parametrize("kind", ["dispute", "complaint", "do_not_contact", "plan_active"])
def test_a_hold_blocks_and_the_row_says_which(tmp_path: Path, kind: str) -> None:
    row = _held(tmp_path, kind)

    assert row["channel"] is None
    assert any(kind.upper().split("_")[0] in one for one in row["blocked_by"])


def test_a_hold_that_has_ended_blocks_nothing(tmp_path: Path) -> None:
    row = _held(tmp_path, "complaint", until="2026-11-20")

    assert row["blocked_by"] == []
    assert row["channel"] is not None


def test_a_hold_on_a_later_day_blocks_nothing_yet(tmp_path: Path) -> None:
    row = _held(tmp_path, "complaint", **{"from": "2026-11-21"})

    assert row["blocked_by"] == []


@pytest.mark.parametrize(
    ("table", "row", "source"),
    [
        ("holds", {"debtor_id": "D1", "kind": "complaint", "from": "lately"}, "BOOK:unread_holds"),
        (
            "contacts",
            {
                "contact_id": "K1",
                "debtor_id": "D1",
                "at": "yesterday",
                "channel": "call",
                "direction": "out",
            },
            "BOOK:unread_contacts",
        ),
    ],
)
def test_a_hold_or_contact_that_cannot_be_read_refuses_contact(
    tmp_path: Path, table: str, row: dict[str, str], source: str
) -> None:
    book = book_of(
        debtors=[debtor("D1", "retail"), debtor("D2", "retail")],
        loans=[Loan("C1", "D1", 20), Loan("C2", "D2", 20)],
        **{table: [row]},
    )

    rows = decided(book, tmp_path, status=1)

    assert source in rows["C1"]["blocked_by"]
    assert rows["C1"]["channel"] is None
    assert rows["C2"]["blocked_by"] == []


def test_caps_count_per_person_over_all_contracts(tmp_path: Path) -> None:
    calls = [
        {
            "contact_id": f"K{number}",
            "debtor_id": "D1",
            "contract_id": f"C{1 + number % 2}",
            "at": f"2026-11-{15 + number % 5}T10:00:00+08:00",
            "channel": "call",
            "direction": "out",
            "outcome": "no_answer",
        }
        for number in range(7)
    ]
    debtors = [debtor("D1", "retail"), debtor("D2", "retail")]
    loans = [Loan("C1", "D1", 70), Loan("C2", "D1", 70), Loan("C3", "D2", 70)]
    book = book_of(debtors=debtors, loans=loans, contacts=calls)

    rows = decided(book, tmp_path)

    assert [rows[name]["contacts_7d_call"] for name in ("C1", "C2", "C3")] == [7, 7, 0]
    assert "EX-CAP-CALL" in rows["C1"]["blocked_by"] or rows["C1"]["channel"] not in (None, "call")
    people = pq.read_table(tmp_path / "out" / "people.parquet").to_pylist()
    assert "call" not in people[0]["permitted_channels"]
    assert "call" in people[1]["permitted_channels"]


def test_the_next_permitted_instant_is_after_quiet_hours_where_the_person_lives(
    tmp_path: Path,
) -> None:
    debtors = [
        debtor("D1", "retail", time_zone="Asia/Shanghai"),
        debtor("D2", "retail", time_zone="America/New_York"),
    ]
    book = book_of(debtors=debtors, loans=[Loan("C1", "D1", 20), Loan("C2", "D2", 20)])

    decided(book, tmp_path)

    people = pq.read_table(tmp_path / "out" / "people.parquet").to_pylist()
    instants = [row["next_permitted_at"].isoformat() for row in people]
    assert instants == ["2026-11-21T00:00:00+00:00", "2026-11-21T13:00:00+00:00"]


def test_a_refused_row_leaves_its_contract_unknown_and_the_others_decided(tmp_path: Path) -> None:
    loans = [Loan("C1", "D1", 50), Loan("C2", "D1", 50)]
    book = book_of(debtors=[debtor("D1", "retail")], loans=loans)
    book["instalments"][0]["due_date"] = "soon"

    rows = decided(book, tmp_path, "--go-on", status=1)

    assert rows["C1"]["asset_class"] == "unknown"
    assert rows["C1"]["dpd"] is None
    assert rows["C1"]["asset_class_unknown_why"] == "rows_refused"
    assert (rows["C1"]["treatment"], rows["C1"]["channel"]) == ("check_data", None)
    assert rows["C2"]["asset_class"] == "special_mention"


def test_too_many_bad_rows_stop_the_night_and_the_rejects_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_of(debtors=[debtor("D1", "retail")], loans=[Loan("C1", "D1", 50)])
    book["instalments"][0]["due_date"] = "soon"

    run(write_csv(book, tmp_path / "book"), tmp_path / "out", status=3)

    said = capsys.readouterr().err
    kept = tmp_path / "out.rejects.parquet"
    assert not (tmp_path / "out").exists()
    assert str(kept) in said
    assert pq.read_table(kept).column("value").to_pylist()[0] == "soon"

    book["instalments"][0]["due_date"] = "2026-11-01"
    run(write_csv(book, tmp_path / "book"), tmp_path / "out", status=0)

    assert not kept.exists()


def test_a_silent_pack_leaves_classes_unknown_and_refuses_contact(tmp_path: Path) -> None:
    loan = Loan("C1", "D1", -5000, extra=(("start_date", "2009-01-01"),))
    book = book_of(debtors=[debtor("D1", "retail")], loans=[loan])
    book["instalments"][0]["due_date"] = "2010-05-01"

    row = decided(book, tmp_path, as_of=date(2010, 6, 1))["C1"]

    assert row["dpd"] == 31
    assert row["asset_class"] == "unknown"
    assert row["asset_class_unknown_why"] == "pack_silent"


def test_claims_in_two_currencies_need_a_rate_only_where_it_could_matter(tmp_path: Path) -> None:
    def claims(second_dpd: int) -> Book:
        loans = [Loan("C1", "D1", 0), Loan("C2", "D1", second_dpd)]
        book = book_of(debtors=[debtor("D1", "non_retail")], loans=loans)
        book["contracts"][1]["currency"] = "USD"
        return book

    calm = decided(claims(0), tmp_path / "calm")
    late = decided(claims(100), tmp_path / "late")
    rates = [{"currency": "USD", "on": "2026-11-19", "to_base": "7.1"}]
    known = decided({**claims(100), "rates": rates}, tmp_path / "known")

    assert calm["C1"]["asset_class"] == "normal"
    assert late["C1"]["asset_class"] == "unknown"
    assert late["C1"]["asset_class_unknown_why"] == "shares_unknown"
    assert late["C2"]["asset_class"] == "substandard"
    assert known["C1"]["asset_class_rules"] == ["CN-CLS-08"]
    assert known["C2"]["exposure_base_minor"] == 710_000


def test_the_calendar_of_the_pack_moves_due_days_only_where_it_says_so(tmp_path: Path) -> None:
    book = book_of(debtors=[debtor("D1", "retail")], loans=[Loan("C1", "D1", 5)])
    book["instalments"][0]["due_date"] = "2026-11-15"  # a Sunday

    china = decided(book, tmp_path / "cn")
    zedland = decided(book, tmp_path / "zz", pack="zz")

    assert china["C1"]["dpd"] == 5
    assert zedland["C1"]["dpd"] == 4


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--as-of", "20.11.2026"], 2),
        (["--pack", "nowhere"], 2),
        (["--strategy", "none"], 2),
        (["--max-bad", "lots"], 2),
        (["--memory", "2 apples"], 2),
        (["--book", "/nowhere/at/all"], 3),
    ],
)
def test_a_wrong_call_is_told_from_a_refusal(
    tmp_path: Path, options: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    book = write_csv(a_book(), tmp_path / "book")
    given = {
        "--book": str(book),
        "--as-of": AS_OF.isoformat(),
        "--pack": "cn",
        "--strategy": "example",
        "--out": str(tmp_path / "out"),
    }
    given[options[0]] = options[1]
    call = ["night", *(word for pair in given.items() for word in pair)]

    try:
        found = main(call)
    except SystemExit as stop:
        found = stop.code

    assert found == status
    assert capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_result_keeps_the_law_it_was_decided_under(result: Path) -> None:
    manifest = json.loads((result / "manifest.json").read_text())

    for part in ("pack", "strategy"):
        kept = result / "policy" / part / manifest[part]["id"]
        assert kept.is_dir()
        assert len(manifest[part]["content_hash"]) == 64
    assert len(manifest["inputs"]) >= 8
    assert set(manifest["seconds"]) >= {"take_in", "trace", "flow", "rank", "report"}
