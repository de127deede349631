"""Changes of a day, drawn by luck, and the book that had them from the start."""

import random
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.book.contract import CHANNELS, HOLDS
from recoup.engine.day import (
    DayChanges,
    DayContact,
    DayHold,
    DayPromise,
    DayReceipt,
    PersonRows,
)
from recoup.kernel.money import exponent

Row = dict[str, object]


class Luck:
    """Draws changes for one person after another."""

    def __init__(self, *, seed: int, as_of: date) -> None:
        self._chance = random.Random(seed)
        self._as_of = as_of
        self._number = 0

    def changes(self, rows: PersonRows) -> DayChanges:
        """Changes of any sort; about a third of each, several contacts so that caps bind."""
        receipts = [one for one in self._receipts(rows) if self._chance.random() < 0.5]
        return DayChanges(
            receipts=tuple(receipts),
            reversed_payment_ids=frozenset(self._reversed(rows, receipts)),
            promises=tuple(self._promises(rows)),
            contacts=tuple(self._contacts(rows)),
            holds=tuple(self._holds(rows)),
            lifted_holds=tuple(self._lifted(rows)),
        )

    def _new_id(self, letter: str) -> str:
        self._number += 1
        return f"{letter}DAY{self._number:05d}"

    def _day(self, back: int) -> date:
        return self._as_of - timedelta(days=self._chance.randrange(-2, back))

    def _contract(self, rows: PersonRows) -> str | None:
        ids = [str(row["contract_id"]) for row in rows.contracts]
        return self._chance.choice([None, *ids])

    def _receipts(self, rows: PersonRows) -> Iterable[DayReceipt]:
        for row in rows.contracts:
            if row["bad_code"] is not None:
                continue
            own = [one for one in rows.instalments if one["loan"] == row["loan"]]
            due = sum(one["principal_minor"] + one["interest_minor"] for one in own)
            for share in self._chance.sample((3, 50, 100, 1100), 2):
                # 1100 thousandths settle the contract in full.
                yield DayReceipt(
                    payment_id=self._new_id("P"),
                    contract_id=str(row["contract_id"]),
                    paid_on=self._day(40),
                    amount_minor=max(1, due * share // 1000),
                    is_waiver=self._chance.random() < 0.2,
                )

    def _reversed(self, rows: PersonRows, receipts: list[DayReceipt]) -> Iterable[str]:
        fine = {row["loan"] for row in rows.contracts if row["bad_code"] is None}
        held = [
            str(row["payment_id"])
            for row in rows.payments
            if row["loan"] in fine and not row["is_reversed"]
        ]
        if held and self._chance.random() < 0.4:
            yield self._chance.choice(held[-5:])
        if receipts and self._chance.random() < 0.3:
            yield self._chance.choice(receipts).payment_id

    def _promises(self, rows: PersonRows) -> Iterable[DayPromise]:
        for _ in range(self._chance.choice([0, 0, 1, 2])):
            made_on = self._day(60)
            yield DayPromise(
                promise_id=self._new_id("Q"),
                contract_id=self._contract(rows),
                made_on=made_on,
                due_on=made_on + timedelta(days=self._chance.randrange(12)),
                amount_minor=self._chance.randrange(1, 40) * 10_000,
            )

    def _contacts(self, rows: PersonRows) -> Iterable[DayContact]:
        for _ in range(self._chance.choice([0, 0, 3, 12])):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=self._chance.randrange(1440))
            yield DayContact(
                contact_id=self._new_id("K"),
                contract_id=self._contract(rows),
                at=at + (self._day(9) - date(2026, 1, 1)),
                channel=self._chance.choice(["call", "call", "ai_call", "sms", "letter", "visit"]),
                direction=self._chance.choice(["out", "out", "out", "in"]),
                party=self._chance.choice([None, "debtor", "listed_contact"]),
                number=None,
                purpose=self._chance.choice([None, "collect", "service"]),
                outcome=self._chance.choice([None, "no_answer", "answered", "right_party"]),
            )

    def _holds(self, rows: PersonRows) -> Iterable[DayHold]:
        for kind in self._chance.sample(HOLDS, self._chance.choice([0, 0, 1, 2])):
            from_on = self._day(30)
            yield DayHold(
                kind=kind,
                contract_id=self._contract(rows),
                from_on=from_on,
                until_on=self._chance.choice([None, from_on + timedelta(days=20)]),
                channel=self._chance.choice([None, None, *CHANNELS]),
            )

    def _lifted(self, rows: PersonRows) -> Iterable[DayHold]:
        ids = {row["loan"]: str(row["contract_id"]) for row in rows.contracts}
        for row in rows.holds:
            if row["from_on"] <= self._as_of and self._chance.random() < 0.6:
                yield DayHold(
                    kind=str(row["kind"]),
                    contract_id=ids.get(row["loan"]),
                    from_on=row["from_on"],
                    until_on=row["until_on"],
                    channel=row["channel"],
                )


