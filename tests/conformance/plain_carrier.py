"""Decides persons of a result in plain Python, with the rows of the book held in memory."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from recoup.engine.book_rows import BookRows, Row
from recoup.engine.explaining import COMPARED, kept_rules, plain_decision
from recoup.engine.one_person import OneContract, PersonRules, decide_person

#: Further columns of a decision that are facts of the plain carrier under the same name.
FACTS = (
    *(f"contacts_7d_{channel}" for channel in ("call", "sms", "email", "letter", "visit")),
    "principal_base_minor",
)
#: Columns of a decision whose fact has another name.
RENAMED = {
    "exposure_minor": "exposure_own_minor",
    "exposure_base_minor": "exposure_minor",
    "overdue_base_minor": "overdue_minor",
}
LISTS = ("asset_class_rules", "asset_class_unexamined", "reasons")
CELLS = (*COMPARED, *FACTS, *RENAMED, *LISTS)


class HeldRows(BookRows):
    """The normal form read once, so that many persons cost little."""

    def __init__(self, *, folder: Path) -> None:
        super().__init__(folder=folder)
        self._tables: dict[tuple[str, str], Mapping[object, Sequence[Row]]] = {}

    def _rows(self, table, filters):
        if filters is None:
            return pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        [(column, _, value)] = filters
        if (table, column) not in self._tables:
            held = defaultdict(list)
            for row in pq.read_table(self.folder / f"{table}.parquet").to_pylist():
                held[row[column]].append(row)
            self._tables[table, column] = held
        return self._tables[table, column].get(value, [])


def rules_of(result: Path) -> PersonRules:
    """Law, policy and day of a result."""
    manifest = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    return kept_rules(result=result, manifest=manifest)


def plain_cells(contract: OneContract) -> dict[str, object]:
    """The cells of one decision as plain Python has them."""
    cells: dict[str, object] = dict(plain_decision(contract))
    cells |= {name: contract.facts[name] for name in FACTS}
    cells |= {name: contract.facts.get(fact) for name, fact in RENAMED.items()}
    decided = contract.traced is not None
    classified = contract.classified
    in_force = decided and contract.asset_class != "unknown"
    cells["asset_class_rules"] = list(classified.rules_binding) if in_force else []
    cells["asset_class_unexamined"] = list(classified.rules_unexamined) if in_force else []
    cells["reasons"] = [
        *(f"segment:{row}" for row in contract.segment.rows),
        *(f"{contract.enrolled.treatment_table}:{row}" for row in contract.treatment.rows),
    ]
    return cells


def differences(*, result: Path, persons: Iterable[int]) -> tuple[int, list[str]]:
    """How many contracts were compared, and a line for every cell that differs."""
    rows, rules = HeldRows(folder=result / "book"), rules_of(result)
    night = {
        row["contract_id"]: row for row in pq.read_table(result / "decisions.parquet").to_pylist()
    }
    compared, found = 0, []
    for person in persons:
        for contract in decide_person(rows=rows, person=person, rules=rules).contracts:
            plain, decision = plain_cells(contract), night[contract.contract_id]
            compared += 1
            found += [
                f"{contract.contract_id} {name}: night {decision[name]!r}, plain {plain[name]!r}"
                for name in CELLS
                if decision[name] != plain[name]
            ]
    return compared, found
