"""The manifest of a night: what went in, under which law and policy, what came out, how long."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.book.intake import Intake, TableIntake
from recoup.engine.placing import MARK
from recoup.engine.rulings import Rulings
from recoup.engine.writing import file_digest

#: Libraries whose version may change a figure.
LIBRARIES = ("duckdb", "numba", "numpy", "pyarrow", "sqlglot")
RESULTS = ("decisions.parquet", "people.parquet", "worklist.parquet", "rejects.parquet")
#: Amounts of decisions.parquet that are added up per currency.
SUMMED = (
    *("exposure_minor", "outstanding_principal_minor"),
    *("overdue_principal_minor", "overdue_interest_minor", "overdue_fee_minor"),
)
NANOSECONDS = 1_000_000_000


def build_manifest(
    *, rulings: Rulings, intake: Intake, engine: str, folder: Path
) -> dict[str, object]:
    """Yield the manifest of a night whose result files lie in ``folder``, without its seconds."""
    pack, strategy = rulings.pack, rulings.strategy
    results = [name for name in RESULTS if (folder / name).exists()]
    return {
        "as_of": rulings.as_of.isoformat(),
        "engine": engine,
        "versions": program_versions(),
        "base_currency": pack.base_currency,
        "pack": {"id": pack.id, "version": pack.version, "content_hash": pack.content_hash},
        "strategy": {
            "id": strategy.id,
            "version": strategy.version,
            "content_hash": strategy.content_hash,
        },
        "buckets": [
            {"name": bucket.name, "from_dpd": bucket.from_dpd} for bucket in strategy.buckets
        ],
        "capacity": _capacity(rulings=rulings, folder=folder),
        "inputs": {table.file: table.sha256 for table in intake.tables.values()},
        "tables": {name: _table(table) for name, table in intake.tables.items()},
        "facts_the_book_lacks": _lacking(rulings=rulings, intake=intake),
        "remarks": [{"zh": remark.zh, "en": remark.en} for remark in intake.remarks],
        "results": {
            name: {
                "rows": pq.read_metadata(folder / name).num_rows,
                "sha256": file_digest(folder / name),
            }
            for name in results
        },
        "control_sums": _control_sums(folder / "decisions.parquet"),
    }


def program_versions() -> dict[str, str]:
    """Yield the versions of the programs that may change a figure."""
    return {
        "recoup": version("recoup"),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def write_manifest(
    *,
    manifest: Mapping[str, object],
    nanoseconds: Mapping[str, int],
    rows: Mapping[str, int],
    folder: Path,
) -> Mapping[str, object]:
    """Write manifest.json, with seconds and rows of each step; yield what was written.

    Seconds are the one thing in it that differs between two runs over the same inputs.
    """
    whole = {**manifest, "rows": dict(rows), "seconds": seconds_of(nanoseconds)}
    text = json.dumps(whole, ensure_ascii=False, indent=2, default=_plain)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")
    return whole


def seconds_of(nanoseconds: Mapping[str, int]) -> Mapping[str, str]:
    """Yield seconds as decimal text with milliseconds, by step."""
    return {
        step: f"{taken // NANOSECONDS}.{taken % NANOSECONDS // 1_000_000:03d}"
        for step, taken in nanoseconds.items()
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a manifest")


def _table(table: TableIntake) -> dict[str, object]:
    return {
        "file": table.file,
        "columns": list(table.columns),
        "read": table.rows_read,
        "accepted": table.rows_accepted,
        "rejected": table.rows_rejected,
        "warnings": table.warnings,
        "notes": table.notes,
        "findings": dict(table.findings),
        "control_sums": [asdict(one) for one in table.control_sums],
    }


def _capacity(*, rulings: Rulings, folder: Path) -> dict[str, int]:
    """Lines a day of every team that has a contract in the book."""
    teams = pq.read_table(folder / "decisions.parquet", columns=["team"]).column("team").unique()
    return {
        team: rulings.strategy.capacity.of(team=team).lines_per_day
        for team in sorted(one for one in teams.to_pylist() if one)
    }


def _lacking(*, rulings: Rulings, intake: Intake) -> list[dict[str, str]]:
    """Rows of law that no contract was held against, because the book has no such column."""
    present = set(pq.read_schema(intake.book / "contracts.parquet").names)
    return [
        {"column": row.needs_column, "rule": row.rule, "limb": row.limb}
        for row in rulings.law_rows
        if row.needs_column is not None and row.needs_column not in present
    ]


def _control_sums(decisions: Path) -> dict[str, dict[str, int]]:
    """Contracts and amounts per currency, in minor units; undecided contracts count, unvalued."""
    table = pq.read_table(decisions, columns=["currency", *SUMMED])
    sums = {}
    for currency in sorted(table.column("currency").unique().to_pylist()):
        rows = table.filter(pc.equal(table.column("currency"), currency))
        sums[currency] = {"contracts": rows.num_rows} | {
            name: pc.sum(rows.column(name)).as_py() or 0 for name in SUMMED
        }
    return sums
