"""Complaints of the demo bank, so that its pages show how they look at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class _Story:
    """One complaint: so many days old, how it came, of what, who handles it."""

    days_ago: int
    source: str
    category: str
    words: str
    wants: str
    owner: str = ""
    period: str = ""
    answer: Mapping[str, str] | None = None


#: Told of people from whom nothing is collected anyway, whose book has one of these holds: the
#: demonstration stops nobody else's work.
HELD = ("complaint", "dispute", "hardship")
STORIES = (
    _Story(
        days_ago=20,
        source="regulator",
        category="too_often",
        words="一周内接到十多个电话，说过不方便仍继续打。",
        wants="停止频繁来电，由专人联系。",
        owner="head",
    ),
    _Story(
        days_ago=13,
        source="letter",
        category="amount",
        words="账单上的罚息与合同约定不符，已还的一笔没有入账。",
        wants="核对账目，退还多收的部分。",
        owner="compliance",
    ),
    _Story(
        days_ago=18,
        source="branch",
        category="hardship_refused",
        words="失业后多次申请分期，一直没有答复。",
        wants="按能力分期还款。",
        owner="counsel",
        period="complex",
    ),
    _Story(
        days_ago=12,
        source="call",
        category="words",
        words="来电人员语气强硬，说要告诉单位同事。",
        wants="道歉，并更换经办人。",
        owner="compliance",
        answer={
            "finding": "upheld",
            "answer": "通话录音显示，经办人员的说法不符合本行规定。",
            "redress": "change",
            "redress_words": "我们为此向您道歉，已更换经办人，并安排培训。",
            "root_cause": "training",
            "root_cause_words": "话术培训须每季度复训",
        },
    ),
)


def tell_complaints(*, at: datetime) -> int:
    """Take the demo bank's complaints in, one of them overdue, one from the web; yield how many.

    Nothing where a book has nobody with such a hold.
    """
    complaints = import_module("recoup.apps.complaints.actions")
    people = _people(at=at)
    told = 0
    for story, debtor_id in zip(STORIES, people, strict=False):
        _tell(complaints, story, debtor_id, at=at)
        told += 1
    if not told:
        return 0
    complaints.take_in_from_web(
        intake=complaints.Intake(
            category="third_party",
            words="你们给我打电话找一位我已经不来往的同事，请不要再打。",
            wants="把我的号码从名单里删掉。",
            source="portal",
            received_on=at.date(),
            complainant="周文",
            relation="contact",
            reach_at="13900000000",
        ),
        sender="192.0.2.7",
        at=at,
    )
    complaints.escalate_late(at=at)
    return told + 1


def _people(*, at: datetime) -> list[str]:
    """Yield whose book has one of the holds in force, in the order of these."""
    holds = import_module("recoup.apps.portfolio.models").Hold
    cards = import_module("recoup.apps.portfolio.queries.debtors").hold_card
    rows = holds.objects.filter(kind__in=HELD, from_night=True).order_by("debtor_id", "pk")
    in_force = [row for row in rows if cards(row).in_force(at.date())]
    found = [row.debtor_id for kind in HELD for row in in_force if row.kind == kind]
    return list(dict.fromkeys(found))[: len(STORIES)]


def _tell(complaints: ModuleType, story: _Story, debtor_id: str, *, at: datetime) -> None:
    name = import_module("recoup.apps.portfolio.queries").debtor_cards((debtor_id,))[debtor_id].name
    boss = _actor("compliance", at=at)
    card = complaints.take_in(
        actor=boss,
        intake=complaints.Intake(
            category=story.category,
            words=story.words,
            wants=story.wants,
            source=story.source,
            received_on=at.date() - timedelta(days=story.days_ago),
            debtor_id=debtor_id,
            complainant=name,
            reach_at="",
        ),
        at=at,
    )
    if story.owner:
        owner = _actor(story.owner, at=at).staff_id
        complaints.name_owner(actor=boss, number=card.number, staff_id=owner, version=None, at=at)
    if story.period:
        complaints.choose_period(
            actor=boss,
            number=card.number,
            period=story.period,
            why="需要收入证明并与网点核实",
            version=None,
            at=at,
        )
    if story.answer:
        _answer(complaints, boss, card.number, story.answer, at=at)


def _answer(
    complaints: ModuleType, actor: Any, number: str, answer: Mapping[str, str], *, at: datetime
) -> None:
    """Answer with a letter; where the machine has not the fonts for one it stays open."""
    refused = import_module("recoup.documents.typesetting").DocumentRefused
    try:
        complaints.answer_complaint(
            actor=actor,
            number=number,
            answering=complaints.Answering(**answer),
            version=None,
            at=at,
        )
    except refused:
        return


def _actor(username: str, *, at: datetime) -> Any:
    staff = import_module("recoup.apps.people.models").Staff.objects.get(username=username)
    return import_module("recoup.apps.people.queries").actor_of(staff_id=staff.pk, at=at)
