"""Two results over the same book side by side: who changes, from what to what, and what it costs.

Shape: two folders that a night wrote for one business date over the same inputs (two strategies, or
two packs). Nothing is decided here; the decisions of both are read and compared. Amounts are minor
units of the base currency. A planned contact is a line of the worklist that has a channel.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.explaining import read_manifest
from recoup.engine.refusal import NightRefused

#: What is compared of each contract, in the order in which the night decides it.
COMPARED = (
    *("asset_class", "segment", "experiment", "arm"),
    *("treatment", "channel", "blocked_by", "priority"),
)
#: Of these the moves from one value to another are told; of the others only how many differ.
MOVING = ("asset_class", "segment", "experiment", "arm", "treatment", "channel")
NOTHING = ""
_MOST_CONTACTS = 4
#: The night counts a person's contacts of seven days on each contract of the person.
_LATELY = tuple(f"contacts_7d_{channel}" for channel in ("call", "sms", "email", "letter", "visit"))


@dataclass(frozen=True, kw_only=True)
class Move:
    """Contracts that go from one value to another, their persons, and what is overdue on them."""

    before: str
    after: str
    contracts: int
    persons: int
    overdue_minor: int


@dataclass(frozen=True, kw_only=True)
class TeamLoad:
    """What a team can do in a day, and how many lines each side gives it."""

    team: str
    capacity_before: int
    lines_before: int
    capacity_after: int
    lines_after: int


@dataclass(frozen=True, kw_only=True)
class Reached:
    """People whom only one side plans to contact, and what is overdue with them."""

    persons: int
    overdue_minor: int
    debtor_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One contract that is decided otherwise; ``column`` -> (before, after)."""

    contract_id: str
    debtor_id: str
    overdue_minor: int
    differs: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything that differs between two results; ``before`` and ``after`` say which they are."""

    as_of: str
    currency: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    contracts: int
    persons: int
    changed_contracts: int
    changed_persons: int
    changed_overdue_minor: int
    differing: Mapping[str, int]
    moves: Mapping[str, tuple[Move, ...]]
    teams: tuple[TeamLoad, ...]
    #: Planned contacts by channel: (before, after).
    channels: Mapping[str, tuple[int, int]]
    #: Persons by their contacts of the last seven days with tomorrow's: (before, after).
    contacts_per_person: Mapping[str, tuple[int, int]]
    newly_contacted: Reached
    spared: Reached
    changes: tuple[Change, ...]

    def tree(self) -> dict[str, Any]:
        """Yield everything as JSON knows it."""
        return asdict(self)


def compare(*, before: Path, after: Path) -> Comparison:
    """Yield what differs between two results.

    Errors: NightRefused, when a folder is no result, or they are of different days or inputs.
    """
    heads = [read_manifest(folder) for folder in (before, after)]
    _refuse_unlike(heads)
    sides = [_Side(folder=folder) for folder in (before, after)]
    changes = tuple(_changes(*sides))
    planned = [side.planned() for side in sides]
    return Comparison(
        as_of=str(heads[0]["as_of"]),
        currency=str(heads[0]["base_currency"]),
        before=_named(heads[0]),
        after=_named(heads[1]),
        contracts=sides[0].decisions.num_rows,
        persons=sides[0].people.num_rows,
        changed_contracts=len(changes),
        changed_persons=len({one.debtor_id for one in changes}),
        changed_overdue_minor=sum(one.overdue_minor for one in changes),
        differing={
            column: sum(1 for one in changes if column in one.differs) for column in COMPARED
        },
        moves={column: _moves(changes, column) for column in MOVING},
        teams=_teams(heads, sides),
        channels=_channels(planned),
        contacts_per_person=_per_person(sides, planned),
        newly_contacted=_reached(planned[1], planned[0], sides[1]),
        spared=_reached(planned[0], planned[1], sides[0]),
        changes=changes,
    )


def _refuse_unlike(heads: Sequence[Mapping[str, Any]]) -> None:
    one, other = heads
    if one["as_of"] != other["as_of"]:
        raise NightRefused(
            zh=f"两份结果的营业日期不同（{one['as_of']}、{other['as_of']}），不能比较。",
            en=f"The results are of different business dates ({one['as_of']}, {other['as_of']}) "
            "and cannot be compared.",
        )
    if one["inputs"] != other["inputs"]:
        names = sorted({*one["inputs"].items()} ^ {*other["inputs"].items()})
        raise NightRefused(
            zh=f"两份结果不是由同一本账册得出的（{names[0][0]} 不同），不能比较。",
            en=f"The results were not made from the same book ({names[0][0]} differs) and cannot "
            "be compared.",
        )


def _named(head: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{part}_{key}": str(head[part][key])
        for part in ("pack", "strategy")
        for key in ("id", "version", "content_hash")
    }


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One result, read."""

    folder: Path

    @cached_property
    def decisions(self) -> pa.Table:
        """What was decided of each contract, in order of its id."""
        columns = ["contract_id", "debtor_id", "overdue_base_minor", *COMPARED]
        return pq.read_table(self.folder / "decisions.parquet", columns=columns).sort_by(
            "contract_id"
        )

    @cached_property
    def people(self) -> pa.Table:
        """Debtors and what is overdue with them."""
        columns = ["debtor_id", "overdue_base_minor"]
        return pq.read_table(self.folder / "people.parquet", columns=columns)

    @cached_property
    def lines(self) -> pa.Table:
        """The lines of the worklist."""
        columns = ["team", "debtor_id", "channel"]
        return pq.read_table(self.folder / "worklist.parquet", columns=columns)

    def planned(self) -> dict[str, str]:
        """Yield the channel over which each person is to be contacted."""
        lines = self.lines.filter(pc.is_valid(self.lines.column("channel")))
        names = (lines.column(name).to_pylist() for name in ("debtor_id", "channel"))
        return {person: channel for person, channel in zip(*names, strict=True) if channel}

    def lately(self) -> Counter[str]:
        """Yield how many contacts from us each person had in the seven days before."""
        path = self.folder / "decisions.parquet"
        rows = pq.read_table(path, columns=["debtor_id", *_LATELY])
        total = pc.fill_null(rows.column(_LATELY[0]), 0)
        for name in _LATELY[1:]:
            total = pc.add(total, pc.fill_null(rows.column(name), 0))
        pairs = zip(rows.column("debtor_id").to_pylist(), total.to_pylist(), strict=True)
        return Counter({person: count for person, count in pairs if count})


