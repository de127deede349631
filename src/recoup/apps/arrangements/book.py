"""The promises of the published night's book, matched by the compiled loop, as records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from recoup.apps.arrangements.matching import named
from recoup.apps.ledger.queries import rules_in_force
from recoup.apps.portfolio.queries import current_result
from recoup.engine.promise_book import DeskRows, promises_matched
from recoup.engine.promising import Tolerance


@dataclass(frozen=True, kw_only=True)
class BookPromise:
    """A promise of the book or of the desk, and what became of it by the business date."""

    promise_id: str
    debtor_id: str
    contract_id: str | None
    currency: str
    made_on: date
    due_on: date
    amount_minor: int
    matched_minor: int
    status: str
    in_book: bool


def book_promises(*, desk: DeskRows) -> Sequence[BookPromise]:
    """Yield every promise of the published night and of the desk, matched together."""
    result, rules = current_result(), rules_in_force()
    if result is None:
        return ()
    forgiven = rules.strategy.promise_tolerance
    table = promises_matched(
        result=result,
        as_of=rules.as_of,
        tolerance=Tolerance(days=forgiven.days, ppm=forgiven.ppm),
        base_currency=rules.pack.base_currency,
        desk=desk,
    )
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    columns["status"] = [named(status) for status in columns["status"]]
    names = list(columns)
    return [
        BookPromise(**dict(zip(names, values, strict=True)))
        for values in zip(*columns.values(), strict=True)
    ]
