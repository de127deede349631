"""The rows that leave a night on a cluster: batches of the flow's results written out, anywhere.

What ``Outcome`` does to a block is done here to whatever rows a machine of the cluster holds.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.outcome import CANDIDATES, DECISIONS, PEOPLE, Outcome
from recoup.engine.ranking import WORKLIST, worklist_lines
from recoup.engine.rulings import Rulings

#: Columns of decisions that the flow does not yield itself, but hands on from the contract.
OF_CONTRACT = (
    *("contract_id", "debtor_id", "product", "branch", "team", "currency", "status", "start_on"),
    *("dpd_prev", "max_dpd_12m", "overdue_instalments", "outstanding_principal_minor"),
    *("overdue_principal_minor", "overdue_interest_minor", "overdue_fee_minor"),
    *("first_over_30_on", "first_over_90_on"),
)
#: The same for people: of the person, and of the contract that leads.
OF_PERSON = {
    **{name: f"p.{name}" for name in ("person", "debtor_id", "kind", "time_zone")},
    **{name: f"l.{name}" for name in ("contract_id", "branch", "team")},
}
#: The column of people's rows that holds what ranking needs; NULL where nobody is to be worked.
CANDIDATE = "candidate"
#: When each source of refusal ends, by person: a list of bit and day.
ENDS = "ends"
_CANDIDATE = pa.struct(
    [
        *(
            (name, PEOPLE.field(name).type)
            for name in ("debtor_id", "team", "treatment", "channel")
        ),
        ("priority", pa.int64()),
        ("leading_contract_id", pa.string()),
        *((name, pa.int64()) for name in ("segment_row", "treatment_row", "points_bits")),
        ("next_permitted_on", pa.date32()),
    ]
)
PEOPLE_AND_CANDIDATES = pa.schema([*PEOPLE, (CANDIDATE, _CANDIDATE)])


def decision_rows(rows: pa.Table, *, rulings: Rulings) -> pa.Table:
    """Yield the rows of decisions.parquet, in the order given.

    Shape: ``rows`` is what the flow yields, with the columns of OF_CONTRACT.
    """
    numbered = rows.set_column(
        rows.column_names.index("loan"), "loan", pa.array(np.arange(rows.num_rows))
    )
    found = Outcome(rulings=rulings).decisions(numbered, loans=numbered)
    return found.select(DECISIONS.names).cast(DECISIONS)


def people_rows(rows: pa.Table, *, rulings: Rulings) -> pa.Table:
    """Yield the rows of people.parquet, in the order given, with what ranking needs of each.

    Shape: ``rows`` is what the flow yields, with the columns of OF_PERSON and ENDS.
    """
    outcome = Outcome(rulings=rulings)
    leads = rows.column("contract_id").is_valid().to_numpy()
    places = pa.array(np.arange(rows.num_rows), mask=~leads)
    rows = rows.set_column(rows.column_names.index("leading_place"), "leading_place", places)
    found = outcome.people(rows, free_on=_free_on(rows), persons=rows, loans=rows)
    whole = found.select(PEOPLE.names).cast(PEOPLE)
    return whole.append_column(CANDIDATE, _candidates(rows, outcome)).cast(PEOPLE_AND_CANDIDATES)


def _free_on(rows: pa.Table) -> pa.Table:
    """Yield the ends of refusals, one row each, with the place of their person."""
    ends = rows.column(ENDS).combine_chunks()
    each = pc.list_flatten(ends)
    return pa.table(
        {
            "place": pc.list_parent_indices(ends),
            "bit": pc.struct_field(each, "bit"),
            "free_on": pc.struct_field(each, "free_on"),
        }
    )


def _candidates(rows: pa.Table, outcome: Outcome) -> pa.Array:
    """Yield what ranking needs of those who may be worked; NULL for all others."""
    [kept] = outcome.candidates
    work = rows.column("is_work").to_numpy()
    columns = [
        kept.column(name).combine_chunks().cast(_CANDIDATE.field(name).type) for name in CANDIDATES
    ]
    fields = [_CANDIDATE.field(name) for name in CANDIDATES]
    whole = pa.StructArray.from_arrays(columns, fields=fields)
    return whole.take(pa.array(np.cumsum(work) - 1, mask=~work))


def worklist_rows(rows: pa.Table, *, rulings: Rulings) -> pa.Table:
    """Yield the rows of worklist.parquet, in the order given."""
    found = worklist_lines(ranked=rows, rulings=rulings)
    return found.select(WORKLIST.names).cast(WORKLIST)
