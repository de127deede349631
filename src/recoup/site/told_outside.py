"""Which facts the bank's other systems are told by web hook, and in which words."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from recoup.api.hooks import tell_hooks
from recoup.apps.arrangements import events as arrangements
from recoup.apps.cases import events as cases
from recoup.apps.complaints import events as complaints
from recoup.apps.ledger import events as ledger
from recoup.apps.portfolio import events as portfolio
from recoup.events.bus import listen

#: Persons named in one letter; a night that opens thousands of cases writes several.
MOST_NAMED = 500
KINDS: dict[type[Any], str] = {
    cases.CaseAssigned: "case.assigned",
    cases.CaseStatusChanged: "case.status_changed",
    arrangements.PromiseRecorded: "promise.recorded",
    arrangements.PromiseKept: "promise.kept",
    arrangements.PromisePartlyKept: "promise.partly_kept",
    arrangements.PromiseBroken: "promise.broken",
    arrangements.PromiseReopened: "promise.reopened",
    ledger.ReceiptPosted: "receipt.posted",
    ledger.ReceiptReversed: "receipt.reversed",
    portfolio.DebtorRedecided: "decision.changed",
    complaints.ComplaintReceived: "complaint.received",
    complaints.ComplaintAnswered: "complaint.answered",
    complaints.ComplaintEscalated: "complaint.escalated",
}


def plain(value: object) -> object:
    """Yield a value as JSON knows it; days and instants as ISO text."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _teller(kind: str) -> Callable[[Any], None]:
    def tell(event: Any) -> None:
        payload = {name: plain(value) for name, value in asdict(event).items()}
        tell_hooks(kind=kind, payload=payload, at=event.at)

    return tell


def _tell_case(kind: str, debtor_ids: tuple[str, ...], *, on: date, at: datetime) -> None:
    for first in range(0, len(debtor_ids), MOST_NAMED):
        named = list(debtor_ids[first : first + MOST_NAMED])
        tell_hooks(kind=kind, payload={"debtor_ids": named, "on": on.isoformat()}, at=at)


def _opened(event: cases.CaseOpened) -> None:
    _tell_case("case.opened", (event.debtor_id,), on=event.on, at=event.at)


def _closed(event: cases.CaseClosed) -> None:
    _tell_case("case.closed", (event.debtor_id,), on=event.on, at=event.at)


def _brought(event: cases.CasesBrought) -> None:
    _tell_case("case.opened", event.opened, on=event.as_of, at=event.at)
    _tell_case("case.closed", event.closed, on=event.as_of, at=event.at)


def wire_hooks() -> None:
    """Listen to every fact that is told outside; last of all, when the act is whole."""
    for event, kind in KINDS.items():
        listen(event, _teller(kind))
    listen(cases.CaseOpened, _opened)
    listen(cases.CaseClosed, _closed)
    listen(cases.CasesBrought, _brought)
