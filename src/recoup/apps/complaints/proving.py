"""What of this room is evidence: what happened to complaints, letters of answer, figures."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from recoup.apps.complaints.models import Complaint, ComplaintEntry
from recoup.events.evidence import Figure, FigureTable, Paper, PaperAsked, Period, SealSource
from recoup.kernel.explain import Words
from recoup.web.kept_files import kept_path
from recoup.web.shown import local


def _content(row: ComplaintEntry) -> dict[str, object]:
    return {
        "complaint": row.complaint_id,
        "at": row.at.astimezone(UTC).isoformat(),
        "actor": row.actor_id,
        "kind": row.kind,
        "text": row.text,
        "facts": row.facts,
    }


SEALED = (
    SealSource(
        name="complaints",
        words=Words(zh="投诉的经过", en="what happened to complaints"),
        rows=ComplaintEntry.objects.all,
        at="at",
        content=_content,
        person="complaint__debtor_id",
    ),
)


def answer_papers(asked: PaperAsked) -> Iterator[Paper]:
    """Yield the letter of answer to each complaint of a person."""
    rows = Complaint.objects.filter(debtor_id=asked.debtor_id).exclude(letter_sha256="")
    for row in rows.order_by("pk"):
        path = kept_path(sha256=row.letter_sha256, folder=Path(settings.KEPT_FILES))
        title = "投诉答复" if asked.language == "zh" else "Answer to complaint"
        yield Paper(
            key=f"complaints.answer:{row.pk}",
            title=f"{title} {row.number}",
            file=f"complaint-{row.number}.pdf",
            at=row.answered_at or row.taken_at,
            content=partial(Path.read_bytes, path),
            sha256=row.letter_sha256,
        )


def complaint_figures(period: Period) -> tuple[FigureTable, ...]:
    """Yield complaints received and answered in a period, and those open at its end. Four queries.

    What was taken in or answered after the instant of knowing is left out.
    """
    first, end = local(period.since).date(), local(period.until).date()
    known = Complaint.objects.filter(taken_at__lt=period.known).order_by()
    received = known.filter(received_on__gte=first, received_on__lt=end)
    settled = Q(answered_at__lt=period.known)
    answered = list(
        known.filter(settled, answered_on__gte=first, answered_on__lt=end).values_list(
            "finding", "answered_on", "due_on"
        )
    )
    late = sum(1 for _, on, due in answered if on and due and on > due)
    still_open = known.filter(received_on__lt=end).exclude(settled, answered_on__lt=end)
    kinds = Counter(received.values_list("source", "category"))
    findings = Counter((finding,) for finding, _, _ in answered)
    summary = {
        "received": kinds.total(),
        "answered": len(answered),
        "late": late,
        "open": still_open.count(),
    }
    return (
        FigureTable(
            name="complaints",
            title=Words(zh="投诉概览", en="Complaints at a glance"),
            columns=(Words(zh="项目", en="Figure"),),
            kinds=("complaint_figure",),
            figures=tuple(Figure(of=(name,), count=count) for name, count in summary.items()),
        ),
        FigureTable(
            name="complaints_received",
            title=Words(
                zh="收到的投诉（按来源与类别）", en="Complaints received by source and category"
            ),
            columns=(Words(zh="来源", en="Source"), Words(zh="类别", en="Category")),
            kinds=("complaint_source", "complaint_category"),
            figures=tuple(Figure(of=of, count=count) for of, count in sorted(kinds.items())),
        ),
        FigureTable(
            name="complaints_answered",
            title=Words(zh="答复的投诉（按认定）", en="Complaints answered by finding"),
            columns=(Words(zh="认定", en="Finding"),),
            kinds=("complaint_finding",),
            figures=tuple(Figure(of=of, count=count) for of, count in sorted(findings.items())),
        ),
    )
