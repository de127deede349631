"""The night's own steps over one person in memory, kept warm for one business date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.backends.duck import Duck
from recoup.engine.block_rows import PERSON_COLUMNS, asked_columns, traced_piece
from recoup.engine.blocks import Block
from recoup.engine.day_rows import PersonTables
from recoup.engine.flowing import WarmFlow
from recoup.engine.outcome import DECISIONS, PEOPLE, Outcome
from recoup.engine.person_flow import PersonFlow
from recoup.engine.ranking import WORKLIST, ranked_lines, ranked_tables, ranking_places
from recoup.engine.rulings import Rulings

#: Tables that the flow reads as the book has them.
READ_BY_FLOW = ("contacts", "holds", "outside", "collateral")
MEMORY_MIB = 256
#: Bounds of every person's block: numbered from 0, no person has more loans than the flow can tell.
BOUNDS = {"person_from": "0", "person_until": "1", "loan_from": "0", "loan_until": "1048576"}


@dataclass(frozen=True, kw_only=True)
class PersonDecided:
    """One person decided: a row of decisions for each contract, the row of people, the worklist.

    Shape: the columns of decisions.parquet and of people.parquet; ``worklist`` the columns of
    worklist.parquet but for ``rank``, None if the person is not to be worked.
    """

    decisions: tuple[Mapping[str, object], ...]
    person: Mapping[str, object]
    worklist: Mapping[str, object] | None


def flow_columns(contracts: Sequence[str]) -> Mapping[str, Sequence[str] | None]:
    """Yield the tables and columns that a decision asks for, given the columns of contracts."""
    asked = [name for name in asked_columns(contracts) if name != "person"]
    return {
        "debtors": PERSON_COLUMNS,
        "contracts": ["loan", *asked],
        "instalments": ["due_on", "principal_minor", "interest_minor", "fee_minor"],
        "payments": None,
        "contacts": None,
        "promises": None,
        "holds": None,
        "collateral": ["value_minor"],
        "outside": None,
    }


class DayFlow:
    """Flow and kernel, ready for one person after another; not for several threads at once."""

    def __init__(self, *, rulings: Rulings) -> None:
        self._rulings = rulings
        self._flow = _ready("block", {**rulings.places, **BOUNDS})
        self._ranking = _ready("book", ranking_places(rulings))

    def decide(self, given: PersonTables) -> PersonDecided:
        """Yield one person decided from the rows given."""
        tables = _renumbered(given)
        loans = tables["contracts"]
        block = Block(0, loans.num_rows, 0, 1)
        payments = tables["payments"].filter(_counts(tables["payments"]))
        traced, promises = traced_piece(
            piece=block,
            contracts=loans.select(["loan", *asked_columns(loans.column_names)]),
            instalments=tables["instalments"],
            payments=payments,
            promises=tables["promises"],
            rulings=self._rulings,
            threads=1,
        )
        persons = tables["debtors"].select(["person", *PERSON_COLUMNS])
        found = self._flow.run(
            {
                **{name: tables[name] for name in READ_BY_FLOW},
                "loans": traced,
                "persons": persons,
                "promise_results": promises,
            }
        )
        return self._written(found, loans=traced, persons=persons)

    def _written(
        self, found: Mapping[str, pa.Table], *, loans: pa.Table, persons: pa.Table
    ) -> PersonDecided:
        outcome = Outcome(rulings=self._rulings)
        decisions = outcome.decisions(found["decisions"], loans=loans)
        people = outcome.people(
            found["people"], free_on=found["free_on"], persons=persons, loans=loans
        )
        if not self._ranking.is_ready:
            [nobody] = (kept.slice(0, 0) for kept in outcome.candidates)
            self._ranking.run(ranked_tables(candidates=nobody, strategy=self._rulings.strategy))
        lines = ranked_lines(
            rank=self._ranking.run, outcome=outcome, strategy=self._rulings.strategy
        )
        line = _rows(lines, WORKLIST)[:1] if lines is not None else []
        for row in line:
            del row["rank"]
        return PersonDecided(
            decisions=tuple(_rows(decisions, DECISIONS)),
            person=_rows(people, PEOPLE)[0],
            worklist=line[0] if line else None,
        )

    def close(self) -> None:
        """Let go of the engines."""
        self._flow.close()
        self._ranking.close()


def _ready(part: str, places: Mapping[str, str]) -> PersonFlow:
    duck = Duck(scratch=None, threads=1, memory_mib=MEMORY_MIB)
    return PersonFlow(WarmFlow(engine=duck, places=places, part=part))


def _rows(table: pa.Table, schema: pa.Schema) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.select(schema.names).cast(schema).to_pylist()
    return rows


def _counts(payments: pa.Table) -> pa.ChunkedArray:
    return pc.invert(payments.column("is_reversed"))


def _renumbered(given: PersonTables) -> Mapping[str, pa.Table]:
    """Yield the tables with the person numbered 0 and the loans from 0, in whole arrays."""
    return {
        name: _numbered(table, person=given.person, loan=given.loan_from).combine_chunks()
        for name, table in given.tables.items()
    }


def _numbered(table: pa.Table, *, person: int, loan: int) -> pa.Table:
    for name, first in (("person", person), ("loan", loan)):
        if name in table.column_names:
            place = table.column_names.index(name)
            column = pc.subtract(table.column(name), pa.scalar(first, pa.int32()))
            table = table.set_column(place, name, column)
    return table
