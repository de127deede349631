"""Answers complaints: the finding, the redress, the cause, the letter; the holds are lifted."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from recoup.apps.complaints.actions.tasks import end_task
from recoup.apps.complaints.actions.telling import LONGEST, done, handled, keeper, today
from recoup.apps.complaints.clock import wind
from recoup.apps.complaints.events import ComplaintAnswered
from recoup.apps.complaints.letters import answer_letter
from recoup.apps.complaints.models import Complaint
from recoup.apps.complaints.queries.cards import ComplaintCard, complaint_card
from recoup.apps.complaints.queries.reading import row_in_sight
from recoup.apps.complaints.refusals import BadComplaint, CannotHandle
from recoup.apps.complaints.words import WORDS
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.actions import lift_kept_holds
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.web.house import pack
from recoup.web.kept_files import keep, kept_path

#: The complainant took it back: the period that asks for an answer in the matter has no more aim.
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Answering:
    """The answer to a complaint. ``redress_minor`` in minor units of the pack's currency."""

    finding: str
    answer: str = field(repr=False)
    redress: str
    redress_words: str = field(repr=False)
    redress_minor: int | None = None
    root_cause: str
    root_cause_words: str = field(default="", repr=False)
    language: str = "zh"


def answer_complaint(
    *, actor: Actor, number: str, answering: Answering, version: int | None, at: datetime
) -> ComplaintCard:
    """Answer a complaint: the letter is made and kept, the complaint closed, its holds lifted.

    Errors: NotFound, NotAllowed, CannotHandle, Stale, BadComplaint; NoLetterhead and what
    ``answer_letter`` refuses; then nothing is done.
    """
    _check(answering)
    with transaction.atomic():
        row = handled(actor, number, version=version)
        if not row.debtor_id and answering.finding not in (WITHDRAWN, "not_ours"):
            raise CannotHandle.no_person()
        on = today(at)
        wind(row, as_of=on)
        row.finding, row.answer = answering.finding, answering.answer.strip()
        row.redress, row.redress_words = answering.redress, answering.redress_words.strip()
        row.redress_minor = answering.redress_minor
        row.redress_currency = pack().base_currency if answering.redress_minor else ""
        row.root_cause = answering.root_cause
        row.root_cause_words = answering.root_cause_words.strip()
        row.language = "zh" if answering.language.startswith("zh") else "en"
        content = answer_letter(row, handler=_handler(row, actor), on=on, at=at)
        row.letter_sha256 = keep(content=content, folder=Path(settings.KEPT_FILES))
        end_task(row, is_done=True, at=at)
        row.status = Complaint.Status.CLOSED
        row.answered_at, row.answered_on, row.answered_by_id = at, on, actor.staff_id
        _close(row, actor=actor, at=at)
    return complaint_card(row)


def _handler(row: Complaint, actor: Actor) -> str:
    named = staff_cards((row.owner_id,)) if row.owner_id else {}
    return next((one.name for one in named.values()), actor.name)


def _close(row: Complaint, *, actor: Actor, at: datetime) -> None:
    done(
        row,
        actor=actor,
        verb="answer_complaint",
        kind="answered",
        at=at,
        text=row.answer,
        before={"status": "open"},
        after={
            "status": "closed",
            "finding": row.finding,
            "redress": row.redress,
            "amount_minor": row.redress_minor,
            "root_cause": row.root_cause,
            "sha256": row.letter_sha256,
        },
    )
    on = today(at)
    if row.debtor_id:
        lift_kept_holds(
            actor=actor,
            debtor_id=row.debtor_id,
            kept_by=keeper(row),
            why=f"{row.number} 已答复 / answered",
            at=at,
            on=on,
        )
    publish(
        ComplaintAnswered(
            number=row.number or "",
            debtor_id=row.debtor_id,
            category=row.category,
            finding=row.finding,
            redress=row.redress,
            root_cause=row.root_cause,
            due_on=row.due_on,
            answered_on=on,
            at=at,
        )
    )


def _check(answering: Answering) -> None:
    for name, code, known in (
        ("finding", answering.finding, WORDS["complaint_finding"]),
        ("redress", answering.redress, WORDS["complaint_redress"]),
        ("root cause", answering.root_cause, WORDS["complaint_cause"]),
    ):
        if code not in known:
            raise BadComplaint.unknown_code(field=name, code=code)
    if not answering.answer.strip() or len(answering.answer) > LONGEST:
        raise BadComplaint.missing(zh="核查结果", en="what was found")
    if not answering.redress_words.strip() or len(answering.redress_words) > LONGEST:
        raise BadComplaint.missing(zh="处理结果", en="what is done about it")
    if answering.redress_minor is not None and answering.redress_minor <= 0:
        raise BadComplaint.missing(zh="大于零的金额，或留空", en="an amount above zero, or nothing")


def read_letter(*, actor: Actor, number: str, at: datetime) -> tuple[ComplaintCard, Path]:
    """Yield a complaint and where its letter of answer lies, for one download on record.

    Errors: NotFound, also where there is no letter; NotAllowed.
    """
    row = row_in_sight(actor, number)
    require(actor, "view", "complaints")
    path = kept_path(sha256=row.letter_sha256, folder=Path(settings.KEPT_FILES))
    if not row.letter_sha256 or not path.is_file():
        raise NotFound(what=number)
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="read_complaint_letter",
            room="complaints",
            record="complaint",
            record_id=number,
            debtor_id=row.debtor_id or None,
            after={"sha256": row.letter_sha256},
        )
    )
    return complaint_card(row), path
