"""What of this room is evidence: its postings, sealed day by day, and the statements of account."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC
from functools import cache, partial

from recoup.apps.ledger.models import Posting
from recoup.apps.ledger.queries import (
    NoNight,
    Statement,
    rules_in_force,
    sheet_of,
    statement,
)
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.queries import contracts_of, debtor
from recoup.documents.sheet import Sheet, sheet_pdf
from recoup.events.evidence import Paper, PaperAsked, SealSource
from recoup.kernel.explain import Words

_POSTING = (
    *("payment_id", "kind", "contract_id", "debtor_id", "currency", "amount_minor", "channel"),
    *("note", "reverses", "reverses_book", "idempotency_key", "approval_id", "made_by_id"),
)


def _content(row: Posting) -> dict[str, object]:
    return {
        **{name: getattr(row, name) for name in _POSTING},
        "paid_on": row.paid_on.isoformat(),
        "made_at": row.made_at.astimezone(UTC).isoformat(),
    }


SEALED = (
    SealSource(
        name="ledger",
        words=Words(zh="台账分录", en="postings of the ledger"),
        rows=Posting.objects.all,
        at="made_at",
        content=_content,
    ),
)


def statement_papers(asked: PaperAsked) -> Iterator[Paper]:
    """Yield the statement of account of each loan: as PDF, as CSV, and as JSON in minor units.

    A loan whose account cannot be counted has none; the list of what is missing says so.
    """
    try:
        rules_in_force()
    except NoNight:
        return
    title = "对账单" if asked.language == "zh" else "Statement of account"
    for loan in contracts_of((asked.debtor_id,)).get(asked.debtor_id, ()):
        counted = cache(partial(_counted, loan.contract_id, asked))
        for form, written in _FORMS.items() if not loan.bad_code else ():
            yield Paper(
                key=f"ledger.statement:{loan.contract_id}:{form}",
                title=f"{title} {loan.contract_id} ({form.upper()})",
                file=f"statement-{loan.contract_id}.{form}",
                at=asked.at,
                content=partial(_written, written, counted),
                shows=("statement",) if form == "pdf" else (),
            )


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """One statement with its words."""

    statement: Statement
    sheet: Sheet


def _counted(contract_id: str, asked: PaperAsked) -> _Counted:
    found = statement(actor=MACHINE, contract_id=contract_id, at=asked.at)
    name = debtor(MACHINE, asked.debtor_id).name
    return _Counted(
        statement=found, sheet=sheet_of(statement=found, debtor=name, language=asked.language)
    )


def _written(form: Callable[[_Counted], bytes], counted: Callable[[], _Counted]) -> bytes:
    return form(counted())


def _pdf(found: _Counted) -> bytes:
    return sheet_pdf(sheet=found.sheet, at=found.statement.at)


def _json(found: _Counted) -> bytes:
    plain = json.dumps(
        asdict(found.statement), ensure_ascii=False, indent=1, sort_keys=True, default=str
    )
    return plain.encode() + b"\n"


def _csv(found: _Counted) -> bytes:
    sheet = found.sheet
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(sheet.headings)
    for row in sheet.rows:
        table.writerow(("", *row.cells) if len(row.cells) == 1 else row.cells)
    return written.getvalue().encode("utf-8-sig")


_FORMS: Mapping[str, Callable[[_Counted], bytes]] = {"pdf": _pdf, "csv": _csv, "json": _json}
