"""Generated books, decided by the night and lived through day by day: the same figures.

Every example is a book with what banks trip over: leap days, days of rest, receipts on the due day,
nothing to pay, money paid ahead, reversals, waivers, several currencies, many receipts on one day.
``RECOUP_EXAMPLES`` asks for more of them (``make unbroken``).
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.book.books import Book, write_csv
from tests.conformance.day_by_day import Due, Receipt, bucket, least_class, lived

from recoup.policy.locate import packs_folder
from recoup.site.cli import main

EXAMPLES = int(os.environ.get("RECOUP_EXAMPLES", "5"))
#: From so many on they are drawn by chance, and a book that fails is made small.
MANY = 100
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
DIGITS = {"CNY": 2, "JPY": 0, "KWD": 3, "USD": 2}
RATES = {"JPY": "0.0482", "KWD": "23.1", "USD": "7.1"}
#: Business dates by pack: a leap day, the day after it, a month's end, a day of rest.
DAYS = {
    "cn": (date(2024, 2, 29), date(2025, 3, 1), date(2026, 11, 20)),
    "zz": (date(2024, 2, 29), date(2025, 10, 16), date(2026, 1, 1)),
}
CARD_LATE_FROM = {"cn": 91, "zz": 61}
#: From this day on claims are classified by the new law at once; older ones by the end of 2025.
NEW_LAW, ALL_BY_NEW_LAW = date(2023, 7, 1), date(2026, 1, 1)
CARD, LOAN = "credit_card", "consumer_loan"


@dataclass(frozen=True)
class Story:
    """One contract: whose, in what, its schedule, what was paid."""

    debtor: int
    product: str
    currency: str
    dues: tuple[Due, ...]
    receipts: tuple[Receipt, ...]

    @property
    def start_on(self) -> date:
        """The day after the law changed, or earlier where something happened before it."""
        days = (*(one.due_on for one in self.dues), *(one.paid_on for one in self.receipts))
        return min((NEW_LAW, *days))


def _amounts(most: int) -> st.SearchStrategy[int]:
    return st.one_of(st.just(0), st.integers(1, 9), st.integers(100, most))


@st.composite
def _stories(draw: st.DrawFn, as_of: date) -> Story:
    """One contract; half of the receipts pay an instalment to the cent, near its due day."""
    back = draw(st.sampled_from([20, 70, 130, 400, 800]))
    step = draw(st.sampled_from([0, 1, 7, 28, 31, 90]))
    dues = []
    for seq in range(1, draw(st.integers(1, 7)) + 1):
        due_on = as_of - timedelta(days=back) + timedelta(days=step * (seq - 1))
        parts = [draw(_amounts(90_000)), draw(_amounts(2_000)), draw(st.sampled_from([0, 0, 50]))]
        dues.append(Due(seq, due_on, *parts))
    receipts = []
    for number in range(draw(st.integers(0, 8))):
        near = draw(st.sampled_from(dues))
        exact = near.total() > 0 and draw(st.booleans())
        away = draw(st.sampled_from([-400, -30, -1, 0, 0, 0, 1, 2, 30, 31, 91, 92, 121, 200]))
        receipts.append(
            Receipt(
                payment_id=f"{number}",
                paid_on=near.due_on + timedelta(days=away),
                amount=near.total() if exact else draw(st.integers(1, 200_000)),
                is_waiver=draw(st.sampled_from([False, False, False, True])),
                is_reversed=draw(st.sampled_from([False, False, False, True])),
            )
        )
    return Story(
        debtor=draw(st.integers(0, 4)),
        product=draw(st.sampled_from([CARD, LOAN])),
        currency=draw(st.sampled_from(["CNY", "CNY", "JPY", "KWD", "USD"])),
        dues=tuple(dues),
        receipts=tuple(receipts),
    )


@st.composite
def _books(draw: st.DrawFn, pack: str) -> tuple[date, list[Story]]:
    as_of = draw(st.sampled_from(DAYS[pack]))
    return as_of, draw(st.lists(_stories(as_of), min_size=4, max_size=16))


def _major(minor: int, currency: str) -> str:
    digits = DIGITS[currency]
    return f"{minor // 10**digits}.{minor % 10**digits:0{digits}d}" if digits else str(minor)


def book_of(stories: list[Story]) -> Book:
    """The stories as a bank would deliver them; even debtors are retail, odd ones companies."""
    debtors = sorted({story.debtor for story in stories})
    book: Book = {
        "debtors": [
            {"debtor_id": f"D{number}", "kind": "non_retail" if number % 2 else "retail"}
            for number in debtors
        ],
        "contracts": [],
        "instalments": [],
        "payments": [],
        "rates": [
            {"currency": currency, "on": "2020-01-01", "to_base": rate}
            for currency, rate in RATES.items()
        ],
    }
    for place, story in enumerate(stories):
        _deliver(book, f"C{place:05d}", story)
    return book


def _deliver(book: Book, name: str, story: Story) -> None:
    currency = story.currency
    book["contracts"].append(
        {
            "contract_id": name,
            "debtor_id": f"D{story.debtor}",
            "product": story.product,
            "currency": currency,
            "principal": _major(sum(one.principal for one in story.dues), currency),
            "start_date": story.start_on.isoformat(),
        }
    )
    for due in story.dues:
        parts = {
            part: _major(getattr(due, part), currency) for part in ("principal", "interest", "fee")
        }
        row = {"contract_id": name, "seq": str(due.seq), "due_date": due.due_on.isoformat()}
        book["instalments"].append({**row, **parts})
    for one in story.receipts:
        row = {
            "payment_id": f"{name}-{one.payment_id}",
            "contract_id": name,
            "paid_on": one.paid_on.isoformat(),
            "amount": _major(one.amount, currency),
        }
        kind = "waiver" if one.is_waiver else "receipt"
        book["payments"].append({**row, "kind": kind, "reverses": None})
        if one.is_reversed:
            undo = {"payment_id": f"{name}-{one.payment_id}-undone", "kind": kind}
            book["payments"].append({**row, **undo, "reverses": row["payment_id"]})


def rest_days_of(pack: str) -> set[date]:
    """The days of rest that the pack's calendar file names, and its weekends."""
    if pack == "cn":
        return set()  # nothing moves an agreed due day there
    file = packs_folder() / pack / "calendars" / "days-of-rest.yaml"
    # All as text: to an older reader of YAML the key "off" would be a falsehood.
    told = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    found: set[date] = set()
    for year, days in told["years"].items():
        for one in days["off"]:
            first, last = one.get("first") or one["on"], one.get("last") or one["on"]
            found |= set(_span(date.fromisoformat(first), date.fromisoformat(last)))
        worked = {date.fromisoformat(day) for day in days["working_weekends"]}
        whole_year = _span(date(int(year), 1, 1), date(int(year), 12, 31))
        found |= {day for day in whole_year if day.weekday() >= 5} - worked
    return found


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def compared(stories: list[Story], *, pack: str, as_of: date, folder: Path) -> list[str]:
    """Run the night over the stories; yield a line for every cell that life says otherwise."""
    book = book_of(stories)
    if not book["payments"]:
        book["payments"].append(
            {
                "payment_id": "late",
                "contract_id": "C00000",
                "paid_on": (as_of + timedelta(days=1)).isoformat(),
                "amount": "1",
                "kind": None,
                "reverses": None,
            }
        )
    call = ["night", "--book", str(write_csv(book, folder / "book")), "--as-of", str(as_of)]
    status = main([*call, "--pack", pack, "--out", str(folder / "out"), "--quiet"])
    assert status == 0, pq.read_table(folder / "out" / "rejects.parquet").to_pylist()
    rest = rest_days_of(pack)

    def moved(day: date) -> date:
        while day in rest:
            day += timedelta(days=1)
        return day

    found = []
    decisions = pq.read_table(folder / "out" / "decisions.parquet").to_pylist()
    for place, (story, row) in enumerate(zip(stories, decisions, strict=True)):
        assert row["contract_id"] == f"C{place:05d}"
        life = lived(
            dues=story.dues,
            receipts=story.receipts,
            as_of=as_of,
            is_card=story.product == CARD,
            card_late_from=CARD_LATE_FROM[pack],
            moved=moved,
        )
        life["bucket"] = bucket(int(str(life["dpd"])))
        found += [
            f"{row['contract_id']} {name}: night {row[name]}, life {value}"
            for name, value in life.items()
            if row[name] != value
        ]
        if pack == "cn" and (story.start_on >= NEW_LAW or as_of >= ALL_BY_NEW_LAW):
            found += _classes(story, row)
    return found


