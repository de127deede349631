"""The account of one intake: what was read, accepted, refused and added up, per table."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from recoup.engine.book.cells import CURRENCIES
from recoup.engine.book.columns import Ints, exact_sum
from recoup.engine.book.refused import Sentences
from recoup.engine.book.rejects import TableRejects
from recoup.engine.book.sentences import Severity


@dataclass(frozen=True)
class ControlSum:
    """The sum of one amount column in one currency, over accepted and over rejected rows.

    Units: minor units. ``rejected_minor`` covers the rejected rows whose amount and currency could
    be read.
    """

    column: str
    currency: str
    accepted_minor: int
    rejected_minor: int


@dataclass(frozen=True)
class TableIntake:
    """What became of one table. ``rows_read`` = ``rows_accepted`` + ``rows_rejected``, always.

    ``rows_kept`` are in the normal form: identifiable debtors and contracts stay in it although
    their row was rejected; reversals leave it although theirs was accepted. ``in_order``: the file
    was already in the order of the normal form's blocks. ``findings`` counts entries by code.
    """

    name: str
    file: str
    sha256: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_kept: int
    warnings: int
    notes: int
    columns: tuple[str, ...]
    in_order: bool
    findings: Mapping[str, int]
    findings_by_severity: Mapping[str, Mapping[str, int]]
    control_sums: tuple[ControlSum, ...]


@dataclass(frozen=True)
class Intake:
    """The whole intake: where the normal form and the rejects lie, and the account per table.

    ``extra_flags`` are boolean columns of contracts that the contract does not name, kept as they
    are. ``remarks`` are sentences on files and columns that were not used.
    """

    folder: Path
    book: Path
    rejects: Path
    as_of: date
    persons: int
    loans: int
    undecidable_loans: int
    tables: Mapping[str, TableIntake]
    extra_flags: tuple[str, ...]
    remarks: tuple[Sentences, ...]

    @property
    def clean(self) -> bool:
        """Whether no row was rejected and none gave a warning."""
        return not any(table.rows_rejected or table.warnings for table in self.tables.values())

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of every input file, by file name."""
        return {table.file: table.sha256 for table in self.tables.values()}


class Tally:
    """Counts and sums of one table while it is read."""

    def __init__(self, *, rejects: TableRejects, columns: tuple[str, ...]) -> None:
        self.rejects = rejects
        self.columns = columns
        self.read = 0
        self.rejected = 0
        self.kept = 0
        self.in_order = True
        self._sums: Counter[tuple[str, int, bool]] = Counter()

    def add_sums(self, *, column: str, amounts: Ints, currencies: Ints, accepted: bool) -> None:
        """Add amounts in minor units; ``currencies`` has a place in CURRENCIES per row, or one."""
        if len(currencies) == 1 or _all_same(currencies):
            if len(amounts):
                self._sums[column, int(currencies[0]), accepted] += exact_sum(amounts)
            return
        for currency in np.unique(currencies):
            here = exact_sum(amounts[currencies == currency])
            self._sums[column, int(currency), accepted] += here

    def figures(self) -> dict[str, object]:
        """Yield counts and sums as plain numbers and texts, for ``add_figures`` elsewhere."""
        return {
            "counts": [self.read, self.rejected, self.kept],
            "findings": [[*kind, found] for kind, found in sorted(self.rejects.counts.items())],
            "sums": [[*key, found] for key, found in sorted(self._sums.items())],
        }

    def add_figures(self, figures: Mapping[str, Any]) -> None:
        """Add what the tally of a share of the same table came to."""
        read, rejected, kept = figures["counts"]
        self.read += read
        self.rejected += rejected
        self.kept += kept
        for code, severity, found in figures["findings"]:
            self.rejects.counts[code, Severity(severity)] += found
        for column, currency, accepted, found in figures["sums"]:
            self._sums[column, currency, accepted] += found

    def control_sums(self) -> tuple[ControlSum, ...]:
        """Yield the sums by column and currency, known currencies only."""
        keys = sorted({(column, place) for column, place, _ in self._sums if place >= 0})
        return tuple(
            ControlSum(
                column,
                CURRENCIES[place],
                self._sums[column, place, True],
                self._sums[column, place, False],
            )
            for column, place in keys
        )

    def account(self, *, name: str, file: str, sha256: str) -> TableIntake:
        """Yield the account of the table."""
        findings: Counter[str] = Counter()
        by_severity: dict[str, dict[str, int]] = {weight.word: {} for weight in Severity}
        for (code, weight), count in sorted(self.rejects.counts.items()):
            findings[code] += count
            by_severity[weight.word][code] = count
        return TableIntake(
            name=name,
            file=file,
            sha256=sha256,
            rows_read=self.read,
            rows_accepted=self.read - self.rejected,
            rows_rejected=self.rejected,
            rows_kept=self.kept,
            warnings=self.rejects.count(Severity.WARNING),
            notes=self.rejects.count(Severity.NOTE),
            columns=self.columns,
            in_order=self.in_order,
            findings=dict(sorted(findings.items())),
            findings_by_severity=by_severity,
            control_sums=self.control_sums(),
        )


def _all_same(values: Ints) -> bool:
    return bool(len(values)) and bool((values == values[0]).all())


def most_frequent(findings: Mapping[str, int], *, few: int = 3) -> list[str]:
    """Yield the codes that occur most, the most frequent first."""
    return sorted(findings, key=lambda code: (-findings[code], code))[:few]
