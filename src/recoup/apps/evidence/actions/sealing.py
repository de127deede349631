"""Seals days: one Merkle root over all entries that a day brought, signed, after the seal before.

An entry belongs to the seal of the first day that ends after its instant and was not sealed when
the entry came: what is recorded late, with an earlier instant, lies under the next seal. Days
without entries are sealed too, so that none can be left out unseen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from recoup.apps.evidence.models import Leaf, Seal, SealKey
from recoup.documents.bundle.signing import SigningKey, Suite, has_key, signing_key
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.events.evidence import Recorded, SealSource, entry_text, seal_sources
from recoup.kernel.chain import GENESIS, canonical
from recoup.kernel.merkle import branches_of, leaf_hash, root_of
from recoup.kernel.refusal import Refused
from recoup.web.shown import local

FORM = "recoup-seal/1"
#: How long after midnight a day is sealed by itself: acts that began before it have ended by then.
WAITS = timedelta(minutes=10)
#: The most days that one call seals; a longer stop is caught up with by several.
MOST_DAYS = 400
ROWS_TOGETHER = 2000


class DayNotOver(Refused):
    """A day that has not ended cannot be sealed."""

    def __init__(self, *, day: date) -> None:
        super().__init__(
            zh=f"{day} 还没有结束，不能封存；当天的记录在次日封存。",
            en=f"{day} has not ended, so it cannot be sealed; it will be on the day after.",
            rule="evidence:seal",
        )


class AlreadySealed(Refused):
    """A seal is never made twice."""

    def __init__(self, *, day: date, last: date) -> None:
        super().__init__(
            zh=f"{day} 已经封存（最近一次封存到 {last}）；封存不会重做。",
            en=f"{day} is sealed already (sealed up to {last}); a seal is never made anew.",
            rule="evidence:seal",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """An entry that goes under a seal: its table, its key and its hash."""

    source: str
    record: int
    hash: bytes


@dataclass(frozen=True, kw_only=True)
class _Gathered:
    """All entries of a day in their order, and up to which key each table is sealed then."""

    leaves: tuple[_Found, ...]
    reached: Mapping[str, int]

    @property
    def counts(self) -> dict[str, int]:
        """How many entries each table has under the seal."""
        found: dict[str, int] = {}
        for leaf in self.leaves:
            found[leaf.source] = found.get(leaf.source, 0) + 1
        return found


def end_of(day: date) -> datetime:
    """Yield the instant at which a day of the house ends."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def register_key(*, key: SigningKey, at: datetime) -> SealKey:
    """Keep the public half of a key, once, so that it is known since when it signs."""
    row, is_new = SealKey.objects.get_or_create(
        fingerprint=key.fingerprint,
        defaults={"algorithm": key.suite.name, "public": key.public.hex(), "known_since": at},
    )
    if is_new:
        _tell("register_seal_key", record="seal_key", record_id=key.fingerprint, at=at)
    return row


def seal_due(*, at: datetime) -> int:
    """Seal every day that is over and not sealed; yield how many. Without a key, none.

    Before the first seal only yesterday is due, and everything older lies under it.
    """
    if not has_key():
        return 0
    yesterday = local(at - WAITS).date() - timedelta(days=1)
    last = Seal.objects.order_by("-day").values_list("day", flat=True).first()
    if last is not None and last >= yesterday:
        return 0
    try:
        return len(seal_until(last_on=yesterday, at=at))
    except AlreadySealed:
        return 0  # another worker was faster


def seal_until(*, last_on: date, at: datetime) -> tuple[date, ...]:
    """Seal all days up to one, in order; yield them. Before the first seal: that one day alone.

    Errors: DayNotOver; AlreadySealed; NoSealKey, BadSealKey.
    """
    if end_of(last_on) > at:
        raise DayNotOver(day=last_on)
    last = Seal.objects.order_by("-day").first()
    if last is not None and last.day >= last_on:
        raise AlreadySealed(day=last_on, last=last.day)
    key = signing_key()
    first = last.day + timedelta(days=1) if last else last_on
    days = [first + timedelta(days=number) for number in range((last_on - first).days + 1)]
    for day in days[:MOST_DAYS]:
        _seal(day, key=key, at=at)
    return tuple(days[:MOST_DAYS])


