"""Brings the contacts of the bank's book into the records, for people in arrears.

The gate counts them and the timeline shows them. A contact is a fact that does not change: only
rows whose key is not there yet are added. Contacts of people who owe nothing stay in the book.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.apps.contacts.models import Contact

#: How many days of history come along when a person first falls into arrears.
HISTORY_DAYS = 183
ROWS_TOGETHER = 5_000
OWN = "desk-"
COLUMNS = (
    *("contact_id", "person", "loan", "at", "channel", "direction"),
    *("party", "number", "purpose", "outcome", "local_on"),
)


def bring_contacts(*, result: Path, as_of: date, debtor_ids: frozenset[str], at: datetime) -> int:
    """Add the contacts of some people that a night's book has and the records have not.

    Shape: ``result`` is the folder of the night. Yields how many were added.
    """
    book = result / "book"
    if not debtor_ids or not (book / "contacts.parquet").exists():
        return 0
    people = pq.read_table(book / "debtors.parquet", columns=["person", "debtor_id"])
    wanted = people.filter(pc.is_in(people["debtor_id"], pa.array(sorted(debtor_ids))))
    names = dict(zip(wanted["person"].to_pylist(), wanted["debtor_id"].to_pylist(), strict=True))
    loans = _loans(book, pa.array(sorted(names), pa.int32()))
    since = as_of - timedelta(days=HISTORY_DAYS)
    held = pa.array(
        list(
            Contact.objects.exclude(book_contact_id=None)
            .filter(at__date__gte=since - timedelta(days=2))
            .values_list("book_contact_id", flat=True)
        ),
        pa.string(),
    )
    added = 0
    rows = _rows(book / "contacts.parquet", set(names), since, held)
    while together := list(islice(rows, ROWS_TOGETHER)):
        _own_ones(row["contact_id"] for row in together)
        made = [
            _contact(row, names[row["person"]], loans.get(row["loan"], ""), at)
            for row in together
            if not row["contact_id"].startswith(OWN)
        ]
        Contact.objects.bulk_create(made, ignore_conflicts=True)
        added += len(made)
    return added


def _loans(book: Path, persons: pa.Array) -> dict[int | None, str]:
    table = pq.read_table(book / "contracts.parquet", columns=["loan", "person", "contract_id"])
    own = table.filter(pc.is_in(table["person"], persons))
    return dict(zip(own["loan"].to_pylist(), own["contract_id"].to_pylist(), strict=True))


def _rows(file: Path, persons: set[int], since: date, held: pa.Array) -> Iterator[dict[str, Any]]:
    """Yield the rows to add, one row group of the file at a time."""
    wanted = pa.array(sorted(persons), pa.int32())
    parquet = pq.ParquetFile(file)
    for group in range(parquet.num_row_groups):
        table = parquet.read_row_group(group, columns=list(COLUMNS))
        table = table.filter(pc.is_in(table["person"], wanted))
        table = table.filter(pc.greater_equal(table["local_on"], pa.scalar(since)))
        if table.num_rows and len(held):
            table = table.filter(pc.invert(pc.is_in(table["contact_id"], held)))
        yield from table.to_pylist()


def _own_ones(contact_ids: Iterator[str]) -> None:
    """Mark desk contacts that the bank's book has meanwhile under the desk's own reference."""
    for contact_id in contact_ids:
        key = contact_id.removeprefix(OWN)
        if contact_id.startswith(OWN) and key.isdigit():
            Contact.objects.filter(pk=int(key)).update(book_contact_id=contact_id)


def _contact(row: dict[str, Any], debtor_id: str, contract_id: str, at: datetime) -> Contact:
    return Contact(
        debtor_id=debtor_id,
        contract_id=contract_id,
        at=row["at"],
        channel=row["channel"],
        direction=row["direction"],
        party=row["party"] or "",
        number=row["number"] or "",
        purpose=row["purpose"] or "",
        outcome=row["outcome"] or "",
        book_contact_id=row["contact_id"],
        recorded_at=at,
    )
