"""Reading of the trail, of approvals, reveals and exports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from recoup.apps.compliance.chains import linked
from recoup.apps.compliance.models import Approval, AuditEntry, Export, Reveal
from recoup.apps.compliance.permissions import Acting, NotFound, seen
from recoup.kernel.chain import first_break
from recoup.kernel.duties import ROOM_NAMES
from recoup.web.shown import instant

#: The most approvals that a page shows; who has more waiting decides these first.
MOST_WAITING = 500


@dataclass(frozen=True, kw_only=True)
class ApprovalCard:
    """An act that waits, or waited, for a second pair of eyes."""

    approval_id: int
    kind: str
    room: str
    record_id: str
    debtor_id: str
    amount_minor: int
    payload: Mapping[str, object]
    why: str
    status: str
    maker_id: int
    maker: str
    made_at: datetime
    checker: str
    checked_at: datetime | None
    remark: str


@dataclass(frozen=True, kw_only=True)
class TrailFilter:
    """Which entries of the trail are wanted; empty and None leave all."""

    debtor: str = ""
    staff: str = ""
    room: str = ""
    record: str = ""
    record_id: str = ""
    verb: str = ""
    from_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ChainState:
    """A record's chain, verified now: how many entries, and where it is broken (None: nowhere)."""

    entries: tuple[AuditEntry, ...]
    broken_place: int | None


def approval_card(approval: Approval) -> ApprovalCard:
    """Yield the card of an approval."""
    return ApprovalCard(
        approval_id=approval.pk,
        kind=approval.kind,
        room=approval.room,
        record_id=approval.record_id,
        debtor_id=approval.debtor_id,
        amount_minor=approval.amount_minor,
        payload=approval.payload,
        why=approval.why,
        status=approval.status,
        maker_id=approval.maker_id,
        maker=str(approval.maker),
        made_at=approval.made_at,
        checker=str(approval.checker) if approval.checker else "",
        checked_at=approval.checked_at,
        remark=approval.remark,
    )


def approvals_of(*, room: str, record_id: str) -> tuple[ApprovalCard, ...]:
    """Yield the approvals asked for a record, the latest first. One query."""
    found = Approval.objects.filter(room=room, record_id=record_id)
    return tuple(approval_card(row) for row in found.select_related("maker", "checker"))


def approval(actor: Acting, approval_id: int) -> ApprovalCard:
    """Yield an approval that the actor made, may decide, or may read. Errors: NotFound."""
    found = Approval.objects.select_related("maker", "checker").filter(pk=approval_id).first()
    if found is None or not _concerns(actor, found):
        raise NotFound(what=f"#{approval_id}")
    if found.debtor_id and found.maker_id != actor.staff_id:
        if not seen(actor, (found.debtor_id,)):
            raise NotFound(what=f"#{approval_id}")
    return approval_card(found)


def waiting_for(actor: Acting) -> tuple[ApprovalCard, ...]:
    """Yield what waits for this actor's decision, the oldest first. Two queries."""
    rooms = [room for room in ROOM_NAMES if actor.may("approve", room)]
    waiting = Approval.objects.filter(status=Approval.Status.PENDING, room__in=rooms)
    waiting = waiting.exclude(maker_id=actor.staff_id).select_related("maker", "checker")
    return _in_sight(actor, waiting.order_by("made_at", "pk")[:MOST_WAITING])


def made_by(actor: Acting) -> tuple[ApprovalCard, ...]:
    """Yield what the actor has asked for and what became of it, the latest first. One query."""
    made = Approval.objects.filter(maker_id=actor.staff_id).select_related("maker", "checker")
    return tuple(approval_card(row) for row in made[:50])


def settled(actor: Acting) -> tuple[ApprovalCard, ...]:
    """Yield what others asked for and is settled, the latest first. Two queries."""
    rooms = [room for room in ROOM_NAMES if actor.may("approve", room)]
    if actor.may("view", "compliance"):
        rooms = list(ROOM_NAMES)
    done = Approval.objects.exclude(status=Approval.Status.PENDING).filter(room__in=rooms)
    done = done.exclude(maker_id=actor.staff_id).select_related("maker", "checker")
    return _in_sight(actor, done.order_by("-checked_at", "-pk")[:100])


