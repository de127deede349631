"""Letters leave in batches: each is judged at that moment, printed in one file, followed by post.

A batch that was not finished, because the process died, is finished before the next one is made:
its letters are known by the reference under which the channel took them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from recoup.apps.compliance.actions import record_export
from recoup.apps.compliance.permissions import seen
from recoup.apps.contacts.actions.messages import send_due
from recoup.apps.contacts.actions.receiving import take_told
from recoup.apps.contacts.events import LetterMoved
from recoup.apps.contacts.letters import LetterCard, batch_letters, letter, letters_to_print
from recoup.apps.contacts.models import PostalLetter, PrintBatch
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound, require
from recoup.channels.print_file import (
    FATES,
    MOST_LETTERS,
    PROVIDER,
    IntoPrintFile,
    ListedLetter,
    PostTold,
    write_list,
)
from recoup.channels.way_out import Receipt
from recoup.documents.letter import batch_pdf
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Refused
from recoup.web.kept_files import keep, kept_path


class NothingToPrint(Refused):
    """No letter is left to print: none waits, or each one that waited was stopped."""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A batch as it went to print; ``stopped``: letters that may leave no longer."""

    batch_id: int
    letters: int
    stopped: int


@dataclass(frozen=True, kw_only=True)
class PostTaken:
    """What came of what the post told. ``not_taken``: file numbers that no letter of ours has, or
    of which something else is known already.
    """

    tracked: int = 0
    ended: int = 0
    not_taken: tuple[str, ...] = ()


def make_batch(*, actor: Actor, at: datetime) -> Printed:
    """Print the letters that wait, within scope: judged again, in one file, with a list.

    Errors: NotAllowed; NothingToPrint; DocumentRefused; FolderNotWritten, and the batch is kept.
    """
    require(actor, "export", "contacts")
    if actor.staff_id is None:
        raise NotAllowed(verb="export", room="contacts")
    for left in PrintBatch.objects.filter(pdf_sha256="").order_by("pk"):
        _finish(actor, left, at=at)
    waiting = [one.message_id for one in letters_to_print(actor)[:MOST_LETTERS]]
    if not waiting:
        raise NothingToPrint(zh="没有等待打印的信函。", en="No letter waits to be printed.")
    batch = PrintBatch.objects.create(made_at=at, made_by_id=actor.staff_id)
    passed = send_due(ways={"letter": _way(batch)}, at=at, most=MOST_LETTERS, only=waiting)
    letters = _finish(actor, batch, at=at)
    if not letters:
        raise NothingToPrint(
            zh=f"等待的 {len(waiting)} 封信函现在都不得寄出，原因写在“已拦下”一栏。",
            en=f"None of the {len(waiting)} letters may leave now; the list of those stopped says "
            "why.",
        )
    return Printed(batch_id=batch.pk, letters=letters, stopped=passed.stopped)


def _way(batch: PrintBatch) -> IntoPrintFile:
    given = settings.WAYS["letter"]
    folder = Path(unquote(urlsplit(given["url"]).path)) / f"batch-{batch.pk}"
    return IntoPrintFile(batch=str(batch.pk), folder=folder, price_minor=given["price_minor"])


def _finish(actor: Actor, batch: PrintBatch, *, at: datetime) -> int:
    """Put a batch's letters into one file; yield how many. A batch without letters goes."""
    taken = PostalLetter.objects.filter(
        message__provider=PROVIDER, message__provider_reference=str(batch.pk)
    )
    papers = list(taken.order_by("pk"))
    if not papers:
        batch.delete()
        return 0
    pdf = batch_pdf(
        contents=[one.content for one in papers],
        title=f"{settings.LETTER_SERIES} {batch.pk}",
        author=str(papers[0].content["letterhead"]["name"]),
        at=batch.made_at,
    )
    listed = write_list(_listed(papers))
    folder = Path(settings.KEPT_FILES)
    with transaction.atomic():
        batch.letters, batch.pages = len(papers), sum(one.pages for one in papers)
        batch.pdf_sha256 = keep(content=pdf, folder=folder)
        batch.list_sha256 = keep(content=listed, folder=folder)
        batch.save()
        for place, (paper, line) in enumerate(zip(papers, _listed(papers), strict=True), start=1):
            paper.batch, paper.place, paper.first_page = batch, place, line.first_page
            paper.save(update_fields=["batch", "place", "first_page"])
            _moved(actor, paper, step="printed", at=at)
        _tell(actor, batch, at=at)
    _way(batch).finish(pdf=pdf, listed=listed)
    return len(papers)


def _listed(papers: Iterable[PostalLetter]) -> list[ListedLetter]:
    lines: list[ListedLetter] = []
    page = 1
    for place, one in enumerate(papers, start=1):
        lines.append(
            ListedLetter(
                place=place,
                file_number=one.file_number,
                recipient=one.recipient,
                address=one.address,
                language=str(one.content["language"]),
                first_page=page,
                pages=one.pages,
                sha256=one.sha256,
            )
        )
        page += one.pages
    return lines


