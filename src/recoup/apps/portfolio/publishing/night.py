"""A night's result as the rows that the records hold, column by column.

Nothing is decided here: each column is one of the night's, fitted to the record. Row for row the
tables carry ``row_hash`` over every column but ``as_of`` and ``source_row``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.apps.portfolio.models import CollateralItem, Contract, Debtor, Guarantor
from recoup.apps.portfolio.publishing import fitting
from recoup.apps.portfolio.publishing.hashing import row_hashes, text_hashes
from recoup.engine.explaining import read_manifest_with_book
from recoup.kernel.chain import canonical
from recoup.records.bulk import json_texts

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]
Columns = dict[str, pa.Array | pa.ChunkedArray]

_UNHASHED = ("as_of", "source_row")

_DEBTOR_TEXTS = (
    *("name", "kind", "id_type", "id_number", "phone", "email", "language", "time_zone"),
    "region",
)
_PERSON_TEXTS = ("branch", "team", "worst_class", "leading_contract_id", "treatment", "channel")
_PERSON_NUMBERS = (
    *("contracts", "overdue_contracts", "undecided_contracts", "overdue_base_minor"),
    *("exposure_base_minor", "worst_dpd", "priority", "next_permitted_at"),
)
_PERSON_LISTS = ("permitted_channels", "blocked_by", "reasons")
_BOOK_TEXTS = (
    *("product", "currency", "branch", "team", "officer", "security", "status", "bad_code"),
)
_BOOK_NUMBERS = (
    *("principal_minor", "annual_rate_ppm", "penalty_rate_ppm", "start_on", "maturity_on"),
    *("restructured_on", "written_off_on"),
)
_DECIDED_TEXTS = (
    *("bucket", "asset_class", "asset_class_unknown_why", "roll", "segment", "treatment"),
    *("channel", "arm"),
)
_DECIDED_NUMBERS = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_principal_minor", "overdue_interest_minor"),
    *("overdue_fee_minor", "outstanding_principal_minor", "exposure_minor", "overdue_base_minor"),
    *("exposure_base_minor", "principal_base_minor", "first_over_30_on", "first_over_90_on"),
    *("overdue_instalments", "paid_ratio_3m_bp", "paid_ratio_6m_bp", "paid_ratio_12m_bp"),
    *("broken_promises_6m", "priority", "arm_probability_ppm"),
)
_DECIDED_LISTS = ("asset_class_rules", "asset_class_unexamined", "blocked_by", "reasons")


def result_hash(manifest: Mapping[str, object]) -> str:
    """Yield what a result is, whenever and wherever it was made: not the seconds it took."""
    told = {name: manifest[name] for name in ("as_of", "pack", "strategy", "inputs", "results")}
    return sha256(canonical(json.loads(json.dumps(told))).encode()).hexdigest()


@dataclass(frozen=True)
class Night:
    """A result folder, read for publishing. Errors of its making: NightRefused, for no result."""

    result: Path

    @cached_property
    def manifest(self) -> Mapping[str, object]:
        """The night's manifest."""
        return read_manifest_with_book(self.result)

    @property
    def as_of(self) -> date:
        """The night's business date."""
        return date.fromisoformat(str(self.manifest["as_of"]))

    @property
    def result_hash(self) -> str:
        """What this result is, but for the time it took."""
        return result_hash(self.manifest)

    def book_file(self, table: str) -> Path:
        """Yield the file of a table of the normal form."""
        return self.result / "book" / f"{table}.parquet"

    def _book(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        return pq.read_table(self.book_file(table), columns=columns)

    @cached_property
    def loans(self) -> pa.Table:
        """The book's contracts, in order of their ordinal ``loan``."""
        columns = ["loan", "person", "contract_id", "debtor_id", "row"]
        return self._book("contracts", [*columns, *_BOOK_TEXTS, *_BOOK_NUMBERS])

    @cached_property
    def persons(self) -> pa.Table:
        """The book's debtors, in order of their ordinal ``person``."""
        columns = ["person", "debtor_id", "row", "deceased_on", "bankrupt_on", "vulnerable"]
        return self._book("debtors", [*columns, *_DEBTOR_TEXTS])

    @cached_property
    def loan_ids(self) -> pa.Array:
        """Contract ids by ordinal."""
        cells = self.loans.column("contract_id").combine_chunks()
        return fitting.ids(cells, column="contract_id", most=64)

    @cached_property
    def person_ids(self) -> pa.Array:
        """Debtor ids by ordinal."""
        cells = self.persons.column("debtor_id").combine_chunks()
        return fitting.ids(cells, column="debtor_id", most=64)

    @cached_property
    def person_of_loan(self) -> Places:
        """The person of each loan."""
        found: Places = self.loans.column("person").to_numpy()
        return found

    @cached_property
    def decided(self) -> pa.Table:
        """The decisions, in order of the ordinal ``loan``."""
        columns = [*_DECIDED_TEXTS, *_DECIDED_NUMBERS, *_DECIDED_LISTS, "contract_id"]
        rows = pq.read_table(self.result / "decisions.parquet", columns=columns)
        return _ordered(rows, rows.column("contract_id"), self.loan_ids)

    @cached_property
    def _people(self) -> pa.Table:
        columns = [*_PERSON_TEXTS, *_PERSON_NUMBERS, *_PERSON_LISTS, "debtor_id"]
        rows = pq.read_table(self.result / "people.parquet", columns=columns)
        return _ordered(rows, rows.column("debtor_id"), self.person_ids)

    def loan_places(self, contract_ids: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Yield the ordinals of contracts; null for those the book has not."""
        return pc.index_in(contract_ids, self.loan_ids)

    def person_places(self, debtor_ids: pa.Array | pa.ChunkedArray) -> Places:
        """Yield the ordinals of debtors, without those the book has not."""
        found: Places = pc.index_in(debtor_ids, self.person_ids).drop_null().to_numpy()
        return found

    def persons_met(self) -> Flags:
        """Tell of each person whether the desk may meet him or her for a reason of the book.

        That is: arrears now or in the last twelve months, a contract that could not be decided or
        was written off, a hold, or a promise.
        """
        rows, loans = self.decided, self.loans
        never = pc.and_(
            pc.equal(pc.fill_null(rows.column("dpd"), -1), 0),
            pc.equal(pc.fill_null(rows.column("max_dpd_12m"), 0), 0),
        )
        quiet = pc.and_(
            never, pc.not_equal(pc.fill_null(loans.column("status"), "active"), "written_off")
        )
        met: Flags = np.zeros(len(self.person_ids), bool)
        met[self.person_of_loan[~quiet.to_numpy()]] = True
        for table in ("holds", "promises"):
            met[self._book(table, ["person"]).column("person").to_numpy()] = True
        return met

    def debtor_rows(self, met: Flags) -> pa.Table:
        """Yield the rows of debtors, in order of the ordinal ``person``."""
        held, people = self.persons, self._people
        found: Columns = {"debtor_id": self.person_ids}
        found |= _texts(Debtor, held, _DEBTOR_TEXTS)
        found |= {name: held.column(name) for name in ("deceased_on", "bankrupt_on", "vulnerable")}
        found |= _texts(Debtor, people, _PERSON_TEXTS)
        found |= {name: people.column(name) for name in _PERSON_NUMBERS}
        found |= _lists(people, _PERSON_LISTS)
        found |= {"products": self._products(), "segment": self._leading_segment(people)}
        found |= self._worklist()
        found["is_detailed"] = pa.array(met)
        found["search_hash"] = pa.array(text_hashes(found["name"]))
        found["as_of"] = self._every(len(self.person_ids))
        found["source_row"] = held.column("row")
        return _hashed(found)

    def _products(self) -> pa.Array:
        """Yield each person's product codes between bars, in order of the codes."""
        coded = pc.fill_null(self.loans.column("product").combine_chunks(), "").dictionary_encode()
        order = pc.sort_indices(coded.dictionary).to_numpy()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        every = self.person_of_loan.astype(np.int64) * len(order)
        every += rank[coded.indices.to_numpy(zero_copy_only=False)]
        every.sort(kind="stable")
        pairs = every[np.diff(every, prepend=-1) != 0]
        words = pc.take(coded.dictionary, pa.array(order[pairs % len(order)]))
        counts = np.bincount(pairs // len(order), minlength=len(self.person_ids))
        lists = pa.ListArray.from_arrays(pa.array(np.r_[0, np.cumsum(counts)], pa.int32()), words)
        joined = pc.binary_join(lists, "|")
        barred = pc.binary_join_element_wise("|", joined, "|", "")
        most = fitting.length_of(Debtor, "products")
        return fitting.texts(pc.if_else(pc.equal(joined, ""), "", barred), most)

    def _leading_segment(self, people: pa.Table) -> pa.Array:
        places = self.loan_places(people.column("leading_contract_id").combine_chunks())
        return fitting.texts(self.decided.column("segment").take(places), 60)

    def _worklist(self) -> Columns:
        """Yield each person's line of the worklist; the records keep the best rank."""
        columns = ["debtor_id", "rank", "due", "why", "why_zh", "why_en"]
        lines = pq.read_table(self.result / "worklist.parquet", columns=columns).sort_by("rank")
        at = lines.take(pc.index_in(self.person_ids, lines.column("debtor_id").combine_chunks()))
        return {
            "worklist_rank": at.column("rank"),
            "worklist_due": at.column("due"),
            "worklist_why": json_texts(at.column("why")),
            "worklist_why_zh": fitting.texts(at.column("why_zh"), None),
            "worklist_why_en": fitting.texts(at.column("why_en"), None),
        }

    def contract_rows(
        self, *, schedules: npt.NDArray[np.int64], receipts: npt.NDArray[np.int64]
    ) -> pa.Table:
        """Yield the rows of contracts, in order of the ordinal ``loan``."""
        held, decided = self.loans, self.decided
        found: Columns = {
            "contract_id": self.loan_ids,
            "debtor_id": held.column("debtor_id"),
            **_texts(Contract, held, _BOOK_TEXTS),
            **{name: held.column(name) for name in _BOOK_NUMBERS},
            **_texts(Contract, decided, _DECIDED_TEXTS),
            **{name: decided.column(name) for name in _DECIDED_NUMBERS},
            **_lists(decided, _DECIDED_LISTS),
            "schedule_hash": pa.array(schedules),
            "receipts_hash": pa.array(receipts),
            "as_of": self._every(len(self.loan_ids)),
            "source_row": held.column("row"),
        }
        return _hashed(found)

    def guarantor_rows(self, loans_met: Flags) -> pa.Table:
        """Yield those who stand for contracts of persons met."""
        rows, places = self._of_loans("guarantors", loans_met)
        most = fitting.length_of(Guarantor, "guarantor_id") or 64
        return _hashed(
            {
                "contract_id": self.loan_ids.take(rows.column("loan")),
                "guarantor_id": fitting.ids(
                    rows.column("guarantor_id"), column="guarantor_id", most=most
                ),
                **_texts(Guarantor, rows, ("name", "guarantee_kind")),
                "guaranteed_until": rows.column("guaranteed_until"),
                "as_of": self._every(rows.num_rows),
                "source_row": places,
            }
        )

    def collateral_rows(self, loans_met: Flags) -> pa.Table:
        """Yield what secures contracts of persons met."""
        rows, places = self._of_loans("collateral", loans_met)
        kept = ("value_minor", "valued_on", "registered_on", "insured_until", "rank")
        return _hashed(
            {
                "collateral_id": fitting.ids(
                    rows.column("collateral_id"), column="collateral_id", most=64
                ),
                "contract_id": self.loan_ids.take(rows.column("loan")),
                **_texts(CollateralItem, rows, ("kind",)),
                **{name: rows.column(name) for name in kept},
                "as_of": self._every(rows.num_rows),
                "source_row": places,
            }
        )

    def _of_loans(self, table: str, loans_met: Flags) -> tuple[pa.Table, pa.Array]:
        rows = self._book(table)
        places = np.flatnonzero(loans_met[rows.column("loan").to_numpy()])
        return rows.take(pa.array(places)), pa.array(places + 1)

    def contact_points(self, met: Flags) -> pa.Table:
        """Yield the numbers and addresses of persons met, from the book's table of debtors."""
        places = pa.array(np.flatnonzero(met))
        parts = []
        for kind in ("phone", "email"):
            values = fitting.texts(self.persons.column(kind), 300).take(places)
            own = pa.table({"debtor_id": self.person_ids.take(places), "value": values})
            own = own.filter(pc.not_equal(own.column("value"), ""))
            parts.append(own.append_column("kind", pa.repeat(kind, own.num_rows)))
        return pa.concat_tables(parts)

    def holds(self) -> pa.Table:
        """Yield the holds of the book, with ids in place of ordinals and the place in the table."""
        rows = self._book("holds")
        contracts = fitting.texts(self.loan_ids.take(rows.column("loan")), 64)
        return pa.table(
            {
                "debtor_id": self.person_ids.take(rows.column("person")),
                "contract_id": contracts,
                "kind": rows.column("kind"),
                "from_on": rows.column("from_on"),
                "until_on": rows.column("until_on"),
                "channel": fitting.texts(rows.column("channel"), 20),
                "source_row": pa.array(np.arange(1, rows.num_rows + 1)),
            }
        )

    def _every(self, rows: int) -> pa.Array:
        return pa.repeat(pa.scalar(self.as_of, pa.date32()), rows)


def _ordered(rows: pa.Table, ids: pa.ChunkedArray, wanted: pa.Array) -> pa.Table:
    """Yield rows in the order of wanted ids; the night mostly writes them in that order."""
    if ids.equals(pa.chunked_array([wanted])):
        return rows
    return rows.take(pc.index_in(wanted, ids.combine_chunks()))


def _texts(model: type, rows: pa.Table, columns: Sequence[str]) -> Columns:
    return {
        name: fitting.texts(rows.column(name), fitting.length_of(model, name)) for name in columns
    }


def _lists(rows: pa.Table, columns: Sequence[str]) -> Columns:
    return {name: json_texts(rows.column(name)) for name in columns}


def _hashed(columns: Columns) -> pa.Table:
    table = pa.table(columns)
    told = [name for name in table.column_names if name not in _UNHASHED]
    return table.append_column("row_hash", pa.array(row_hashes(table, told)))
