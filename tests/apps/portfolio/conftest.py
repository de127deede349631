"""Nights that differ from the published one in a few rows."""

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.apps.conftest import AS_OF

Row = dict[str, Any]
Change = Callable[[list[Row]], list[Row]]
NightWith = Callable[..., Path]


@pytest.fixture
def night_with(night_result: Path, tmp_path: Path) -> NightWith:
    """Make a copy of the demo night with files altered: ``{file: change of its rows}``."""

    def make(changes: Mapping[str, Change] | None = None, *, as_of: date = AS_OF) -> Path:
        out = tmp_path / f"night-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(night_result, out)
        manifest = json.loads((out / "manifest.json").read_text())
        manifest["as_of"] = as_of.isoformat()
        for name, change in (changes or {}).items():
            table = pq.read_table(out / name)
            rows = pa.Table.from_pylist(change(table.to_pylist()), schema=table.schema)
            pq.write_table(rows, out / name)
            manifest["results"][name] = {"sha256": f"altered {out.name} {name}"}
        (out / "manifest.json").write_text(json.dumps(manifest))
        return out

    return make


@pytest.fixture
def tomorrow() -> date:
    """The business date after the published one."""
    return AS_OF + timedelta(days=1)


def where(**wanted: object) -> Callable[[Row], bool]:
    """Yield a test of rows by their cells."""
    return lambda row: all(row[name] == value for name, value in wanted.items())


def altered(test: Callable[[Row], bool], **cells: object) -> Change:
    """Yield a change that sets cells of the rows that pass a test."""
    return lambda rows: [row | cells if test(row) else row for row in rows]


def without(test: Callable[[Row], bool]) -> Change:
    """Yield a change that takes out the rows that pass a test."""
    return lambda rows: [row for row in rows if not test(row)]