def trail(actor: Acting, wanted: TrailFilter) -> QuerySet[AuditEntry]:
    """Yield the entries that the actor may read, the latest first; the page cuts them.

    Who does not see the whole bank reads the entries that are about no debtor, and the own ones.
    """
    found = AuditEntry.objects.select_related("actor").order_by("-pk")
    if not actor.whole_bank:
        found = found.filter(Q(debtor_id="") | Q(actor_id=actor.staff_id))
    for column, value in (
        ("debtor_id", wanted.debtor),
        ("room", wanted.room),
        ("record", wanted.record),
        ("record_id", wanted.record_id),
        ("verb", wanted.verb),
    ):
        if value:
            found = found.filter(**{column: value})
    if wanted.room and wanted.record and wanted.record_id:  # by the index of the chains
        found = found.filter(chain=f"{wanted.room}.{wanted.record}:{wanted.record_id}")
    if wanted.staff:
        found = found.filter(actor_id__in=_staff_called(wanted.staff))
    zone = ZoneInfo(settings.TIME_ZONE)
    if wanted.from_on:
        found = found.filter(at__gte=datetime.combine(wanted.from_on, time(), zone))
    if wanted.last_on:
        end = datetime.combine(wanted.last_on + timedelta(days=1), time(), zone)
        found = found.filter(at__lt=end)
    return found


def chain_of(actor: Acting, *, room: str, record: str, record_id: str) -> ChainState:
    """Yield a record's whole chain, verified now. Errors: NotFound."""
    chain = f"{room}.{record}:{record_id}"
    entries = tuple(
        AuditEntry.objects.filter(chain=chain).select_related("actor").order_by("place")
    )
    debtors = {entry.debtor_id for entry in entries if entry.debtor_id}
    if not entries or (debtors and not debtors <= seen(actor, tuple(debtors))):
        raise NotFound(what=chain)
    broken = first_break(linked(entry) for entry in entries)
    places = [entry.place for entry in entries]
    if broken is None and places != list(range(1, len(places) + 1)):
        broken = next(at for at, place in enumerate(places) if place != at + 1)
    return ChainState(entries=entries, broken_place=None if broken is None else broken + 1)


def reveals(actor: Acting, *, debtor: str = "", staff: str = "") -> QuerySet[Reveal]:
    """Yield who was shown what, the latest first; of the whole bank, or one's own."""
    found = Reveal.objects.select_related("actor")
    if not actor.whole_bank:
        found = found.filter(actor_id=actor.staff_id)
    if debtor:
        found = found.filter(debtor_id=debtor)
    return found.filter(actor_id__in=_staff_called(staff)) if staff else found


def exports(actor: Acting, *, staff: str = "") -> QuerySet[Export]:
    """Yield what left the house as files, the latest first; of the whole bank, or one's own."""
    found = Export.objects.select_related("actor")
    if not actor.whole_bank:
        found = found.filter(actor_id=actor.staff_id)
    return found.filter(actor_id__in=_staff_called(staff)) if staff else found


def stamp(*, staff_id: int, at: datetime) -> str:
    """Yield who and when, as it stands in a watermark."""
    staff = get_user_model().objects.get(pk=staff_id)
    return f"{staff} · {staff.staff_number} · {instant(at)}"


def _staff_called(words: str) -> list[int]:
    """Yield the keys of staff by number or name."""
    number, name = Q(staff_number__iexact=words), Q(display_name__icontains=words)
    return list(get_user_model().objects.filter(number | name).values_list("pk", flat=True)[:200])


def _in_sight(actor: Acting, rows: QuerySet[Approval]) -> tuple[ApprovalCard, ...]:
    found = list(rows)
    visible = seen(actor, tuple({row.debtor_id for row in found if row.debtor_id}))
    return tuple(approval_card(row) for row in _seen_only(found, visible))


def _seen_only(rows: list[Approval], visible: frozenset[str]) -> Iterator[Approval]:
    return (row for row in rows if not row.debtor_id or row.debtor_id in visible)


def _concerns(actor: Acting, found: Approval) -> bool:
    return (
        found.maker_id == actor.staff_id
        or actor.may("approve", found.room)
        or actor.may("view", "compliance")
    )
