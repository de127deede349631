"""The morning page's figures drawn again from a night's result folder."""

import json
from pathlib import Path
from typing import Any

from recoup.engine.backends.duck import Duck
from recoup.engine.report.figures import Figures, gather_figures
from recoup.engine.report.page import buckets_of, day_of

TABLES = ("decisions", "people", "worklist", "rejects")


def result_figures(*, result: Path) -> Figures:
    """Yield the figures that the morning page of a result shows.

    Shape: ``result`` is the folder that ``recoup night`` wrote. Errors: OSError, when a file is
    missing; DuckFailed, when one cannot be read.
    """
    manifest: dict[str, Any] = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    with Duck(scratch=None, threads=1) as duck:
        for name in TABLES:
            duck.view(name, result / f"{name}.parquet")
        duck.view("book_contracts", result / "book" / "contracts.parquet")
        return gather_figures(
            engine=duck,
            as_of=day_of(manifest["as_of"]),
            buckets=buckets_of(manifest["buckets"]),
            capacity=manifest.get("capacity") or {},
        )
