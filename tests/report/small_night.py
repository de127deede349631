"""One night's output by hand: fourteen contracts whose figures can be added up on paper."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

AS_OF = date(2026, 11, 20)
BUCKETS = [("C", 0), ("M1", 1), ("M2", 31), ("M3", 61), ("M4+", 91)]
IDS = pa.list_(pa.string())

MANIFEST: dict[str, Any] = {
    "as_of": AS_OF.isoformat(),
    "base_currency": "CNY",
    "buckets": [{"name": name, "from_dpd": from_dpd} for name, from_dpd in BUCKETS],
    "capacity": {"early": 2},
    "engine": "duckdb",
    "versions": {"recoup": "0.1.0"},
    "pack": {"id": "cn", "version": "1", "content_hash": "ab" * 32},
    "strategy": {"id": "example", "version": "1", "content_hash": "cd" * 32},
    "tables": {"payments": {"read": 10, "accepted": 8, "rejected": 2, "warnings": 1}},
    "inputs": {"payments.csv": "ef" * 32},
    "results": {"decisions.parquet": {"rows": 14, "sha256": "fa" * 32}},
    "facts_the_book_lacks": [
        {"column": "use_changed", "rule": "CN-CLS-04", "limb": "2"},
        {"column": "refinanced", "rule": "CN-CLS-04", "limb": "3"},
    ],
    "seconds": {"take_in": "1.100", "flow": "0.400"},
}

NAMES = {
    "CN-CLS-03": (
        "逾期的，至少归为关注。",
        "Overdue: at least special mention.",
        "Order 1, art. 10",
    ),
    "CN-CLS-04": ("用途被改变的，至少关注。", "Use changed: special mention.", "Order 1, art. 10"),
    "CN-CLS-05": ("超过90天的，至少次级。", "Over 90 days: substandard.", "Order 1, art. 11"),
    "CN-CON-20": ("已签协议的，停止催收。", "Signed plan: collection stops.", "Order 2, art. 70"),
    "never-used": ("不应出现", "must not appear", ""),
}


class ArrowDuck:
    """The engine's connection, as far as the page uses it."""

    def __init__(self, **tables: pa.Table) -> None:
        self._connection = duckdb.connect()
        for name, table in tables.items():
            self._connection.register(name, table)

    def query(self, sql: str) -> pa.Table:
        return self._connection.execute(sql).to_arrow_table()


@dataclass(frozen=True)
class Contract:
    """One row of decisions; amounts in yuan for reading, stored in fen."""

    id: str
    person: str
    dpd: int | None
    before: int | None
    owes: int
    overdue: int = 0
    product: str = "consumer_loan"
    branch: str = "north"
    team: str | None = "early"
    asset_class: str = "normal"
    rules: tuple[str, ...] = ()
    unexamined: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    treatment: str = "no_action"
    status: str = "active"
    currency: str = "CNY"
    rate: int | None = 1
    started: date = date(2025, 5, 6)
    worst: int = 0
    over_30: date | None = None
    over_90: date | None = None
    lent: int | None = 1000


MENTION = {"asset_class": "special_mention", "rules": ("CN-CLS-03",)}
BAD = {"asset_class": "substandard", "rules": ("CN-CLS-05",), "branch": "south"}
CONTRACTS = [
    Contract("C01", "D1", 0, 0, 1000, unexamined=("CN-CLS-04",)),
    Contract("C02", "D1", 0, 20, 500, worst=20, treatment="no_action"),
    Contract("C03", "D2", 30, 0, 400, 100, **MENTION, treatment="call", worst=30),
    Contract("C04", "D2", 31, 1, 300, 50, **MENTION, treatment="call", worst=31),
    Contract("C05", "D3", 61, 31, 200, 200, **MENTION, treatment="call", worst=61),
    Contract("C06", "D4", 90, 90, 700, 70, **MENTION, blocked=("hold:dispute",), worst=90),
    Contract("C07", "D5", 91, 61, 600, 600, **BAD, treatment="call", worst=91),
    Contract(
        "C08", "D6", 200, 170, 300, 250, **BAD, blocked=("hold:dispute", "CN-CON-20"), worst=200
    ),
    Contract("C09", "D7", 0, 45, 0, status="settled", worst=45, product="mortgage"),
    Contract("C10", "D8", 400, 370, 900, 900, **BAD, status="written_off", worst=400),
    Contract(
        "C11", "D9", None, None, 100, asset_class="unknown", treatment="check_data", team=None
    ),
    Contract(
        "C12", "D1", 5, 0, 10, 2, **MENTION, currency="USD", rate=7, treatment="call", worst=5
    ),
    Contract("C13", "D10", 8, 3, 20, 9, **MENTION, currency="EUR", rate=None, worst=8),
    Contract("C14", "D11", 3, 0, 50, 5, **MENTION, started=date(2026, 11, 1), worst=3),
]
WORKLIST = [("early", 1, "D2", "call"), ("early", 2, "D3", "call")]
REJECTS = [
    ("payments", "unknown_contract", "error", "contract_id", "没有合同 X。", "No contract X."),
    ("payments", "unknown_contract", "error", "contract_id", "没有合同 A。", "No contract A."),
    ("contracts", "principal_differs", "warning", "principal", "本金不符。", "Does not add up."),
]


