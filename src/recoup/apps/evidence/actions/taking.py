"""Hands evidence out: a case's bundle, the regulator's report; who took it is on record."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import translation

from recoup.apps.compliance.actions import record_export
from recoup.apps.evidence.gathering import (
    entries_of,
    proofs_member,
    record_members,
    seal_members,
    seals_for,
)
from recoup.apps.evidence.index import (
    ANSWER_HEADINGS,
    CONTACT_HEADINGS,
    MESSAGE_HEADINGS,
    CaseFile,
    PackedPaper,
    Pen,
    answer_rows,
    contact_rows,
    index_of,
    message_rows,
)
from recoup.apps.evidence.lawful import policy_in_words, rules_member, rules_used
from recoup.apps.evidence.missing import Standing, standing_of
from recoup.apps.evidence.report import Report, csv_of, pdf_of
from recoup.apps.people.permissions import Actor, require
from recoup.apps.portfolio.queries import contracts_of, debtor
from recoup.documents.booklet import booklet_pdf
from recoup.documents.bundle.packing import Member, packed, plain_member
from recoup.documents.bundle.signing import SigningKey, signing_key
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.events.evidence import Paper, PaperAsked, papers_of
from recoup.kernel.refusal import Refused

SHORTEST_REASON = 5
#: What of a chain is there from its first entry to its last; the trail is cut by person.
WHOLE_CHAINS = ("timeline",)


class WhyMissing(Refused):
    """A bundle is taken along for a reason that can be read later."""

    def __init__(self) -> None:
        super().__init__(
            zh="请写明导出证据包的原因（至少五个字），它会记入留痕。",
            en="Say why the bundle is taken along, in five characters at least; the trail keeps "
            "it.",
            rule="evidence:why",
        )


class PaperChanged(Refused):
    """A kept file is not the one that was handed in."""

    def __init__(self, *, title: str) -> None:
        super().__init__(
            zh=f"文件“{title}”已缺失或与登记时的哈希不符，证据包未生成；请告知系统管理员。",
            en=f"The file '{title}' is gone or is not the one whose hash was kept; the bundle was "
            "not made. Please tell the administrator.",
            rule="evidence:paper",
        )


@dataclass(frozen=True, kw_only=True)
class TakenAlong:
    """A file that leaves the house."""

    name: str
    media: str
    content: bytes = field(repr=False)


def take_bundle(
    *, actor: Actor, debtor_id: str, language: str, why: str, at: datetime
) -> TakenAlong:
    """Make the evidence bundle of a person, record who takes it and why, and yield it.

    It holds names, numbers and texts whole: a court needs them. Entries since the last sealed day
    lie under no seal yet; the signature of the bundle covers them all the same.
    Errors: NotFound, NotAllowed, WhyMissing, NoSealKey, BadSealKey, PaperChanged, TooMuch.
    """
    person = debtor(actor, debtor_id)
    require(actor, "view", "evidence")
    if len(why.strip()) < SHORTEST_REASON:
        raise WhyMissing
    key = signing_key()
    with translation.override("zh-hans" if language == "zh" else "en"):
        asked = PaperAsked(debtor_id=debtor_id, language=language, at=at)
        members, case = _gathered(asked, name=person.name, why=why.strip(), key=key)
        watermark = _on_record(actor, case, members, language=language, at=at)
        index = index_of(case=case, watermark=watermark, at=at, language=language)
        members.append(Member(name="index.pdf", content=booklet_pdf(booklet=index, at=at)))
    head = {
        "about": debtor_id,
        "watermark": watermark,
        "why": case.why,
        "made_at": at.isoformat(),
        "language": language,
        "key": key.fingerprint,
        "entries": {source: len(found) for source, found in case.entries.found.items()},
        "unsealed": case.entries.unsealed,
        "whole_chains": list(WHOLE_CHAINS),
        "seals": [seal.day.isoformat() for seal in case.seals],
    }
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", debtor_id)
    return TakenAlong(
        name=f"evidence-{plain}-{at:%Y%m%d}.zip",
        media="application/zip",
        content=packed(members=members, head=head, key=key),
    )


def _gathered(
    asked: PaperAsked, *, name: str, why: str, key: SigningKey
) -> tuple[list[Member], CaseFile]:
    entries = entries_of(asked.debtor_id)
    seals = seals_for(entries)
    papers = papers_of(asked)
    files = tuple(_files(papers))
    rules = rules_used(entries)
    standing = standing_of(debtor_id=asked.debtor_id, papers=papers, at=asked.at)
    case = CaseFile(
        debtor_id=asked.debtor_id,
        name=name,
        loans=tuple(
            loan.contract_id for loan in contracts_of((asked.debtor_id,)).get(asked.debtor_id, ())
        ),
        entries=entries,
        papers=tuple(packed_paper for packed_paper, _ in files),
        standing=standing,
        rules=rules,
        policy=policy_in_words(),
        seals=seals,
        fingerprint=key.fingerprint,
        why=why,
    )
    members = [
        *(member for _, member in files),
        *record_members(entries),
        *seal_members(seals),
        proofs_member(entries, seals),
        rules_member(rules),
        _missing_member(standing),
        *_lists(case, Pen(asked.language)),
    ]
    return members, case


def _files(papers: Sequence[Paper]) -> Iterator[tuple[PackedPaper, Member]]:
    for number, paper in enumerate(papers, start=1):
        try:
            content = paper.content()
        except OSError as gone:
            raise PaperChanged(title=paper.title) from gone
        sha256 = hashlib.sha256(content).hexdigest()
        if paper.sha256 and paper.sha256 != sha256:
            raise PaperChanged(title=paper.title)
        plain = re.sub(r"[^\w.()-]", "_", paper.file)[-100:].lstrip(".") or "file"
        name = f"documents/{number:03d}-{plain}"
        yield (
            PackedPaper(paper=paper, name=name, sha256=sha256),
            Member(name=name, content=content),
        )


def _missing_member(standing: Sequence[Standing]) -> Member:
    return plain_member(
        "court-papers.json",
        [
            {
                "item": one.item.code,
                "rule": one.item.rule.rule_id,
                "name_zh": one.item.name.zh,
                "name_en": one.item.name.en,
                "state": one.state,
                "papers": [paper.key for paper in one.papers],
                "filed_by_hand": one.filed,
                "source_zh": one.item.source("zh"),
                "source_en": one.item.source("en"),
            }
            for one in standing
        ],
    )


def _lists(case: CaseFile, pen: Pen) -> Iterator[Member]:
    for name, headings, rows in (
        ("contacts", CONTACT_HEADINGS, contact_rows(case.entries, pen)),
        ("messages", MESSAGE_HEADINGS, message_rows(case.entries, pen)),
        ("gate", ANSWER_HEADINGS, answer_rows(case.entries, pen)),
    ):
        written = io.StringIO()
        table = csv.writer(written)
        table.writerow([pen.say(*one) for one in headings])
        table.writerows(rows)
        yield Member(name=f"lists/{name}.csv", content=written.getvalue().encode("utf-8-sig"))


def _on_record(
    actor: Actor, case: CaseFile, members: Sequence[Member], *, language: str, at: datetime
) -> str:
    """Record the export, and in the person's own trail who took the bundle and why."""
    listed = "".join(
        f"{hashlib.sha256(one.content).hexdigest()} {one.name}\n"
        for one in sorted(members, key=lambda found: found.name)
    )
    sha256 = hashlib.sha256(listed.encode()).hexdigest()
    watermark = record_export(
        actor=actor,
        kind="case_bundle",
        parameters={"debtor_id": case.debtor_id, "language": language, "why": case.why},
        rows=case.entries.count,
        sha256=sha256,
        at=at,
    )
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="take_bundle",
            room="evidence",
            record="bundle",
            record_id=case.debtor_id,
            debtor_id=case.debtor_id,
            after={"sha256": sha256, "files": len(members), "entries": case.entries.count},
            why=case.why,
        )
    )
    return watermark


def take_report(
    *, actor: Actor, report: Report, form: str, language: str, at: datetime
) -> TakenAlong:
    """Yield the regulator's report as ``csv`` or ``pdf``, and record who takes it.

    The file carries no watermark: the same period as known on the same day gives the same bytes.
    Errors: NotAllowed.
    """
    require(actor, "view", "compliance")
    content = csv_of(report) if form == "csv" else pdf_of(report, language=language)
    record_export(
        actor=actor,
        kind="regulator_report",
        parameters={
            "from": report.first.isoformat(),
            "until": report.last.isoformat(),
            "known_on": report.known_on.isoformat(),
            "form": form,
        },
        rows=sum(len(table.figures) for table in report.tables),
        sha256=hashlib.sha256(content).hexdigest(),
        at=at,
    )
    return TakenAlong(
        name=f"report-{report.first}-{report.last}-known-{report.known_on}.{form}",
        media="text/csv; charset=utf-8" if form == "csv" else "application/pdf",
        content=content,
    )