def changed_book(
    *,
    book: Path,
    into: Path,
    persons: Mapping[str, tuple[PersonRows, DayChanges]],
    as_of: date,
) -> Path:
    """Write a book that has all these changes in its files."""
    shutil.copytree(book, into)
    added: dict[str, list[Row]] = {"payments": [], "promises": [], "contacts": [], "holds": []}
    ended: set[tuple[object, ...]] = set()
    for debtor_id, (rows, changes) in persons.items():
        added["payments"] += [*_receipts(rows, changes), *_reversals(rows, changes, as_of)]
        added["promises"] += _promises(debtor_id, rows, changes)
        added["contacts"] += [{"debtor_id": debtor_id, **vars(one)} for one in changes.contacts]
        added["holds"] += [_hold(debtor_id, one) for one in changes.holds]
        ended |= {_hold_key(_hold(debtor_id, one)) for one in changes.lifted_holds}
    _end_holds(into / "holds.parquet", ended, as_of)
    for table, new in added.items():
        path = into / f"{table}.parquet"
        held = pq.read_table(path)
        pq.write_table(
            pa.concat_tables([held, pa.Table.from_pylist(new, schema=held.schema)]), path
        )
    return into


def _currencies(rows: PersonRows) -> dict[object, str]:
    return {row["contract_id"]: str(row["currency"]) for row in rows.contracts}


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def _receipts(rows: PersonRows, changes: DayChanges) -> list[Row]:
    currencies = _currencies(rows)
    return [
        {
            "payment_id": one.payment_id,
            "contract_id": one.contract_id,
            "paid_on": one.paid_on,
            "amount": _major(one.amount_minor, currencies[one.contract_id]),
            "kind": "waiver" if one.is_waiver else "receipt",
        }
        for one in changes.receipts
    ]


def _reversals(rows: PersonRows, changes: DayChanges, as_of: date) -> list[Row]:
    currencies = _currencies(rows)
    held = [(row["payment_id"], row["contract_id"], row["amount_minor"]) for row in rows.payments]
    held += [(one.payment_id, one.contract_id, one.amount_minor) for one in changes.receipts]
    return [
        {
            "payment_id": f"R-{payment_id}",
            "contract_id": contract_id,
            "paid_on": as_of,
            "amount": _major(amount, currencies[contract_id]),
            "kind": "receipt",
            "reverses": payment_id,
        }
        for payment_id, contract_id, amount in held
        if payment_id in changes.reversed_payment_ids
    ]


def _promises(debtor_id: str, rows: PersonRows, changes: DayChanges) -> list[Row]:
    currencies = _currencies(rows)
    # A promise that names no contract is in the currency that all contracts share, or in yuan.
    shared = set(currencies.values())
    common = shared.pop() if len(shared) == 1 else "CNY"
    return [
        {
            "promise_id": one.promise_id,
            "debtor_id": debtor_id,
            "contract_id": one.contract_id,
            "made_on": one.made_on,
            "due_on": one.due_on,
            "amount": _major(one.amount_minor, currencies.get(one.contract_id, common)),
        }
        for one in changes.promises
    ]


def _hold(debtor_id: str, hold: DayHold) -> Row:
    return {
        "debtor_id": debtor_id,
        "kind": hold.kind,
        "contract_id": hold.contract_id,
        "from": hold.from_on,
        "until": hold.until_on,
        "channel": hold.channel,
    }


def _hold_key(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("debtor_id", "kind", "contract_id", "from", "channel"))


def _end_holds(path: Path, ended: set[tuple[object, ...]], as_of: date) -> None:
    held = pq.read_table(path)
    rows = held.to_pylist()
    for row in rows:
        if _hold_key(row) in ended:
            row["until"] = min(row["until"] or as_of, as_of)
    pq.write_table(pa.Table.from_pylist(rows, schema=held.schema), path)
