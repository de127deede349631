"""Rows of law as SQL: each row is a bit where it holds, and a bit where it cannot be known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from recoup.engine.ids import MOST_BITS, set_bits
from recoup.engine.refusal import NightRefused
from recoup.kernel.classification import rank_of
from recoup.policy.classify import ClassRow

#: Facts that the flow never leaves unknown for a contract it can decide at all.
ALWAYS_KNOWN = frozenset(
    {"dpd", "technical", "in_observation", "npl_before", "upgrade_earned", "kind", "product"}
)


@dataclass(frozen=True)
class LawBit:
    """One row of a pack table that is in force: its rule, its floor's rank, its conditions."""

    rule: str
    rank: int
    holds_sql: str
    can_be_open: bool


@dataclass(frozen=True)
class LawBits:
    """The rows of one pack table in force on the day; a row's place is its bit."""

    rows: tuple[LawBit, ...]
    concerned_sql: str

    def bits_sql(self) -> str:
        """Yield SQL for the bits of the rows that hold."""
        return _sum(
            f"CASE WHEN {row.holds_sql} THEN {1 << bit} ELSE 0 END"
            for bit, row in enumerate(self.rows)
        )

    def open_sql(self) -> str:
        """Yield SQL for the bits of the rows that a missing fact leaves open."""
        return _sum(
            f"CASE WHEN ({row.holds_sql}) IS NULL THEN {1 << bit} ELSE 0 END"
            for bit, row in enumerate(self.rows)
            if row.can_be_open
        )

    def class_sql(self, *, bits: str) -> str:
        """Yield SQL for the rank of the worst floor among the rows whose bits are set."""
        ranks = sorted({row.rank for row in self.rows if row.rank > 0}, reverse=True)
        if not ranks:
            return "0"
        cases = " ".join(f"WHEN ({bits} & {self.bits_of(rank)}) <> 0 THEN {rank}" for rank in ranks)
        return f"CASE {cases} ELSE 0 END"

    def bits_of(self, rank: int) -> int:
        """Yield the bits of all rows with a floor of that rank."""
        return sum(1 << bit for bit, row in enumerate(self.rows) if row.rank == rank)

    def rules(self, bits: int | None) -> tuple[str, ...]:
        """Yield the rules of the rows whose bits are set, each once, in table order."""
        return tuple(dict.fromkeys(self.rows[bit].rule for bit in set_bits(bits)))

    def binding(self, *, bits: int | None, rank: int) -> tuple[str, ...]:
        """Yield the rules whose rows hold and whose floor is that rank."""
        return self.rules((bits or 0) & self.bits_of(rank))


def law_bits(
    *,
    rows: Sequence[ClassRow],
    has_column: Callable[[str], bool],
    quoted: Callable[[str], str],
) -> LawBits:
    """Yield the rows as bits, without those whose optional column the book lacks.

    Errors: NightRefused, when a pack has more rows in force than an integer has bits.
    """
    used = [row for row in rows if row.needs_column is None or has_column(row.needs_column)]
    if len(used) > MOST_BITS:
        raise NightRefused(
            zh=f"法规包的一张分类表有 {len(used)} 行同时有效，最多允许 {MOST_BITS} 行。",
            en=f"A classification table of the pack has {len(used)} rows in force; "
            f"at most {MOST_BITS} are possible.",
        )
    return LawBits(
        rows=tuple(_law_bit(row=row, quoted=quoted) for row in used),
        concerned_sql=_concerned(rows=used, quoted=quoted),
    )


def _law_bit(*, row: ClassRow, quoted: Callable[[str], str]) -> LawBit:
    tests = [*row.applies.items(), *row.when.items()]
    conditions = [f"({test.sql(quoted(column))})" for column, test in tests]
    return LawBit(
        rule=row.rule,
        rank=rank_of(asset_class=row.then),
        holds_sql=" AND ".join(conditions) or "TRUE",
        can_be_open=not ALWAYS_KNOWN.issuperset(row.when),
    )


def _concerned(*, rows: Iterable[ClassRow], quoted: Callable[[str], str]) -> str:
    """Yield SQL that tells whether any row in force concerns the claim at all."""
    conditions = {
        " AND ".join(f"({test.sql(quoted(column))})" for column, test in row.applies.items())
        for row in rows
    }
    if "" in conditions:
        return "TRUE"
    return " OR ".join(f"({condition})" for condition in sorted(conditions)) or "FALSE"


def _sum(terms: Iterable[str]) -> str:
    return "CAST(" + (" + ".join(terms) or "0") + " AS BIGINT)"
