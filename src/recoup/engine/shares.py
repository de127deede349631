"""A share of a book that is spread over a cluster: raw rows in, what the flow sees out.

A share is all rows of some persons.

The night's own intake and the night's own compiled loops run over a share as they do over a whole
book, in a scratch folder of the machine that holds it. Persons and loans get keys that are theirs
alone in the whole book: the share's number, and their place in the share.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.block_rows import PERSON_COLUMNS, BlockRows, asked_columns, read_blocks
from recoup.engine.book.arrow_source import ArrowSource
from recoup.engine.book.contract import BY_NAME, CONTRACTS, DEBTORS, TABLES
from recoup.engine.book.normal_form import type_of
from recoup.engine.book.rejects import REJECT_SCHEMA
from recoup.engine.book.sentences import RANK
from recoup.engine.book.take_in import Share, take_in_share
from recoup.engine.memory import Sizes
from recoup.engine.refusal import NightRefused
from recoup.engine.rulings import Rulings
from recoup.engine.tracing import traced_schema

#: The key of a person or loan is the share's number times 2 to this power, plus its place there.
PLACE_BITS = 20
MOST_LOANS = 1 << PLACE_BITS
#: Tables of the normal form that the flow reads beside loans and persons, with their columns.
AROUND = {
    "contacts": (
        "person",
        "contact_id",
        "at",
        "local_on",
        "channel",
        "direction",
        "party",
        "outcome",
    ),
    "holds": ("person", "loan", "kind", "channel", "from_on", "until_on"),
    "outside": (
        *("person", "claims_all_banks_minor", "overdue_90_all_banks_minor"),
        *("npl_elsewhere", "as_of"),
    ),
    "collateral": ("loan", "value_minor"),
}
#: Where an entry of the rejects stands: its table, its column and its code, by their order.
REJECT_PLACES = ("table_place", "column_place", "code_place")
_KEYS = ("person", "loan")
_RATES = pa.schema(
    [
        ("currency", pa.string()),
        ("on", pa.date32()),
        ("to_base_num", pa.int64()),
        ("to_base_den", pa.int64()),
    ]
)
_PROMISES = pa.schema(
    [
        ("person", pa.int64()),
        ("loan", pa.int64()),
        ("due_on", pa.date32()),
        ("matched_minor", pa.int64()),
        ("status", pa.int32()),
    ]
)
_REJECTS = pa.schema([*REJECT_SCHEMA, *((name, pa.int32()) for name in REJECT_PLACES)])
_ACCOUNT = pa.schema([("account", pa.string())])


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What every share is decided by.

    ``rulings`` need not know the book: only what they say of sequences is asked. ``flags`` are the
    columns of contracts beyond the book contract that hold booleans.
    """

    rulings: Rulings
    flags: tuple[str, ...]


def share_schemas(flags: Sequence[str]) -> Mapping[str, pa.Schema]:
    """Yield the tables that a share gives, with their columns and types."""
    around = {name: _around(name, columns) for name, columns in AROUND.items()}
    return {
        "loans": _loans(flags),
        "persons": _persons(),
        "promise_results": _PROMISES,
        **around,
        "rates": _RATES,
        "rejects": _REJECTS,
        "account": _ACCOUNT,
    }


def _loans(flags: Sequence[str]) -> pa.Schema:
    types = {column.stored_as: type_of(column) for column in CONTRACTS.columns}
    types |= {"row": pa.int64(), "person": pa.int64(), "bad_code": pa.string()}
    types |= dict.fromkeys(flags, pa.bool_())
    names = asked_columns(["person", *types])
    own = [("loan", pa.int64()), *((name, types[name]) for name in dict.fromkeys(names))]
    return pa.schema([*own, *traced_schema()])


def _persons() -> pa.Schema:
    types = {column.stored_as: type_of(column) for column in DEBTORS.columns}
    columns = [(name, types.get(name, pa.int32())) for name in PERSON_COLUMNS]
    return pa.schema([("person", pa.int64()), *columns])


def _around(table: str, columns: Sequence[str]) -> pa.Schema:
    types = {column.stored_as: type_of(column) for column in BY_NAME[table].columns}
    types |= {"person": pa.int64(), "loan": pa.int64(), "local_on": pa.date32()}
    return pa.schema([(name, types[name]) for name in columns])