def _changes(before: _Side, after: _Side) -> Iterator[Change]:
    """Yield the contracts that are decided otherwise, most money first."""
    one, other = before.decisions, after.decisions
    if not one.column("contract_id").equals(other.column("contract_id")):
        raise NightRefused(
            zh="两份结果的合同不同，不能比较。",
            en="The results have different contracts and cannot be compared.",
        )
    told = {column: [_texts(rows.column(column)) for rows in (one, other)] for column in COMPARED}
    unlike = [
        pc.not_equal(pc.fill_null(left, NOTHING), pc.fill_null(right, NOTHING))
        for left, right in told.values()
    ]
    any_unlike = unlike[0]
    for more in unlike[1:]:
        any_unlike = pc.or_(any_unlike, more)
    places = pc.indices_nonzero(any_unlike)
    rows = one.select(["contract_id", "debtor_id", "overdue_base_minor"]).take(places).to_pylist()
    cells = {
        column: [side.take(places).to_pylist() for side in sides] for column, sides in told.items()
    }
    found = [
        Change(
            contract_id=row["contract_id"],
            debtor_id=row["debtor_id"],
            overdue_minor=row["overdue_base_minor"] or 0,
            differs={
                column: (left[place] or NOTHING, right[place] or NOTHING)
                for column, (left, right) in cells.items()
                if (left[place] or NOTHING) != (right[place] or NOTHING)
            },
        )
        for place, row in enumerate(rows)
    ]
    yield from sorted(found, key=lambda change: (-change.overdue_minor, change.contract_id))


def _texts(column: pa.ChunkedArray) -> pa.Array:
    cells = column.combine_chunks()
    if pa.types.is_list(cells.type):
        return pc.binary_join(cells, ", ")
    return cells.cast(pa.string())


def _moves(changes: Sequence[Change], column: str) -> tuple[Move, ...]:
    groups: dict[tuple[str, str], list[Change]] = {}
    for one in changes:
        if column in one.differs:
            groups.setdefault(one.differs[column], []).append(one)
    found = [
        Move(
            before=before,
            after=after,
            contracts=len(group),
            persons=len({one.debtor_id for one in group}),
            overdue_minor=sum(one.overdue_minor for one in group),
        )
        for (before, after), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda move: (-move.contracts, move.before, move.after)))


def _teams(heads: Sequence[Mapping[str, Any]], sides: Sequence[_Side]) -> tuple[TeamLoad, ...]:
    lines = [
        Counter(team or "" for team in side.lines.column("team").to_pylist()) for side in sides
    ]
    capacity = [head.get("capacity") or {} for head in heads]
    teams = sorted({team for part in (*lines, *capacity) for team in part})
    return tuple(
        TeamLoad(
            team=team,
            capacity_before=int(capacity[0].get(team, 0)),
            lines_before=lines[0][team],
            capacity_after=int(capacity[1].get(team, 0)),
            lines_after=lines[1][team],
        )
        for team in teams
    )


def _channels(planned: Sequence[Mapping[str, str]]) -> dict[str, tuple[int, int]]:
    counts = [Counter(one.values()) for one in planned]
    return {
        channel: (counts[0][channel], counts[1][channel])
        for channel in sorted({*counts[0], *counts[1]})
    }


def _per_person(
    sides: Sequence[_Side], planned: Sequence[Mapping[str, str]]
) -> dict[str, tuple[int, int]]:
    counts = []
    for side, people in zip(sides, planned, strict=True):
        lately = side.lately()
        everybody = {*lately, *people}
        counts.append(
            Counter(
                min(lately[person] + (person in people), _MOST_CONTACTS) for person in everybody
            )
        )
    names = {number: str(number) for number in range(_MOST_CONTACTS)}
    names[_MOST_CONTACTS] = f"{_MOST_CONTACTS}+"
    return {names[number]: (counts[0][number], counts[1][number]) for number in names}


def _reached(these: Mapping[str, str], those: Mapping[str, str], side: _Side) -> Reached:
    only = these.keys() - those.keys()
    rows = side.people.filter(
        pc.is_in(side.people.column("debtor_id"), pa.array(sorted(only), pa.string()))
    )
    overdue = pc.sum(pc.fill_null(rows.column("overdue_base_minor"), 0)).as_py() or 0
    return Reached(persons=len(only), overdue_minor=overdue, debtor_ids=tuple(sorted(only)))
