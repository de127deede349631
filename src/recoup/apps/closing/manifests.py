"""A manifest as a page shows it: inputs with their hashes, control sums, versions, results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recoup.web.shown import amount, speaks_chinese


@dataclass(frozen=True, kw_only=True)
class InputTable:
    """A table of the book as it was taken in."""

    name: str
    file: str
    read: int
    accepted: int
    rejected: int
    warnings: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ResultFile:
    """A file that the night made."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ControlSum:
    """What the decided contracts of one currency add up to, as texts."""

    currency: str
    contracts: int
    exposure: str
    outstanding: str
    overdue: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A pack or a strategy as the night used it."""

    id: str
    version: str
    content_hash: str


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """A fact that the book does not deliver, and the rule of law that asks for it."""

    column: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Brought:
    """How many records of a kind a publication wrote; schedules count by contract."""

    record: str
    new: int
    changed: int
    gone: int
    same: int


def brought(counts: Mapping[str, Mapping[str, int]]) -> tuple[Brought, ...]:
    """Yield what a publication brought, by kind of record."""
    return tuple(
        Brought(
            record=record,
            **{
                name: found.get(name, found.get(f"contracts_{name}", 0))
                for name in ("new", "changed", "gone", "same")
            },
        )
        for record, found in counts.items()
    )


@dataclass(frozen=True, kw_only=True)
class ManifestCard:
    """A night's manifest."""

    engine: str
    pack: Policy
    strategy: Policy
    versions: Mapping[str, str]
    inputs: tuple[InputTable, ...]
    results: tuple[ResultFile, ...]
    sums: tuple[ControlSum, ...]
    remarks: tuple[str, ...]
    lacking: tuple[Lacking, ...]
    seconds: Mapping[str, str]


def manifest_card(manifest: Mapping[str, Any]) -> ManifestCard | None:
    """Yield a manifest as a card, its remarks in the page's language; None for an empty one."""
    if not manifest:
        return None
    inputs = manifest["inputs"]
    language = "zh" if speaks_chinese() else "en"
    return ManifestCard(
        engine=manifest["engine"],
        pack=Policy(**manifest["pack"]),
        strategy=Policy(**manifest["strategy"]),
        versions=manifest["versions"],
        inputs=tuple(
            InputTable(
                name=name,
                file=table["file"],
                read=table["read"],
                accepted=table["accepted"],
                rejected=table["rejected"],
                warnings=table["warnings"],
                sha256=inputs.get(table["file"], ""),
            )
            for name, table in manifest["tables"].items()
        ),
        results=tuple(
            ResultFile(name=name, rows=result["rows"], sha256=result["sha256"])
            for name, result in manifest["results"].items()
        ),
        sums=tuple(
            _sum(currency, found) for currency, found in manifest.get("control_sums", {}).items()
        ),
        remarks=tuple(remark[language] for remark in manifest.get("remarks", ())),
        lacking=tuple(
            Lacking(column=row["column"], rule=row["rule"])
            for row in manifest.get("facts_the_book_lacks", ())
        ),
        seconds=manifest["seconds"],
    )


def _sum(currency: str, found: Mapping[str, int]) -> ControlSum:
    overdue = sum(found[f"overdue_{part}_minor"] for part in ("principal", "interest", "fee"))
    return ControlSum(
        currency=currency,
        contracts=found["contracts"],
        exposure=amount(found["exposure_minor"], currency),
        outstanding=amount(found["outstanding_principal_minor"], currency),
        overdue=amount(overdue, currency),
    )
