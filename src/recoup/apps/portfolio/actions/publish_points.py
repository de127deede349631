"""Brings the book's holds, numbers and addresses into the records beside those of the desk."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from recoup.apps.portfolio.models import ContactPoint, Hold
from recoup.apps.portfolio.publishing.comparing import compare
from recoup.apps.portfolio.queries.debtors import BOOK_SOURCE
from recoup.records.bulk import Bulk, Target

POINTS = Target(
    model=ContactPoint,
    key=("debtor_id", "kind", "value", "party"),
    given=(("note", "''"), ("basis", "''"), ("version", "1")),
)
_POINT_KEY = ("debtor_id", "kind", "value")


def publish_contact_points(into: Bulk, coming: pa.Table) -> Mapping[str, int]:
    """Write the book's numbers and addresses; what the desk judged of them stays.

    A number that the book no longer has goes, unless staff had added it themselves.
    """
    stored = into.read(
        f'SELECT "debtor_id", "kind", "value" FROM {POINTS.table} WHERE "from_night"',
        pa.schema([(name, pa.string()) for name in _POINT_KEY]),
    )
    found = compare(coming=_marked(coming), stored=_marked(stored), key=_POINT_KEY)
    gone = found.gone.append_column("party", pa.repeat("debtor", found.gone.num_rows))
    into.update(POINTS, gone, "from_night = FALSE")
    ContactPoint.objects.filter(from_night=False, added_by=None).delete()
    rows = found.write.select(list(_POINT_KEY))
    for name, value in (("party", "debtor"), ("source", BOOK_SOURCE), ("from_night", True)):
        rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
    into.upsert(POINTS, rows)
    return found.counts


def _marked(rows: pa.Table) -> pa.Table:
    return rows.append_column("row_hash", pa.repeat(pa.scalar(1, pa.int64()), rows.num_rows))


_Key = tuple[str, str, str, date, str]


def publish_holds(coming: pa.Table, *, as_of: date) -> Mapping[str, int]:
    """Write the book's holds. A hold of the desk that the book has now is the book's from then on.

    A hold that the book no longer has goes; one that staff had set stays as the desk's own only
    while it is not lifted. One that hangs on a record of the desk is never the book's.
    """
    wanted = {_key(row): row for row in coming.to_pylist()}
    counts = {"new": 0, "changed": 0, "gone": 0, "same": 0}
    for row in Hold.objects.filter(kept_by="").iterator(chunk_size=2000):
        key = (row.debtor_id, row.contract_id, row.kind, row.from_on, row.channel)
        told = wanted.pop(key, None)
        if told is None:
            if row.from_night:
                row.delete()
                counts["gone"] += 1
            continue
        if row.from_night and row.until_on == told["until_on"]:
            counts["same"] += 1
            continue
        row.from_night, row.until_on = True, told["until_on"]
        row.as_of, row.source_row = as_of, told["source_row"]
        row.save(update_fields=("from_night", "until_on", "as_of", "source_row"))
        counts["changed"] += 1
    Hold.objects.bulk_create(
        [Hold(from_night=True, as_of=as_of, **told) for told in wanted.values()], batch_size=1000
    )
    counts["new"] += len(wanted)
    return counts


def _key(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("debtor_id", "contract_id", "kind", "from_on", "channel"))
