"""The manifest of a night: what went in, under which law and policy, what came out, how long."""

import json
import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
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
#: Under which name contracts are counted whose currency could not be read; they have no amounts.
NO_CURRENCY = "unknown"
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class ResultFigures:
    """What a manifest says of the result files: rows (and digests), teams, sums per currency."""

    results: Mapping[str, Mapping[str, object]]
    teams: Sequence[str | None]
    control_sums: Mapping[str, Mapping[str, int]]


def folder_figures(folder: Path) -> ResultFigures:
    """Yield the figures of the result files in a folder."""
    decisions = folder / "decisions.parquet"
    teams = pq.read_table(decisions, columns=["team"]).column("team").unique()
    return ResultFigures(
        results={
            name: {
                "rows": pq.read_metadata(folder / name).num_rows,
                "sha256": file_digest(folder / name),
            }
            for name in RESULTS
            if (folder / name).exists()
        },
        teams=teams.to_pylist(),
        control_sums=_control_sums(decisions),
    )


def build_manifest(
    *,
    rulings: Rulings,
    intake: Intake,
    engine: str,
    contract_columns: Collection[str],
    figures: ResultFigures,
    libraries: Sequence[str] = LIBRARIES,
) -> dict[str, object]:
    """Yield the manifest of a night, without its seconds.

    ``contract_columns`` are those of contracts in normal form; the versions of ``libraries`` are
    told.
    """
    pack, strategy = rulings.pack, rulings.strategy
    return {
        "as_of": rulings.as_of.isoformat(),
        "engine": engine,
        "versions": program_versions(libraries),
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
        "capacity": _capacity(rulings=rulings, teams=figures.teams),
        "inputs": {table.file: table.sha256 for table in intake.tables.values()},
        "tables": {name: _table(table) for name, table in intake.tables.items()},
        "facts_the_book_lacks": _lacking(rulings=rulings, present=contract_columns),
        "remarks": [{"zh": remark.zh, "en": remark.en} for remark in intake.remarks],
        "results": figures.results,
        "control_sums": figures.control_sums,
    }


def program_versions(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Yield the versions of the programs that may change a figure."""
    return {
        "recoup": version("recoup"),
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
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
    (folder / MARK).write_text(manifest_text(whole), encoding="utf-8")
    return whole


def manifest_text(manifest: Mapping[str, object]) -> str:
    """Yield a manifest as the text of its file."""
    return json.dumps(manifest, ensure_ascii=False, indent=2, default=_plain) + "\n"


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


def _capacity(*, rulings: Rulings, teams: Sequence[str | None]) -> dict[str, int]:
    """Lines a day of every team that has a contract in the book."""
    return {
        team: rulings.strategy.capacity.of(team=team).lines_per_day
        for team in sorted(one for one in teams if one)
    }


def _lacking(*, rulings: Rulings, present: Collection[str]) -> list[dict[str, str]]:
    """Rows of law that no contract was held against, because the book has no such column."""
    return [
        {"column": row.needs_column, "rule": row.rule, "limb": row.limb}
        for row in rulings.law_rows
        if row.needs_column is not None and row.needs_column not in present
    ]


def _control_sums(decisions: Path) -> dict[str, dict[str, int]]:
    """Contracts and amounts per currency, in minor units; undecided contracts count, unvalued."""
    table = pq.read_table(decisions, columns=["currency", *SUMMED])
    sums = {}
    for currency in in_order_of_currency(table.column("currency").unique().to_pylist()):
        rows = table.filter(
            pc.is_null(table.column("currency"))
            if currency is None
            else pc.equal(table.column("currency"), currency)
        )
        sums[currency or NO_CURRENCY] = {"contracts": rows.num_rows} | {
            name: pc.sum(rows.column(name)).as_py() or 0 for name in SUMMED
        }
    return sums


def in_order_of_currency(found: Iterable[str | None]) -> list[str | None]:
    """Yield currencies in order; what could not be read comes last."""
    return sorted(found, key=lambda one: (one is None, one or ""))