def take_post(*, actor: Actor, told: Iterable[PostTold], at: datetime) -> PostTaken:
    """Take tracking numbers and what became of letters; told twice, each counts once.

    A letter that came back makes the receipt that a message makes: its contact did not reach the
    person, and an address at which nobody is known is marked so.
    Errors: NotAllowed.
    """
    require(actor, "export", "contacts")
    listed = list(told)
    rows = PostalLetter.objects.filter(file_number__in={one.file_number for one in listed})
    papers = {row.file_number: row for row in rows.exclude(batch=None)}
    within = seen(actor, {row.debtor_id for row in papers.values()})
    tracked, ended, not_taken = 0, 0, []
    for one in listed:
        paper = papers.get(one.file_number)
        if paper is None or paper.debtor_id not in within:
            not_taken.append(one.file_number)
            continue
        if one.tracking_number and one.tracking_number != paper.tracking_number:
            tracked += 1
            _track(actor, paper, one, at=at)
        if one.fate and paper.fate not in ("", one.fate):
            not_taken.append(one.file_number)
        elif one.fate and not paper.fate:
            ended += 1
            _end(actor, paper, one, at=at)
    return PostTaken(tracked=tracked, ended=ended, not_taken=tuple(not_taken))


def _track(actor: Actor, paper: PostalLetter, told: PostTold, *, at: datetime) -> None:
    with transaction.atomic():
        paper.tracking_number, paper.told_by_id = told.tracking_number, actor.staff_id
        paper.save(update_fields=["tracking_number", "told_by"])
        _moved(actor, paper, step="tracked", at=at)


def _end(actor: Actor, paper: PostalLetter, told: PostTold, *, at: datetime) -> None:
    zone = ZoneInfo(settings.TIME_ZONE)
    noon = datetime.combine(told.on, time(12), tzinfo=zone).astimezone(UTC) if told.on else at
    with transaction.atomic():
        paper.fate, paper.remark, paper.told_by_id = told.fate, told.remark, actor.staff_id
        paper.fate_on = told.on
        paper.save(update_fields=["fate", "remark", "told_by", "fate_on"])
        receipt = Receipt(
            reference="",
            message_id=paper.message.message_id,
            outcome=FATES[told.fate],
            at=min(noon, at),
            said=" ".join(filter(None, (told.fate, told.remark))),
        )
        take_told(channel="letter", provider=PROVIDER, told=(receipt,), at=at)
        _moved(actor, paper, step=told.fate, at=at)


def read_letter(*, actor: Actor, letter_id: int, at: datetime) -> tuple[LetterCard, Path]:
    """Yield a letter and where its PDF lies, for one download that the trail records.

    Errors: NotFound, out of scope or without its file; NotAllowed.
    """
    card = letter(actor, letter_id)
    require(actor, "view", "contacts")
    path = kept_path(sha256=card.sha256, folder=Path(settings.KEPT_FILES))
    if not path.is_file():
        raise NotFound(what=card.file_number)
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="read_letter",
            room="contacts",
            record="letter",
            record_id=str(letter_id),
            debtor_id=card.debtor_id,
            after={"sha256": card.sha256},
        )
    )
    return card, path


def read_batch(*, actor: Actor, batch_id: int, part: str, at: datetime) -> Path:
    """Yield where a batch's file lies: ``pdf`` or ``list``; that it left the house is on record.

    Errors: NotAllowed; NotFound, unless every letter is in scope, or without the file.
    """
    letters = batch_letters(actor, batch_id)
    require(actor, "export", "contacts")
    row = PrintBatch.objects.get(pk=batch_id)
    sha256 = row.list_sha256 if part == "list" else row.pdf_sha256
    path = kept_path(sha256=sha256, folder=Path(settings.KEPT_FILES))
    if not sha256 or not path.is_file():
        raise NotFound(what=f"batch {batch_id}")
    record_export(
        actor=actor,
        kind="letters",
        parameters={"batch": batch_id, "part": part},
        rows=len(letters),
        sha256=sha256,
        at=at,
    )
    return path


def _moved(actor: Actor, paper: PostalLetter, *, step: str, at: datetime) -> None:
    after = {"file_number": paper.file_number, "step": step, "tracking": paper.tracking_number}
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="move_letter",
            room="contacts",
            record="letter",
            record_id=str(paper.pk),
            debtor_id=paper.debtor_id,
            after=after,
        )
    )
    publish(
        LetterMoved(
            letter_id=paper.pk,
            debtor_id=paper.debtor_id,
            file_number=paper.file_number,
            step=step,
            tracking_number=paper.tracking_number,
            staff_id=actor.staff_id,
            at=at,
        )
    )


def _tell(actor: Actor, batch: PrintBatch, *, at: datetime) -> None:
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="print_letters",
            room="contacts",
            record="print_batch",
            record_id=str(batch.pk),
            after={"letters": batch.letters, "pages": batch.pages, "sha256": batch.pdf_sha256},
        )
    )
