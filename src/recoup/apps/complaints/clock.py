"""By when a complaint is answered: the pack's rule on the complaint's own facts."""

from datetime import date

from recoup.apps.complaints.models import Complaint
from recoup.kernel.complaint_days import AnswerBy, Outside
from recoup.policy.complaint_law import ComplaintLaw, Period, complaint_law
from recoup.web.house import pack


def law_of(row: Complaint) -> ComplaintLaw | None:
    """Yield the rule in force on the day of receipt; None where the pack is silent."""
    return complaint_law(pack=pack(), on=row.received_on)


def period_of(row: Complaint, law: ComplaintLaw) -> Period | None:
    """Yield the period that was chosen; the shortest that needs no approval until then."""
    return law.period(row.period) or next(
        (one for one in law.periods if not one.needs_approval), None
    )


def counted(row: Complaint, *, as_of: date) -> AnswerBy | None:
    """Yield the last day for the answer and how it came about; None where the law is silent."""
    law = law_of(row)
    period = period_of(row, law) if law else None
    if law is None or period is None:
        return None
    return law.answer_by(
        period=period,
        received_on=row.received_on,
        new_facts_on=[one.on for one in row.new_facts.all()],
        outside=[
            Outside(from_on=one.from_on, until_on=one.until_on, is_told=one.told_on is not None)
            for one in row.appraisals.all()
        ],
        as_of=as_of,
    )


def wind(row: Complaint, *, as_of: date) -> None:
    """Set the day from which a complaint is counted and its last day, without saving."""
    found = counted(row, as_of=as_of)
    row.starts_on = found.starts_on if found else row.received_on
    row.due_on = found.due_on if found else None
