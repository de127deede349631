"""Gathers a person's sealed entries with what proves each to lie under its day's seal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from recoup.apps.evidence.models import Leaf, Seal
from recoup.documents.bundle.packing import Member, plain_member, record_line, records_member
from recoup.documents.bundle.signing import SUITES
from recoup.events.evidence import Recorded, seal_sources
from recoup.kernel.merkle import BRANCH, path_of
from recoup.kernel.refusal import Refused

#: The most entries that one bundle holds.
MOST_ENTRIES = 100_000
KEYS_TOGETHER = 900


class TooMuch(Refused):
    """A person has more entries than one bundle holds."""

    def __init__(self) -> None:
        super().__init__(
            zh=f"该借款人的记录超过 {MOST_ENTRIES:,} 条，不能装入一个证据包；请联系系统管理员。",
            en=f"This person has more than {MOST_ENTRIES:,} entries, which one bundle does not "
            "hold; ask the administrator.",
            rule="evidence:bundle",
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an entry lies: under which seal, at which place."""

    seal_id: int
    place: int


@dataclass(frozen=True, kw_only=True)
class Entries:
    """All entries about a person, by table, in the order in which they were recorded."""

    found: Mapping[str, tuple[Recorded, ...]]

    def of(self, source: str) -> tuple[Recorded, ...]:
        """Yield the entries of one table."""
        return self.found.get(source, ())

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(len(entries) for entries in self.found.values())

    @cached_property
    def places(self) -> Mapping[tuple[str, int], Place]:
        """Where each sealed entry lies; those that no seal covers yet are left out."""
        return {
            (source, row.record): Place(seal_id=row.seal_id, place=row.place)
            for source, entries in self.found.items()
            for row in _leaves(source, [one.record for one in entries])
        }

    @property
    def unsealed(self) -> int:
        """How many no seal covers yet: those since the last day that was sealed."""
        return self.count - len(self.places)


def entries_of(debtor_id: str) -> Entries:
    """Yield every entry about a person that is or will be sealed. Errors: TooMuch."""
    found, count = {}, 0
    for source in seal_sources():
        rows = source.rows().filter(**{source.person: debtor_id}).order_by("pk")
        found[source.name] = tuple(
            Recorded(source=source.name, record=row.pk, content=source.content(row))
            for row in rows[: MOST_ENTRIES + 1]
        )
        count += len(found[source.name])
        if count > MOST_ENTRIES:
            raise TooMuch
    return Entries(found=found)


def _leaves(source: str, records: Sequence[int]) -> Iterator[Leaf]:
    for begin in range(0, len(records), KEYS_TOGETHER):
        keys = records[begin : begin + KEYS_TOGETHER]
        yield from Leaf.objects.filter(source=source, record__in=keys)


def seals_for(entries: Entries) -> tuple[Seal, ...]:
    """Yield the seals from the first that covers an entry to the last there is, without a gap."""
    first = min((place.seal_id for place in entries.places.values()), default=None)
    if first is None:
        return ()
    begin = Seal.objects.values_list("day", flat=True).get(pk=first)
    rows = Seal.objects.filter(day__gte=begin).select_related("key", "stamp")
    return tuple(rows.order_by("day"))


def record_members(entries: Entries) -> tuple[Member, ...]:
    """Yield one file for each table, also where it is empty."""
    return tuple(
        records_member(
            source,
            (record_line(source=source, record=one.record, content=one.content) for one in found),
        )
        for source, found in entries.found.items()
    )


def proofs_member(entries: Entries, seals: Sequence[Seal]) -> Member:
    """Yield the file that says of each sealed entry: table, key, day, place, path to the root."""
    by_key = {seal.pk: seal for seal in seals}
    branches: dict[tuple[int, int], list[tuple[str, int, int]]] = defaultdict(list)
    for (source, record), place in sorted(entries.places.items()):
        branches[(place.seal_id, place.place // BRANCH)].append((source, record, place.place))
    proofs: dict[tuple[str, int], list[object]] = {}
    for (seal_id, number), wanted in branches.items():
        seal = by_key[seal_id]
        paths = _paths(seal, number, [at for _, _, at in wanted])
        for (source, record, at), path in zip(wanted, paths, strict=True):
            nodes = [node.hex() for node in path]
            proofs[(source, record)] = [source, record, seal.day.isoformat(), at, nodes]
    return plain_member("proofs.json", [proofs[key] for key in sorted(proofs)])


def _paths(seal: Seal, number: int, places: Sequence[int]) -> Iterator[tuple[bytes, ...]]:
    """Yield the paths of some entries of one branch. One query."""
    hashing = SUITES[seal.key.algorithm].hashing
    begin = number * BRANCH
    rows = Leaf.objects.filter(seal=seal, place__gte=begin, place__lt=begin + BRANCH)
    leaves = [bytes.fromhex(one) for one in rows.order_by("place").values_list("hash", flat=True)]
    roots = branches_kept(seal)
    above = path_of(roots, number, hashing=hashing)
    for place in places:
        yield (*path_of(leaves, place - begin, hashing=hashing), *above)


def branches_kept(seal: Seal) -> list[bytes]:
    """Yield the branches of a seal, as they were kept."""
    kept = bytes(seal.branches)
    return [kept[at : at + 32] for at in range(0, len(kept), 32)]


def seal_members(seals: Sequence[Seal]) -> Iterator[Member]:
    """Yield each seal as a file: the signed text, the signature, the public key; and its stamp."""
    for seal in seals:
        name = f"seals/{seal.day.isoformat()}"
        yield plain_member(
            f"{name}.json",
            {
                "statement": seal.statement,
                "signature": seal.signature,
                "algorithm": seal.key.algorithm,
                "public": seal.key.public,
            },
        )
        stamp = getattr(seal, "stamp", None)
        if stamp is not None:
            yield Member(name=f"{name}.tsr", content=bytes(stamp.answer))