def _classes(story: Story, row: dict[str, object]) -> list[str]:
    """Retail claims have the class of their days; companies' claims at least that."""
    own = least_class(int(str(row["dpd"])), is_card=story.product == CARD)
    night = str(row["asset_class"])
    right = night == own if story.debtor % 2 == 0 else night in CLASSES[CLASSES.index(own) :]
    return [] if right else [f"{row['contract_id']} class: night {night}, by days {own}"]


@pytest.mark.parametrize("pack", ["cn", "zz"])
def test_a_generated_book_has_the_figures_that_living_through_it_gives(pack: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=EXAMPLES < 100,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(book=_books(pack))
    def same(book: tuple[date, list[Story]]) -> None:
        as_of, stories = book
        with tempfile.TemporaryDirectory() as folder:
            assert compared(stories, pack=pack, as_of=as_of, folder=Path(folder)) == []

    same()


def test_one_debtor_with_thousands_of_contracts_and_one_contract_with_thousands_of_receipts(
    tmp_path: Path,
) -> None:
    as_of = date(2026, 11, 20)
    many = [
        Story(
            debtor=0,
            product=LOAN,
            currency="CNY",
            dues=(Due(1, as_of - timedelta(days=number % 120 - 20), 10_000 + number, 7),),
            receipts=(Receipt("1", as_of - timedelta(days=number % 50), 5_000 + number % 7_000),)
            if number % 3
            else (),
        )
        for number in range(5_000)
    ]
    first = date(2025, 1, 1)
    long = Story(
        debtor=2,
        product=CARD,
        currency="KWD",
        dues=tuple(Due(seq, first + timedelta(days=seq), 900, 90, 9) for seq in range(1, 601)),
        receipts=tuple(
            Receipt(f"{number:05d}", first + timedelta(days=(number * 7) // 290), 1 + number % 50)
            for number in range(20_000)
        ),
    )

    assert compared([*many, long], pack="cn", as_of=as_of, folder=tmp_path) == []


def test_a_contract_without_a_schedule_is_unknown_and_never_called_not_overdue(
    tmp_path: Path,
) -> None:
    stories = [
        Story(
            0, LOAN, "CNY", (Due(1, date(2026, 11, 1), 100),), (Receipt("1", date(2026, 11, 1), 9),)
        ),
        Story(2, LOAN, "CNY", (), ()),
    ]
    book = write_csv(book_of(stories), tmp_path / "book")
    call = ["night", "--book", str(book), "--as-of", "2026-11-20", "--out", str(tmp_path / "out")]

    status = main([*call, "--go-on", "--quiet"])

    rows = pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()
    assert status == 1
    assert [row["asset_class"] for row in rows] == ["special_mention", "unknown"]
    assert [row["dpd"] for row in rows] == [19, None]