def _seal(day: date, *, key: SigningKey, at: datetime) -> None:
    last, *_ = [*Seal.objects.order_by("-day")[:2], None]
    gathered = _gather(until=end_of(day), suite=key.suite)
    hashes = [leaf.hash for leaf in gathered.leaves]
    branches = branches_of(hashes, hashing=key.suite.hashing)
    root = root_of(branches, hashing=key.suite.hashing).hex()
    before = last.own if last else GENESIS
    statement = canonical(
        {
            "format": FORM,
            "day": day.isoformat(),
            "zone": settings.TIME_ZONE,
            "sealed_at": at.astimezone(UTC).isoformat(),
            "algorithm": key.suite.name,
            "key": key.fingerprint,
            "entries": len(hashes),
            "counts": gathered.counts,
            "root": root,
            "before": before,
        }
    )
    try:
        with transaction.atomic():
            made = Seal.objects.create(
                day=day,
                sealed_at=at,
                key=register_key(key=key, at=at),
                entries=len(hashes),
                counts=gathered.counts,
                root=root,
                before=before,
                own=key.suite.hashing(statement.encode()).hex(),
                statement=statement,
                signature=key.sign(statement.encode()).hex(),
                branches=b"".join(branches),
                reached=dict(gathered.reached),
            )
            leaves = _leaves(made, gathered)
            while together := list(islice(leaves, ROWS_TOGETHER)):
                Leaf.objects.bulk_create(together)
            _tell("seal_day", record="seal", record_id=day.isoformat(), at=at, root=root)
    except IntegrityError as twice:
        if Seal.objects.filter(day=day).exists():
            raise AlreadySealed(day=day, last=day) from twice
        raise


def _leaves(seal: Seal, gathered: _Gathered) -> Iterator[Leaf]:
    for place, leaf in enumerate(gathered.leaves):
        yield Leaf(
            seal=seal, place=place, source=leaf.source, record=leaf.record, hash=leaf.hash.hex()
        )


def _gather(*, until: datetime, suite: Suite) -> _Gathered:
    """Look a whole seal further back than the last: a transaction may have committed late."""
    earlier = list(Seal.objects.order_by("-day")[1:2])
    floors = earlier[0].reached if earlier else {}
    leaves: list[_Found] = []
    reached: dict[str, int] = {}
    for source in seal_sources():
        floor = int(floors.get(source.name, 0))
        found, reached[source.name] = _of_source(source, floor=floor, until=until, suite=suite)
        leaves += found
    return _Gathered(leaves=tuple(leaves), reached=reached)


def _of_source(
    source: SealSource, *, floor: int, until: datetime, suite: Suite
) -> tuple[list[_Found], int]:
    """Yield what of a table is not sealed yet, and the key below which nothing is left to seal."""
    sealed = set(
        Leaf.objects.filter(source=source.name, record__gt=floor).values_list("record", flat=True)
    )
    found, reached, waits = [], floor, False
    # By key alone: an index by instant would lead through all that was ever recorded.
    rows = source.rows().filter(pk__gt=floor).order_by("pk")
    for row in rows.iterator(chunk_size=ROWS_TOGETHER):
        waits |= getattr(row, source.at) >= until
        reached = reached if waits else row.pk
        if row.pk in sealed or getattr(row, source.at) >= until:
            continue
        entry = Recorded(source=source.name, record=row.pk, content=source.content(row))
        digest = leaf_hash(entry_text(entry).encode(), hashing=suite.hashing)
        found.append(_Found(source=source.name, record=row.pk, hash=digest))
    return found, reached


def _tell(verb: str, *, record: str, record_id: str, at: datetime, **after: str) -> None:
    publish(
        Change(
            at=at,
            actor_id=None,
            verb=verb,
            room="evidence",
            record=record,
            record_id=record_id,
            after=after,
        )
    )