def bucket_of(dpd: int | None) -> str | None:
    """Yield the bucket by the plain rule, apart from the page's SQL."""
    if dpd is None:
        return None
    return [name for name, from_dpd in BUCKETS if from_dpd <= dpd][-1]


def engine(contracts: list[Contract] | None = None) -> ArrowDuck:
    """Yield a connection with the views of the small night."""
    rows = CONTRACTS if contracts is None else contracts
    reached = {
        contract.person: (contract.team, contract.treatment, None if contract.blocked else "call")
        for contract in rows
        if contract.treatment == "call"
    }
    return ArrowDuck(
        decisions=decisions(rows),
        people=pa.table(
            {
                "debtor_id": list(reached),
                "team": pa.array([team for team, _, _ in reached.values()], pa.string()),
                "treatment": pa.array([name for _, name, _ in reached.values()], pa.string()),
                "channel": pa.array([channel for _, _, channel in reached.values()], pa.string()),
            }
        ),
        worklist=_table(("team", "rank", "debtor_id", "treatment"), WORKLIST if rows else []),
        rejects=_table(
            ("table", "code", "severity", "column", "sentence_zh", "sentence_en"),
            REJECTS if rows else [],
        ),
    )


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    types = {"rank": pa.int32()}
    return pa.table(
        {
            name: pa.array([row[at] for row in rows], types.get(name, pa.string()))
            for at, name in enumerate(names)
        }
    )


def decisions(rows: list[Contract]) -> pa.Table:
    """Yield the rows in the columns and types of the book contract."""
    texts = ("product", "branch", "team", "currency", "status", "asset_class", "treatment")
    columns = {name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in texts}
    whole = {
        "overdue_principal_minor": [row.overdue * 100 for row in rows],
        "overdue_interest_minor": [0 for _ in rows],
        "overdue_fee_minor": [0 for _ in rows],
        "exposure_minor": [row.owes * 100 for row in rows],
        "exposure_base_minor": [row.rate and row.owes * 100 * row.rate for row in rows],
        "overdue_base_minor": [row.rate and row.overdue * 100 * row.rate for row in rows],
        "principal_base_minor": [
            row.rate and row.lent and row.lent * 100 * row.rate for row in rows
        ],
    }
    days = {
        "dpd": [row.dpd for row in rows],
        "dpd_prev": [row.before for row in rows],
        "max_dpd_12m": [None if row.dpd is None else row.worst for row in rows],
    }
    lists = {
        "asset_class_rules": [list(row.rules) for row in rows],
        "asset_class_unexamined": [list(row.unexamined) for row in rows],
        "blocked_by": [list(row.blocked) for row in rows],
    }
    return pa.table(
        {
            "contract_id": pa.array([row.id for row in rows], pa.string()),
            "debtor_id": pa.array([row.person for row in rows], pa.string()),
            "start_on": pa.array([row.started for row in rows], pa.date32()),
            "first_over_30_on": pa.array([row.over_30 for row in rows], pa.date32()),
            "first_over_90_on": pa.array([row.over_90 for row in rows], pa.date32()),
            "bucket": pa.array([bucket_of(row.dpd) for row in rows], pa.string()),
            "experiment": pa.array(["first-slip-2026" for _ in rows], pa.string()),
            "arm": pa.array(["champion" for _ in rows], pa.string()),
            **columns,
            **{name: pa.array(values, pa.int64()) for name, values in whole.items()},
            **{name: pa.array(values, pa.int32()) for name, values in days.items()},
            **{name: pa.array(values, IDS) for name, values in lists.items()},
        }
    )
