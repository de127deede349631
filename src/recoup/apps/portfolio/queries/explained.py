"""Why a contract stands where it stands: the night's explanation, and what each receipt paid."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from recoup.apps.portfolio.queries.cards import InstalmentCard
from recoup.apps.portfolio.queries.loans import schedule_of
from recoup.apps.portfolio.queries.publications import current_publication, result_path
from recoup.engine.day import NO_CHANGES, DayBook, DayRefused
from recoup.engine.refusal import NightRefused
from recoup.kernel.explain import Explanation
from recoup.kernel.refusal import Refused


class NotExplained(Refused):
    """The night's files are not there any more, or the contract's rows were refused."""


@dataclass(frozen=True, kw_only=True)
class PaidInstalment:
    """An instalment and how much of it receipts had covered by the night."""

    instalment: InstalmentCard
    paid_minor: int
    is_overdue: bool
    is_first_overdue: bool = False

    @property
    def open_minor(self) -> int:
        """What is not covered yet."""
        return self.instalment.due_minor - self.paid_minor


@dataclass(frozen=True, kw_only=True)
class PaidSchedule:
    """A schedule; ``as_of`` None: what was paid is not known, only what was agreed."""

    as_of: date | None
    rows: tuple[PaidInstalment, ...]
    why_not: NotExplained | None = None

    @property
    def overdue(self) -> int:
        """How many instalments are overdue."""
        return sum(row.is_overdue for row in self.rows)


@lru_cache(maxsize=2)
def _day_book(result: Path, result_hash: str) -> DayBook:
    """Yield a night's files, opened; one night per publication stays open."""
    return DayBook(result=result)


def _opened() -> DayBook:
    publication = current_publication()
    if publication is None:
        raise NotExplained(zh="尚未发布任何日终结果。", en="No night has been published yet.")
    try:
        return _day_book(result_path(publication.result_folder), publication.result_hash)
    except (NightRefused, OSError) as failure:
        raise NotExplained(
            zh=f"营业日期 {publication.as_of} 的结果文件不可用，无法逐项解释。",
            en=f"The files of the night of {publication.as_of} cannot be read, so nothing can be "
            "explained from them.",
        ) from failure


def warm_up() -> bool:
    """Open the published night's files, so that the first explanation is quick; False without.

    Cheap where they are open already. One query.
    """
    try:
        _opened()
    except NotExplained:
        return False
    return True


def explanation_of(contract_id: str) -> Explanation:
    """Yield how the night came to a contract's figures, class and treatment, step by step.

    Errors: NotExplained, with the sentence why not.
    """
    try:
        return _opened().explain(contract_id=contract_id, changes=NO_CHANGES)
    except DayRefused as refused:
        raise NotExplained(zh=refused.zh, en=refused.en) from refused


def paid_schedule(contract_id: str) -> PaidSchedule:
    """Yield a contract's schedule with what receipts had covered by the published night.

    Overdue are as many of the oldest open instalments as the night found overdue: it moves due days
    that fall on days of rest. Errors: NotFound, when there is no such contract.
    """
    schedule = schedule_of(contract_id)
    try:
        book = _opened()
        traced = book.trace(contract_id=contract_id, changes=NO_CHANGES)
    except (NotExplained, DayRefused) as failure:
        why = NotExplained(zh=failure.zh, en=failure.en)
        rows = (PaidInstalment(instalment=one, paid_minor=0, is_overdue=False) for one in schedule)
        return PaidSchedule(as_of=None, rows=tuple(rows), why_not=why)
    paid: dict[int, int] = {}
    for piece in traced.pieces:
        paid[piece.seq] = paid.get(piece.seq, 0) + piece.amount_minor
    opened = [one.seq for one in schedule if paid.get(one.seq, 0) < one.due_minor]
    overdue = opened[: traced.trace.overdue_instalments]
    return PaidSchedule(
        as_of=book.as_of,
        rows=tuple(
            PaidInstalment(
                instalment=one,
                paid_minor=paid.get(one.seq, 0),
                is_overdue=one.seq in overdue,
                is_first_overdue=overdue[:1] == [one.seq],
            )
            for one in schedule
        ),
    )