def decide_share(
    *, number: int, tables: Mapping[str, pa.Table], terms: Terms
) -> Mapping[str, pa.Table]:
    """Yield the tables of ``share_schemas`` for the rows of one share, as far as they have rows.

    Shape: ``tables`` are rows as the bank has them, see ``ArrowSource``.
    What refuses the night is handed on in the account, so that it reaches who ordered the night.
    """
    schemas = share_schemas(terms.flags)
    try:
        with TemporaryDirectory() as scratch:
            found = _decided(number, tables, terms, Path(scratch))
    except NightRefused as refused:
        found = {"account": _account({"refused": {"zh": refused.zh, "en": refused.en}})}
    return {
        name: table.select(schemas[name].names).cast(schemas[name])
        for name, table in found.items()
        if table.num_rows
    }


def _decided(
    number: int, tables: Mapping[str, pa.Table], terms: Terms, scratch: Path
) -> dict[str, pa.Table]:
    pack = terms.rulings.pack
    share = take_in_share(
        sources={
            name: ArrowSource(table=table, spec=BY_NAME[name]) for name, table in tables.items()
        },
        into=scratch,
        as_of=terms.rulings.as_of,
        pack_currency=pack.base_currency,
        time_zone=pack.time_zone,
    )
    if share.loans > MOST_LOANS:
        raise _too_large(share)
    book = scratch / "book"
    sizes = Sizes(block_loans=MOST_LOANS)
    blocks = list(read_blocks(book=book, rulings=terms.rulings, threads=1, sizes=sizes))
    found = {name: pq.read_table(book / f"{name}.parquet") for name in AROUND}
    found |= _of_blocks(blocks)
    keyed = {name: _keyed(table, number) for name, table in found.items()}
    return keyed | {
        "rates": pq.read_table(book / "rates.parquet"),
        "rejects": _placed_rejects(share),
        "account": _account(_figures(share, keyed)),
    }


def _of_blocks(blocks: Sequence[BlockRows]) -> dict[str, pa.Table]:
    if not blocks:
        return {}
    return {
        "loans": pa.concat_tables([block.loans for block in blocks]),
        "persons": pa.concat_tables([block.persons for block in blocks]),
        "promise_results": pa.concat_tables([block.promises for block in blocks]),
    }


def _keyed(table: pa.Table, number: int) -> pa.Table:
    """Yield a table with the places of persons and loans turned into keys."""
    for name in _KEYS:
        if name in table.column_names:
            key = pc.add(table.column(name).cast(pa.int64()), pa.scalar(number << PLACE_BITS))
            table = table.set_column(table.column_names.index(name), name, key)
    return table


def _placed_rejects(share: Share) -> pa.Table:
    """Yield the rejects with their places, by which those of all shares are put in order."""
    rows = pa.concat_tables([REJECT_SCHEMA.empty_table(), *share.rejects])
    tables = [spec.name for spec in TABLES]
    columns = {spec.name: ("", *spec.names) for spec in TABLES}
    named = zip(rows.column("table").to_pylist(), rows.column("column").to_pylist(), strict=True)
    places = (
        [tables.index(table) for table in rows.column("table").to_pylist()],
        [columns[table].index(column) for table, column in named],
        [RANK[code] for code in rows.column("code").to_pylist()],
    )
    for name, found in zip(REJECT_PLACES, places, strict=True):
        rows = rows.append_column(name, pa.array(found, pa.int32()))
    return rows


def _figures(share: Share, tables: Mapping[str, pa.Table]) -> dict[str, object]:
    """Yield what the whole book's account, law and policy must know of a share."""
    loans, holds = tables.get("loans"), tables["holds"]
    currencies = loans.column("currency").unique().to_pylist() if loans is not None else []
    sorts = holds.group_by(["kind", "channel"]).aggregate([]).to_pylist()
    return {
        "persons": share.persons,
        "loans": share.loans,
        "undecidable_loans": share.undecidable_loans,
        "tallies": {name: tally.figures() for name, tally in share.tallies.items()},
        "currencies": sorted(one for one in currencies if one is not None),
        "holds": [[sort["kind"], sort["channel"]] for sort in sorts],
    }


def _account(found: Mapping[str, object]) -> pa.Table:
    return pa.table({"account": [json.dumps(found, ensure_ascii=False)]}, schema=_ACCOUNT)


def _too_large(share: Share) -> NightRefused:
    return NightRefused(
        zh=f"账册的一个分片有 {share.loans:,} 笔合同，最多 {MOST_LOANS:,} 笔；"
        "多半是大量债务人被重复的编号连在了一起，请先检查重复的流水号和合同号。",
        en=f"One share of the book has {share.loans:,} contracts, the most is {MOST_LOANS:,}; most "
        "likely repeated ids tie very many debtors together: look at repeated payment and contract "
        "ids first.",
    )
